//! The history of the users' runs: times, outcome and log. The logs are sealed; this module does not interpret them.
//!
//! A run belongs to one user and does not exist for anybody else, except that administrators see that it was. The last
//! [`MAX_RUNS`] of each user are kept.

mod life;
mod of_users;

use secrecy::ExposeSecret;
use sqlx::AssertSqlSafe;
use sqlx::types::Text;
use thiserror::Error;
use time::OffsetDateTime;

use crate::name::Name;
use crate::page::{Page, pattern};
use crate::passwords::Account;
use crate::stable_names::stable_names;
use crate::store::integrity::{QUEUED_RUNS, RUNS, Rows, Verified};
use crate::store::random::row_id;
use crate::store::seal::RUN_LOG;
use crate::store::sql::{FromRow, Query, Readable, Row, query, query_scalar};
use crate::store::{OPENED_AT_ONCE, ShownName, Store, StoreError, Tx, date, is_of, utc};
use crate::timestamp::Timestamp;
pub use life::{Facts, Happening, Life, MAX_EXPIRED, UnknownLife};
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
    /// Its worker died, or lost its way to the database, after a step that changes something had begun. What that step has
    /// done is unknown.
    Lost,
}

stable_names! {
    Outcome, UnknownOutcome:
    Done = "done",
    Failed = "failed",
    Stopped = "stopped",
    Lost = "lost",
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
    /// When it started, in UTC, to the millisecond; until then, when it was queued.
    pub started: OffsetDateTime,
    /// When and how it ended. `None` before that, and if the process was killed that ran it without the queue.
    pub ended: Option<(OffsetDateTime, Outcome)>,
    /// When it was queued; `None` if it began at once.
    pub queued: Option<OffsetDateTime>,
    /// The worker that began it last.
    pub worker: Option<String>,
    /// If it is lost: the last step that it had begun of those that change something.
    pub lost_at_step: Option<usize>,
    /// Its place in the [queue](crate::queue), until it ends.
    pub in_queue: Option<InQueue>,
}

/// The place of a run in the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InQueue {
    /// The workers that may begin it.
    pub pool: Name,
    /// Whether one of them has.
    pub is_running: bool,
    /// Whether it is to stop.
    pub stop_requested: bool,
}

impl FromRow for Run {
    fn from_row(row: &Row) -> Result<Self, sqlx::Error> {
        let outcome: Option<Text<Outcome>> = row.get("outcome")?;
        let ended = match outcome {
            Some(Text(outcome)) => Some((date(row, "ended_at")?, outcome)),
            None => None,
        };
        let queued: Option<Timestamp> = row.get("queued_at")?;
        let lost_at_step: Option<i64> = row.get("lost_at_step")?;
        Ok(Self {
            id: row.get("id")?,
            bot_id: row.get("bot_id")?,
            bot: row.get("bot")?,
            started: date(row, "started_at")?,
            ended,
            queued: queued.map(|it| utc(it, "queued_at")).transpose()?,
            worker: row.get("worker")?,
            lost_at_step: lost_at_step.and_then(|step| step.try_into().ok()),
            in_queue: None,
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
        let mut tx = self.store.write().await?;
        let run = insert(&mut tx, &self.owner, bot_id, bot, false).await?;
        tx.commit().await?;
        Ok(run)
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
        let mut tx = self.store.write().await?;
        tx.verify(&RUNS, Rows::With("id", &[id])).await?;
        let log = tx.seal(&RUN_LOG, &[id], &log.into())?;
        let ended = Timestamp::now();
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

    /// A run with its log. While it runs, that is empty, or what a worker has stored so far.
    ///
    /// # Errors
    ///
    /// [`RunsError::NoRun`], also if it is another user's.
    pub async fn get(&self, id: &str) -> Result<(Run, String), RunsError> {
        let mut tx = self.store.read().await?;
        let found = tx.verified(&RUNS, Rows::With("id", &[id])).await?;
        let mut found = found.iter().filter(|it| is_of(it.row(), &self.owner));
        let row = found.next().ok_or(RunsError::NoRun)?.row();
        let log = match row.get("sealed_log")? {
            Some(sealed) => tx.open(&RUN_LOG, &[id], sealed)?.expose_secret().into(),
            None => String::new(),
        };
        let mut run = Run::from_row(row)?;
        find_in_queue(&mut tx, [&mut run]).await?;
        Ok((run, log))
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
        Ok(Page::new(runs(&mut tx, &rows).await?, total))
    }

    /// Like [`Runs::list`], of those whose log is `wanted`. For that, the logs of all that match the filter are opened. Runs
    /// without a log are left out.
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
        let rows = rows.await?;
        Ok(Page::new(runs(&mut tx, &rows).await?, total))
    }
}

/// Adds a run, which starts now or is queued, and removes the oldest beyond [`MAX_RUNS`] that have ended.
pub(crate) async fn insert(
    tx: &mut Tx,
    owner: &str,
    bot_id: &str,
    bot: &str,
    is_queued: bool,
) -> Result<Run, StoreError> {
    let (id, started) = (row_id(), Timestamp::now());
    let insert = query(
        "INSERT INTO runs (id, number, owner_id, bot_id, bot, started_at, queued_at, log) \
         SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, $5, $6, '' FROM runs",
    )
    .bind(&id)
    .bind(owner)
    .bind(bot_id)
    .bind(bot)
    .bind(started)
    .bind(is_queued.then_some(started));
    tx.insert(&RUNS, insert).await?;
    query(
        "DELETE FROM runs WHERE owner_id = $1 AND number <= \
         (SELECT number FROM runs WHERE owner_id = $1 ORDER BY number DESC LIMIT 1 OFFSET $2) \
         AND id NOT IN (SELECT run_id FROM queued_runs)",
    )
    .bind(owner)
    .bind(MAX_RUNS)
    .execute(tx.connection())
    .await?;
    let started = utc(started, "started_at")?;
    Ok(Run {
        id,
        bot_id: bot_id.into(),
        bot: bot.into(),
        started,
        ended: None,
        queued: is_queued.then_some(started),
        worker: None,
        lost_at_step: None,
        in_queue: None,
    })
}

async fn runs(tx: &mut Tx, rows: &[Verified]) -> Result<Vec<Run>, StoreError> {
    let runs = rows.iter().map(|row| Run::from_row(row.row()));
    let mut runs: Vec<_> = runs.collect::<Result<_, _>>()?;
    find_in_queue(tx, &mut runs).await?;
    Ok(runs)
}

/// Looks up the places in the queue of the runs that have not ended.
async fn find_in_queue(
    tx: &mut Tx,
    runs: impl IntoIterator<Item = &mut Run>,
) -> Result<(), StoreError> {
    let waiting = runs.into_iter().filter(|run| run.ended.is_none());
    let mut waiting: Vec<_> = waiting.filter(|run| run.queued.is_some()).collect();
    if waiting.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = waiting.iter().map(|run| run.id.clone()).collect();
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    for found in tx
        .verified(&QUEUED_RUNS, Rows::With("run_id", &ids))
        .await?
    {
        let row = found.row();
        let (id, ShownName(pool)): (&str, _) = (row.get("run_id")?, row.get("pool")?);
        let Text(life): Text<Life> = row.get("state")?;
        let stop_requested = row.get("stop_requested")?;
        if let Some(run) = waiting.iter_mut().find(|run| run.id == id) {
            run.in_queue = Some(InQueue {
                pool,
                is_running: life == Life::Running,
                stop_requested,
            });
        }
    }
    Ok(())
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
