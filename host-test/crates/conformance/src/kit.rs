//! Runs cases: starts the servers, the host under test, and checks its answer.

use std::ffi::OsString;
use std::io;
use std::net::SocketAddr;
use std::panic::resume_unwind;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use scripted_server::{
    ALL_VERSIONS, Authority, CertificateError, Record, Script, Server, ServerConfig, response,
};
use tempfile::TempDir;
use thiserror::Error;
use tokio::net::TcpSocket;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::check::{Checked, NO_VALID_ANSWER, check};
use super::component::HOSTILE;
use super::process;
use super::protocol::request;
use super::trial::{Case, Certificate, Component, Elsewhere, Trial};

/// The names of the certificates: the hosts of the cases, and those to which a host may be misled.
const NAMES: [&str; 7] = [
    "*.mypurecloud.de",
    "*.example.com",
    "*.b.eu.example.com",
    "evil.example",
    "*.evil.example",
    "localhost",
    "127.0.0.1",
];

/// Runs cases against a host under test.
pub struct Kit {
    command: Vec<OsString>,
    start_up: Duration,
    folder: TempDir,
    keep: Option<PathBuf>,
    authority: Authority,
    good: ServerConfig,
    unknown: ServerConfig,
}

/// Why a case cannot be run. It says nothing about the host, except for [`SetupError::Start`].
#[derive(Debug, Error)]
pub enum SetupError {
    /// The command does not start.
    #[error("the host under test {command:?} cannot be started: {source}")]
    Start {
        /// The program.
        command: OsString,
        /// The operating system's error.
        source: io::Error,
    },
    /// A file cannot be written, or a port not be opened.
    #[error("the kit cannot be set up: {0}")]
    Io(#[from] io::Error),
    /// A certificate cannot be made.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
}

/// The result of a case.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The case.
    pub case: &'static str,
    /// Whether the host did it right.
    pub status: Status,
    /// What the host had to answer.
    pub expected: String,
    /// What it answered.
    pub got: String,
    /// The messages in its answer: of failures, of calls that it stopped, or why it refused the component.
    pub message: String,
    /// What it got wrong, and what would be right.
    pub wrong: Vec<String>,
    /// The end of what it wrote to standard error, if it failed.
    pub log: String,
    /// How long it took.
    pub took: Duration,
}

/// Whether a host did a case right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It did.
    Ok,
    /// It did not.
    Failed,
}

impl Kit {
    /// For the host that this command starts. `action` is the component of the action *OAuth authenticate*; `start_up` is
    /// how long a host may take beside its calls, such as for compiling a component.
    ///
    /// # Errors
    ///
    /// [`SetupError`]
    pub fn new(
        command: Vec<OsString>,
        action: &[u8],
        start_up: Duration,
    ) -> Result<Self, SetupError> {
        let folder = TempDir::new()?;
        std::fs::write(folder.path().join("oauth.wasm"), action)?;
        std::fs::write(folder.path().join("hostile.wasm"), HOSTILE)?;
        let authority = Authority::new("Conformance kit")?;
        Ok(Self {
            command,
            start_up,
            folder,
            keep: None,
            good: authority.server(&NAMES)?,
            unknown: Authority::new("Unknown to the host")?.server(&NAMES)?,
            authority,
        })
    }

    /// Keeps the request, the component, the answer and the log of each case, in a subfolder named after the case. The
    /// request contains the case's secrets, which are valid nowhere else.
    #[must_use]
    pub fn keep(self, folder: Option<PathBuf>) -> Self {
        Self {
            keep: folder,
            ..self
        }
    }

    /// Runs cases, at most `at_once` of them at a time, and reports each verdict when it is there. Returns them in the order
    /// in which they came; `None` if it was interrupted, and no host is left.
    ///
    /// # Errors
    ///
    /// [`SetupError`] if one cannot be run.
    ///
    /// # Panics
    ///
    /// If running a case panics.
    pub async fn run_all(
        self: Arc<Self>,
        cases: impl IntoIterator<Item = &'static Case>,
        at_once: usize,
        interrupted: impl Future<Output = ()>,
        mut report: impl FnMut(&Verdict),
    ) -> Result<Option<Vec<Verdict>>, SetupError> {
        let permits = Arc::new(Semaphore::new(at_once));
        let mut running = JoinSet::new();
        for case in cases {
            let (kit, permits) = (Arc::clone(&self), Arc::clone(&permits));
            running.spawn(async move {
                let _permit = permits.acquire().await;
                kit.run(case).await
            });
        }
        let mut verdicts = Vec::with_capacity(running.len());
        let mut interrupted = pin!(interrupted);
        loop {
            let ran = tokio::select! {
                () = &mut interrupted => {
                    running.shutdown().await;
                    return Ok(None);
                }
                ran = running.join_next() => ran,
            };
            let Some(ran) = ran else {
                return Ok(Some(verdicts));
            };
            let verdict = ran.unwrap_or_else(|error| resume_unwind(error.into_panic()))?;
            report(&verdict);
            verdicts.push(verdict);
        }
    }

