//! The queue: runs that wait for a worker, and those that one has begun.
//!
//! - this file: what is queued, and submitting and stopping it;
//! - `entry`: a row of the queue, and how it goes on; the states are in [`runs::life`](crate::runs::Life);
//! - `claims`: what a worker does with a run that it has claimed; `sweep`: what happens to the runs of dead workers;
//! - `workers`: which workers there are; `wake`: waiting until there may be something to do.
//!
//! A worker claims a run for the time of its lease, which it extends while the run goes on. Each claim of a run has a number,
//! the fence. Each change of a run is one transaction, which checks that the fence is that of the last claim and that the lease
//! has not ended by the clock of the database. As one transaction writes at a time, a claim is never given twice.
//!
//! The worker has a step that changes something noted here before the step begins. So a run of a dead worker can begin again
//! if nothing was noted; otherwise it is lost, and somebody has to look at what it has done.
//!
//! What runs, and which sessions it has opened, is sealed, and not interpreted here.

mod claims;
mod entry;
mod sweep;
mod wake;
mod workers;

use bot_engine::Language;
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

use crate::name::Name;
use crate::passwords::Account;
use crate::runs::{self, Happening, Run};
use crate::store::integrity::QUEUED_RUNS;
use crate::store::seal::QUEUED_WORK;
use crate::store::sql::{query, query_scalar};
use crate::store::{Store, StoreError, Tx};
pub use claims::{Claimed, Held};
pub use entry::Claim;
use entry::Entry;
pub use sweep::{LeftSessions, Swept};
pub use wake::WakeUps;
pub use workers::{NewWorker, QueueLength, Worker};

/// The pool of workers and runs that name none.
pub const DEFAULT_POOL: &str = "default";

/// The most runs of one user in the queue.
pub const MAX_QUEUED: i64 = 100;

/// The longest work of a run, in bytes: a bot file with its inputs.
pub const MAX_WORK: usize = 4 << 20;

/// The queue of a Control Room.
#[derive(Debug, Clone)]
pub struct Queue {
    store: Store,
}

impl Store {
    /// The queue.
    pub fn queue(&self) -> Queue {
        Queue {
            store: self.clone(),
        }
    }
}

/// A run to queue.
#[derive(Debug)]
pub struct NewRun<'a> {
    /// The workers that may begin it.
    pub pool: &'a Name,
    /// The id of its bot.
    pub bot_id: &'a str,
    /// The name of its bot.
    pub bot: &'a str,
    /// What runs, and with which inputs.
    pub work: &'a SecretString,
}

/// Why something cannot be done with a queued run.
#[derive(Debug, Error)]
#[error("{}", self.message(Language::English))]
pub enum QueueError {
    /// The user has [`MAX_QUEUED`] runs in the queue.
    TooMany,
    /// The bot file with its inputs has more than [`MAX_WORK`].
    TooLarge,
    /// The user has no such run in the queue.
    NoRun,
    /// The lease has ended, or the run was removed: the worker may do nothing more for it.
    ClaimLost,
    /// The run is to stop, so this must not begin.
    StopRequested,
    /// A step that changes something has begun, so the run cannot be left to another worker.
    HasChanged,
    /// The store cannot be read or written.
    Store(#[from] StoreError),
}

impl QueueError {
    /// The message for people.
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::TooMany => texts::too_many(language, MAX_QUEUED),
            Self::TooLarge => texts::too_large(language, MAX_WORK >> 20),
            Self::NoRun => texts::no_run(language).into(),
            Self::ClaimLost => texts::claim_lost(language).into(),
            Self::StopRequested => texts::stop_requested(language).into(),
            Self::HasChanged => texts::has_changed(language).into(),
            Self::Store(error) => error.message(language),
        }
    }
}

impl From<sqlx::Error> for QueueError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Queue {
    /// Queues a run of this user.
    ///
    /// # Errors
    ///
    /// [`QueueError::TooMany`] and [`QueueError::TooLarge`]; or if the store cannot be written.
    pub async fn submit(&self, owner: &Account, new: &NewRun<'_>) -> Result<Run, QueueError> {
        let mut tx = self.store.write().await?;
        let run = self.add(&mut tx, &owner.id, new).await?;
        tx.commit().await?;
        Ok(run)
    }

