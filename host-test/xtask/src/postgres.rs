//! A throwaway PostgreSQL server for the tests: in a folder of its own, on a free port of loopback, without durability.

use std::env;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use test_peers::on_path;

use crate::memory;
use xtask::process::output;

/// Where Debian puts the programs of the server, a folder for each version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// The users to run the server as if this program runs as root: PostgreSQL refuses to run as root.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

/// How often to see whether the server is ready, and how long to wait in between.
const ATTEMPTS: usize = 600;
const PAUSE: Duration = Duration::from_millis(50);

/// Settings for tests: reachable on loopback only, and without durability, as nothing has to survive the server.
const SETTINGS: [&str; 10] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "max_connections=500",
    // Each connection is a process, which maps them.
    "shared_buffers=32MB",
    // With a database for each test, it would start a process several times a second.
    "autovacuum=off",
    // In its folder, which is removed with all else, not beside it.
    "dynamic_shared_memory_type=mmap",
    "log_min_messages=log",
];

/// A server. It is stopped, and its folder removed, when this is dropped.
pub(crate) struct Server {
    process: Child,
    folder: PathBuf,
    _lock: File,
    port: u16,
}

/// The folder with the programs of the server, if it is installed.
pub(crate) fn programs() -> Option<PathBuf> {
    if let Some(initdb) = on_path("initdb") {
        return initdb.parent().map(Path::to_owned);
    }
    let versions = fs::read_dir(DEBIAN).ok()?.flatten();
    let folders = versions.map(|version| version.path().join("bin"));
    folders.filter(|it| it.join("initdb").exists()).max()
}

impl Server {
    /// Starts a server, and waits until it is ready.
    ///
    /// # Errors
    ///
    /// If it does not start.
    pub(crate) fn start(programs: &Path) -> Result<Self> {
        // Not in the target folder, which the unprivileged user may be unable to reach.
        let folder = parent().join(memory::POSTGRES.to_owned() + &random()?);
        DirBuilder::new().mode(0o700).create(&folder)?;
        let lock = memory::lock(&folder)?;
        let user = unprivileged()?;
        if let Some((uid, gid)) = user {
            chown(&folder, Some(uid), Some(gid))?;
        }
        let run = |program: &str| {
            let mut command = Command::new(programs.join(program));
            command.current_dir(&folder);
            if let Some((uid, gid)) = user {
                command.uid(uid).gid(gid);
            }
            command
        };
        let password = random()?;
        let password_file = folder.join("password");
        write_private(&password_file, &password)?;
        if let Some((uid, gid)) = user {
            chown(&password_file, Some(uid), Some(gid))?;
        }
        output(
            run("initdb")
                .args([
                    "--pgdata=data",
                    "--username=postgres",
                    "--auth=scram-sha-256",
                ])
                .args(["--encoding=UTF8", "--locale=C", "--no-sync"])
                .arg("--pwfile=password"),
        )?;
        // It is free now, and so most likely also in a moment.
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port();
        let log = File::create(folder.join("log"))?;
        let mut server = run("postgres");
        server.arg("-D").arg("data").arg("-p").arg(port.to_string());
        for setting in SETTINGS {
            server.args(["-c", setting]);
        }
        let process = server
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("postgres does not start")?;
        let mut server = Self {
            process,
            folder,
            _lock: lock,
            port,
        };
        // For any host and port: a test reaches the server by another name, through TLS.
        let line = format!("*:*:*:postgres:{password}\n");
        write_private(&server.password_file(), &line)?;
        server.wait_until_ready()?;
        Ok(server)
    }

    /// Tells tests where the server is.
    pub(crate) fn pass_to(&self, tests: &mut Command) {
        let url = format!("postgres://postgres@127.0.0.1:{}/postgres", self.port);
        tests
            .env("BOT_RUNNER_TEST_POSTGRES", url)
            .env("PGPASSFILE", self.password_file());
    }

    fn password_file(&self) -> PathBuf {
        self.folder.join("pgpass")
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        for _ in 0..ATTEMPTS {
            // The server says how it is in the last line of this file.
            let state = fs::read_to_string(self.folder.join("data/postmaster.pid"));
            if state.is_ok_and(|state| state.trim_end().ends_with("ready")) {
                return Ok(());
            }
            if let Some(status) = self.process.try_wait()? {
                bail!("postgres ended: {status}\n{}", self.log());
            }
            sleep(PAUSE);
        }
        bail!("postgres is not ready\n{}", self.log())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Its processes end when this one does. There is nothing to save.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Where the server's folder is made: in memory, if there is room. The databases of all tests consist of some 60,000 files, and
/// a file system on a disk takes several times as long to make them.
fn parent() -> PathBuf {
    memory::file_system().map_or_else(env::temp_dir, Into::into)
}

/// The user and group that the server runs as; `None` to run as the present ones.
fn unprivileged() -> Result<Option<(u32, u32)>> {
    let id = |arguments: &[&str]| -> Result<u32> {
        Ok(output(Command::new("id").args(arguments))?.trim().parse()?)
    };
    if id(&["-u"])? != 0 {
        return Ok(None);
    }
    for user in UNPRIVILEGED {
        if let (Ok(uid), Ok(gid)) = (id(&["-u", user]), id(&["-g", user])) {
            return Ok(Some((uid, gid)));
        }
    }
    bail!("PostgreSQL does not run as root, and there is no other user for it")
}

/// 128 random bits, in hexadecimal.
fn random() -> Result<String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

/// Writes a file that only its owner may read.
fn write_private(path: &Path, content: &str) -> Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    Ok(file.write_all(content.as_bytes())?)
}
