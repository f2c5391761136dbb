//! Starting what is due.
//!
//! Any number of programs look for it. Which one starts a bot is decided by the transaction that queues the run: it moves the
//! schedule on to its next time, and does nothing if another one has done so.

use std::time::Duration;

use secrecy::SecretString;

use super::{Entry, Happened, Missed, Overlap, SchedulesError};
use crate::queue::{NewRun, QueueError};
use crate::runs::Outcome;
use crate::store::integrity::{RUNS, Rows, SCHEDULES, Verified};
use crate::store::seal::SCHEDULED_INPUTS;
use crate::store::sql::query_scalar;
use crate::store::{Store, StoreError, Tx};
use crate::timestamp::Timestamp;

/// How late a bot may start. What is later is missed.
const LATEST: Duration = Duration::from_mins(5);

/// A schedule whose time has come.
#[derive(Debug)]
pub struct Due {
    /// The id of the schedule.
    pub schedule: String,
    /// The id of the user of its bot.
    pub owner_id: String,
    /// The id of its bot.
    pub bot_id: String,
    /// What is given for the inputs of the bot.
    pub inputs: SecretString,
    time: Timestamp,
}

/// What has become of a [`Due`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// What happened.
    pub happened: Happened,
    /// The run that was queued.
    pub run: Option<String>,
}

impl Store {
    /// The schedules whose time has come, as far as they can be read.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn due_schedules(&self) -> Result<Vec<Due>, SchedulesError> {
        let mut tx = self.read().await?;
        let now = tx.connection().now().await?;
        let ids = "SELECT id FROM schedules WHERE is_paused = $1 AND (next_at IS NULL OR next_at <= $2) \
                   ORDER BY next_at, id";
        let ids = query_scalar::<String>(ids).bind(false).bind(now);
        let mut all = Vec::new();
        for id in ids.fetch_all(tx.connection()).await? {
            let rows = Rows::With("id", &[&id]);
            let found = match tx.verified(&SCHEDULES, rows).await {
                // A row that was changed from outside must not be in the way of the others. It is in the audit log.
                Err(StoreError::Changed { .. }) => continue,
                found => found?,
            };
            let Some(row) = found.first().map(Verified::row) else {
                continue;
            };
            let time: Option<Timestamp> = row.get("next_at")?;
            let sealed: &[u8] = row.get("sealed_inputs")?;
            all.push(Due {
                owner_id: row.get("owner_id")?,
                bot_id: row.get("bot_id")?,
                inputs: tx.open(&SCHEDULED_INPUTS, &[&id], sealed)?,
                schedule: id,
                // Nobody knows what has happened since a copy was made that was restored.
                time: time.unwrap_or(now),
            });
        }
        Ok(all)
    }

    /// Queues a run of a schedule whose time has come, if its rules allow that, and moves the schedule on. `None` if that was
    /// done already, or the schedule was removed or paused.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub async fn start_scheduled(
        &self,
        due: &Due,
        bot: &str,
        work: &SecretString,
    ) -> Result<Option<Started>, SchedulesError> {
        let mut tx = self.write().await?;
        let now = tx.connection().now().await?;
        let entry = Entry::with_id(&mut tx, &due.schedule).await?;
        let Some(entry) = entry.filter(|it| !it.is_paused) else {
            return Ok(None);
        };
        let next_at = entry.recurrence.after(now);
        if entry.next_at.is_none() {
            Entry { next_at, ..entry }.store(&mut tx).await?;
            tx.commit().await?;
            return Ok(None);
        }
        if entry.next_at != Some(due.time) {
            return Ok(None);
        }
        // One start for all the times that have come.
        let time = entry
            .recurrence
            .until(now)
            .max(entry.next_at)
            .unwrap_or(now);
        let is_late = now.since(time) > LATEST;
        let mut run = None;
        let happened = if is_late && entry.missed == Missed::Skip {
            Happened::Missed
        } else if entry.overlap == Overlap::Skip && goes_on(&mut tx, &entry).await? {
            Happened::Overlapped
        } else {
            let new = NewRun {
                pool: &entry.pool,
                bot_id: &entry.bot_id,
                bot,
                work,
            };
            match self.queue().add(&mut tx, &entry.owner_id, &new).await {
                Ok(queued) => {
                    run = Some(queued.id);
                    Happened::Queued
                }
                Err(QueueError::Store(error)) => return Err(error.into()),
                Err(_) => Happened::Refused,
            }
        };
        let moved = Entry {
            next_at,
            last_at: Some(time),
            last_result: Some(happened),
            last_run: run.clone().or(entry.last_run),
            ..entry
        };
        moved.store(&mut tx).await?;
        tx.commit().await?;
        Ok(Some(Started { happened, run }))
    }
}

/// Whether the last run of a schedule has not ended.
async fn goes_on(tx: &mut Tx, entry: &Entry) -> Result<bool, StoreError> {
    let Some(run) = &entry.last_run else {
        return Ok(false);
    };
    let found = tx.verified(&RUNS, Rows::With("id", &[run])).await?;
    let Some(found) = found.first() else {
        return Ok(false);
    };
    let outcome: Option<sqlx::types::Text<Outcome>> = found.row().get("outcome")?;
    Ok(outcome.is_none())
}
