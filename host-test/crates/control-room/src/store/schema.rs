//! The tables: the migrations of this program, and the inspection of an existing file.
//!
//! Statements that only SQLite knows (`PRAGMA`, `VACUUM INTO`, `BEGIN IMMEDIATE`, `sqlite_master`) are confined to
//! this file, `mod.rs`, `backup.rs` and tests. All other statements also work in PostgreSQL, but they run through
//! sqlx's types for SQLite, and the migrations use its type `BLOB`. These would have to be replaced as well.

use std::path::Path;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqlStr};

use super::error::StoreError;
use super::key::{Key, KeyFiles};
use super::seal::{self, KEY_CHECK, SEALED_COLUMNS};

/// Versions and what they do, oldest first. A published migration never changes.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (
        1,
        "control room",
        include_str!("../../migrations/0001_control_room.sql"),
    ),
    (
        2,
        "connections",
        include_str!("../../migrations/0002_connections.sql"),
    ),
    (3, "pages", include_str!("../../migrations/0003_pages.sql")),
    (4, "runs", include_str!("../../migrations/0004_runs.sql")),
    (
        5,
        "uses of runs",
        include_str!("../../migrations/0005_uses_of_runs.sql"),
    ),
];

/// The text that only the right key decrypts.
const CHECKED: &str = "control room";

/// What a file contains.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A database without tables, as an interrupted first start leaves it.
    Nothing,
    /// A Control Room, up to this version.
    Version(i64),
}

/// The latest version that this program knows.
pub(super) fn latest() -> i64 {
    MIGRATIONS.last().map_or(0, |(version, ..)| *version)
}

/// Opens a database without changing its settings.
pub(super) async fn connect(path: &Path) -> Result<SqliteConnection, StoreError> {
    SqliteConnectOptions::new()
        .filename(path)
        .disable_statement_logging()
        .connect()
        .await
        .map_err(|error| StoreError::of_file(path, error))
}

/// Inspects a file without changing it.
pub(super) async fn inspect(
    connection: &mut SqliteConnection,
    path: &Path,
) -> Result<Found, StoreError> {
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table'")
            .fetch_all(&mut *connection)
            .await
            .map_err(|error| StoreError::of_file(path, error))?;
    let has = |name: &str| tables.iter().any(|table| table == name);
    if tables.is_empty() {
        return Ok(Found::Nothing);
    }
    let foreign = || StoreError::NotAControlRoom(path.to_owned());
    if !has("_sqlx_migrations") {
        return Err(foreign());
    }
    let versions: Vec<i64> =
        sqlx::query_scalar("SELECT version FROM _sqlx_migrations ORDER BY version")
            .fetch_all(connection)
            .await
            .map_err(|_| foreign())?;
    match versions.last() {
        // The table of versions is created before the first migration runs.
        None if tables.len() == 1 => Ok(Found::Nothing),
        Some(_) if !has("store_key") => Err(foreign()),
        Some(&found) if found > latest() => Err(StoreError::NewerVersion {
            found,
            known: latest(),
        }),
        Some(&found) => Ok(Found::Version(found)),
        None => Err(foreign()),
    }
}

/// Migrates the tables to the latest version.
pub(super) async fn migrate(
    connection: &mut SqliteConnection,
    path: &Path,
) -> Result<(), StoreError> {
    let migration = |&(version, description, sql): &(i64, &'static str, &'static str)| {
        Migration::new(
            version,
            description.into(),
            MigrationType::Simple,
            SqlStr::from_static(sql),
            false,
        )
    };
    let migrator = Migrator {
        migrations: MIGRATIONS.iter().map(migration).collect(),
        ..Migrator::DEFAULT
    };
    match migrator.run_direct(None, connection, false).await {
        Ok(()) => Ok(()),
        Err(MigrateError::VersionMissing(found)) => Err(StoreError::NewerVersion {
            found,
            known: latest(),
        }),
        Err(MigrateError::VersionMismatch(_)) => Err(StoreError::NotAControlRoom(path.to_owned())),
        Err(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => {
            Err(StoreError::of_file(path, error))
        }
        Err(other) => Err(sqlx::Error::Migrate(Box::new(other)).into()),
    }
}

/// The key in force; `None` if none is recorded.
pub(super) async fn key_in_force(
    connection: &mut SqliteConnection,
    files: &KeyFiles,
) -> Result<Option<Key>, StoreError> {
    let Some((id, sealed)): Option<(String, Vec<u8>)> =
        sqlx::query_as("SELECT key_id, sealed FROM store_key")
            .fetch_optional(connection)
            .await?
    else {
        return Ok(None);
    };
    let key = files.in_force(&id)?;
    seal::open(&key, &KEY_CHECK, &[], &sealed)?;
    Ok(Some(key))
}

/// Records the key in force.
pub(super) async fn set_key(
    connection: &mut SqliteConnection,
    key: &Key,
) -> Result<(), StoreError> {
    let sealed = seal::seal(key, &KEY_CHECK, &[], &CHECKED.into())?;
    sqlx::query("DELETE FROM store_key")
        .execute(&mut *connection)
        .await?;
    sqlx::query("INSERT INTO store_key (id, key_id, sealed) VALUES (1, $1, $2)")
        .bind(key.id())
        .bind(sealed)
        .execute(connection)
        .await?;
    Ok(())
}

/// Whether there is any sealed value.
pub(super) async fn has_values(connection: &mut SqliteConnection) -> Result<bool, StoreError> {
    for column in SEALED_COLUMNS {
        let query = format!("SELECT COUNT(*) FROM {}", column.table);
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(query))
            .fetch_one(&mut *connection)
            .await?;
        if count > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Closes a connection.
pub(super) async fn close(connection: SqliteConnection) {
    let _ = connection.close().await;
}
