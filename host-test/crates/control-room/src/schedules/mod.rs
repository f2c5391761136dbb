//! Schedules: bots that start by themselves, at recurring times.
//!
//! - this file: the schedules of a user;
//! - `recurrence`: at which times;
//! - `due`: queuing the runs when it is time, once for each time.
//!
//! A schedule belongs to the user of its bot, and goes with the bot. Each start runs the bot as it is then. What is given for
//! the inputs of the bot is sealed, and not interpreted here.

mod due;
mod recurrence;

use bot_engine::Language;
use secrecy::{ExposeSecret, SecretString};
use sqlx::types::Text;
use thiserror::Error;
use time::OffsetDateTime;

use crate::audit_events::{Action, commit};
use crate::name::Name;
use crate::passwords::Account;
use crate::principal::Principal;
use crate::queue::MAX_WORK;
use crate::stable_names::stable_names;
use crate::store::integrity::{BOTS, Rows, SCHEDULES};
use crate::store::random::row_id;
use crate::store::seal::SCHEDULED_INPUTS;
use crate::store::sql::{FromRow, Row, query, query_scalar};
use crate::store::{ShownName, Store, StoreError, Tx, is_of, utc};
use crate::timestamp::Timestamp;
pub use due::{BotToStart, Due, Started};
pub use recurrence::{Recurrence, RecurrenceError};

/// The most schedules of a user.
pub const MAX_SCHEDULES: i64 = 100;

/// What happens at a time if the last run of the schedule has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlap {
    /// That time is skipped.
    Skip,
    /// Another run is queued.
    Queue,
}

stable_names! {
    Overlap, UnknownName:
    Skip = "skip",
    Queue = "queue",
}

/// What happens if nothing was running that could start the bot at its times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missed {
    /// These times are skipped.
    Skip,
    /// The bot starts once for all of them.
    Once,
}

stable_names! {
    Missed, UnknownName:
    Skip = "skip",
    Once = "once",
}

/// What happened at a time of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// A run was queued.
    Queued,
    /// It was skipped, as the last run had not ended.
    Overlapped,
    /// It was skipped, as nothing could start the bot in time.
    Missed,
    /// It was skipped, as there are too many runs of the user in the queue, or the bot file with its inputs is too large.
    Refused,
    /// It was skipped, as the bot or its user cannot be read. The log has the reason.
    Unreadable,
}

stable_names! {
    Happened, UnknownName:
    Queued = "queued",
    Overlapped = "overlapped",
    Missed = "missed",
    Refused = "refused",
    Unreadable = "unreadable",
}

/// A text that is not the name of an [`Overlap`], a [`Missed`] or a [`Happened`].
#[derive(Debug, Error)]
#[error("not a word of a schedule")]
pub struct UnknownName;

/// A schedule to create.
#[derive(Debug)]
pub struct NewSchedule<'a> {
    /// The id of its bot.
    pub bot_id: &'a str,
    /// The workers that may begin its runs.
    pub pool: &'a Name,
    /// When it starts the bot.
    pub recurrence: &'a Recurrence,
    /// What happens while the last run goes on.
    pub overlap: Overlap,
    /// What happens after missed times.
    pub missed: Missed,
    /// What is given for the inputs of the bot.
    pub inputs: &'a SecretString,
}

/// A schedule.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// The id of its row.
    pub id: String,
    /// The id of its bot.
    pub bot_id: String,
    /// The name of its bot.
    pub bot: String,
    /// The workers that may begin its runs.
    pub pool: Name,
    /// When it starts the bot.
    pub recurrence: Recurrence,
    /// What happens while the last run goes on.
    pub overlap: Overlap,
    /// What happens after missed times.
    pub missed: Missed,
    /// Whether it is paused.
    pub is_paused: bool,
    /// When it starts the bot next, unless it is paused.
    pub next: Option<OffsetDateTime>,
    /// What happened at its last time.
    pub last: Option<Last>,
}

