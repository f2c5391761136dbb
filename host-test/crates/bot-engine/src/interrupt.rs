//! Interrupts running bots, for example at Ctrl-C or at a click.

use tokio::sync::watch;

/// Interrupts the bots that hold its [`Interrupt`].
#[derive(Debug)]
pub struct Interrupter(watch::Sender<bool>);

/// Receives the interruption.
#[derive(Debug, Clone)]
pub struct Interrupt(watch::Receiver<bool>);

/// An interrupter and its receiver.
pub fn interruption() -> (Interrupter, Interrupt) {
    let (sender, receiver) = watch::channel(false);
    (Interrupter(sender), Interrupt(receiver))
}

impl Interrupter {
    /// Interrupts. This cannot be undone.
    pub fn interrupt(&self) {
        self.0.send_replace(true);
    }
}

impl Interrupt {
    /// Whether the bots were interrupted.
    pub fn is_requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits for the interruption, forever if the interrupter was dropped without one.
    pub async fn requested(&self) {
        if self.0.clone().wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
