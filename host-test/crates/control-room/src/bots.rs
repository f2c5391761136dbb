//! The bots that users made. Each is a file with a name; what it says is for others to know.
//!
//! A bot belongs to one user, and nobody else learns that it is there. Whoever saves one tells which version
//! they have changed, and is refused where there is a newer one: nobody's work is overwritten unseen.

use thiserror::Error;
use time::OffsetDateTime;

use super::passwords::Account;
use super::store::random::row_id;
use super::store::{Store, StoreError, Tx};
use super::timestamp::Moment;

/// The most bots that a user may have.
pub const MAX_BOTS: i64 = 10_000;

/// The bots of one user.
#[derive(Debug, Clone)]
pub struct Bots {
    store: Store,
    owner: String,
}

impl Store {
    /// The bots of this user.
    pub fn bots(&self, owner: &Account) -> Bots {
        Bots {
            store: self.clone(),
            owner: owner.id.clone(),
        }
    }
}

/// A bot, as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The id of its row.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How often it was saved.
    pub version: i64,
    /// When it was saved last, in UTC, to the millisecond.
    pub changed: OffsetDateTime,
}

/// A bot with its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredBot {
    /// What it is called, and which version it is.
    pub summary: Summary,
    /// The bot file, byte for byte as it was saved.
    pub file: String,
}

/// Some of the bots that were searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// These, by name.
    pub bots: Vec<Summary>,
    /// How many there are in all.
    pub total: u64,
}

/// Why a bot is not read or changed.
#[derive(Debug, Error)]
pub enum BotsError {
    /// The user has no bot with this id.
    #[error("there is no such bot")]
    NoBot,
    /// Somebody has saved it meanwhile: this is how it is now.
    #[error("the bot was saved by somebody else meanwhile")]
    Changed(Box<StoredBot>),
    /// The user has all the bots that they may have.
    #[error("a user may have {MAX_BOTS} bots, and not more")]
    TooMany,
    /// The store cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for BotsError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Bots {
    /// Makes a bot, and says its id.
    ///
    /// # Errors
    ///
    /// [`BotsError::TooMany`]
    pub async fn create(&self, name: &str, file: &str) -> Result<String, BotsError> {
        let mut tx = self.store.write().await?;
        let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM bots WHERE owner_id = $1")
            .bind(&self.owner)
            .fetch_one(tx.connection())
            .await?;
        if count >= MAX_BOTS {
            return Err(BotsError::TooMany);
        }
        let id = row_id();
        sqlx::query(
            "INSERT INTO bots (id, owner_id, name, sorted_as, file, version, changed_at) \
             VALUES ($1, $2, $3, $4, $5, 1, $6)",
        )
        .bind(&id)
        .bind(&self.owner)
        .bind(name)
        .bind(name.to_lowercase())
        .bind(file)
        .bind(Moment::now().0)
        .execute(tx.connection())
        .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// A bot.
    ///
    /// # Errors
    ///
    /// [`BotsError::NoBot`], also where it is another user's.
    pub async fn get(&self, id: &str) -> Result<StoredBot, BotsError> {
        let mut tx = self.store.read().await?;
        self.find(&mut tx, id).await
    }

    /// Bots whose name contains `search`, in any case, by name: `limit` of them after the first `offset`.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    pub async fn list(&self, search: &str, offset: u32, limit: u32) -> Result<Page, BotsError> {
        let pattern = containing(search);
        let mut tx = self.store.read().await?;
        let total: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM bots WHERE owner_id = $1 AND sorted_as LIKE $2 ESCAPE '!'",
        )
        .bind(&self.owner)
        .bind(&pattern)
        .fetch_one(tx.connection())
        .await?;
        let rows: Vec<SummaryRow> = sqlx::query_as(
            "SELECT id, name, version, changed_at FROM bots \
             WHERE owner_id = $1 AND sorted_as LIKE $2 ESCAPE '!' \
             ORDER BY sorted_as, id LIMIT $3 OFFSET $4",
        )
        .bind(&self.owner)
        .bind(&pattern)
        .bind(limit)
        .bind(offset)
        .fetch_all(tx.connection())
        .await?;
        let bots = rows.into_iter().map(summary).collect::<Result<_, _>>()?;
        let total = total.unsigned_abs();
        Ok(Page { bots, total })
    }

    /// Saves a bot that was changed, and says its new version. `seen` is the version that it was before.
    ///
    /// # Errors
    ///
    /// [`BotsError::Changed`] where that is not the latest one, and [`BotsError::NoBot`].
    pub async fn save(
        &self,
        id: &str,
        seen: i64,
        name: &str,
        file: &str,
    ) -> Result<i64, BotsError> {
        let mut tx = self.store.write().await?;
        let stored = self.find(&mut tx, id).await?;
        if stored.summary.version != seen {
            return Err(BotsError::Changed(stored.into()));
        }
        sqlx::query(
            "UPDATE bots SET name = $1, sorted_as = $2, file = $3, version = $4, changed_at = $5 \
             WHERE id = $6",
        )
        .bind(name)
        .bind(name.to_lowercase())
        .bind(file)
        .bind(seen + 1)
        .bind(Moment::now().0)
        .bind(id)
        .execute(tx.connection())
        .await?;
        tx.commit().await?;
        Ok(seen + 1)
    }

    /// Removes a bot.
    ///
    /// # Errors
    ///
    /// [`BotsError::NoBot`]
    pub async fn remove(&self, id: &str) -> Result<(), BotsError> {
        let mut tx = self.store.write().await?;
        let removed = sqlx::query("DELETE FROM bots WHERE id = $1 AND owner_id = $2")
            .bind(id)
            .bind(&self.owner)
            .execute(tx.connection())
            .await?;
        if removed.rows_affected() == 0 {
            return Err(BotsError::NoBot);
        }
        Ok(tx.commit().await?)
    }

    async fn find(&self, tx: &mut Tx, id: &str) -> Result<StoredBot, BotsError> {
        let row: Option<(String, String, i64, i64, String)> = sqlx::query_as(
            "SELECT id, name, version, changed_at, file FROM bots WHERE id = $1 AND owner_id = $2",
        )
        .bind(id)
        .bind(&self.owner)
        .fetch_optional(tx.connection())
        .await?;
        let (id, name, version, changed_at, file) = row.ok_or(BotsError::NoBot)?;
        let summary = summary((id, name, version, changed_at))?;
        Ok(StoredBot { summary, file })
    }
}

type SummaryRow = (String, String, i64, i64);

fn summary((id, name, version, changed_at): SummaryRow) -> Result<Summary, StoreError> {
    Ok(Summary {
        id,
        name,
        version,
        changed: Moment(changed_at).date("bots")?,
    })
}

/// The pattern of texts in lower case that contain `search`.
pub(super) fn containing(search: &str) -> String {
    let mut pattern = String::from("%");
    for c in search.trim().to_lowercase().chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}
