//! Leases: exclusive work among all processes that use a database on a server, for as long as they keep extending them.
//!
//! A lease is a row with an expiry by the server's clock, which its holder extends, and a fence, which grows with each lease
//! of a name. After the expiry, another process may take it: a machine that hangs or dies holds others up for [`DURATION`],
//! or, if it hangs in a transaction, until the server ends that. What it writes after another process has taken the lease is
//! refused: a transaction under a lease checks the fence, and keeps the row until it ends, so that nobody else gets the lease
//! before. As long as nobody has taken an expired lease, its holder can go on: a token that was refreshed under it is stored,
//! not lost.

use std::time::Duration;

use sqlx::PgPool;
use tokio::runtime::Handle;
use tokio::task::AbortHandle;
use tokio::time::{Instant, interval, sleep, timeout};
use tokio_util::task::TaskTracker;

use super::error::StoreError;
use super::sql::query_scalar;
use super::transaction::Tx;

/// How long a lease lasts unless it is extended, in seconds.
const DURATION: f64 = 15.0;

/// How often it is extended.
pub(super) const EXTENSION: Duration = Duration::from_secs(5);

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
                Ok(None) if Instant::now() < end => {
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

    /// The fence of the lease.
    #[cfg(feature = "test-util")]
    pub(super) fn fence(&self) -> i64 {
        self.fence
    }

    /// Stops extending the lease, as a hanging process would.
    #[cfg(feature = "test-util")]
    pub(super) fn hang(&self) {
        self.extension.abort();
    }

    /// Checks the lease in a transaction. Until that ends, no other process can get the lease.
    ///
    /// # Errors
    ///
    /// [`StoreError::LeaseLost`].
    pub(super) async fn checked(&self, mut tx: Tx) -> Result<Tx, StoreError> {
        let select = "SELECT fence FROM leases WHERE name = $1 AND fence = $2 FOR UPDATE";
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
            let release = "UPDATE leases SET expires_at = clock_timestamp() \
                           WHERE name = $1 AND fence = $2";
            let release = sqlx::query(release).bind(&name).bind(fence);
            if let Err(error) = release.execute(&pool).await {
                tracing::info!(name, %error, "a lease could not be released; it will expire");
            }
        };
        self.releases.spawn_on(release, &self.runtime);
    }
}

/// Takes the lease if nobody has it, and returns its fence.
async fn try_take(pool: &PgPool, name: &str) -> Result<Option<i64>, StoreError> {
    // Neither waits for a transaction of the holder, as `ON CONFLICT DO UPDATE` would.
    for statement in [
        "UPDATE leases SET fence = fence + 1, expires_at = clock_timestamp() + make_interval(secs => $2) \
         WHERE name IN (SELECT name FROM leases WHERE name = $1 AND expires_at <= clock_timestamp() \
         FOR UPDATE SKIP LOCKED) RETURNING fence",
        "INSERT INTO leases (name, fence, expires_at) \
         VALUES ($1, 1, clock_timestamp() + make_interval(secs => $2)) \
         ON CONFLICT DO NOTHING RETURNING fence",
    ] {
        let fence: Option<i64> = sqlx::query_scalar(statement)
            .bind(name)
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
                      WHERE name = $1 AND fence = $2";
        let extend = sqlx::query(extend).bind(&name).bind(fence).bind(DURATION);
        // Before the lease expires, there is time for another attempt.
        match timeout(EXTENSION, extend.execute(&pool)).await {
            Ok(Ok(extended)) if extended.rows_affected() == 0 => {
                tracing::warn!(name, fence, "a lease is lost: it was not extended in time");
                return;
            }
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::warn!(name, %error, "a lease could not be extended"),
            Err(_) => tracing::warn!(name, "a lease could not be extended: no answer"),
        }
    }
}
