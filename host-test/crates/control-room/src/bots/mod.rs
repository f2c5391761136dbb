//! The users' bots, stored as named files with their former versions, sealed. This module does not interpret the files,
//! except that `references` finds the credentials and connections in them.
//!
//! A bot belongs to one user and does not exist for anybody else. A save names the version that was edited and is
//! refused if there is a newer one (optimistic locking), so that no change is overwritten unnoticed.

mod references;
mod versions;

use std::time::Duration;

use secrecy::ExposeSecret;
use thiserror::Error;
use time::OffsetDateTime;

use crate::name::Name;
use crate::page::{Page, contains_pattern};
use crate::passwords::Account;
use crate::store::integrity::{BOTS, Rows, Verified};
use crate::store::random::row_id;
use crate::store::sql::{FromRow, Row, query, query_scalar};
use crate::store::{Store, StoreError, Tx, date, is_of};
use crate::timestamp::Timestamp;
pub use references::{OwnedBot, Reference};
pub use versions::{MAX_VERSIONS, Version};

/// The most bots that a user may have.
pub const MAX_BOTS: i64 = 10_000;

/// The most bytes that the bot files of a user may have in all, and as many again their former versions.
pub const MAX_BYTES: i64 = 100 << 20;

/// Automatic saves within this time after the beginning of a version are merged into it.
const MERGE_WINDOW: Duration = Duration::from_mins(10);

/// The bots of one user.
#[derive(Debug, Clone)]
pub struct Bots {
    store: Store,
    owner: String,
    /// Who saves: the owner.
    by: Name,
    /// [`MAX_BOTS`]; fewer in tests.
    max_bots: i64,
    /// [`MAX_BYTES`]; less in tests.
    max_bytes: i64,
}

impl Store {
    /// The bots of this user.
    pub fn bots(&self, owner: &Account) -> Bots {
        Bots {
            store: self.clone(),
            owner: owner.id.clone(),
            by: owner.name.clone(),
            max_bots: MAX_BOTS,
            max_bytes: MAX_BYTES,
        }
    }
}

/// A bot without its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The id of its row.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How often it was saved.
    pub version: i64,
    /// When it was last saved, in UTC, to the millisecond.
    pub changed: OffsetDateTime,
}

impl FromRow for Summary {
    fn from_row(row: &Row) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            version: row.get("version")?,
            changed: date(row, "changed_at")?,
        })
    }
}

/// A bot with its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredBot {
    /// What it is called, and which version it is.
    pub summary: Summary,
    /// The bot file, byte for byte as it was saved.
    pub file: String,
}

/// How a save affects the list of versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Save {
    /// An automatic save: merged into the current version if that is recent.
    Automatic,
    /// An explicit save: the next change begins a new version.
    Kept,
    /// In place of a version that stays in the list, whatever it is.
    InPlace,
}

/// Why a bot cannot be read or changed.
#[derive(Debug, Error)]
pub enum BotsError {
    /// The user has no bot with this id.
    #[error("there is no such bot")]
    NoBot,
    /// The bot has no version with this number, or no longer.
    #[error("there is no such version")]
    NoVersion,
    /// It was saved meanwhile; this is the latest version.
    #[error("the bot was saved by somebody else meanwhile")]
    Changed(Box<StoredBot>),
    /// A run of it is in the queue, or a worker has begun it.
    #[error("a run of this bot is in the queue; stop it first")]
    InQueue,
    /// The user already has [`MAX_BOTS`].
    #[error("a user may have at most {MAX_BOTS} bots")]
    TooMany,
    /// The user's bot files would have more than [`MAX_BYTES`].
    #[error("the bot files of a user may have at most {} MiB in all", MAX_BYTES >> 20)]
    TooLarge,
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
    /// Creates a bot and returns its id.
    ///
    /// # Errors
    ///
    /// [`BotsError::TooMany`] and [`BotsError::TooLarge`]
    pub async fn create(&self, name: &str, file: &str) -> Result<String, BotsError> {
        let mut tx = self.store.write().await?;
        let count: i64 = query_scalar("SELECT COUNT(*) FROM bots WHERE owner_id = $1")
            .bind(&self.owner)
            .fetch_one(tx.connection())
            .await?;
        if count >= self.max_bots {
            return Err(BotsError::TooMany);
        }
        self.check_size(&mut tx, file, 0).await?;
        let (id, version) = (row_id(), row_id());
        let now = Timestamp::now();
        let insert = query(
            "INSERT INTO bots (id, owner_id, name, sorted_as, file, version, changed_at, version_id, bytes) \
             VALUES ($1, $2, $3, $4, '', 1, $5, $6, $7)",
        )
        .bind(&id)
        .bind(&self.owner)
        .bind(name)
        .bind(name.to_lowercase())
        .bind(now)
        .bind(&version)
        .bind(bytes(file));
        tx.insert(&BOTS, insert).await?;
        let saved = versions::Saved {
            id: &version,
            bot: &id,
            number: 1,
            by: &self.by,
            at: now,
            how: Save::Kept,
            file,
        };
        saved.insert(&mut tx).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// A bot.
    ///
    /// # Errors
    ///
    /// [`BotsError::NoBot`], also if it is another user's.
    pub async fn get(&self, id: &str) -> Result<StoredBot, BotsError> {
        let mut tx = self.store.read().await?;
        Ok(self.find(&mut tx, id).await?.bot)
    }

    /// Bots whose name contains `search`, ignoring case, sorted by name: at most `limit`, skipping the first `offset`.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn list(
        &self,
        search: &str,
        offset: u32,
        limit: u32,
    ) -> Result<Page<Summary>, BotsError> {
        let pattern = contains_pattern(search);
        let mut tx = self.store.read().await?;
        let total = query_scalar(
            "SELECT COUNT(*) FROM bots WHERE owner_id = $1 AND sorted_as LIKE $2 ESCAPE '!'",
        )
        .bind(&self.owner)
        .bind(&pattern)
        .fetch_one(tx.connection())
        .await?;
        let ids: Vec<String> = query_scalar(
            "SELECT id FROM bots \
             WHERE owner_id = $1 AND sorted_as LIKE $2 ESCAPE '!' \
             ORDER BY sorted_as, id LIMIT $3 OFFSET $4",
        )
        .bind(&self.owner)
        .bind(&pattern)
        .bind(limit)
        .bind(offset)
        .fetch_all(tx.connection())
        .await?;
        let rows = tx
            .listed(&BOTS, &ids, |row| is_of(row, &self.owner))
            .await?;
        let bots = rows.iter().map(|it| Summary::from_row(it.row()));
        Ok(Page::new(bots.collect::<Result<_, _>>()?, total))
    }

