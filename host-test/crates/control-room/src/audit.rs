//! The audit log of the vault: who used which value, and when; never the value.

use sqlx::{QueryBuilder, Sqlite, SqliteConnection};
use time::OffsetDateTime;

use super::name::Name;
use super::store::{Store, StoreError, name_of};
use super::timestamp::Moment;
use super::vault::{AttributePath, Use};

/// The longest name of a bot or a step that is recorded, in characters; the rest is cut off.
const MAX_TEXT: usize = 255;

/// The audit log of a Control Room.
#[derive(Debug, Clone)]
pub struct Audit {
    store: Store,
}

impl Store {
    /// The audit log.
    pub fn audit(&self) -> Audit {
        Audit {
            store: self.clone(),
        }
    }
}

/// The use of a value, or a refusal. Names are what they were then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its place in the log, from 1.
    pub number: i64,
    /// When, in UTC, to the millisecond.
    pub when: OffsetDateTime,
    /// For whom the bot ran.
    pub user: Name,
    /// The bot's name.
    pub bot: String,
    /// The step that asked.
    pub step: String,
    /// The attribute that it asked for; a refused one need not exist.
    pub path: AttributePath,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a request for a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was handed over.
    Used,
    /// It was not.
    Refused,
}

/// Which records to list: those that fit everything that is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this locker.
    pub locker: Option<Name>,
    /// Of this user.
    pub user: Option<Name>,
    /// Of the bot of this name.
    pub bot: Option<String>,
}

impl Audit {
    /// What was used in a run, or refused, oldest first: `limit` records at most.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    pub async fn of_run(&self, run: &str, limit: u32) -> Result<Vec<Record>, StoreError> {
        let mut tx = self.store.read().await?;
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT number, used_at, user_name, bot, step, locker, credential, attribute, refused \
             FROM vault_uses WHERE run_id = $1 ORDER BY number LIMIT $2",
        )
        .bind(run)
        .bind(i64::from(limit))
        .fetch_all(tx.connection())
        .await?;
        rows.into_iter().map(record_of).collect()
    }

    /// Records, newest first: `limit` at most, and only those before the record `before`, where one is
    /// given. So the next page begins before the last record of this one, whatever is added meanwhile.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    pub async fn uses(
        &self,
        filter: &Filter,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Record>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new(
            "SELECT number, used_at, user_name, bot, step, locker, credential, attribute, refused \
             FROM vault_uses WHERE number < ",
        );
        query.push_bind(before.unwrap_or(i64::MAX));
        for (column, value) in [
            (" AND locker = ", filter.locker.as_ref().map(Name::as_str)),
            (" AND user_name = ", filter.user.as_ref().map(Name::as_str)),
            (" AND bot = ", filter.bot.as_deref()),
        ] {
            if let Some(value) = value {
                query.push(column).push_bind(cut(value));
            }
        }
        query
            .push(" ORDER BY number DESC LIMIT ")
            .push_bind(i64::from(limit));
        let mut tx = self.store.read().await?;
        let rows: Vec<Row> = query.build_query_as().fetch_all(tx.connection()).await?;
        rows.into_iter().map(record_of).collect()
    }
}

type Row = (
    i64,
    i64,
    String,
    String,
    String,
    String,
    String,
    String,
    bool,
);

fn record_of(
    (number, used_at, user, bot, step, locker, credential, attribute, refused): Row,
) -> Result<Record, StoreError> {
    const TABLE: &str = "vault_uses";
    let path = format!("{locker}/{credential}/{attribute}");
    Ok(Record {
        number,
        when: Moment(used_at).date(TABLE)?,
        user: name_of(TABLE, &user)?,
        bot,
        step,
        path: path.parse().map_err(|_| StoreError::Row(TABLE))?,
        outcome: match refused {
            true => Outcome::Refused,
            false => Outcome::Used,
        },
    })
}

/// Adds a record, in the transaction of what it records.
pub(super) async fn record(
    connection: &mut SqliteConnection,
    path: &AttributePath,
    used: &Use<'_>,
    outcome: Outcome,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO vault_uses \
         (number, used_at, user_name, bot, step, locker, credential, attribute, refused, run_id) \
         SELECT COALESCE(MAX(number), 0) + 1, $1, $2, $3, $4, $5, $6, $7, $8, $9 FROM vault_uses",
    )
    .bind(Moment::now().0)
    .bind(used.consumer.user.as_str())
    .bind(cut(used.bot))
    .bind(cut(used.step))
    .bind(path.credential.locker.as_str())
    .bind(path.credential.credential.as_str())
    .bind(path.attribute.as_str())
    .bind(outcome == Outcome::Refused)
    .bind(&used.consumer.run)
    .execute(connection)
    .await?;
    Ok(())
}

fn cut(text: &str) -> String {
    text.chars().take(MAX_TEXT).collect()
}
