//! Stops a running bot from outside: Ctrl-C, a button.

use tokio::sync::watch;

/// Stops the bots that watch its [`Interrupt`].
#[derive(Debug)]
pub struct Interrupter(watch::Sender<bool>);

/// Tells a running bot to stop.
#[derive(Debug, Clone)]
pub struct Interrupt(watch::Receiver<bool>);

/// Both ends of an interruption.
pub fn interruption() -> (Interrupter, Interrupt) {
    let (sender, receiver) = watch::channel(false);
    (Interrupter(sender), Interrupt(receiver))
}

impl Interrupter {
    /// Stops, for good.
    pub fn interrupt(&self) {
        self.0.send_replace(true);
    }
}

impl Interrupt {
    /// Whether to stop.
    pub fn is_requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns when it is time to stop. Never returns if the interrupter is gone.
    pub async fn requested(&self) {
        if self.0.clone().wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