    /// Saves a bot that was edited and returns its new version. `edited` is the version that the changes are based on. Without
    /// a change there is no new version.
    ///
    /// # Errors
    ///
    /// [`BotsError::Changed`] if that is not the latest one, [`BotsError::NoBot`] and [`BotsError::TooLarge`].
    pub async fn save(
        &self,
        id: &str,
        edited: i64,
        name: &str,
        file: &str,
        how: Save,
    ) -> Result<i64, BotsError> {
        let mut tx = self.store.write().await?;
        let Found { bot, version } = self.find(&mut tx, id).await?;
        if bot.summary.version != edited {
            return Err(BotsError::Changed(bot.into()));
        }
        if file == bot.file && how != Save::InPlace {
            if how == Save::Kept && !version.is_kept {
                version.keep(&mut tx).await?;
                tx.commit().await?;
            }
            return Ok(edited);
        }
        self.check_size(&mut tx, file, bytes(&bot.file)).await?;
        let now = Timestamp::now();
        let goes_on =
            how != Save::InPlace && !version.is_kept && now.since(version.began) < MERGE_WINDOW;
        let version_id = if goes_on { version.id } else { row_id() };
        query(
            "UPDATE bots SET name = $1, sorted_as = $2, version = $3, changed_at = $4, version_id = $5, \
             bytes = $6 WHERE id = $7",
        )
        .bind(name)
        .bind(name.to_lowercase())
        .bind(edited + 1)
        .bind(now)
        .bind(&version_id)
        .bind(bytes(file))
        .bind(id)
        .execute(tx.connection())
        .await?;
        tx.authenticate(&BOTS, Rows::With("id", &[id])).await?;
        let saved = versions::Saved {
            id: &version_id,
            bot: id,
            number: edited + 1,
            by: &self.by,
            at: now,
            how,
            file,
        };
        if goes_on {
            saved.update(&mut tx).await?;
        } else {
            saved.insert(&mut tx).await?;
            self.remove_oldest(&mut tx, id).await?;
        }
        tx.commit().await?;
        Ok(edited + 1)
    }

    /// Removes a bot with its versions and its runs.
    ///
    /// # Errors
    ///
    /// [`BotsError::NoBot`]; [`BotsError::InQueue`]: a run that may have changed something does not vanish while it goes on.
    pub async fn remove(&self, id: &str) -> Result<(), BotsError> {
        let mut tx = self.store.write().await?;
        let in_queue = "SELECT COUNT(*) FROM queued_runs JOIN runs ON runs.id = run_id \
                        WHERE bot_id = $1 AND owner_id = $2 AND outcome IS NULL";
        let in_queue: i64 = query_scalar(in_queue)
            .bind(id)
            .bind(&self.owner)
            .fetch_one(tx.connection())
            .await?;
        if in_queue > 0 {
            return Err(BotsError::InQueue);
        }
        let removed = query("DELETE FROM bots WHERE id = $1 AND owner_id = $2")
            .bind(id)
            .bind(&self.owner)
            .execute(tx.connection())
            .await?;
        if removed == 0 {
            return Err(BotsError::NoBot);
        }
        query("DELETE FROM runs WHERE bot_id = $1 AND owner_id = $2")
            .bind(id)
            .bind(&self.owner)
            .execute(tx.connection())
            .await?;
        Ok(tx.commit().await?)
    }

