//! The processes: `chromedriver`, on a port that the system chooses, and its browser. Both end when the driver is
//! dropped, however the test ended.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tempfile::TempDir;
use test_peers::{HEADLESS_SHELL, on_path};

const INSTALL: &str = "a browser and the chromedriver of the same version: cargo xtask setup";

/// The time limit for a process to start or to end, on a busy machine.
const TIMEOUT: Duration = Duration::from_mins(1);

pub(crate) struct Driver {
    process: Child,
    port: u16,
    /// The home of both, with the browser's profile.
    _folder: TempDir,
    /// Disconnected once no process can write to standard output any more.
    output: Receiver<u16>,
}

impl Driver {
    /// Seldom, `chromedriver` ends before it listens. Then it is started again, and chooses another port.
    pub(crate) fn start() -> Self {
        (0..3)
            .find_map(|_| Self::try_start())
            .unwrap_or_else(|| panic!("chromedriver does not listen; {INSTALL}"))
    }

    fn try_start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .env("HOME", folder.path())
            .env("TMPDIR", folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("chromedriver does not start: {error}; {INSTALL}"));
        let (sender, output) = mpsc::channel();
        let stdout = process.stdout.take().unwrap();
        thread::spawn(move || read(stdout, &sender));
        let mut driver = Self {
            process,
            port: 0,
            _folder: folder,
            output,
        };
        driver.port = driver.output.recv_timeout(TIMEOUT).ok()?;
        Some(driver)
    }

    /// Opens a window of a new browser, which takes `arguments` beside its own. It stays open when the client is dropped.
    pub(crate) async fn open(&self, arguments: &[String]) -> Client {
        let mut all = vec![
            "--headless".to_owned(),
            "--disable-gpu".to_owned(),
            // A third of the time that a browser takes to start.
            "--disable-software-rasterizer".to_owned(),
            // One process less to start and to talk to.
            "--in-process-gpu".to_owned(),
            "--renderer-process-limit=1".to_owned(),
            // Pages are too short-lived to be worth optimizing, or a thread for each task of the engine.
            "--js-flags=--no-opt,--no-maglev,--single-threaded".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            // Caches, cookies and storage are in memory.
            "--incognito".to_owned(),
            "--no-first-run".to_owned(),
            // No background activity.
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            "--disable-quic".to_owned(),
            // A browser that is connected to its driver by a pipe ends with it.
            "--remote-debugging-pipe".to_owned(),
        ];
        if nix::unistd::geteuid().is_root() {
            // The sandbox does not work for root.
            all.push("--no-sandbox".to_owned());
        }
        all.extend_from_slice(arguments);
        let mut options = json!({ "args": all });
        if let Some(shell) = on_path(HEADLESS_SHELL) {
            options["binary"] = shell.display().to_string().into();
        }
        let options = ("goog:chromeOptions".to_owned(), options);
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities([options].into_iter().collect())
            .connect(&self.address())
            .await
            .unwrap_or_else(|error| panic!("no browser opens: {error}; {INSTALL}"));
        client.persist().await.unwrap();
        client
    }

    /// Connects to a browser that [`Self::open`] opened, from another runtime than before.
    pub(crate) async fn reopen(&self, session: &str) -> Client {
        let (address, connector) = (self.address(), HttpConnector::new());
        let client = Client::with_existing_session(&address, session, connector);
        let client = client.await.unwrap();
        client.persist().await.unwrap();
        client
    }

    fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        // The browser and its processes inherited standard output: once it is closed, they have ended, and nothing
        // writes to the folder that is removed next.
        while self.output.recv_timeout(TIMEOUT).is_ok() {}
    }
}

/// Sends the port, and reads on to the end: a full pipe would stop the browser.
fn read(stdout: ChildStdout, port: &Sender<u16>) {
    for line in BufReader::new(stdout).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        let started = line.split_once("started successfully on port ");
        let number = started.and_then(|(_, number)| number.trim_end_matches('.').parse().ok());
        if let Some(number) = number {
            let _ = port.send(number);
        }
    }
}
