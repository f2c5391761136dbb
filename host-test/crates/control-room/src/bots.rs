//! The users' bots, stored as named files. This module does not interpret the files.
//!
//! A bot belongs to one user and does not exist for anybody else. A save names the version that was edited and is
//! refused if there is a newer one (optimistic locking), so that no change is overwritten unnoticed.

use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row};
use thiserror::Error;
use time::OffsetDateTime;

use crate::page::{Page, contains_pattern};
use crate::passwords::Account;
use crate::store::integrity::{BOTS, Rows};
use crate::store::random::row_id;
use crate::store::{Store, StoreError, Tx, date};
use crate::timestamp::Timestamp;

/// The most bots that a user may have.
pub const MAX_BOTS: i64 = 10_000;

/// The most bytes that the bot files of a user may have in all.
pub const MAX_BYTES: i64 = 100 << 20;

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

impl FromRow<'_, SqliteRow> for Summary {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get("id")?,
            name: row.try_get("name")?,
            version: row.try_get("version")?,
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

impl FromRow<'_, SqliteRow> for StoredBot {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            summary: Summary::from_row(row)?,
            file: row.try_get("file")?,
        })
    }
}

/// Why a bot cannot be read or changed.
#[derive(Debug, Error)]
pub enum BotsError {
    /// The user has no bot with this id.
    #[error("there is no such bot")]
    NoBot,
    /// It was saved meanwhile; this is the latest version.
    #[error("the bot was saved by somebody else meanwhile")]
    Changed(Box<StoredBot>),
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
        let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM bots WHERE owner_id = $1")
            .bind(&self.owner)
            .fetch_one(tx.connection())
            .await?;
        if count >= MAX_BOTS {
            return Err(BotsError::TooMany);
        }
        self.check_size(&mut tx, file, 0).await?;
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
        .bind(Timestamp::now())
        .execute(tx.connection())
        .await?;
        tx.authenticate_new(&BOTS).await?;
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
        self.find(&mut tx, id).await
    }

    /// Bots whose name contains `search`, ignoring case, sorted by name: at most `limit`, skipping the first `offset`.
    /// Their rows are verified when they are opened, as that takes reading their files.
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
        let total = sqlx::query_scalar(
            "SELECT COUNT(*) FROM bots WHERE owner_id = $1 AND sorted_as LIKE $2 ESCAPE '!'",
        )
        .bind(&self.owner)
        .bind(&pattern)
        .fetch_one(tx.connection())
        .await?;
        let bots = sqlx::query_as(
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
        Ok(Page::new(bots, total))
    }

    /// Saves a bot that was edited and returns its new version. `edited` is the version that the changes are based on.
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
    ) -> Result<i64, BotsError> {
        let mut tx = self.store.write().await?;
        let stored = self.find(&mut tx, id).await?;
        if stored.summary.version != edited {
            return Err(BotsError::Changed(stored.into()));
        }
        self.check_size(&mut tx, file, stored.file.len()).await?;
        sqlx::query(
            "UPDATE bots SET name = $1, sorted_as = $2, file = $3, version = $4, changed_at = $5 \
             WHERE id = $6",
        )
        .bind(name)
        .bind(name.to_lowercase())
        .bind(file)
        .bind(edited + 1)
        .bind(Timestamp::now())
        .bind(id)
        .execute(tx.connection())
        .await?;
        tx.authenticate(&BOTS, Rows::With("id", &[id])).await?;
        tx.commit().await?;
        Ok(edited + 1)
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

    /// Whether there is room for a file that replaces one of `before` bytes. A file that does not grow is always saved.
    async fn check_size(&self, tx: &mut Tx, file: &str, before: usize) -> Result<(), BotsError> {
        let Some(growth) = file.len().checked_sub(before).filter(|growth| *growth > 0) else {
            return Ok(());
        };
        let query = "SELECT CAST(COALESCE(SUM(OCTET_LENGTH(file)), 0) AS BIGINT) FROM bots WHERE owner_id = $1";
        let all: i64 = sqlx::query_scalar(query)
            .bind(&self.owner)
            .fetch_one(tx.connection())
            .await?;
        match i64::try_from(growth) {
            Ok(growth) if all.saturating_add(growth) <= MAX_BYTES => Ok(()),
            _ => Err(BotsError::TooLarge),
        }
    }

    async fn find(&self, tx: &mut Tx, id: &str) -> Result<StoredBot, BotsError> {
        tx.verify(&BOTS, Rows::With("id", &[id])).await?;
        sqlx::query_as(
            "SELECT id, name, version, changed_at, file FROM bots WHERE id = $1 AND owner_id = $2",
        )
        .bind(id)
        .bind(&self.owner)
        .fetch_optional(tx.connection())
        .await?
        .ok_or(BotsError::NoBot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::principal::Principal;
    use crate::{KeySource, Place};

    #[tokio::test]
    async fn the_bot_files_of_a_user_have_a_limit_in_all() {
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
            users.push(store.bots(&account));
        }
        let (ada, bob) = (&users[0], &users[1]);
        // Two bytes each in UTF-8.
        let half = "\u{e9}".repeat(usize::try_from(MAX_BYTES / 4).unwrap());
        let first = ada.create("first", &half).await.unwrap();
        let second = ada.create("second", &half).await.unwrap();
        let full = ada.create("third", "x").await.unwrap_err();
        assert!(matches!(full, BotsError::TooLarge), "{full:?}");
        let grown = ada.save(&second, 1, "second", &format!("{half}x")).await;
        assert!(matches!(grown, Err(BotsError::TooLarge)), "{grown:?}");
        // What does not grow is saved, and there is room again for what was removed.
        ada.save(&second, 1, "renamed", &half).await.unwrap();
        ada.remove(&first).await.unwrap();
        ada.create("third", "x").await.unwrap();
        bob.create("first", &half).await.unwrap();
    }
}
