//! The runs of bots that users started, as they are remembered: when, how they ended, and a log. What the log
//! says is for others to know.
//!
//! A run belongs to one user, and nobody else learns that it was. Of each user's runs the last [`MAX_RUNS`] are
//! kept.

use thiserror::Error;
use time::OffsetDateTime;

use super::passwords::Account;
use super::store::random::row_id;
use super::store::{Store, StoreError};
use super::timestamp::Moment;

const TABLE: &str = "runs";

/// How many runs of a user are remembered.
pub const MAX_RUNS: i64 = 500;

/// The runs of one user.
#[derive(Debug, Clone)]
pub struct Runs {
    store: Store,
    owner: String,
}

impl Store {
    /// The runs of this user.
    pub fn runs(&self, owner: &Account) -> Runs {
        Runs {
            store: self.clone(),
            owner: owner.id.clone(),
        }
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All its steps were done.
    Done,
    /// A step failed, or none could begin.
    Failed,
    /// Somebody stopped it, or the program ended.
    Stopped,
}

impl Outcome {
    const ALL: [(Outcome, &'static str); 3] = [
        (Outcome::Done, "done"),
        (Outcome::Failed, "failed"),
        (Outcome::Stopped, "stopped"),
    ];

    /// Its stable name.
    pub fn name(self) -> &'static str {
        Outcome::ALL
            .into_iter()
            .find_map(|(other, name)| (other == self).then_some(name))
            .unwrap_or_default()
    }
}

/// A run, as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The id of its row.
    pub id: String,
    /// The id of its bot, which may be gone.
    pub bot_id: String,
    /// The name of its bot then.
    pub bot: String,
    /// When it began, in UTC, to the millisecond.
    pub started: OffsetDateTime,
    /// When and how it ended; none while it runs, and where its process was killed.
    pub ended: Option<(OffsetDateTime, Outcome)>,
}

/// Some of the runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// These, newest first.
    pub runs: Vec<Run>,
    /// How many there are in all.
    pub total: u64,
}

/// Why a run is not read.
#[derive(Debug, Error)]
pub enum RunsError {
    /// The user has no run with this id.
    #[error("there is no such run")]
    NoRun,
    /// The store cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for RunsError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Runs {
    /// Remembers that a run begins, and forgets the oldest where there are too many.
    ///
    /// # Errors
    ///
    /// Where the store cannot be written.
    pub async fn begin(&self, bot_id: &str, bot: &str) -> Result<Run, RunsError> {
        let (id, started) = (row_id(), Moment::now());
        let mut tx = self.store.write().await?;
        sqlx::query(
            "INSERT INTO runs (id, number, owner_id, bot_id, bot, started_at, log) \
             SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, $5, '' FROM runs",
        )
        .bind(&id)
        .bind(&self.owner)
        .bind(bot_id)
        .bind(bot)
        .bind(started.0)
        .execute(tx.connection())
        .await?;
        sqlx::query(
            "DELETE FROM runs WHERE owner_id = $1 AND number <= \
             (SELECT number FROM runs WHERE owner_id = $1 ORDER BY number DESC LIMIT 1 OFFSET $2)",
        )
        .bind(&self.owner)
        .bind(MAX_RUNS)
        .execute(tx.connection())
        .await?;
        tx.commit().await?;
        Ok(Run {
            id,
            bot_id: bot_id.into(),
            bot: bot.into(),
            started: started.date(TABLE)?,
            ended: None,
        })
    }

    /// Remembers how a run ended, and its log, and says when. One that was forgotten meanwhile stays so.
    ///
    /// # Errors
    ///
    /// Where the store cannot be written.
    pub async fn end(
        &self,
        id: &str,
        outcome: Outcome,
        log: &str,
    ) -> Result<OffsetDateTime, RunsError> {
        let ended = Moment::now();
        let mut tx = self.store.write().await?;
        sqlx::query(
            "UPDATE runs SET ended_at = $1, outcome = $2, log = $3 WHERE id = $4 AND owner_id = $5",
        )
        .bind(ended.0)
        .bind(outcome.name())
        .bind(log)
        .bind(id)
        .bind(&self.owner)
        .execute(tx.connection())
        .await?;
        tx.commit().await?;
        Ok(ended.date(TABLE)?)
    }

