//! Texts that earlier versions stored in the clear, bot files and logs of runs, are sealed once. Like a migration, this has
//! its own SQL: it stays as it is when the tables change again.
//!
//! A row that somebody without the key had changed stays as it is, and is refused when it is opened.

use secrecy::{ExposeSecret, SecretString};

use super::error::StoreError;
use super::integrity::{self, BOT_VERSIONS, BOTS, RUNS, Rows, Trusted};
use super::key::Key;
use super::random::row_id;
use super::seal::{self, BOT_FILE, RUN_LOG};
use super::sql::{Connection, query, query_scalar};

/// How many rows get their codes at once: that takes reading a whole table.
const CHUNK: usize = 200;

/// Seals them, in the transaction of the connection. Returns how many there were.
pub(super) async fn seal(connection: &mut Connection<'_>, key: &Key) -> Result<usize, StoreError> {
    let bots: Vec<String> = query_scalar("SELECT id FROM bots WHERE version_id IS NULL")
        .fetch_all(connection)
        .await?;
    for ids in bots.chunks(CHUNK) {
        let mut trusted = Trusted::default();
        let (mut sealed, mut versions) = (Vec::new(), Vec::new());
        for id in ids {
            let made = seal_bot(connection, key, id, &mut trusted).await;
            if let Some(version) = unless_changed(made)? {
                sealed.push(id.as_str());
                versions.push(version);
            }
        }
        let versions: Vec<_> = versions.iter().map(String::as_str).collect();
        for (table, ids) in [(&BOT_VERSIONS, &versions), (&BOTS, &sealed)] {
            let rows = Rows::With("id", ids);
            integrity::authenticate(connection, key, table, rows, &trusted).await?;
        }
    }
    let runs: Vec<String> = query_scalar("SELECT id FROM runs WHERE log <> ''")
        .fetch_all(connection)
        .await?;
    for ids in runs.chunks(CHUNK) {
        let mut trusted = Trusted::default();
        let mut sealed = Vec::new();
        for id in ids {
            let done = seal_log(connection, key, id, &mut trusted).await;
            if unless_changed(done.map(Some))?.is_some() {
                sealed.push(id.as_str());
            }
        }
        let rows = Rows::With("id", &sealed);
        integrity::authenticate(connection, key, &RUNS, rows, &trusted).await?;
    }
    Ok(bots.len() + runs.len())
}

fn unless_changed<T>(sealed: Result<Option<T>, StoreError>) -> Result<Option<T>, StoreError> {
    match sealed {
        Err(StoreError::Changed { table, row }) => {
            tracing::error!(table, row, "a row was changed from outside");
            Ok(None)
        }
        other => other,
    }
}

/// Makes the file of a bot its first version, whose id it returns.
async fn seal_bot(
    connection: &mut Connection<'_>,
    key: &Key,
    id: &str,
    trusted: &mut Trusted,
) -> Result<Option<String>, StoreError> {
    let this = Rows::With("id", &[id]);
    let bots = integrity::verify(connection, key, &BOTS, this, trusted).await?;
    let Some(bot) = bots.first() else {
        return Ok(None);
    };
    let bot = bot.row();
    let owner: Option<String> =
        query_scalar("SELECT COALESCE(shown_as, name) FROM users WHERE id = $1")
            .bind(bot.get::<&str>("owner_id")?)
            .fetch_optional(connection)
            .await?;
    let version = row_id();
    let file = SecretString::from(bot.get::<String>("file")?);
    let bytes = i64::try_from(file.expose_secret().len()).unwrap_or(i64::MAX);
    let sealed = seal::seal(key, &BOT_FILE, &[&version], &file)?;
    let insert = query(
        "INSERT INTO bot_versions (id, bot_id, number, saved_by, began_at, saved_at, is_kept, sealed_file) \
         VALUES ($1, $2, $3, $4, $5, $5, TRUE, $6)",
    )
    .bind(&version)
    .bind(id)
    .bind(bot.get::<i64>("version")?)
    .bind(owner.unwrap_or_default())
    .bind(bot.get::<i64>("changed_at")?)
    .bind(sealed);
    let number = integrity::insert(connection, insert).await?;
    trusted.add(&BOT_VERSIONS, number);
    query("UPDATE bots SET file = '', version_id = $1, bytes = $2 WHERE id = $3")
        .bind(&version)
        .bind(bytes)
        .bind(id)
        .execute(connection)
        .await?;
    Ok(Some(version))
}

async fn seal_log(
    connection: &mut Connection<'_>,
    key: &Key,
    id: &str,
    trusted: &mut Trusted,
) -> Result<(), StoreError> {
    let this = Rows::With("id", &[id]);
    let runs = integrity::verify(connection, key, &RUNS, this, trusted).await?;
    for run in &runs {
        let log = SecretString::from(run.row().get::<String>("log")?);
        let sealed = seal::seal(key, &RUN_LOG, &[id], &log)?;
        query("UPDATE runs SET log = '', sealed_log = $1 WHERE id = $2")
            .bind(sealed)
            .bind(id)
            .execute(connection)
            .await?;
    }
    Ok(())
}
