//! The versions of a bot: the current one and the former ones, each with its sealed file.
//!
//! A bot is saved automatically while it is edited. Such saves are merged into one version for a while; a new one begins after that,
//! or after an explicit save.

use secrecy::SecretString;
use time::OffsetDateTime;

use super::{Bots, BotsError, Save};
use crate::name::Name;
use crate::page::Page;
use crate::store::integrity::{BOT_VERSIONS, Rows, Verified};
use crate::store::seal::BOT_FILE;
use crate::store::sql::{Row, query, query_scalar};
use crate::store::{StoreError, Tx, date};
use crate::timestamp::Timestamp;

/// The most versions of a bot that are kept.
pub const MAX_VERSIONS: i64 = 100;

/// The most versions of all bots of a user that are kept, besides the current ones.
const MAX_OF_USER: i64 = 5_000;

/// A version of a bot.
#[derive(Debug, Clone)]
pub struct Version {
    /// That of the bot when this version was last changed. Numbers between two versions are saves of the later one.
    pub number: i64,
    /// Who saved it, with the name of that time.
    pub saved_by: String,
    /// When it was last changed, in UTC, to the millisecond.
    pub saved: OffsetDateTime,
    /// The bot file.
    pub file: SecretString,
}

impl Version {
    fn open(tx: &Tx, row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            number: row.get("number")?,
            saved_by: row.get("saved_by")?,
            saved: date(row, "saved_at")?,
            file: file(tx, row)?,
        })
    }
}

/// A version as it is stored.
pub(super) struct Stored {
    pub(super) id: String,
    pub(super) began: Timestamp,
    pub(super) is_kept: bool,
    pub(super) file: SecretString,
}

/// A version that is saved.
pub(super) struct Saved<'a> {
    pub(super) id: &'a str,
    pub(super) bot: &'a str,
    pub(super) number: i64,
    pub(super) by: &'a Name,
    pub(super) at: Timestamp,
    pub(super) how: Save,
    pub(super) file: &'a str,
}

impl Saved<'_> {
    pub(super) async fn insert(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let sealed = tx.seal(&BOT_FILE, &[self.id], &self.file.into())?;
        let insert = query(
            "INSERT INTO bot_versions (id, bot_id, number, saved_by, began_at, saved_at, is_kept, sealed_file) \
             VALUES ($1, $2, $3, $4, $5, $5, $6, $7)",
        )
        .bind(self.id)
        .bind(self.bot)
        .bind(self.number)
        .bind(self.by.shown())
        .bind(self.at)
        .bind(self.how != Save::Automatic)
        .bind(sealed);
        tx.insert(&BOT_VERSIONS, insert).await
    }

    /// Replaces the version with this id, which was verified in this transaction.
    pub(super) async fn update(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let sealed = tx.seal(&BOT_FILE, &[self.id], &self.file.into())?;
        query(
            "UPDATE bot_versions SET number = $1, saved_by = $2, saved_at = $3, is_kept = $4, sealed_file = $5 \
             WHERE id = $6",
        )
        .bind(self.number)
        .bind(self.by.shown())
        .bind(self.at)
        .bind(self.how != Save::Automatic)
        .bind(sealed)
        .bind(self.id)
        .execute(tx.connection())
        .await?;
        tx.authenticate(&BOT_VERSIONS, Rows::With("id", &[self.id]))
            .await
    }
}

impl Stored {
    /// Lets the next change begin a new version.
    pub(super) async fn keep(&self, tx: &mut Tx) -> Result<(), StoreError> {
        query("UPDATE bot_versions SET is_kept = TRUE WHERE id = $1")
            .bind(&self.id)
            .execute(tx.connection())
            .await?;
        tx.authenticate(&BOT_VERSIONS, Rows::With("id", &[&self.id]))
            .await
    }
}

/// The current version of a bot, which has this id. Its number must be the bot's, and no version may have a higher one:
/// otherwise an old row was put back.
pub(super) async fn current(
    tx: &mut Tx,
    bot: &str,
    id: &str,
    number: i64,
) -> Result<Stored, StoreError> {
    let newer = "SELECT EXISTS (SELECT 1 FROM bot_versions WHERE bot_id = $1 AND number > $2)";
    let is_newer: bool = query_scalar(newer)
        .bind(bot)
        .bind(number)
        .fetch_one(tx.connection())
        .await?;
    let versions = tx.verified(&BOT_VERSIONS, Rows::With("id", &[id])).await?;
    let is_it = |row: &Row| {
        row.get("bot_id").is_ok_and(|it: &str| it == bot)
            && row.get("number").is_ok_and(|it: i64| it == number)
    };
    let row = versions.first().map(Verified::row);
    let Some(row) = row.filter(|row| is_it(row) && !is_newer) else {
        return tx.changed(&BOT_VERSIONS, id.into()).await;
    };
    Ok(Stored {
        id: id.into(),
        began: row.get("began_at")?,
        is_kept: row.get("is_kept")?,
        file: file(tx, row)?,
    })
}

