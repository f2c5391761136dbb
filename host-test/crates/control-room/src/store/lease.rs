//! Leases: exclusive work among all processes that use a database on a server, for as long as they say that they live.
//!
//! A lease is a row with an expiry by the server's clock, which its holder extends, and a fence, which grows with each lease
//! of a name. A machine that hangs or dies holds nobody up for longer than [`DURATION`]. What it writes under its lease
//! afterwards is refused: a transaction under a lease checks the fence and the expiry, and keeps the row until it ends, so that
//! nobody else gets the lease before.

use std::time::Duration;

use sqlx::PgPool;
use tokio::runtime::Handle;
use tokio::task::AbortHandle;
use tokio::time::{Instant, interval, sleep};
use tokio_util::task::TaskTracker;

use super::error::StoreError;
use super::random::row_id;
use super::sql::query_scalar;
use super::transaction::Tx;

/// How long a lease lasts unless it is extended, in seconds.
const DURATION: f64 = 15.0;

/// How often it is extended.
const EXTENSION: Duration = Duration::from_secs(5);

/// How often to try whether another process has released it.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// A lease that this process has. It is released when this is dropped.
#[derive(Debug)]
pub(super) struct Lease {
    pool: PgPool,
    runtime: Handle,
    /// Where the release of leases is awaited.
    releases: TaskTracker,
    name: String,
    fence: i64,
    extension: AbortHandle,
}

impl Lease {
    /// Waits for the lease of this name.
    ///
    /// # Errors
    ///
    /// [`StoreError::Busy`] at `end`.
    pub(super) async fn take(
        pool: &PgPool,
        runtime: &Handle,
        releases: &TaskTracker,
        name: &str,
        end: Instant,
    ) -> Result<Self, StoreError> {
        let fence = loop {
            match try_take(pool, name).await {
                Ok(Some(fence)) => break fence,
                // A transaction under the lease holds its row.
                Ok(None) | Err(StoreError::Busy) if Instant::now() < end => {
                    sleep(POLL_INTERVAL).await;
                }
                Ok(None) => return Err(StoreError::Busy),
                Err(error) => return Err(error),
            }
        };
        let extension = runtime.spawn(extend(pool.clone(), name.to_owned(), fence));
        Ok(Self {
            pool: pool.clone(),
            runtime: runtime.clone(),
            releases: releases.clone(),
            name: name.to_owned(),
            fence,
            extension: extension.abort_handle(),
        })
    }

    /// The number of the lease among those of its name.
    #[cfg(feature = "test-util")]
    pub(super) fn fence(&self) -> i64 {
        self.fence
    }

    /// Extends it no more, like a process that hangs.
    #[cfg(feature = "test-util")]
    pub(super) fn hang(&self) {
        self.extension.abort();
    }

    /// The same transaction, for as long as which the lease is held.
    ///
    /// # Errors
    ///
    /// [`StoreError::LeaseLost`].
    pub(super) async fn checked(&self, mut tx: Tx) -> Result<Tx, StoreError> {
        let select = "SELECT fence FROM leases WHERE name = $1 AND fence = $2 \
                      AND expires_at > clock_timestamp() FOR UPDATE";
        let held: Option<i64> = query_scalar(select)
            .bind(&self.name)
            .bind(self.fence)
            .fetch_optional(tx.connection())
            .await?;
        held.map(|_| tx).ok_or(StoreError::LeaseLost)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.extension.abort();
        let (pool, name, fence) = (self.pool.clone(), self.name.clone(), self.fence);
        let release = async move {
            // The row stays, so that a fence never repeats.
            let release = "UPDATE leases SET holder = NULL, expires_at = clock_timestamp() \
                           WHERE name = $1 AND fence = $2";
            let release = sqlx::query(release).bind(&name).bind(fence);
            if let Err(error) = release.execute(&pool).await {
                tracing::info!(name, %error, "a lease is not released; it expires");
            }
        };
        self.releases.spawn_on(release, &self.runtime);
    }
}

/// Takes the lease if nobody has it, and returns its fence.
async fn try_take(pool: &PgPool, name: &str) -> Result<Option<i64>, StoreError> {
    let holder = format!("{}-{}", std::process::id(), row_id());
    // This does not wait for a holder, as an insertion would that updates an existing row.
    for statement in [
        "UPDATE leases SET holder = $2, fence = fence + 1, \
         expires_at = clock_timestamp() + make_interval(secs => $3) \
         WHERE name = $1 AND expires_at <= clock_timestamp() RETURNING fence",
        "INSERT INTO leases (name, holder, fence, expires_at) \
         VALUES ($1, $2, 1, clock_timestamp() + make_interval(secs => $3)) \
         ON CONFLICT DO NOTHING RETURNING fence",
    ] {
        let fence: Option<i64> = sqlx::query_scalar(statement)
            .bind(name)
            .bind(&holder)
            .bind(DURATION)
            .fetch_optional(pool)
            .await?;
        if fence.is_some() {
            return Ok(fence);
        }
    }
    Ok(None)
}

/// Extends a lease until it is lost.
async fn extend(pool: PgPool, name: String, fence: i64) {
    let mut ticks = interval(EXTENSION);
    // The first is at once.
    ticks.tick().await;
    loop {
        ticks.tick().await;
        let extend = "UPDATE leases SET expires_at = clock_timestamp() + make_interval(secs => $3) \
                      WHERE name = $1 AND fence = $2 AND expires_at > clock_timestamp()";
        let extend = sqlx::query(extend).bind(&name).bind(fence).bind(DURATION);
        match extend.execute(&pool).await {
            Ok(extended) if extended.rows_affected() == 0 => {
                tracing::warn!(name, fence, "a lease is lost: it was not extended in time");
                return;
            }
            Ok(_) => {}
            // There is time for another attempt.
            Err(error) => tracing::warn!(name, %error, "a lease is not extended"),
        }
    }
}