    /// A run with its log.
    ///
    /// # Errors
    ///
    /// [`RunsError::NoRun`], also where it is another user's.
    pub async fn get(&self, id: &str) -> Result<(Run, String), RunsError> {
        let mut tx = self.store.read().await?;
        let row: Option<Row> = sqlx::query_as(
            "SELECT id, bot_id, bot, started_at, ended_at, outcome FROM runs \
             WHERE id = $1 AND owner_id = $2",
        )
        .bind(id)
        .bind(&self.owner)
        .fetch_optional(tx.connection())
        .await?;
        let run = run(row.ok_or(RunsError::NoRun)?)?;
        let log = sqlx::query_scalar("SELECT log FROM runs WHERE id = $1")
            .bind(id)
            .fetch_one(tx.connection())
            .await?;
        Ok((run, log))
    }

    /// Runs, newest first: `limit` of them after the first `offset`.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    pub async fn list(&self, offset: u32, limit: u32) -> Result<Page, RunsError> {
        let mut tx = self.store.read().await?;
        let total: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM runs WHERE owner_id = $1")
            .bind(&self.owner)
            .fetch_one(tx.connection())
            .await?;
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, bot_id, bot, started_at, ended_at, outcome FROM runs WHERE owner_id = $1 \
             ORDER BY number DESC LIMIT $2 OFFSET $3",
        )
        .bind(&self.owner)
        .bind(limit)
        .bind(offset)
        .fetch_all(tx.connection())
        .await?;
        let runs = rows.into_iter().map(run).collect::<Result<_, _>>()?;
        let total = total.unsigned_abs();
        Ok(Page { runs, total })
    }
}

type Row = (String, String, String, i64, Option<i64>, Option<String>);

fn run((id, bot_id, bot, started, ended, outcome): Row) -> Result<Run, StoreError> {
    let ended = match (ended, outcome) {
        (Some(ended), Some(outcome)) => {
            let known = Outcome::ALL.into_iter().find(|(_, name)| *name == outcome);
            let (outcome, _) = known.ok_or(StoreError::Row(TABLE))?;
            Some((Moment(ended).date(TABLE)?, outcome))
        }
        _ => None,
    };
    Ok(Run {
        id,
        bot_id,
        bot,
        started: Moment(started).date(TABLE)?,
        ended,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{KeySource, Place};

    async fn runs_of(store: &Store, name: &str) -> Runs {
        let name = name.parse().unwrap();
        store.users().create(&name).await.unwrap();
        let passwords = store.passwords();
        let password = "correct horse & battery".into();
        passwords.set(&name, &password).await.unwrap();
        let account = passwords.verify(&name, &password).await.unwrap().unwrap();
        store.runs(&account)
    }

    #[tokio::test]
    async fn the_last_runs_of_each_user_are_kept_and_nobody_elses_are_seen() {
        let store = Store::open(Place::Memory, KeySource::InFolder)
            .await
            .unwrap();
        let (ada, bob) = (runs_of(&store, "ada").await, runs_of(&store, "bob").await);
        let of_bob = bob.begin("bot", "Bob's").await.unwrap();
        let first = ada.begin("bot", "first").await.unwrap();
        ada.end(&first.id, Outcome::Failed, "[]").await.unwrap();
        let (stored, log) = ada.get(&first.id).await.unwrap();
        assert_eq!(stored.ended.unwrap().1, Outcome::Failed);
        assert_eq!(log, "[]");
        bob.end(&first.id, Outcome::Done, "theirs").await.unwrap();
        assert_eq!(ada.get(&first.id).await.unwrap().1, "[]");
        assert!(matches!(bob.get(&first.id).await, Err(RunsError::NoRun)));
        for n in 0..MAX_RUNS {
            ada.begin("bot", &n.to_string()).await.unwrap();
        }
        assert!(matches!(ada.get(&first.id).await, Err(RunsError::NoRun)));
        let page = ada.list(0, 2).await.unwrap();
        assert_eq!(page.total, MAX_RUNS.unsigned_abs());
        let names: Vec<_> = page.runs.iter().map(|run| run.bot.as_str()).collect();
        assert_eq!(names, ["499", "498"]);
        assert!(bob.get(&of_bob.id).await.is_ok());
    }
}
