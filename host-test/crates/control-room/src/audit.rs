//! The audit log of the vault: which value was used when, by which bot and on behalf of whom; never the value.

use sqlx::AssertSqlSafe;
use sqlx::types::Text;
use time::OffsetDateTime;

use crate::name::{Name, comparable};
use crate::store::integrity::VAULT_USES;
use crate::store::sql::{FromRow, Row, query, query_scalar};
use crate::store::{Store, StoreError, Tx, column, date};
use crate::timestamp::Timestamp;
use bot_engine::credential_path::AttributePath;

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

/// The use of a value, or a refused request for one, with the names at that time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its place in the log, from 1.
    pub number: i64,
    /// When, in UTC, to the millisecond.
    pub when: OffsetDateTime,
    /// On behalf of whom the bot ran.
    pub user: Name,
    /// The bot's name.
    pub bot: String,
    /// The step that requested the value.
    pub step: String,
    /// The requested attribute; it need not exist if the request was refused.
    pub path: AttributePath,
    /// Whether the value was handed over.
    pub outcome: Outcome,
}

/// Selects the columns of a [`Record`], and those that its code covers.
fn select() -> String {
    format!(
        "SELECT {}, user_name || COALESCE('/' || user_shown_as, '') AS shown_user, \
         COALESCE(path_shown_as, locker || '/' || credential || '/' || attribute) AS path FROM vault_uses",
        VAULT_USES.select()
    )
}

impl FromRow for Record {
    fn from_row(row: &Row) -> Result<Self, sqlx::Error> {
        let Text(path) = row.get("path")?;
        Ok(Self {
            number: row.get("number")?,
            when: date(row, "used_at")?,
            user: column(row, "shown_user")?,
            bot: row.get("bot")?,
            step: row.get("step")?,
            path,
            outcome: if row.get("refused")? {
                Outcome::Refused
            } else {
                Outcome::Used
            },
        })
    }
}

/// The outcome of a request for a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was handed over.
    Used,
    /// It was not handed over.
    Refused,
}

/// Selects the records that match every field that is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this locker.
    pub locker: Option<Name>,
    /// Of users of this name, removed ones too.
    pub user: Option<Name>,
    /// Of the user with this id.
    pub user_id: Option<String>,
    /// Of the bots of this name, compared without regard to capitals.
    pub bot: Option<String>,
}

impl Audit {
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// The records of a run, oldest first, at most `limit`.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn of_run(&self, run: &str, limit: u32) -> Result<Vec<Record>, StoreError> {
        let mut tx = self.store.read().await?;
        let select = format!("{} WHERE run_id = $1 ORDER BY number LIMIT $2", select());
        let rows = query(AssertSqlSafe(select))
            .bind(run)
            .bind(limit)
            .fetch_all(tx.connection())
            .await?;
        records(&mut tx, &rows).await
    }

    /// Records, newest first, at most `limit`. `before` is the cursor: the number of the last record of the
    /// previous page. So no record is repeated or skipped, whatever is added meanwhile.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn uses(
        &self,
        filter: &Filter,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Record>, StoreError> {
        let mut tx = self.store.read().await?;
        let mut query = query(AssertSqlSafe(format!("{} WHERE number < ", select())));
        query.push_bind(before.unwrap_or(i64::MAX));
        for (column, value) in [
            (" AND locker = ", filter.locker.as_ref().map(Name::as_str)),
            (" AND user_name = ", filter.user.as_ref().map(Name::as_str)),
            (" AND user_id = ", filter.user_id.as_deref()),
        ] {
            if let Some(value) = value {
                query.push(column).push_bind(value);
            }
        }
        if let Some(bot) = &filter.bot {
            let spellings = spellings(&mut tx, bot).await?;
            if spellings.is_empty() {
                return Ok(Vec::new());
            }
            query.push(" AND bot IN ").push_list(spellings);
        }
        query.push(" ORDER BY number DESC LIMIT ").push_bind(limit);
        let rows = query.fetch_all(tx.connection()).await?;
        records(&mut tx, &rows).await
    }
}

/// The names of bots in the log that differ from this one in capitals only.
async fn spellings(tx: &mut Tx, bot: &str) -> Result<Vec<String>, StoreError> {
    let mut bots: Vec<String> = query_scalar("SELECT DISTINCT bot FROM vault_uses")
        .fetch_all(tx.connection())
        .await?;
    let wanted = comparable(&cut(bot.trim()));
    bots.retain(|bot| comparable(bot) == wanted);
    Ok(bots)
}

async fn records(tx: &mut Tx, rows: &[Row]) -> Result<Vec<Record>, StoreError> {
    tx.verify_rows(&VAULT_USES, rows).await?;
    let records = rows.iter().map(Record::from_row).collect::<Result<_, _>>();
    Ok(records?)
}

/// What is recorded about a request for a value.
pub(crate) struct Entry<'a> {
    pub(crate) user: &'a Name,
    /// The user's id, if there is such a user.
    pub(crate) user_id: Option<&'a str>,
    pub(crate) run: Option<&'a str>,
    pub(crate) bot: &'a str,
    pub(crate) step: &'a str,
    pub(crate) path: &'a AttributePath,
    pub(crate) outcome: Outcome,
}

/// Adds a record, in the transaction of the use that it records.
pub(crate) async fn record(tx: &mut Tx, entry: &Entry<'_>) -> Result<(), StoreError> {
    let path = entry.path;
    let (shown, compared) = (path.to_string(), path.comparable());
    let number: i64 = query_scalar("SELECT COALESCE(MAX(number), 0) + 1 FROM vault_uses")
        .fetch_one(tx.connection())
        .await?;
    let path_shown_as = (shown != compared).then_some(shown);
    let values = [
        ("number", number.into()),
        ("used_at", Timestamp::now().into()),
        ("user_name", entry.user.as_str().into()),
        ("bot", cut(entry.bot).into()),
        ("step", cut(entry.step).into()),
        ("locker", path.credential.locker.as_str().into()),
        ("credential", path.credential.credential.as_str().into()),
        ("attribute", path.attribute.as_str().into()),
        ("refused", (entry.outcome == Outcome::Refused).into()),
        ("run_id", entry.run.into()),
        ("user_shown_as", entry.user.typed().into()),
        ("path_shown_as", path_shown_as.into()),
        ("user_id", entry.user_id.into()),
    ];
    tx.insert_values(&VAULT_USES, values.into()).await
}

pub(crate) fn cut(text: &str) -> String {
    text.chars().take(MAX_TEXT).collect()
}
