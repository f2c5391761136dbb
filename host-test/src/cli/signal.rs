//! What tells the command to stop.

use std::io;

/// Waits for Ctrl-C, or for what a service manager sends.
pub(crate) async fn interrupted() -> io::Result<()> {
    interruption()?.await;
    Ok(())
}

/// The same, noticed from this call on: whoever says that it is ready may be stopped the moment that it is
/// read.
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