/// The last time of a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Last {
    /// The time.
    pub time: OffsetDateTime,
    /// What happened.
    pub happened: Happened,
    /// The run that was queued then. It may be removed since then.
    pub run: Option<String>,
}

/// Why a schedule cannot be read or changed.
#[derive(Debug, Error)]
#[error("{}", self.message(Language::English))]
pub enum SchedulesError {
    /// The user has no such schedule.
    NoSchedule,
    /// The user has no such bot.
    NoBot,
    /// The user already has [`MAX_SCHEDULES`].
    TooMany,
    /// The inputs have more than [`MAX_WORK`].
    TooLarge,
    /// The store cannot be read or written.
    Store(#[from] StoreError),
}

impl SchedulesError {
    /// The message for people. That of the store is for operators.
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::NoSchedule => texts::no_schedule(language).into(),
            Self::NoBot => texts::no_bot(language).into(),
            Self::TooMany => texts::too_many(language, MAX_SCHEDULES),
            Self::TooLarge => texts::too_large(language, MAX_WORK >> 20),
            Self::Store(error) => error.message(language),
        }
    }
}

impl From<sqlx::Error> for SchedulesError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// The schedules of one user.
#[derive(Debug, Clone)]
pub struct Schedules {
    store: Store,
    owner: Account,
}

impl Store {
    /// The schedules of this user.
    pub fn schedules(&self, owner: &Account) -> Schedules {
        Schedules {
            store: self.clone(),
            owner: owner.clone(),
        }
    }
}

impl Schedules {
    /// Creates a schedule, and returns its id and its first time.
    ///
    /// # Errors
    ///
    /// [`SchedulesError::NoBot`], [`SchedulesError::TooMany`] and [`SchedulesError::TooLarge`]; or if the store cannot be
    /// written.
    pub async fn create(
        &self,
        by: &Principal,
        new: &NewSchedule<'_>,
    ) -> Result<(String, Option<OffsetDateTime>), SchedulesError> {
        if new.inputs.expose_secret().len() > MAX_WORK {
            return Err(SchedulesError::TooLarge);
        }
        let (id, mut tx) = (row_id(), self.store.write().await?);
        let bots = bot_names(&mut tx, &[new.bot_id], &self.owner.id).await?;
        let (_, bot) = bots.into_iter().next().ok_or(SchedulesError::NoBot)?;
        let count: i64 = query_scalar("SELECT COUNT(*) FROM schedules WHERE owner_id = $1")
            .bind(&self.owner.id)
            .fetch_one(tx.connection())
            .await?;
        if count >= MAX_SCHEDULES {
            return Err(SchedulesError::TooMany);
        }
        let now = tx.connection().now().await?;
        let next_at = new.recurrence.after(now);
        let inputs = tx.seal(&SCHEDULED_INPUTS, &[&id], new.inputs)?;
        let insert = query(
            "INSERT INTO schedules (id, owner_id, bot_id, pool, expression, time_zone, overlap, missed, \
             sealed_inputs, is_paused, next_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(&id)
        .bind(&self.owner.id)
        .bind(new.bot_id)
        .bind(new.pool.as_str())
        .bind(new.recurrence.expression())
        .bind(new.recurrence.time_zone())
        .bind(new.overlap.name())
        .bind(new.missed.name())
        .bind(inputs)
        .bind(false)
        .bind(next_at);
        tx.insert(&SCHEDULES, insert).await?;
        self.commit(tx, by, Action::ScheduleCreated, &bot).await?;
        let next = next_at.map(|it| utc(it, "next_at")).transpose()?;
        Ok((id, next))
    }

    async fn commit(
        &self,
        tx: Tx,
        by: &Principal,
        action: Action,
        bot: &str,
    ) -> Result<(), StoreError> {
        commit(tx, by, action, &format!("{}: {bot}", self.owner.name)).await
    }

    /// The schedules, by the names of their bots, and their next times.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn list(&self) -> Result<Vec<Schedule>, SchedulesError> {
        let mut tx = self.store.read().await?;
        let rows = Rows::With("owner_id", &[&self.owner.id]);
        let found = tx.verified(&SCHEDULES, rows).await?;
        let found = found.iter().filter(|it| is_of(it.row(), &self.owner.id));
        let entries = found.map(|it| Entry::from_row(it.row()));
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
        let bots: Vec<&str> = entries.iter().map(|it| it.bot_id.as_str()).collect();
        let bots = bot_names(&mut tx, &bots, &self.owner.id).await?;
        let named = |it: &Entry| bots.iter().find(|(id, _)| *id == it.bot_id).cloned();
        let mut schedules = Vec::new();
        for entry in entries {
            // Always found: a schedule is removed with its bot.
            if let Some((_, bot)) = named(&entry) {
                schedules.push(entry.schedule(bot)?);
            }
        }
        schedules.sort_by(|one, other| {
            let key = |it: &Schedule| (it.bot.to_lowercase(), it.next, it.id.clone());
            key(one).cmp(&key(other))
        });
        Ok(schedules)
    }

