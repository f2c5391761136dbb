//! `cargo xtask live`: checks against a real organization what the action and the simulator assume about Genesys Cloud.
//!
//! - [`settings`] reads the client and the way to the network;
//! - [`probes`] lists the requests, [`session`] sends them and revokes every token;
//! - [`answer`] keeps of an answer what may be looked at;
//! - [`facts`] compares the answers with what is assumed, and [`report`] prints the result without secrets.

#![allow(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "its output is for a developer at a terminal"
)]

mod answer;
mod facts;
mod probes;
mod report;
mod session;
mod settings;

use std::env;
#[cfg(unix)]
use std::future::poll_fn;
use std::io::{self, Write};
use std::process::{self, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
#[cfg(unix)]
use std::task::Poll;

use settings::Settings;
#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

const USAGE: &str = "\
Usage: cargo xtask live [OPTIONS]

Checks against a real organization what is assumed about Genesys Cloud, and prints a report (Markdown) without secrets.
The client comes from GENESYSCLOUD_REGION, GENESYSCLOUD_OAUTHCLIENT_ID and GENESYSCLOUD_OAUTHCLIENT_SECRET.

  --gateway HOST:PORT  connect there for every Genesys name, such as to the embedded Genesys Cloud
  --ca-file FILE       trust the CA certificates (PEM) in this file as well

Exit status: 0 if all facts held, 1 if one has changed or a token was not revoked, 2 if they could not all be checked.
";

/// Some facts could not be checked.
const NOT_CHECKED: u8 = 2;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if arguments.iter().any(|it| it == "--help" || it == "-h") {
        print!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let settings = match Settings::read(&arguments, |name| env::var_os(name)) {
        Ok(settings) => settings,
        Err(problems) => {
            for problem in problems {
                eprintln!("error: {problem}");
            }
            eprint!("\n{USAGE}");
            return ExitCode::from(NOT_CHECKED);
        }
    };
    let transcript = session::run(&settings, &interruption()).await;
    let findings = facts::findings(&settings, &transcript);
    print!("{}", report::markdown(&settings, &transcript, &findings));
    let has_changed = findings
        .iter()
        .any(|it| it.outcome == facts::Outcome::Changed);
    if has_changed || transcript.has_unrevoked_token() {
        ExitCode::FAILURE
    } else if transcript.stop.is_some() {
        ExitCode::from(NOT_CHECKED)
    } else {
        ExitCode::SUCCESS
    }
}

/// A flag that is set by the first signal that ends a process: Ctrl-C, a service manager, or a terminal that is closed. The
/// second one exits at once.
fn interruption() -> Arc<AtomicBool> {
    let interrupted = Arc::default();
    // From now on, not from the first poll, so that none is missed.
    tokio::spawn(interrupt(Signals::new(), Arc::clone(&interrupted)));
    interrupted
}

async fn interrupt(signals: io::Result<Signals>, interrupted: Arc<AtomicBool>) -> io::Result<()> {
    let mut signals = signals?;
    signals.next().await?;
    interrupted.store(true, Ordering::Relaxed);
    say("interrupted: the token is being revoked; interrupt again to exit at once");
    signals.next().await?;
    say("interrupted again: a token may be valid until it expires");
    process::exit(1)
}

/// A terminal that was closed is no reason to panic.
fn say(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

#[cfg(unix)]
struct Signals([Signal; 3]);

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self([
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
            signal(SignalKind::hangup())?,
        ]))
    }

    async fn next(&mut self) -> io::Result<()> {
        let received = poll_fn(|context| {
            let mut polled = self.0.iter_mut().map(|it| it.poll_recv(context));
            polled.find(Poll::is_ready).unwrap_or(Poll::Pending)
        });
        received.await;
        Ok(())
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> io::Result<()> {
        tokio::signal::ctrl_c().await
    }
}