    /// Queues a run of the user with this id, in a transaction. Nothing is written if it is refused.
    pub(crate) async fn add(
        &self,
        tx: &mut Tx,
        owner: &str,
        new: &NewRun<'_>,
    ) -> Result<Run, QueueError> {
        if new.work.expose_secret().len() > MAX_WORK {
            return Err(QueueError::TooLarge);
        }
        let queued: i64 = query_scalar(
            "SELECT COUNT(*) FROM queued_runs JOIN runs ON runs.id = run_id \
             WHERE owner_id = $1 AND outcome IS NULL",
        )
        .bind(owner)
        .fetch_one(tx.connection())
        .await?;
        if queued >= MAX_QUEUED {
            return Err(QueueError::TooMany);
        }
        let run = runs::insert(tx, owner, new.bot_id, new.bot, true).await?;
        let work = tx.seal(&QUEUED_WORK, &[&run.id], new.work)?;
        let insert = query(
            "INSERT INTO queued_runs (run_id, number, pool, state, sealed_work, fence, expired, stop_requested) \
             SELECT id, number, $2, $3, $4, 0, 0, $5 FROM runs WHERE id = $1",
        )
        .bind(&run.id)
        .bind(new.pool.as_str())
        .bind(runs::Life::Queued.name())
        .bind(work)
        .bind(false);
        tx.insert(&QUEUED_RUNS, insert).await?;
        tx.connection().wake_others().await?;
        Ok(run)
    }

    /// Whether a run waits or runs. A run whose row was changed from outside counts as ended.
    pub(crate) async fn has_not_ended(
        &self,
        tx: &mut Tx,
        run: Option<&str>,
    ) -> Result<bool, StoreError> {
        let Some(run) = run else {
            return Ok(false);
        };
        let entries = match Entry::of_runs(tx, &[run]).await {
            Err(StoreError::Changed { .. }) => return Ok(false),
            entries => entries?,
        };
        Ok(entries
            .iter()
            .any(|it| !matches!(it.life, runs::Life::Ended(_))))
    }

    /// Stops a run of this user: at once if no worker has begun it, otherwise as soon as its worker knows.
    ///
    /// # Errors
    ///
    /// [`QueueError::NoRun`], also if it has ended; or if the store cannot be written.
    pub async fn request_stop(&self, owner: &Account, run: &str) -> Result<(), QueueError> {
        let mut tx = self.store.write().await?;
        let entry = Entry::of_user(&mut tx, run, &owner.id).await?;
        let entry = entry.ok_or(QueueError::NoRun)?;
        match entry.after(Happening::StopRequested) {
            None => return Err(QueueError::NoRun),
            Some(runs::Life::Ended(outcome)) => entry.end(&mut tx, outcome, None).await?,
            Some(life) => {
                let stopping = Entry {
                    stop_requested: true,
                    life,
                    ..entry
                };
                stopping.store(&mut tx).await?;
            }
        }
        tx.connection().wake_others().await?;
        Ok(tx.commit().await?)
    }
}

mod texts {
    bot_engine::messages! {
        too_many(max) {
            en: "You already have {max} runs in the queue. Wait until some of them have ended.",
            de: "Sie haben bereits {max} Läufe in der Warteschlange. Warten Sie, bis einige davon beendet sind.",
        }
        too_large(mib) {
            en: "The bot file and its inputs together exceed {mib} MiB.",
            de: "Bot-Datei und Eingaben sind zusammen größer als {mib} MiB.",
        }
        no_run { en: "There is no such run in the queue.", de: "Einen solchen Lauf gibt es in der Warteschlange nicht." }
        claim_lost {
            en: "The worker did not renew its lease on the run in time.",
            de: "Der Worker hat seinen Anspruch auf den Lauf nicht rechtzeitig erneuert.",
        }
        stop_requested { en: "The run is to stop.", de: "Der Lauf soll angehalten werden." }
        has_changed {
            en: "The run has begun a step that changes something, and cannot begin again.",
            de: "Der Lauf hat einen Schritt begonnen, der etwas ändert, und kann nicht neu beginnen.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_is_said_in_both_languages() {
        for error in [
            QueueError::TooMany,
            QueueError::TooLarge,
            QueueError::NoRun,
            QueueError::ClaimLost,
            QueueError::StopRequested,
            QueueError::HasChanged,
            QueueError::Store(StoreError::Busy),
        ] {
            assert_ne!(error.to_string(), error.message(Language::German));
        }
    }
}
