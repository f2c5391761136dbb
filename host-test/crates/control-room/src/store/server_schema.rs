//! The tables in PostgreSQL: the migrations, and the inspection of a database. One with other objects than the migrations
//! make, such as a trigger or a rule, is refused when it is opened, as these would run in our queries. SQLite's tables are in
//! [`schema`](super::schema).

use std::collections::BTreeSet;
use std::path::Path;

use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnection;

use super::error::StoreError;
use super::migrations::Migrations;

/// The first makes what eleven migrations have made in SQLite; from then on, both have the same versions.
const MIGRATIONS: Migrations = Migrations(&[
    (
        11,
        "control room",
        include_str!("../../migrations/postgres/0011_control_room.sql"),
    ),
    (
        12,
        "queue",
        include_str!("../../migrations/postgres/0012_queue.sql"),
    ),
    (
        13,
        "schedules",
        include_str!("../../migrations/postgres/0013_schedules.sql"),
    ),
]);

/// What the catalogue must contain for the objects of the latest version.
const EXPECTED: &str = include_str!("../../migrations/postgres/objects.txt");

/// Describes each object of the schema in which the tables are, one a line. What an extension has brought is left out.
const OBJECTS: &str = include_str!("../../migrations/postgres/objects.sql");

/// The latest version that this program knows.
pub(super) fn latest() -> i64 {
    MIGRATIONS.latest()
}

/// Inspects a database without changing it, and returns its version. `None` if there is nothing in its schema.
pub(super) async fn inspect(
    connection: &mut PgConnection,
    shown: &Path,
) -> Result<Option<i64>, StoreError> {
    let foreign = || StoreError::NotAControlRoom(shown.to_owned());
    let applied =
        "SELECT to_regclass(quote_ident(current_schema()) || '._sqlx_migrations') IS NOT NULL";
    let is_migrated: Option<bool> = sqlx::query_scalar(applied)
        .fetch_one(&mut *connection)
        .await?;
    if is_migrated != Some(true) {
        let objects = objects(connection).await?;
        return if objects.is_empty() {
            Ok(None)
        } else {
            Err(foreign())
        };
    }
    let applied: Vec<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT version, checksum FROM _sqlx_migrations ORDER BY version")
            .fetch_all(connection)
            .await
            .map_err(|_| foreign())?;
    let version = MIGRATIONS.version(&applied, shown)?;
    version.map(Some).ok_or_else(foreign)
}

/// Migrates the tables to the latest version, in the transaction of the connection.
pub(super) async fn migrate(connection: &mut PgConnection) -> Result<(), StoreError> {
    let migrator = Migrator {
        // The transaction that migrates is the only one that writes.
        locking: false,
        ..MIGRATIONS.migrator()
    };
    let migrated = migrator.run_direct(None, connection, false).await;
    Ok(migrated.map_err(|error| sqlx::Error::Migrate(Box::new(error)))?)
}

/// Fails unless the objects are exactly those of the latest version.
pub(super) async fn check(connection: &mut PgConnection) -> Result<(), StoreError> {
    let found = objects(connection).await?;
    let expected: BTreeSet<_> = EXPECTED.lines().collect();
    let found: BTreeSet<_> = found.iter().map(String::as_str).collect();
    match found.symmetric_difference(&expected).next() {
        None => Ok(()),
        Some(other) => Err(StoreError::SchemaChanged((*other).to_owned())),
    }
}

async fn objects(connection: &mut PgConnection) -> Result<Vec<String>, StoreError> {
    Ok(sqlx::query_scalar(OBJECTS).fetch_all(connection).await?)
}

#[cfg(test)]
mod tests {
    use super::super::schema;

    #[test]
    fn both_databases_have_the_same_versions() {
        assert_eq!(super::latest(), schema::latest());
    }
}
