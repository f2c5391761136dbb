//! The embedded Genesys Cloud in a process of its own, whose CPU time is nobody's here.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::Context;
use serde_json::Value;
use tempfile::TempDir;

/// The client that all log in as.
pub(crate) const CLIENT_ID: &str = "11111111-2222-4333-8444-555555555555";
pub(crate) const CLIENT_SECRET: &str = "peers-Zm9yIHRoZSBiZW5jaG1hcms";

/// The host that all log in at, and how a designer names it.
pub(crate) const LOGIN_HOST: &str = "login.mypurecloud.de";
pub(crate) const URL: &str = "https://apps.mypurecloud.de";

/// A running cloud. It stops when this is dropped.
pub(crate) struct Cloud {
    process: Child,
    folder: TempDir,
    pub(crate) https: SocketAddr,
}

impl Cloud {
    pub(crate) fn start() -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        let secret = folder.path().join("secret");
        fs::write(&secret, CLIENT_SECRET)?;
        let mut process = Command::new(env!("CARGO_BIN_EXE_bot-runner"))
            .args([
                "genesys",
                "--listen",
                "127.0.0.1:0",
                "--listen-http",
                "127.0.0.1:0",
            ])
            .arg("--client")
            .arg(format!("{CLIENT_ID}:{}", secret.display()))
            .arg("--ca-out")
            .arg(folder.path().join("ca.pem"))
            .stdout(Stdio::piped())
            .spawn()
            .context("the embedded Genesys Cloud")?;
        let mut ready = String::new();
        let output = process.stdout.take().context("its output")?;
        BufReader::new(output).read_line(&mut ready)?;
        let ready: Value = serde_json::from_str(&ready).context("its first line")?;
        let https = ready["https"].as_str().context("its address")?.parse()?;
        Ok(Self {
            process,
            folder,
            https,
        })
    }

    pub(crate) fn ca_file(&self) -> PathBuf {
        self.path("ca.pem")
    }

    pub(crate) fn secret_file(&self) -> PathBuf {
        self.path("secret")
    }

    fn path(&self, name: &str) -> PathBuf {
        Path::new(self.folder.path()).join(name)
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
