//! Starting what is due.
//!
//! Any number of programs look for it. Which one starts a bot is decided by the transaction that queues the run: it moves the
//! schedule on to its next time, and does nothing if another one has done so.

use std::time::Duration;

use secrecy::SecretString;

use super::{Entry, Happened, Missed, Overlap, SchedulesError};
use crate::queue::{NewRun, QueueError};
use crate::store::Store;
use crate::store::integrity::{Rows, SCHEDULES, Verified};
use crate::store::seal::SCHEDULED_INPUTS;
use crate::store::sql::{FromRow, query_scalar};
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

/// The bot of a schedule, as it is when it starts.
#[derive(Debug)]
pub struct BotToStart<'a> {
    /// Its name.
    pub name: &'a str,
    /// What runs, and with which inputs.
    pub work: &'a SecretString,
}

impl Store {
    /// The ids of schedules whose time has come.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn due_schedules(&self) -> Result<Vec<String>, SchedulesError> {
        let mut tx = self.read().await?;
        let now = tx.connection().now().await?;
        let ids = "SELECT id FROM schedules WHERE is_paused = $1 AND (next_at IS NULL OR next_at <= $2) \
                   ORDER BY next_at, id";
        let ids = query_scalar(ids).bind(false).bind(now);
        Ok(ids.fetch_all(tx.connection()).await?)
    }

    /// A schedule, if its time has come and nobody has started it meanwhile.
    ///
    /// # Errors
    ///
    /// If the store or the schedule cannot be read.
    pub async fn due_schedule(&self, id: &str) -> Result<Option<Due>, SchedulesError> {
        let mut tx = self.read().await?;
        let now = tx.connection().now().await?;
        let found = tx.verified(&SCHEDULES, Rows::With("id", &[id])).await?;
        let Some(row) = found.first().map(Verified::row) else {
            return Ok(None);
        };
        let entry = Entry::from_row(row)?;
        // What an index says of a row may be changed.
        let Some(time) = entry.due_at(now) else {
            return Ok(None);
        };
        let inputs = tx.open(&SCHEDULED_INPUTS, &[id], row.get("sealed_inputs")?)?;
        Ok(Some(Due {
            schedule: entry.id,
            owner_id: entry.owner_id,
            bot_id: entry.bot_id,
            inputs,
            time,
        }))
    }

    /// Queues a run of a schedule whose time has come, if its rules allow that, and moves the schedule on. Without the bot,
    /// which cannot be read then, it only moves on. `None` if that was done already, or the schedule was removed or paused.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub async fn start_scheduled(
        &self,
        due: &Due,
        bot: Option<&BotToStart<'_>>,
    ) -> Result<Option<Started>, SchedulesError> {
        let mut tx = self.write().await?;
        let now = tx.connection().now().await?;
        let entry = Entry::with_id(&mut tx, &due.schedule).await?;
        let Some(entry) = entry.filter(|it| it.due_at(now) == Some(due.time)) else {
            return Ok(None);
        };
        // One start for all the times that have come.
        let time = entry
            .recurrence
            .until(now)
            .map_or(due.time, |it| it.max(due.time));
        let is_late = now.since(time) > LATEST;
        let queue = self.queue();
        let mut run = None;
        let happened = match bot {
            _ if is_late && entry.missed == Missed::Skip => Happened::Missed,
            _ if entry.overlap == Overlap::Skip
                && queue
                    .has_not_ended(&mut tx, entry.last_run.as_deref())
                    .await? =>
            {
                Happened::Overlapped
            }
            None => Happened::Unreadable,
            Some(bot) => {
                let new = NewRun {
                    pool: &entry.pool,
                    bot_id: &entry.bot_id,
                    bot: bot.name,
                    work: bot.work,
                };
                match queue.add(&mut tx, &entry.owner_id, &new).await {
                    Ok(queued) => {
                        run = Some(queued.id);
                        Happened::Queued
                    }
                    Err(QueueError::Store(error)) => return Err(error.into()),
                    Err(_) => Happened::Refused,
                }
            }
        };
        let moved = Entry {
            next_at: entry.recurrence.after(now.max(time)),
            last_at: Some(time),
            last_result: Some(happened),
            last_run: run.clone().or(entry.last_run),
            ..entry
        };
        moved.store(&mut tx).await?;
        tx.commit().await?;
        Ok(Some(Started { happened, run }))
    }

    /// Calculates the next time of a schedule anew, as nobody knows what it has started since a backup was made that was
    /// restored.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub async fn calculate_next_time(&self, id: &str) -> Result<(), SchedulesError> {
        // Nothing is written for a schedule whose times this version does not know any more: it is looked at each second.
        let mut tx = self.read().await?;
        let now = tx.connection().now().await?;
        if Entry::with_id(&mut tx, id)
            .await?
            .is_none_or(|it| it.calculated(now).is_none())
        {
            return Ok(());
        }
        drop(tx);
        let mut tx = self.write().await?;
        let now = tx.connection().now().await?;
        let entry = Entry::with_id(&mut tx, id).await?;
        if let Some(calculated) = entry.and_then(|it| it.calculated(now)) {
            calculated.store(&mut tx).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

impl Entry {
    /// Its next time, if that has come.
    fn due_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.next_at.filter(|it| !self.is_paused && *it <= now)
    }

    /// The row with its next time, if it has none and needs one.
    fn calculated(self, now: Timestamp) -> Option<Self> {
        let next_at = self.recurrence.after(now);
        let is_needed = !self.is_paused && self.next_at.is_none() && next_at.is_some();
        is_needed.then_some(Self { next_at, ..self })
    }
}
