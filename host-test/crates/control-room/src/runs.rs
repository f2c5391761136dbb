//! The history of the users' runs: times, outcome and log. The logs are sealed; this module does not interpret them.
//!
//! A run belongs to one user and does not exist for anybody else, except that administrators see that it was. The last
//! [`MAX_RUNS`] of each user are kept.

mod of_users;

use secrecy::ExposeSecret;
use sqlx::AssertSqlSafe;
use sqlx::types::Text;
use thiserror::Error;
use time::OffsetDateTime;

use crate::page::{Page, pattern};
use crate::passwords::Account;
use crate::stable_names::stable_names;
use crate::store::integrity::{RUNS, Rows, Verified};
use crate::store::random::row_id;
use crate::store::seal::RUN_LOG;
use crate::store::sql::{FromRow, Query, Readable, Row, query, query_scalar};
use crate::store::{OPENED_AT_ONCE, Store, StoreError, Tx, date, is_of, utc};
use crate::timestamp::Timestamp;
pub use of_users::OwnedRun;

/// How many runs of each user are kept.
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

/// The outcome of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All its steps were done.
    Done,
    /// A step failed, or the bot could not start.
    Failed,
    /// It was stopped, or the program ended.
    Stopped,
}

stable_names! {
    Outcome, UnknownOutcome:
    Done = "done",
    Failed = "failed",
    Stopped = "stopped",
}

/// A text that is not the name of an [`Outcome`].
#[derive(Debug, Error)]
#[error("not an outcome of a run")]
pub struct UnknownOutcome;

/// A run without its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The id of its row.
    pub id: String,
    /// The id of its bot, with which it is removed.
    pub bot_id: String,
    /// The name of its bot at that time.
    pub bot: String,
    /// When it started, in UTC, to the millisecond.
    pub started: OffsetDateTime,
    /// When and how it ended. `None` while it runs, and if its process was killed.
    pub ended: Option<(OffsetDateTime, Outcome)>,
}

impl FromRow for Run {
    fn from_row(row: &Row) -> Result<Self, sqlx::Error> {
        let outcome: Option<Text<Outcome>> = row.get("outcome")?;
        let ended = match outcome {
            Some(Text(outcome)) => Some((date(row, "ended_at")?, outcome)),
            None => None,
        };
        Ok(Self {
            id: row.get("id")?,
            bot_id: row.get("bot_id")?,
            bot: row.get("bot")?,
            started: date(row, "started_at")?,
            ended,
        })
    }
}

/// Selects runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Part of the name of their bot.
    pub bot: String,
    /// Their state.
    pub state: Option<State>,
    /// When they started at the earliest.
    pub from: Option<OffsetDateTime>,
    /// What they started before.
    pub until: Option<OffsetDateTime>,
}

/// The state of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It runs, or its process was killed.
    NotEnded,
    /// It has ended.
    Ended(Outcome),
}

