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

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{env, io};

use session::progress;
use settings::Settings;

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
            eprint!("error: {}\n\n{USAGE}", problems.join("\nerror: "));
            return ExitCode::from(NOT_CHECKED);
        }
    };
    let transcript = session::run(&settings, &interruption()).await;
    let findings = facts::findings(&settings, &transcript);
    print!("{}", report::markdown(&settings, &transcript, &findings));
    let mut outcomes = findings.iter().map(|it| it.outcome);
    let has_changed = outcomes.any(|it| it == facts::Outcome::Changed);
    if has_changed || transcript.has_unrevoked_token() {
        ExitCode::FAILURE
    } else if transcript.stop.is_some() {
        ExitCode::from(NOT_CHECKED)
    } else {
        ExitCode::SUCCESS
    }
}

/// A flag that the first signal sets; the second one exits at once.
fn interruption() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    let interrupted = Arc::clone(&flag);
    tokio::spawn(async move {
        if signal().await.is_ok() {
            interrupted.store(true, Ordering::Relaxed);
            progress("interrupted: the token is being revoked; interrupt again to exit at once\n");
            if signal().await.is_ok() {
                progress("interrupted again: a token may be valid until it expires\n");
                std::process::exit(1);
            }
        }
    });
    flag
}

/// Waits for Ctrl-C, a service manager's signal, or that of a terminal that is closed.
async fn signal() -> io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hangup = signal(SignalKind::hangup())?;
        tokio::select! {
            _ = terminate.recv() => Ok(()),
            _ = hangup.recv() => Ok(()),
            interrupted = tokio::signal::ctrl_c() => interrupted,
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
