//! Texts that earlier versions stored in the clear, bot files and logs of runs, are sealed once.
//!
//! A row that somebody without the key had changed stays as it is, and is refused when it is opened.

use secrecy::{ExposeSecret, SecretString};
use sqlx::Row;
use sqlx::sqlite::SqliteConnection;

use super::error::StoreError;
use super::integrity::{self, BOT_VERSIONS, BOTS, RUNS, Rows, Trusted};
use super::key::Key;
use super::random::row_id;
use super::seal::{self, BOT_FILE, RUN_LOG};

/// Seals them, in the transaction of the connection. Returns how many there were.
pub(super) async fn seal(
    connection: &mut SqliteConnection,
    key: &Key,
) -> Result<usize, StoreError> {
    let bots: Vec<String> = sqlx::query_scalar("SELECT id FROM bots WHERE version_id IS NULL")
        .fetch_all(&mut *connection)
        .await?;
    for id in &bots {
        unless_changed(seal_bot(connection, key, id).await)?;
    }
    let runs: Vec<String> = sqlx::query_scalar("SELECT id FROM runs WHERE log <> ''")
        .fetch_all(&mut *connection)
        .await?;
    for id in &runs {
        unless_changed(seal_log(connection, key, id).await)?;
    }
    Ok(bots.len() + runs.len())
}

fn unless_changed(sealed: Result<(), StoreError>) -> Result<(), StoreError> {
    match sealed {
        Err(StoreError::Changed { table, row }) => {
            tracing::error!(table, row, "a row was changed from outside");
            Ok(())
        }
        other => other,
    }
}

/// Makes the file of a bot its first version.
async fn seal_bot(
    connection: &mut SqliteConnection,
    key: &Key,
    id: &str,
) -> Result<(), StoreError> {
    let mut trusted = Trusted::default();
    let this = Rows::With("id", &[id]);
    let bots = integrity::verify(connection, key, &BOTS, this, &mut trusted).await?;
    for bot in &bots {
        let bot = bot.row();
        let owner: Option<String> =
            sqlx::query_scalar("SELECT COALESCE(shown_as, name) FROM users WHERE id = $1")
                .bind(bot.try_get::<&str, _>("owner_id")?)
                .fetch_optional(&mut *connection)
                .await?;
        let version = row_id();
        let file = SecretString::from(bot.try_get::<String, _>("file")?);
        let bytes = i64::try_from(file.expose_secret().len()).unwrap_or(i64::MAX);
        let sealed = seal::seal(key, &BOT_FILE, &[&version], &file)?;
        let inserted = sqlx::query(
            "INSERT INTO bot_versions (id, bot_id, number, saved_by, began_at, saved_at, is_kept, sealed_file) \
             VALUES ($1, $2, $3, $4, $5, $5, TRUE, $6)",
        )
        .bind(&version)
        .bind(id)
        .bind(bot.try_get::<i64, _>("version")?)
        .bind(owner.unwrap_or_default())
        .bind(bot.try_get::<i64, _>("changed_at")?)
        .bind(sealed)
        .execute(&mut *connection)
        .await?;
        trusted.add(&BOT_VERSIONS, inserted.last_insert_rowid());
        sqlx::query("UPDATE bots SET file = '', version_id = $1, bytes = $2 WHERE id = $3")
            .bind(&version)
            .bind(bytes)
            .bind(id)
            .execute(&mut *connection)
            .await?;
        let made = Rows::With("id", &[&version]);
        integrity::authenticate(connection, key, &BOT_VERSIONS, made, &trusted).await?;
    }
    integrity::authenticate(connection, key, &BOTS, this, &trusted).await
}

async fn seal_log(
    connection: &mut SqliteConnection,
    key: &Key,
    id: &str,
) -> Result<(), StoreError> {
    let mut trusted = Trusted::default();
    let this = Rows::With("id", &[id]);
    let runs = integrity::verify(connection, key, &RUNS, this, &mut trusted).await?;
    for run in &runs {
        let log = SecretString::from(run.row().try_get::<String, _>("log")?);
        let sealed = seal::seal(key, &RUN_LOG, &[id], &log)?;
        sqlx::query("UPDATE runs SET log = '', sealed_log = $1 WHERE id = $2")
            .bind(sealed)
            .bind(id)
            .execute(&mut *connection)
            .await?;
    }
    integrity::authenticate(connection, key, &RUNS, this, &trusted).await
}