    /// Runs a case.
    ///
    /// # Errors
    ///
    /// [`SetupError`] if it cannot be run. A host that does it wrong is a [`Verdict`].
    pub async fn run(&self, case: &Case) -> Result<Verdict, SetupError> {
        let answer = |_: &_| response("200 OK", "", "nothing is expected here");
        let elsewhere = Server::start(self.good.clone(), Script::answers(answer)).await?;
        let trial = (case.trial)(&Elsewhere(elsewhere.address().to_string()));
        let server = self.server(&trial).await?;
        let (connect, _unused) = match &server {
            Some(server) => (server.address(), None),
            None => nobody()?,
        };
        let file = self.component(case, trial.component.clone())?;
        let request = request(
            &file,
            &trial.grant,
            connect,
            &self.authority.pem(),
            trial.deadline,
            &trial.calls,
        );
        let calls = u32::try_from(trial.calls.len()).unwrap_or(u32::MAX);
        let limit = self.start_up + trial.deadline * 2 * calls;

        let begun = Instant::now();
        let input = request.to_string().into_bytes();
        self.keep_file(case, "request.json", &input)?;
        let ended = process::run(&self.command, input, limit);
        let ended = ended.await.map_err(|source| SetupError::Start {
            command: self.command.first().cloned().unwrap_or_default(),
            source,
        })?;
        let took = begun.elapsed();
        self.keep_file(case, "answer.json", &ended.stdout)?;
        self.keep_file(case, "log.txt", &ended.stderr)?;
        let record = match server {
            Some(server) => Some(server.finish().await),
            None => None,
        };
        let elsewhere: Record = elsewhere.finish().await;
        let Checked {
            got,
            message,
            wrong,
        } = check(&trial, &ended, record.as_ref(), &elsewhere, connect, limit);
        let status = if wrong.is_empty() {
            Status::Ok
        } else {
            Status::Failed
        };
        Ok(Verdict {
            case: case.name,
            status,
            expected: case.expected(),
            got,
            message,
            log: match status {
                Status::Ok => String::new(),
                Status::Failed => end_of(&ended.stderr),
            },
            wrong,
            took,
        })
    }

    async fn server(&self, trial: &Trial) -> Result<Option<Server>, SetupError> {
        let tls = match trial.certificate {
            Certificate::Good => self.good.clone(),
            Certificate::Expired => self.authority.server_in_years(&NAMES, 2019..=2020)?,
            Certificate::NotYetValid => self.authority.server_in_years(&NAMES, 2090..=2099)?,
            Certificate::Misnamed => self.authority.server(&["login.evil.example"])?,
            Certificate::UnknownIssuer => self.unknown.clone(),
            Certificate::WantsClient => self
                .authority
                .server_for_known_clients(&NAMES, ALL_VERSIONS)?,
        };
        Ok(match trial.script.clone() {
            Some(script) => Some(Server::start(tls, script).await?),
            None => None,
        })
    }

    /// Writes the component to a file, in the case's folder if cases are kept, and returns its path.
    fn component(&self, case: &Case, component: Component) -> io::Result<PathBuf> {
        let file = |name: &str| self.folder.path().join(name);
        let file = match component {
            Component::OAuth => file("oauth.wasm"),
            Component::Hostile => file("hostile.wasm"),
            Component::Bytes(bytes) => {
                let file = file(&format!("{}.wasm", case.name));
                std::fs::write(&file, bytes)?;
                file
            }
        };
        let Some(kept) = self.kept(case, "component.wasm")? else {
            return Ok(file);
        };
        std::fs::copy(&file, &kept)?;
        Ok(kept)
    }

    /// The path of a file of a case that is kept. The folder is created.
    fn kept(&self, case: &Case, name: &str) -> io::Result<Option<PathBuf>> {
        let Some(folder) = &self.keep else {
            return Ok(None);
        };
        let folder = folder.join(case.name);
        std::fs::create_dir_all(&folder)?;
        std::path::absolute(folder.join(name)).map(Some)
    }

    /// Writes a file of a case that is kept.
    fn keep_file(&self, case: &Case, name: &str, bytes: &[u8]) -> io::Result<()> {
        match self.kept(case, name)? {
            Some(file) => std::fs::write(file, bytes),
            None => Ok(()),
        }
    }
}

impl Verdict {
    /// Whether the host's answer cannot be read: it is not what `host-test/docs/conformance.md` describes.
    #[must_use]
    pub fn has_no_valid_answer(&self) -> bool {
        self.got == NO_VALID_ANSWER
    }
}

impl Case {
    /// What a host must answer, and what may arrive at the server.
    pub fn expected(&self) -> String {
        let trial = (self.trial)(&Elsewhere("127.0.0.1:443".into()));
        format!("{}; {}", trial.expected, trial.traffic)
    }
}

/// An address where nobody listens, as long as what comes with it is kept.
fn nobody() -> io::Result<(SocketAddr, Option<TcpSocket>)> {
    // A socket that is bound and does not listen refuses connections, and nobody else gets its port.
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    Ok((socket.local_addr()?, Some(socket)))
}

fn end_of(log: &[u8]) -> String {
    const MAX: usize = 2000;
    let log = log.get(log.len().saturating_sub(MAX)..).unwrap_or_default();
    String::from_utf8_lossy(log).trim().into()
}
