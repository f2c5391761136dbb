//! Waiting until there may be something to do in the queue. PostgreSQL tells; with SQLite, one asks again after a while.

use std::time::Duration;

use tokio::time::sleep;

use super::{Queue, QueueError};

/// After which time to look, if nobody tells.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// After which time to look in any case: what was told while the connection was down is lost.
#[cfg(feature = "postgres")]
const FALLBACK: Duration = Duration::from_secs(5);

/// Tells when there may be something to do.
#[derive(Debug)]
pub struct WakeUps {
    #[cfg(feature = "postgres")]
    listener: Option<sqlx::postgres::PgListener>,
}

impl Queue {
    /// What happens from now on in the queue.
    ///
    /// # Errors
    ///
    /// If the database cannot be reached.
    #[cfg_attr(
        not(feature = "postgres"),
        expect(clippy::unused_async, reason = "the server is a feature")
    )]
    pub async fn wake_ups(&self) -> Result<WakeUps, QueueError> {
        Ok(WakeUps {
            #[cfg(feature = "postgres")]
            listener: self.store.listener().await?,
        })
    }
}

impl WakeUps {
    /// Waits until there may be something to do.
    pub async fn next(&mut self) {
        #[cfg(feature = "postgres")]
        if let Some(listener) = &mut self.listener {
            tokio::select! {
                told = listener.recv() => match told {
                    Ok(_) => return,
                    Err(error) => tracing::warn!(%error, "the database does not tell what happens in the queue"),
                },
                () = sleep(FALLBACK) => return,
            }
        }
        sleep(POLL_INTERVAL).await;
    }
}
