//! Runs this test binary again, as another process on the same folder.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::{env, fs, io};

use egress::Options;
use tempfile::TempDir;

use crate::fixture::gateway_options;

const FOLDER: &str = "CONNECTIONS_TEST_FOLDER";
const GATEWAY: &str = "CONNECTIONS_TEST_GATEWAY";
const CA: &str = "CONNECTIONS_TEST_CA";

/// A process that runs one test of this binary.
pub(crate) struct Process {
    child: Child,
    lines: io::Lines<BufReader<ChildStdout>>,
}

impl Process {
    /// Starts the process. The CA is written to `scratch`.
    pub(crate) fn start(
        test: &str,
        folder: &TempDir,
        gateway: &str,
        ca: &[u8],
        scratch: &TempDir,
    ) -> Self {
        let file = scratch.path().join("ca.der");
        // Another process may be reading it.
        if !file.exists() {
            fs::write(&file, ca).unwrap();
        }
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", test, "--ignored", "--nocapture"])
            .env(FOLDER, folder.path())
            .env(GATEWAY, gateway)
            .env(CA, file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// Waits for a line that starts with `begin` and returns the rest of it.
    pub(crate) fn line(&mut self, begin: &str) -> String {
        self.lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix(begin).map(|rest| rest.trim().to_owned()))
            .expect("the process prints the line")
    }

    /// Lets the process continue.
    pub(crate) fn go(&mut self) {
        self.child.stdin.take().unwrap().write_all(b"go\n").unwrap();
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The folder and the network options that the parent process has given to this one.
pub(crate) fn from_parent() -> (PathBuf, Options) {
    let folder = env::var_os(FOLDER).expect("set by the test that starts this one");
    let ca = fs::read(env::var_os(CA).unwrap()).unwrap();
    (
        folder.into(),
        gateway_options(&env::var(GATEWAY).unwrap(), ca),
    )
}

/// Waits until the parent calls [`Process::go`].
pub(crate) fn wait_for_go() {
    println!("\nready");
    io::stdin().read_line(&mut String::new()).unwrap();
}