/// Why a run cannot be read.
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
    /// Adds a run that starts now, and removes the oldest beyond [`MAX_RUNS`].
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub async fn begin(&self, bot_id: &str, bot: &str) -> Result<Run, RunsError> {
        let (id, started) = (row_id(), Timestamp::now());
        let mut tx = self.store.write().await?;
        let insert = query(
            "INSERT INTO runs (id, number, owner_id, bot_id, bot, started_at, log) \
             SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, $5, '' FROM runs",
        )
        .bind(&id)
        .bind(&self.owner)
        .bind(bot_id)
        .bind(bot)
        .bind(started);
        tx.insert(&RUNS, insert).await?;
        query(
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
            started: utc(started, "started_at")?,
            ended: None,
        })
    }

    /// Stores the outcome of a run and its log, and returns when it ended. A run that was removed meanwhile stays
    /// removed.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub async fn end(
        &self,
        id: &str,
        outcome: Outcome,
        log: &str,
    ) -> Result<OffsetDateTime, RunsError> {
        let ended = Timestamp::now();
        let mut tx = self.store.write().await?;
        tx.verify(&RUNS, Rows::With("id", &[id])).await?;
        let log = tx.seal(&RUN_LOG, &[id], &log.into())?;
        query(
            "UPDATE runs SET ended_at = $1, outcome = $2, sealed_log = $3 WHERE id = $4 AND owner_id = $5",
        )
        .bind(ended)
        .bind(outcome.name())
        .bind(log)
        .bind(id)
        .bind(&self.owner)
        .execute(tx.connection())
        .await?;
        tx.authenticate(&RUNS, Rows::With("id", &[id])).await?;
        tx.commit().await?;
        Ok(utc(ended, "ended_at")?)
    }

    /// A run with its log, which is empty while it runs.
    ///
    /// # Errors
    ///
    /// [`RunsError::NoRun`], also if it is another user's.
    pub async fn get(&self, id: &str) -> Result<(Run, String), RunsError> {
        let mut tx = self.store.read().await?;
        tx.verify(&RUNS, Rows::With("id", &[id])).await?;
        let row = query(
            "SELECT id, bot_id, bot, started_at, ended_at, outcome, sealed_log FROM runs \
             WHERE id = $1 AND owner_id = $2",
        )
        .bind(id)
        .bind(&self.owner)
        .fetch_optional(tx.connection())
        .await?
        .ok_or(RunsError::NoRun)?;
        let log = match row.get("sealed_log")? {
            Some(sealed) => tx.open(&RUN_LOG, &[id], sealed)?.expose_secret().into(),
            None => String::new(),
        };
        Ok((Run::from_row(&row)?, log))
    }

    /// Runs that match every field of the filter, newest first: at most `limit`, skipping the first `offset`.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn list(
        &self,
        filter: &Filter,
        offset: u32,
        limit: u32,
    ) -> Result<Page<Run>, RunsError> {
        let mut tx = self.store.read().await?;
        let (rows, total) = page(&mut tx, Some(&self.owner), filter, offset, limit).await?;
        Ok(Page::new(runs(&rows)?, total))
    }

    /// Like [`Runs::list`], of those whose log is `wanted`. For that, the logs of all that match the filter are opened. A
    /// run has none before its end.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn with_log(
        &self,
        filter: &Filter,
        wanted: impl Fn(&str) -> bool + Send,
        offset: u32,
        limit: u32,
    ) -> Result<Page<Run>, RunsError> {
        let mut tx = self.store.read().await?;
        let mut select = matching("id", Some(&self.owner), filter);
        select.push(" AND sealed_log IS NOT NULL ORDER BY number DESC");
        let ids: Vec<String> = select.fetch_all(tx.connection()).await?;
        let (mut found, mut total) = (Vec::new(), 0);
        for ids in ids.chunks(OPENED_AT_ONCE) {
            let texts: Vec<_> = ids.iter().map(String::as_str).collect();
            let logs = tx.opened(&RUN_LOG, &texts).await?;
            for id in ids {
                if logs.get(id).is_some_and(|log| wanted(log.expose_secret())) {
                    let is_before = total < i64::from(offset);
                    total += 1;
                    if !is_before && found.len() < limit as usize {
                        found.push(id.clone());
                    }
                }
            }
        }
        let rows = tx.listed(&RUNS, &found, |row| is_of(row, &self.owner));
        Ok(Page::new(runs(&rows.await?)?, total))
    }
}

fn runs(rows: &[Verified]) -> Result<Vec<Run>, sqlx::Error> {
    rows.iter().map(|row| Run::from_row(row.row())).collect()
}

/// Verified rows of the runs that match the filter, newest first, and how many there are in all.
async fn page(
    tx: &mut Tx,
    owner: Option<&str>,
    filter: &Filter,
    offset: u32,
    limit: u32,
) -> Result<(Vec<Verified>, i64), StoreError> {
    let total = matching("COUNT(*)", owner, filter)
        .fetch_one(tx.connection())
        .await?;
    let mut select = matching("id", owner, filter);
    select.push(" ORDER BY number DESC LIMIT ").push_bind(limit);
    select.push(" OFFSET ").push_bind(offset);
    let ids: Vec<String> = select.fetch_all(tx.connection()).await?;
    let is_expected = |row: &_| owner.is_none_or(|owner| is_of(row, owner));
    Ok((tx.listed(&RUNS, &ids, is_expected).await?, total))
}

