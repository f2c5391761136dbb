//! The tables: the migrations of this program, and the inspection of an existing file. A file with other objects than
//! the migrations make, such as a trigger or a view, is refused before anything else is read: they would run in our
//! queries.
//!
//! What only SQLite knows is in files about its file: this one, `file.rs`, `backup.rs`, `scrub.rs` and `first_sealing.rs`.
//! Where its queries differ, `sql.rs` says how. The migrations use its type `BLOB`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use sqlx::migrate::MigrateError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteLockingMode};
use sqlx::{ConnectOptions, Connection};

use super::error::StoreError;
use super::migrations::Migrations;

const MIGRATIONS: Migrations = Migrations(&[
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
    (
        6,
        "row codes",
        include_str!("../../migrations/0006_row_codes.sql"),
    ),
    (
        7,
        "names as typed",
        include_str!("../../migrations/0007_names_as_typed.sql"),
    ),
    (
        8,
        "bot versions",
        include_str!("../../migrations/0008_bot_versions.sql"),
    ),
    (
        9,
        "other providers",
        include_str!("../../migrations/0009_other_providers.sql"),
    ),
    (
        10,
        "last failures",
        include_str!("../../migrations/0010_last_failures.sql"),
    ),
    (
        11,
        "users of uses",
        include_str!("../../migrations/0011_users_of_uses.sql"),
    ),
    (12, "queue", include_str!("../../migrations/0012_queue.sql")),
    (
        13,
        "schedules",
        include_str!("../../migrations/0013_schedules.sql"),
    ),
]);

/// The table in which sqlx notes the migrations.
const APPLIED: &str = "_sqlx_migrations";

/// The latest version that this program knows.
pub(super) fn latest() -> i64 {
    MIGRATIONS.latest()
}

/// The objects in a database: tables, indexes, triggers and views, as they were created. A text with one record for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Objects(String);

/// What stands between two records, and between the parts of one.
const SEPARATORS: (char, char) = ('\u{1e}', '\u{1f}');

impl Objects {
    /// Those that are in a database.
    pub(super) async fn of(connection: &mut SqliteConnection) -> Result<Self, sqlx::Error> {
        let objects: Option<String> = sqlx::query_scalar(
            "SELECT group_concat(type || char(31) || name || char(31) || tbl_name || char(31) || \
             COALESCE(sql, ''), char(30) ORDER BY type, name) FROM sqlite_master",
        )
        .fetch_one(connection)
        .await?;
        Ok(Self(objects.unwrap_or_default()))
    }

    /// Those that the migrations up to this version make. They are made once in each process.
    pub(super) async fn expected(version: i64) -> Result<Self, StoreError> {
        static MADE: Mutex<BTreeMap<i64, Objects>> = Mutex::new(BTreeMap::new());
        let made = || MADE.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(objects) = made().get(&version) {
            return Ok(objects.clone());
        }
        let objects = Self::make(version).await?;
        made().insert(version, objects.clone());
        Ok(objects)
    }

    async fn make(version: i64) -> Result<Self, StoreError> {
        let options: SqliteConnectOptions = "sqlite::memory:".parse()?;
        let mut connection = options.disable_statement_logging().connect().await?;
        let migrator = MIGRATIONS.migrator();
        let migrated = migrator.run_direct(Some(version), &mut connection, false);
        migrated
            .await
            .map_err(|error| sqlx::Error::Migrate(Box::new(error)))?;
        let objects = Self::of(&mut connection).await?;
        close(connection).await;
        Ok(objects)
    }

    /// Fails unless these are exactly the expected ones.
    pub(super) fn check(&self, expected: &Self) -> Result<(), StoreError> {
        if self == expected {
            return Ok(());
        }
        let (found, expected): (BTreeSet<_>, BTreeSet<_>) =
            (self.records().collect(), expected.records().collect());
        let other = found.symmetric_difference(&expected).next();
        let name = other.map(|record| record.split(SEPARATORS.1).take(2).collect::<Vec<_>>());
        Err(StoreError::SchemaChanged(
            name.unwrap_or_default().join(" "),
        ))
    }

