//! Signals that stop the command.

use std::io;

use super::locale::language;
use super::{messages, output};

/// Waits for a signal that stops the command: Ctrl-C and Ctrl-\ (SIGINT, SIGQUIT), a service manager (SIGTERM), or a terminal
/// or connection that is closed (SIGHUP), unless it is to be ignored, as with `nohup`.
///
/// Signals are received from this call on, not from the first poll. Call it before printing that the command is ready: a
/// script may stop the command as soon as it reads that.
pub(crate) fn interruption() -> io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        // Looked up first, as a signal that is received is no longer ignored.
        let mut hangup = if hangup_is_ignored() {
            None
        } else {
            Some(signal(SignalKind::hangup())?)
        };
        let again = deliberate_interruption()?;
        Ok(async move {
            let hung_up = async {
                match &mut hangup {
                    Some(hangup) => drop(hangup.recv().await),
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = again => {}
                () = hung_up => {}
            }
        })
    }
    #[cfg(not(unix))]
    deliberate_interruption()
}

/// Waits for a signal that stops the command at once, once it is stopping. A shell that hangs up may do so after the
/// terminal has, so that is no sign of impatience.
pub(crate) async fn interrupted_again() -> io::Result<()> {
    deliberate_interruption()?.await;
    Ok(())
}

/// Exits at a second signal, without waiting for bots.
pub(crate) async fn exit_if_interrupted_again() {
    if interrupted_again().await.is_ok() {
        output::error(messages::interrupted_again(language()));
        std::process::exit(1);
    }
}

fn deliberate_interruption() -> io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut quit = signal(SignalKind::quit())?;
        let mut terminate = signal(SignalKind::terminate())?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = quit.recv() => {}
                _ = terminate.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    {
        let mut interrupt = tokio::signal::windows::ctrl_c()?;
        Ok(async move {
            interrupt.recv().await;
        })
    }
}

/// Whether this process was started to outlive its terminal. Only Linux says so.
#[cfg(unix)]
fn hangup_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // SIGHUP is signal 1, the lowest bit.
    ignored.is_some_and(|mask| mask & 1 == 1)
}