/// Selects the runs that match the filter, of this owner if there is one.
fn matching<T>(column: &str, owner: Option<&str>, filter: &Filter) -> Query<T>
where
    T: for<'r> Readable<'r>,
{
    let select = format!("SELECT {column} FROM runs WHERE TRUE");
    let mut query = query_scalar(AssertSqlSafe(select));
    if let Some(owner) = owner {
        query.push(" AND owner_id = ").push_bind(owner);
    }
    if !filter.bot.is_empty() {
        // Without regard to the case of English letters, which is all that SQLite ignores.
        query.push(" AND LOWER(bot) LIKE ");
        query.push_bind(pattern(&filter.bot).to_ascii_lowercase());
        query.push(" ESCAPE '!'");
    }
    match filter.state {
        None => {}
        Some(State::NotEnded) => {
            query.push(" AND outcome IS NULL");
        }
        Some(State::Ended(outcome)) => {
            query.push(" AND outcome = ").push_bind(outcome.name());
        }
    }
    if let Some(from) = filter.from {
        query.push(" AND started_at >= ");
        query.push_bind(Timestamp::from(from));
    }
    if let Some(until) = filter.until {
        query.push(" AND started_at < ");
        query.push_bind(Timestamp::from(until));
    }
    query
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::principal::Principal;
    use crate::{KeySource, Place};

    pub(super) async fn runs_of(store: &Store, name: &str) -> Runs {
        let name = name.parse().unwrap();
        store
            .users()
            .create(&Principal::System, &name)
            .await
            .unwrap();
        let passwords = store.passwords();
        let password = "correct horse & battery".into();
        passwords
            .set(&Principal::System, &name, &password)
            .await
            .unwrap();
        let account = passwords.verify(&name, &password).await.unwrap().unwrap();
        store.runs(&account)
    }

    #[tokio::test]
    async fn the_last_runs_of_each_user_are_kept_and_private_to_that_user() {
        let store = Store::open(Place::Memory, KeySource::InFolder)
            .await
            .unwrap();
        let (ada, bob) = (runs_of(&store, "ada").await, runs_of(&store, "bob").await);
        let bobs = bob.begin("bot", "Bob's").await.unwrap();
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
        let page = ada.list(&Filter::default(), 0, 2).await.unwrap();
        assert_eq!(page.total, MAX_RUNS.unsigned_abs());
        let names: Vec<_> = page.items.iter().map(|run| run.bot.as_str()).collect();
        assert_eq!(names, ["499", "498"]);
        let bot = Filter {
            bot: "49".into(),
            ..Filter::default()
        };
        let logged = ada.begin("bot", "logged").await.unwrap();
        ada.end(&logged.id, Outcome::Done, "hello").await.unwrap();
        let all = Filter::default();
        for (wanted, offset, expected) in [("hello", 0, 1), ("hello", 1, 0), ("other", 0, 0)] {
            let found = ada.with_log(&all, |log| log == wanted, offset, 9).await;
            let found = found.unwrap();
            assert_eq!(found.items.len(), expected, "{wanted} {offset}");
            assert_eq!(found.total, u64::from(wanted == "hello"));
        }
        // 49, 149, …, 449, and 490 to 499.
        assert_eq!(ada.list(&bot, 0, 2).await.unwrap().total, 15);
        assert!(bob.get(&bobs.id).await.is_ok());
    }

    #[tokio::test]
    async fn runs_are_filtered_by_bot_state_and_time() {
        let store = Store::open(Place::Memory, KeySource::InFolder)
            .await
            .unwrap();
        let ada = runs_of(&store, "ada").await;
        for (bot, outcome) in [
            ("Report 100%", Some(Outcome::Done)),
            ("Report", Some(Outcome::Failed)),
            ("Clean up", None),
        ] {
            let run = ada.begin("bot", bot).await.unwrap();
            if let Some(outcome) = outcome {
                ada.end(&run.id, outcome, "[]").await.unwrap();
            }
        }
        let hour = time::Duration::HOUR;
        let now = OffsetDateTime::now_utc();
        let all = Filter::default;
        for (filter, expected) in [
            (all(), vec!["Clean up", "Report", "Report 100%"]),
            (
                Filter {
                    bot: "report".into(),
                    ..all()
                },
                vec!["Report", "Report 100%"],
            ),
            (
                Filter {
                    bot: "0%".into(),
                    ..all()
                },
                vec!["Report 100%"],
            ),
            (
                Filter {
                    state: Some(State::NotEnded),
                    ..all()
                },
                vec!["Clean up"],
            ),
            (
                Filter {
                    state: Some(State::Ended(Outcome::Failed)),
                    from: Some(now - hour),
                    until: Some(now + hour),
                    ..all()
                },
                vec!["Report"],
            ),
            (
                Filter {
                    from: Some(now + hour),
                    ..all()
                },
                vec![],
            ),
            (
                Filter {
                    until: Some(now - hour),
                    ..all()
                },
                vec![],
            ),
        ] {
            let page = ada.list(&filter, 0, 9).await.unwrap();
            let bots: Vec<_> = page.items.iter().map(|run| run.bot.as_str()).collect();
            assert_eq!(bots, expected, "{filter:?}");
        }
    }
}