    fn records(&self) -> impl Iterator<Item = &str> {
        self.0
            .split(SEPARATORS.0)
            .filter(|record| !record.is_empty())
    }

    fn of_table(&self, table: &str) -> Self {
        let is_of_table = |record: &&str| record.split(SEPARATORS.1).nth(2) == Some(table);
        let records: Vec<_> = self.records().filter(is_of_table).collect();
        Self(records.join(&SEPARATORS.0.to_string()))
    }
}

/// Connections of one process to the file: readers do not wait for each other.
const CONNECTIONS: u32 = 4;

/// Whether other processes can use the database at the same time.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sharing {
    Shared,
    Alone,
}

impl Sharing {
    pub(super) fn locking_mode(self) -> SqliteLockingMode {
        match self {
            Self::Shared => SqliteLockingMode::Normal,
            Self::Alone => SqliteLockingMode::Exclusive,
        }
    }

    pub(super) fn connections(self) -> u32 {
        match self {
            Self::Shared => CONNECTIONS,
            Self::Alone => 1,
        }
    }
}

/// Opens a database without changing its settings.
pub(super) async fn connect(path: &Path, sharing: Sharing) -> Result<SqliteConnection, StoreError> {
    with_precautions(SqliteConnectOptions::new())
        .filename(path)
        .locking_mode(sharing.locking_mode())
        .disable_statement_logging()
        .connect()
        .await
        .map_err(|error| StoreError::of_file(path, error))
}

/// The options of every connection: nothing in the schema of a database may have effects.
pub(super) fn with_precautions(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .pragma("trusted_schema", "OFF")
        .pragma("cell_size_check", "ON")
}

/// Inspects a file without changing it, and returns its version. `None` for a database without tables, as an interrupted
/// first start leaves it.
pub(super) async fn inspect(
    connection: &mut SqliteConnection,
    path: &Path,
) -> Result<Option<i64>, StoreError> {
    let found = Objects::of(connection)
        .await
        .map_err(|error| StoreError::of_file(path, error))?;
    if found.0.is_empty() {
        return Ok(None);
    }
    let foreign = || StoreError::NotAControlRoom(path.to_owned());
    // Without migrations, only their own table is made.
    let unmigrated = Objects::expected(0).await?;
    if found.of_table(APPLIED) != unmigrated {
        return Err(foreign());
    }
    let applied: Vec<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT version, checksum FROM _sqlx_migrations ORDER BY version")
            .fetch_all(connection)
            .await
            .map_err(|_| foreign())?;
    let Some(version) = MIGRATIONS.version(&applied, path)? else {
        // The table of versions is created before the first migration runs.
        return if found == unmigrated {
            Ok(None)
        } else {
            Err(foreign())
        };
    };
    found.check(&Objects::expected(version).await?)?;
    Ok(Some(version))
}

/// Migrates the tables to the latest version.
pub(super) async fn migrate(
    connection: &mut SqliteConnection,
    path: &Path,
) -> Result<(), StoreError> {
    match MIGRATIONS
        .migrator()
        .run_direct(None, connection, false)
        .await
    {
        Ok(()) => Ok(()),
        Err(MigrateError::VersionMissing(found)) => Err(StoreError::NewerVersion {
            found,
            known: latest(),
        }),
        Err(MigrateError::VersionMismatch(_)) => Err(StoreError::NotAControlRoom(path.to_owned())),
        // Each migration is one transaction, so none of them is left unfinished.
        Err(MigrateError::Dirty(version)) => {
            Err(StoreError::SchemaChanged(format!("version {version}")))
        }
        Err(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => {
            Err(StoreError::of_file(path, error))
        }
        Err(other) => Err(sqlx::Error::Migrate(Box::new(other)).into()),
    }
}

/// Closes a connection.
pub(super) async fn close(connection: SqliteConnection) {
    let _ = connection.close().await;
}
