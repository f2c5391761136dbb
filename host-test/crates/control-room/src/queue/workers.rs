//! The workers, and how much waits for them: for people.

use std::time::Duration;

use time::OffsetDateTime;

use super::{Queue, QueueError};
use crate::name::Name;
use crate::runs::Life;
use crate::store::integrity::{Rows, WORKERS};
use crate::store::random::row_id;
use crate::store::sql::{FromRow, Row, query, query_as};
use crate::store::{ShownName, date, utc};
use crate::timestamp::Timestamp;

/// How long a worker is listed that is not seen any more.
const LISTED: Duration = Duration::from_hours(24);

/// A worker that begins.
#[derive(Debug)]
pub struct NewWorker<'a> {
    /// Its name, for people.
    pub name: &'a str,
    /// The runs that it begins.
    pub pool: &'a Name,
    /// How many it runs at a time.
    pub slots: u32,
    /// The version of its program.
    pub version: &'a str,
}

/// A worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worker {
    /// The id of its row.
    pub id: String,
    /// Its name, for people.
    pub name: String,
    /// The runs that it begins.
    pub pool: Name,
    /// How many it runs at a time.
    pub slots: u64,
    /// The version of its program.
    pub version: String,
    /// When it was started, in UTC, to the millisecond.
    pub started: OffsetDateTime,
    /// When it said last that it is there.
    pub seen: OffsetDateTime,
}

impl FromRow for Worker {
    fn from_row(row: &Row) -> sqlx::Result<Self> {
        let (ShownName(pool), slots): (_, i64) = (row.get("pool")?, row.get("slots")?);
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            pool,
            slots: slots.unsigned_abs(),
            version: row.get("version")?,
            started: date(row, "started_at")?,
            seen: date(row, "seen_at")?,
        })
    }
}

/// How many runs are in the queue of a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueLength {
    /// The pool.
    pub pool: Name,
    /// How many wait.
    pub waiting: u64,
    /// How many have begun.
    pub running: u64,
}

impl Queue {
    /// Lists a worker that begins, and returns its id.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub async fn register(&self, worker: &NewWorker<'_>) -> Result<String, QueueError> {
        let (id, mut tx) = (row_id(), self.store.write().await?);
        let now = tx.connection().now().await?;
        query("DELETE FROM workers WHERE seen_at < $1")
            .bind(now.before(LISTED))
            .execute(tx.connection())
            .await?;
        let insert = query(
            "INSERT INTO workers (id, name, pool, slots, version, started_at, seen_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(&id)
        .bind(worker.name)
        .bind(worker.pool.as_str())
        .bind(worker.slots)
        .bind(worker.version)
        .bind(now)
        .bind(now);
        tx.insert(&WORKERS, insert).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Notes that a worker is there.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub async fn seen(&self, id: &str) -> Result<(), QueueError> {
        let mut tx = self.store.write().await?;
        tx.verify(&WORKERS, Rows::With("id", &[id])).await?;
        let now = tx.connection().now().await?;
        query("UPDATE workers SET seen_at = $1 WHERE id = $2")
            .bind(now)
            .bind(id)
            .execute(tx.connection())
            .await?;
        tx.authenticate(&WORKERS, Rows::With("id", &[id])).await?;
        Ok(tx.commit().await?)
    }

    /// Lists a worker no longer.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub async fn deregister(&self, id: &str) -> Result<(), QueueError> {
        let mut tx = self.store.write().await?;
        query("DELETE FROM workers WHERE id = $1")
            .bind(id)
            .execute(tx.connection())
            .await?;
        Ok(tx.commit().await?)
    }

    /// The workers, in the order of their pools and names.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn workers(&self) -> Result<Vec<Worker>, QueueError> {
        let mut tx = self.store.read().await?;
        let found = tx.verified(&WORKERS, Rows::All).await?;
        let workers = found.iter().map(|it| Worker::from_row(it.row()));
        let mut workers = workers.collect::<Result<Vec<_>, _>>()?;
        let now = utc(tx.connection().now().await?, "seen_at")?;
        workers.retain(|worker| worker.seen + LISTED >= now);
        workers.sort_by(|one, other| {
            let key = |it: &Worker| (it.pool.clone(), it.name.clone(), it.id.clone());
            key(one).cmp(&key(other))
        });
        Ok(workers)
    }

    /// Whether a worker of this pool has said within this time that it is there.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn has_worker(&self, pool: &Name, within: Duration) -> Result<bool, QueueError> {
        let mut tx = self.store.read().await?;
        let rows = Rows::With("pool", &[pool.as_str()]);
        let found = tx.verified(&WORKERS, rows).await?;
        let earliest = tx.connection().now().await?.before(within);
        let seen = found.iter().map(|it| it.row().get::<Timestamp>("seen_at"));
        let seen = seen.collect::<Result<Vec<_>, _>>()?;
        Ok(seen.into_iter().any(|it| it >= earliest))
    }

    /// How many runs are in the queue, by pool. Only shown, so not verified.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn lengths(&self) -> Result<Vec<QueueLength>, QueueError> {
        let mut tx = self.store.read().await?;
        let counts = "SELECT pool, state, COUNT(*) FROM queued_runs WHERE state IN ('queued', 'running') \
             GROUP BY pool, state ORDER BY pool";
        let counts = query_as::<(ShownName, String, i64)>(counts);
        let mut lengths: Vec<QueueLength> = Vec::new();
        for (ShownName(pool), state, count) in counts.fetch_all(tx.connection()).await? {
            if lengths.last().is_none_or(|last| last.pool != pool) {
                lengths.push(QueueLength {
                    pool,
                    waiting: 0,
                    running: 0,
                });
            }
            if let Some(last) = lengths.last_mut() {
                match state.parse() {
                    Ok(Life::Queued) => last.waiting += count.unsigned_abs(),
                    Ok(Life::Running) => last.running += count.unsigned_abs(),
                    _ => {}
                }
            }
        }
        Ok(lengths)
    }
}