fn file(tx: &Tx, row: &Row) -> Result<SecretString, StoreError> {
    tx.open(&BOT_FILE, &[row.get("id")?], row.get("sealed_file")?)
}

impl Bots {
    /// The versions of a bot, newest first: at most `limit`, skipping the first `offset`.
    ///
    /// # Errors
    ///
    /// [`BotsError::NoBot`]
    pub async fn versions(
        &self,
        id: &str,
        offset: u32,
        limit: u32,
    ) -> Result<Page<Version>, BotsError> {
        let mut tx = self.store.read().await?;
        self.find(&mut tx, id).await?;
        let total = query_scalar("SELECT COUNT(*) FROM bot_versions WHERE bot_id = $1")
            .bind(id)
            .fetch_one(tx.connection())
            .await?;
        let ids: Vec<String> = query_scalar(
            "SELECT id FROM bot_versions WHERE bot_id = $1 ORDER BY number DESC LIMIT $2 OFFSET $3",
        )
        .bind(id)
        .bind(limit)
        .bind(offset)
        .fetch_all(tx.connection())
        .await?;
        let mut versions = read(&mut tx, id, &ids).await?;
        versions.sort_by_key(|version| std::cmp::Reverse(version.number));
        Ok(Page::new(versions, total))
    }

    /// The version of a bot with this number.
    ///
    /// # Errors
    ///
    /// [`BotsError::NoBot`] and [`BotsError::NoVersion`]
    pub async fn version(&self, id: &str, number: i64) -> Result<Version, BotsError> {
        let mut tx = self.store.read().await?;
        self.find(&mut tx, id).await?;
        let ids: Vec<String> =
            query_scalar("SELECT id FROM bot_versions WHERE bot_id = $1 AND number = $2")
                .bind(id)
                .bind(number)
                .fetch_all(tx.connection())
                .await?;
        let mut versions = read(&mut tx, id, &ids).await?.into_iter();
        versions
            .find(|version| version.number == number)
            .ok_or(BotsError::NoVersion)
    }

    /// Removes the oldest versions beyond what is kept of a bot and of a user. The current ones stay.
    pub(super) async fn remove_oldest(&self, tx: &mut Tx, bot: &str) -> Result<(), StoreError> {
        query(
            "DELETE FROM bot_versions WHERE bot_id = $1 AND number <= \
             (SELECT number FROM bot_versions WHERE bot_id = $1 ORDER BY number DESC LIMIT 1 OFFSET $2)",
        )
        .bind(bot)
        .bind(MAX_VERSIONS)
        .execute(tx.connection())
        .await?;
        query(
            "DELETE FROM bot_versions WHERE id IN (SELECT id FROM ( \
             SELECT bot_versions.id AS id, ROW_NUMBER() OVER newest AS position, \
             SUM(OCTET_LENGTH(sealed_file)) OVER newest AS bytes \
             FROM bots JOIN bot_versions ON bot_id = bots.id AND bot_versions.id <> version_id \
             WHERE owner_id = $1 WINDOW newest AS (ORDER BY saved_at DESC, bot_versions.id) \
             ) AS former WHERE position > $2 OR bytes > $3)",
        )
        .bind(&self.owner)
        .bind(MAX_OF_USER)
        .bind(self.max_bytes)
        .execute(tx.connection())
        .await?;
        Ok(())
    }
}

/// Reads versions of a bot.
async fn read(tx: &mut Tx, bot: &str, ids: &[String]) -> Result<Vec<Version>, StoreError> {
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let rows = tx.verified(&BOT_VERSIONS, Rows::With("id", &ids)).await?;
    let mut versions = Vec::new();
    for row in rows.iter().map(Verified::row) {
        if row.get::<&str>("bot_id")? == bot {
            versions.push(Version::open(tx, row)?);
        }
    }
    Ok(versions)
}