    /// Lets a schedule start nothing.
    ///
    /// # Errors
    ///
    /// [`SchedulesError::NoSchedule`]; or if the store cannot be written.
    pub async fn pause(&self, by: &Principal, id: &str) -> Result<(), SchedulesError> {
        self.set_paused(by, id, true).await
    }

    /// Lets a schedule that is paused go on with its next time.
    ///
    /// # Errors
    ///
    /// [`SchedulesError::NoSchedule`]; or if the store cannot be written.
    pub async fn resume(&self, by: &Principal, id: &str) -> Result<(), SchedulesError> {
        self.set_paused(by, id, false).await
    }

    async fn set_paused(
        &self,
        by: &Principal,
        id: &str,
        is_paused: bool,
    ) -> Result<(), SchedulesError> {
        let mut tx = self.store.write().await?;
        let (entry, bot) = self.entry(&mut tx, id).await?;
        if entry.is_paused == is_paused {
            return Ok(());
        }
        let now = tx.connection().now().await?;
        let next_at = entry.recurrence.after(now).filter(|_| !is_paused);
        let changed = Entry {
            is_paused,
            next_at,
            ..entry
        };
        changed.store(&mut tx).await?;
        let action = if is_paused {
            Action::SchedulePaused
        } else {
            Action::ScheduleResumed
        };
        Ok(self.commit(tx, by, action, &bot).await?)
    }

    /// Removes a schedule. What it has queued stays in the queue.
    ///
    /// # Errors
    ///
    /// [`SchedulesError::NoSchedule`]; or if the store cannot be written.
    pub async fn remove(&self, by: &Principal, id: &str) -> Result<(), SchedulesError> {
        let mut tx = self.store.write().await?;
        let (entry, bot) = self.entry(&mut tx, id).await?;
        query("DELETE FROM schedules WHERE id = $1")
            .bind(&entry.id)
            .execute(tx.connection())
            .await?;
        Ok(self.commit(tx, by, Action::ScheduleRemoved, &bot).await?)
    }

    /// A schedule of this user, and the name of its bot.
    async fn entry(&self, tx: &mut Tx, id: &str) -> Result<(Entry, String), SchedulesError> {
        let entry = Entry::with_id(tx, id).await?;
        let entry = entry.filter(|it| it.owner_id == self.owner.id);
        let entry = entry.ok_or(SchedulesError::NoSchedule)?;
        let bots = bot_names(tx, &[&entry.bot_id], &self.owner.id).await?;
        let bot = bots.into_iter().next().map(|(_, name)| name);
        Ok((entry, bot.unwrap_or_default()))
    }
}

/// The ids and the names of those of these bots that the user has.
async fn bot_names(
    tx: &mut Tx,
    ids: &[&str],
    owner: &str,
) -> Result<Vec<(String, String)>, StoreError> {
    let found = tx.verified(&BOTS, Rows::With("id", ids)).await?;
    let found = found.iter().filter(|it| is_of(it.row(), owner));
    let names = found.map(|it| Ok((it.row().get("id")?, it.row().get("name")?)));
    Ok(names.collect::<sqlx::Result<_>>()?)
}

