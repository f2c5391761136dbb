//! Runs the command, and a Genesys Cloud of the command's own for it to work with.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The command, without the settings of whoever runs the tests.
pub(crate) fn bot_runner() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bot-runner"));
    for name in [
        "GENESYSCLOUD_REGION",
        "GENESYSCLOUD_OAUTHCLIENT_ID",
        "GENESYSCLOUD_OAUTHCLIENT_SECRET",
        "RUST_LOG",
        "LC_ALL",
        "LC_MESSAGES",
        "LANG",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
    ] {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

/// What came of a command.
pub(crate) struct Ended {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    pub(crate) fn of(command: &mut Command) -> Self {
        command.output().expect("the command starts").into()
    }

    /// Standard output as the one JSON object that it is.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", self.stdout, self.stderr))
    }

    pub(crate) fn all(&self) -> String {
        [self.stdout.as_str(), &self.stderr].concat()
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
        Self {
            status: output.status.code().expect("the command was not killed"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

/// `bot-runner genesys`, until it is dropped.
pub(crate) struct Genesys {
    child: Child,
    /// The line that says that it is ready.
    pub(crate) ready: Value,
    folder: TempDir,
}

pub(crate) const CLIENT_ID: &str = "11111111-2222-3333-4444-555555555555";
pub(crate) const SECRET: &str = "canary-of-a-secret";

impl Genesys {
    /// With one OAuth client, [`CLIENT_ID`] and [`SECRET`], in eu-central-1.
    pub(crate) fn start(options: &[&str]) -> Self {
        let folder = TempDir::new().expect("a folder for the test");
        let secret = folder.path().join("secret");
        std::fs::write(&secret, format!("{SECRET}\n")).expect("the secret is written");
        let mut child = bot_runner()
            .arg("genesys")
            .arg("--client")
            .arg(format!("{CLIENT_ID}:{}", secret.display()))
            .arg("--ca-out")
            .arg(folder.path().join("ca.pem"))
            .args(options)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the command starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("standard output is a pipe");
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("it says that it is ready");
        let ready = serde_json::from_str(&line).expect("the line is JSON");
        Self {
            child,
            ready,
            folder,
        }
    }

    pub(crate) fn gateway(&self) -> &str {
        self.ready["https"].as_str().expect("an address")
    }

    pub(crate) fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    pub(crate) fn secret_file(&self) -> PathBuf {
        self.folder.path().join("secret")
    }

    /// A file in a folder that goes away with this.
    pub(crate) fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).expect("the file is written");
        path
    }

    /// `bot-runner COMMAND` with the way to this cloud.
    pub(crate) fn command(&self, command: &str) -> Command {
        let mut runner = bot_runner();
        runner
            .arg(command)
            .args(["--gateway", self.gateway()])
            .arg("--ca-file")
            .arg(self.ca_file());
        runner
    }

    /// `bot-runner authenticate` with this cloud's client, in its own region.
    pub(crate) fn authenticate(&self) -> Command {
        self.authenticate_at("https://apps.mypurecloud.de")
    }

    /// The same with another URL.
    pub(crate) fn authenticate_at(&self, url: &str) -> Command {
        let mut command = self.command("authenticate");
        command
            .args(["--url", url, "--client-id", CLIENT_ID])
            .arg("--client-secret-file")
            .arg(self.secret_file());
        command
    }
}

impl Drop for Genesys {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command with a text on its standard input.
pub(crate) fn with_input(command: &mut Command, input: &str) -> Ended {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let mut stdin = child.stdin.take().expect("standard input is a pipe");
    stdin
        .write_all(input.as_bytes())
        .expect("it reads its input");
    drop(stdin);
    child.wait_with_output().expect("it ends").into()
}

/// A sample bot of the repository.
pub(crate) fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("bots")
        .join(name)
}
