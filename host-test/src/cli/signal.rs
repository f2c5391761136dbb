//! Signals that stop the command.

use std::io;

/// Waits for SIGINT (Ctrl-C) or SIGTERM (a service manager).
pub(crate) async fn interrupted() -> io::Result<()> {
    interruption()?.await;
    Ok(())
}

/// Like [`interrupted`], but signals are received from this call on, not from the first poll. Call it before printing that
/// the command is ready: a script may stop the command as soon as it reads that.
pub(crate) fn interruption() -> io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
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