/// A verified row, without what is sealed in it.
#[derive(Debug, Clone)]
struct Entry {
    id: String,
    owner_id: String,
    bot_id: String,
    pool: Name,
    recurrence: Recurrence,
    overlap: Overlap,
    missed: Missed,
    is_paused: bool,
    next_at: Option<Timestamp>,
    last_at: Option<Timestamp>,
    last_result: Option<Happened>,
    last_run: Option<String>,
}

impl FromRow for Entry {
    fn from_row(row: &Row) -> sqlx::Result<Self> {
        let ShownName(pool) = row.get("pool")?;
        let (expression, time_zone): (&str, &str) = (row.get("expression")?, row.get("time_zone")?);
        let (Text(overlap), Text(missed)) = (row.get("overlap")?, row.get("missed")?);
        let last_result: Option<Text<Happened>> = row.get("last_result")?;
        Ok(Self {
            id: row.get("id")?,
            owner_id: row.get("owner_id")?,
            bot_id: row.get("bot_id")?,
            pool,
            recurrence: Recurrence::stored(expression, time_zone),
            overlap,
            missed,
            is_paused: row.get("is_paused")?,
            next_at: row.get("next_at")?,
            last_at: row.get("last_at")?,
            last_result: last_result.map(|Text(it)| it),
            last_run: row.get("last_run")?,
        })
    }
}

impl Entry {
    async fn with_id(tx: &mut Tx, id: &str) -> Result<Option<Self>, StoreError> {
        let found = tx.verified(&SCHEDULES, Rows::With("id", &[id])).await?;
        let entry = found.first().map(|it| Self::from_row(it.row()));
        Ok(entry.transpose()?)
    }

    fn schedule(self, bot: String) -> Result<Schedule, StoreError> {
        let next = self.next_at.map(|it| utc(it, "next_at")).transpose()?;
        let time = self.last_at.map(|it| utc(it, "last_at")).transpose()?;
        let last = time.zip(self.last_result).map(|(time, happened)| Last {
            time,
            happened,
            run: self.last_run.filter(|_| happened == Happened::Queued),
        });
        Ok(Schedule {
            id: self.id,
            bot_id: self.bot_id,
            bot,
            pool: self.pool,
            recurrence: self.recurrence,
            overlap: self.overlap,
            missed: self.missed,
            is_paused: self.is_paused,
            next,
            last,
        })
    }

    /// Stores what has changed.
    async fn store(&self, tx: &mut Tx) -> Result<(), StoreError> {
        query(
            "UPDATE schedules SET is_paused = $1, next_at = $2, last_at = $3, last_result = $4, \
             last_run = $5 WHERE id = $6",
        )
        .bind(self.is_paused)
        .bind(self.next_at)
        .bind(self.last_at)
        .bind(self.last_result.map(Happened::name))
        .bind(self.last_run.as_deref())
        .bind(&self.id)
        .execute(tx.connection())
        .await?;
        tx.authenticate(&SCHEDULES, Rows::With("id", &[&self.id]))
            .await
    }
}

mod texts {
    bot_engine::messages! {
        no_schedule { en: "There is no such schedule.", de: "Einen solchen Zeitplan gibt es nicht." }
        no_bot { en: "There is no such bot.", de: "Einen solchen Bot gibt es nicht." }
        too_many(max) {
            en: "You already have {max} schedules, and cannot have more.",
            de: "Sie haben bereits {max} Zeitpläne, mehr sind nicht möglich.",
        }
        too_large(mib) {
            en: "The inputs exceed {mib} MiB.",
            de: "Die Eingaben sind größer als {mib} MiB.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_is_said_in_both_languages() {
        for error in [
            SchedulesError::NoSchedule,
            SchedulesError::NoBot,
            SchedulesError::TooMany,
            SchedulesError::TooLarge,
            SchedulesError::Store(StoreError::Busy),
        ] {
            assert_ne!(error.to_string(), error.message(Language::German));
        }
    }
}
