//! A row of the queue.

use secrecy::SecretString;
use sqlx::types::Text;

use super::QueueError;
use crate::runs::{Facts, Happening, Life, Outcome};
use crate::store::integrity::{QUEUED_RUNS, RUNS, Rows};
use crate::store::seal::{QUEUED_WORK, RUN_LOG};
use crate::store::sql::{FromRow, Row, query};
use crate::store::{StoreError, Tx, is_of};
use crate::timestamp::Timestamp;

/// The right of a worker to a run.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Claim {
    /// The id of the run.
    pub run: String,
    pub(super) fence: i64,
}

/// A verified row, without what is sealed in it.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) run: String,
    pub(super) pool: String,
    pub(super) life: Life,
    pub(super) fence: i64,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) expired: i64,
    pub(super) changing_step: Option<i64>,
    pub(super) stop_requested: bool,
    /// Whether sessions are stored that it has opened.
    pub(super) has_sessions: bool,
}

impl FromRow for Entry {
    fn from_row(row: &Row) -> sqlx::Result<Self> {
        let Text(life) = row.get("state")?;
        let sessions: Option<&[u8]> = row.get("sealed_sessions")?;
        Ok(Self {
            run: row.get("run_id")?,
            pool: row.get("pool")?,
            life,
            fence: row.get("fence")?,
            expires_at: row.get("expires_at")?,
            expired: row.get("expired")?,
            changing_step: row.get("changing_step")?,
            stop_requested: row.get("stop_requested")?,
            has_sessions: sessions.is_some(),
        })
    }
}

impl Entry {
    /// Those of these runs that are in the queue.
    pub(super) async fn of_runs(tx: &mut Tx, runs: &[&str]) -> Result<Vec<Self>, StoreError> {
        let found = tx
            .verified(&QUEUED_RUNS, Rows::With("run_id", runs))
            .await?;
        let entries = found.iter().map(|it| Self::from_row(it.row()));
        Ok(entries.collect::<Result<_, _>>()?)
    }

    /// That of a run of this user.
    pub(super) async fn of_user(
        tx: &mut Tx,
        run: &str,
        owner: &str,
    ) -> Result<Option<Self>, StoreError> {
        let found = tx.verified(&RUNS, Rows::With("id", &[run])).await?;
        if !found.iter().any(|it| is_of(it.row(), owner)) {
            return Ok(None);
        }
        Ok(Self::of_runs(tx, &[run]).await?.pop())
    }

    /// That of a claim whose lease has not ended.
    pub(super) async fn held(tx: &mut Tx, claim: &Claim) -> Result<Self, QueueError> {
        let now = tx.connection().now().await?;
        let mut found = Self::of_runs(tx, &[&claim.run]).await?;
        let held = found.pop().filter(|it| it.is_held(claim, now));
        held.ok_or(QueueError::ClaimLost)
    }

    pub(super) fn is_held(&self, claim: &Claim, now: Timestamp) -> bool {
        self.life == Life::Running
            && self.run == claim.run
            && self.fence == claim.fence
            && self.expires_at > Some(now)
    }

    /// The next state.
    pub(super) fn after(&self, what: Happening) -> Option<Life> {
        let facts = Facts {
            has_changed: self.changing_step.is_some(),
            stop_requested: self.stop_requested,
            expired: self.expired,
        };
        self.life.after(what, facts)
    }

    /// Stores what has changed.
    pub(super) async fn store(&self, tx: &mut Tx) -> Result<(), StoreError> {
        query(
            "UPDATE queued_runs SET state = $1, fence = $2, expires_at = $3, expired = $4, \
             changing_step = $5, stop_requested = $6 WHERE run_id = $7",
        )
        .bind(self.life.name())
        .bind(self.fence)
        .bind(self.expires_at)
        .bind(self.expired)
        .bind(self.changing_step)
        .bind(self.stop_requested)
        .bind(&self.run)
        .execute(tx.connection())
        .await?;
        self.authenticate(tx).await
    }

    /// Gives the row its code after another change.
    pub(super) async fn authenticate(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let rows = Rows::With("run_id", &[&self.run]);
        tx.authenticate(&QUEUED_RUNS, rows).await
    }

    /// Removes it from the queue.
    pub(super) async fn remove(&self, tx: &mut Tx) -> Result<(), StoreError> {
        query("DELETE FROM queued_runs WHERE run_id = $1")
            .bind(&self.run)
            .execute(tx.connection())
            .await?;
        Ok(())
    }

    /// Ends the run, with a log in place of what is stored if there is one. It leaves the queue, unless there are sessions that
    /// have to be closed.
    pub(super) async fn end(
        self,
        tx: &mut Tx,
        outcome: Outcome,
        log: Option<&str>,
    ) -> Result<(), StoreError> {
        let lost_at = self.changing_step.filter(|_| outcome == Outcome::Lost);
        tx.verify(&RUNS, Rows::With("id", &[&self.run])).await?;
        query("UPDATE runs SET ended_at = $1, outcome = $2, lost_at_step = $3 WHERE id = $4")
            .bind(Timestamp::now())
            .bind(outcome.name())
            .bind(lost_at)
            .bind(&self.run)
            .execute(tx.connection())
            .await?;
        if let Some(log) = log {
            set_log(tx, &self.run, Some(log)).await?;
        }
        tx.authenticate(&RUNS, Rows::With("id", &[&self.run]))
            .await?;
        if self.has_sessions {
            // What ran is not needed any more, and may contain secrets.
            let nothing = tx.seal(&QUEUED_WORK, &[&self.run], &SecretString::default())?;
            query("UPDATE queued_runs SET sealed_work = $1 WHERE run_id = $2")
                .bind(nothing)
                .bind(&self.run)
                .execute(tx.connection())
                .await?;
            let life = Life::Ended(outcome);
            return Self { life, ..self }.store(tx).await;
        }
        self.remove(tx).await
    }
}

/// Stores the log of a run, whose row was verified and gets its code afterwards.
pub(super) async fn set_log(tx: &mut Tx, run: &str, log: Option<&str>) -> Result<(), StoreError> {
    let log = log.map(|log| tx.seal(&RUN_LOG, &[run], &log.into()));
    query("UPDATE runs SET sealed_log = $1 WHERE id = $2")
        .bind(log.transpose()?)
        .bind(run)
        .execute(tx.connection())
        .await?;
    Ok(())
}