    /// Whether there is room for a file that replaces one of `before` bytes. A file that does not grow is always saved.
    async fn check_size(&self, tx: &mut Tx, file: &str, before: i64) -> Result<(), BotsError> {
        let growth = bytes(file) - before;
        if growth <= 0 {
            return Ok(());
        }
        let sum = "SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM bots WHERE owner_id = $1";
        let all: i64 = query_scalar(sum)
            .bind(&self.owner)
            .fetch_one(tx.connection())
            .await?;
        if all.saturating_add(growth) > self.max_bytes {
            return Err(BotsError::TooLarge);
        }
        Ok(())
    }

    async fn find(&self, tx: &mut Tx, id: &str) -> Result<Found, BotsError> {
        let bots = tx.verified(&BOTS, Rows::With("id", &[id])).await?;
        let mut rows = bots.iter().map(Verified::row);
        let row = rows.find(|row| is_of(row, &self.owner));
        let row = row.ok_or(BotsError::NoBot)?;
        let summary = Summary::from_row(row)?;
        let version_id = row.get("version_id")?;
        let version = versions::current(tx, id, version_id, summary.version).await?;
        let file = version.file.expose_secret().into();
        Ok(Found {
            bot: StoredBot { summary, file },
            version,
        })
    }
}

fn bytes(file: &str) -> i64 {
    i64::try_from(file.len()).unwrap_or(i64::MAX)
}

/// A bot with its current version.
struct Found {
    bot: StoredBot,
    version: versions::Stored,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::principal::Principal;
    use crate::{KeySource, Place};

    /// The bots of two users, who may have three bots and 10,000 bytes each.
    async fn bots() -> (Bots, Bots) {
        let store = Store::open(Place::Memory, KeySource::InFolder)
            .await
            .unwrap();
        let passwords = store.passwords();
        let mut users = Vec::new();
        for name in ["ada", "bob"] {
            let name = name.parse().unwrap();
            let password = "correct horse & battery".into();
            let created = passwords.create_user(&Principal::System, &name, &password);
            created.await.unwrap();
            let account = passwords.named(&name).await.unwrap().unwrap();
            users.push(Bots {
                max_bots: 3,
                max_bytes: 10_000,
                ..store.bots(&account)
            });
        }
        let bob = users.pop().unwrap();
        (users.pop().unwrap(), bob)
    }

    #[tokio::test]
    async fn a_user_has_a_limited_number_of_bots() {
        let (ada, bob) = bots().await;
        let first = ada.create("first", "x").await.unwrap();
        for _ in 0..2 {
            ada.create("other", "x").await.unwrap();
        }
        let refused = ada.create("one more", "x").await.unwrap_err();
        assert!(matches!(refused, BotsError::TooMany), "{refused:?}");
        bob.create("first", "x").await.unwrap();
        ada.remove(&first).await.unwrap();
        ada.create("one more", "x").await.unwrap();
    }

    #[tokio::test]
    async fn the_bot_files_of_a_user_have_a_limit_in_all() {
        let (ada, bob) = bots().await;
        // Two bytes each in UTF-8.
        let half = "\u{e9}".repeat(2_500);
        let first = ada.create("first", &half).await.unwrap();
        let second = ada.create("second", &half).await.unwrap();
        let full = ada.create("third", "x").await.unwrap_err();
        assert!(matches!(full, BotsError::TooLarge), "{full:?}");
        let grown = format!("{half}x");
        let grown = ada.save(&second, 1, "second", &grown, Save::Kept).await;
        assert!(matches!(grown, Err(BotsError::TooLarge)), "{grown:?}");
        // What does not grow is saved, and there is room again for what was removed.
        ada.save(&second, 1, "renamed", &half, Save::Kept)
            .await
            .unwrap();
        ada.remove(&first).await.unwrap();
        ada.create("third", "x").await.unwrap();
        bob.create("first", &half).await.unwrap();
    }

    #[tokio::test]
    async fn former_versions_beyond_the_users_bytes_are_removed_and_the_current_one_stays() {
        let (ada, _) = bots().await;
        let long = "x".repeat(4_000);
        let id = ada.create("Bot", &long).await.unwrap();
        let other = ada.create("Other", &long).await.unwrap();
        for edited in 1..5 {
            let file = format!("{}{edited}", &long[1..]);
            ada.save(&id, edited, "Bot", &file, Save::Kept)
                .await
                .unwrap();
        }
        let versions = ada.versions(&id, 0, 9).await.unwrap();
        let numbers: Vec<_> = versions.items.iter().map(|it| it.number).collect();
        assert_eq!(numbers, [5, 4, 3]);
        assert_eq!(ada.versions(&other, 0, 9).await.unwrap().total, 1);
    }
}
