//! The SQLite database in a file: opens it, and keeps what SQLite needs as long as it is open. A database in memory is one
//! without a file.

use std::fs::File;
use std::path::Path;
use std::pin::Pin;
use std::time::Duration;

use sqlx::pool::PoolConnectionMetadata;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous, SqliteTransactionManager,
};
use sqlx::{ConnectOptions, Connection as _};
use sqlx_core::transaction::TransactionManager;
use tokio::time::sleep;

use super::Notice;
use super::error::StoreError;
use super::facts::{Facts, KeyRow};
use super::folder::{Folder, sync_folder_of, write_new};
use super::key::{Key, KeyFiles, KeySource};
use super::schema::{self, Objects, Sharing};
use super::scrub::{self, scrub_if_marked};
use super::sql::{Access, Connection};
use super::{clear_texts, first_sealing};

/// How long a transaction waits for another one.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// How long to wait before checking again whether all connections are closed.
const CLOSING: Duration = Duration::from_millis(1);

/// An open SQLite database.
pub(super) struct FileDatabase {
    pub(super) pool: SqlitePool,
    location: Location,
    objects: Objects,
}

enum Location {
    OnDisk(Home),
    /// Exists as long as this connection, which is not used.
    InMemory {
        _anchor: SqliteConnection,
    },
}

/// A folder that is in use.
pub(super) struct Home {
    pub(super) folder: Folder,
    pub(super) key_files: KeyFiles,
    _in_use: File,
}

/// A database that was opened: its key, and what the administrator has to know.
pub(super) type Opened = (FileDatabase, Key, Vec<Notice>);

impl FileDatabase {
    /// Opens the database in a folder, and creates it if it does not exist.
    pub(super) async fn open_folder(path: &Path, source: &KeySource) -> Result<Opened, StoreError> {
        match Self::open_folder_as(path, source, Sharing::Shared).await {
            // Sharing the folder needs disk space for the shared-memory index; using it alone does not.
            Err(StoreError::Full) => Self::open_folder_as(path, source, Sharing::Alone).await,
            opened => opened,
        }
    }

    async fn open_folder_as(
        path: &Path,
        source: &KeySource,
        sharing: Sharing,
    ) -> Result<Opened, StoreError> {
        let folder = Folder::at(path)?;
        let _lock = folder.lock().await?;
        let key_files = KeyFiles::new(source, &folder);
        let database = folder.database();

        let (content, key) = if database.exists() {
            let mut connection = schema::connect(&database, sharing).await?;
            let inspected = inspect_file(&mut connection, &database, &key_files).await;
            schema::close(connection).await;
            match inspected? {
                (content, Some(key)) => (content, key),
                (content, None) => (content, key_files.present()?),
            }
        } else {
            let key = key_files.first()?;
            // What is sealed in a new database would be valid in the former one, if somebody puts that back.
            if key.is_marked() {
                return Err(StoreError::MissingDatabase {
                    database,
                    key: key_files.path().to_owned(),
                });
            }
            write_new(&database, b"")?;
            (Content::Nothing, key)
        };
        content.refuse_stripped(&key, &database)?;
        key_files.settle(&key)?;

        // An older program that has the file open must not encounter new tables.
        let alone = match content.version() {
            Some(version) if version < schema::latest() => Some(folder.alone()?),
            _ => None,
        };
        let options = SqliteConnectOptions::new()
            .filename(&database)
            .locking_mode(sharing.locking_mode())
            .journal_mode(SqliteJournalMode::Wal);
        let pool = SqlitePoolOptions::new()
            .max_connections(sharing.connections())
            .after_release(settle)
            .connect_with(with_rules(options))
            .await
            .map_err(|error| StoreError::of_file(&database, error))?;
        let opened = async {
            let mut notices = Vec::new();
            let Prepared {
                objects: found,
                is_first_sealing,
            } = prepare(&mut *pool.acquire().await?, &database, &key, &content).await?;
            if is_first_sealing {
                notices.push(Notice::FirstSealing);
            }
            // The change that requires the scrub is committed, so the store opens even if the scrub fails.
            if let Err(error) = scrub_if_marked(&pool).await {
                tracing::warn!(%error, "the database file may still contain values that were removed or sealed anew");
            }
            if let Err(error) = key_files.mark(&key) {
                tracing::info!(%error, "the key file is not marked");
                notices.push(Notice::KeyNotMarked(key_files.path().to_owned()));
            }
            sync_folder_of(&database)?;
            drop(alone);
            Ok((folder.in_use()?, found, notices))
        };
        let (in_use, objects, notices) = match opened.await {
            Ok(opened) => opened,
            Err(error) => {
                close(&pool).await;
                return Err(error);
            }
        };
        let home = Home {
            folder,
            key_files,
            _in_use: in_use,
        };
        let database = Self {
            pool,
            location: Location::OnDisk(home),
            objects,
        };
        Ok((database, key, notices))
    }

    /// A new database in memory.
    pub(super) async fn open_memory() -> Result<Opened, StoreError> {
        // A database in memory exists as long as there is a connection to it. The pool closes a connection whose
        // caller is dropped at the wrong moment, so one more is kept open.
        let options = with_rules("sqlite::memory:".parse()?);
        let anchor = options.connect().await?;
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .after_release(settle)
            .connect_with(options)
            .await?;
        let key = Key::random();
        let content = Content::Nothing;
        let mut connection = pool.acquire().await?;
        let prepared = prepare(&mut connection, Path::new(":memory:"), &key, &content).await;
        drop(connection);
        let Prepared { objects, .. } = prepared?;
        let location = Location::InMemory { _anchor: anchor };
        let database = Self {
            pool,
            location,
            objects,
        };
        Ok((database, key, Vec::new()))
    }

    /// The folder; an error if the database is in memory.
    pub(super) fn home(&self) -> Result<&Home, StoreError> {
        match &self.location {
            Location::OnDisk(home) => Ok(home),
            Location::InMemory { .. } => Err(StoreError::InMemory),
        }
    }

    /// Begins a transaction.
    pub(super) async fn begin(&self, access: Access) -> Result<Connection<'static>, StoreError> {
        let mut tx = self.pool.begin_with(access.begin_in_sqlite()).await?;
        // Added triggers or views would affect the queries that follow.
        Objects::of(&mut tx).await?.check(&self.objects)?;
        Ok(Connection::InSqlite(tx))
    }

    /// Rewrites the file, so that nothing is left in it of what was removed.
    pub(super) async fn scrub(&self) -> Result<(), StoreError> {
        match &self.location {
            Location::OnDisk(_) => scrub_if_marked(&self.pool).await,
            Location::InMemory { .. } => Ok(()),
        }
    }

    /// Closes all connections, and merges the database into a single file unless another process uses it.
    pub(super) async fn close(&self) {
        // SQLite merges the `-wal` when the last connection is closed, but not if several are closed at once. If
        // another process has the database open, that process merges it.
        let _ = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(&self.pool)
            .await;
        close(&self.pool).await;
    }
}

/// Closes all connections, and returns when SQLite has closed the files.
async fn close(pool: &SqlitePool) {
    // `Pool::close` counts a permit for an idle connection that it closes, which holds none, and so does not wait for
    // a connection that is being returned.
    pool.close().await;
    while pool.size() > 0 {
        sleep(CLOSING).await;
        pool.close().await;
    }
}

/// Whether a connection that is returned to the pool can be used again.
///
/// A caller that is dropped while its transaction begins leaves the transaction open. And on a full disk SQLite rolls
/// a transaction back by itself; sqlx cannot roll it back again and goes on counting it, so that no other could begin
/// on this connection. Then an empty transaction is begun and rolled back in its place.
fn settle(connection: &mut SqliteConnection, _: PoolConnectionMetadata) -> Settled<'_> {
    Box::pin(async move {
        // The rollback of a dropped transaction may still be queued.
        connection.ping().await?;
        if connection.is_in_transaction()
            && SqliteTransactionManager::rollback(connection)
                .await
                .is_err()
        {
            sqlx::query("BEGIN").execute(&mut *connection).await?;
            SqliteTransactionManager::rollback(connection).await?;
        }
        Ok(!connection.is_in_transaction())
    })
}

type Settled<'c> = Pin<Box<dyn Future<Output = Result<bool, sqlx::Error>> + Send + 'c>>;

/// The options of every connection that writes.
fn with_rules(options: SqliteConnectOptions) -> SqliteConnectOptions {
    schema::with_precautions(options)
        // What is removed is overwritten.
        .pragma("secure_delete", "ON")
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging()
}

/// What a database contains.
#[derive(Debug)]
pub(super) enum Content {
    /// No tables, as an interrupted first start leaves it.
    Nothing,
    /// The tables of this version. Its rows have no codes: it is from before there were any, its first start was
    /// interrupted, or somebody has stripped it of them.
    Unsealed(i64),
    /// The tables of this version, whose rows have codes.
    Sealed(i64, Facts),
}

impl Content {
    fn version(&self) -> Option<i64> {
        match self {
            Self::Nothing => None,
            Self::Unsealed(version) | Self::Sealed(version, _) => Some(*version),
        }
    }

    /// The mark in the key file, which nobody can remove who can change only the database, tells whether the rows had
    /// codes.
    pub(super) fn refuse_stripped(&self, key: &Key, path: &Path) -> Result<(), StoreError> {
        match self {
            // An interrupted first start leaves a key without the mark.
            Self::Nothing | Self::Unsealed(_) if key.is_marked() => {
                Err(StoreError::Stripped(path.to_owned()))
            }
            _ => Ok(()),
        }
    }
}

/// Inspects what a file contains, and reads the key that opens it.
pub(super) async fn inspect_file(
    connection: &mut SqliteConnection,
    path: &Path,
    key_files: &KeyFiles,
) -> Result<(Content, Option<Key>), StoreError> {
    let Some(version) = schema::inspect(connection, path).await? else {
        return Ok((Content::Nothing, None));
    };
    let Some(row) = KeyRow::read(&mut Connection::Sqlite(connection)).await? else {
        return Ok((Content::Unsealed(version), None));
    };
    let key = key_files.in_force(&row.key_id)?;
    let content = match row.open(&key)? {
        None => Content::Unsealed(version),
        Some(facts) if version < facts.schema => {
            return Err(StoreError::SchemaChanged(format!("version {version}")));
        }
        Some(facts) => Content::Sealed(version, facts),
    };
    Ok((content, Some(key)))
}

/// A store that was prepared for use.
struct Prepared {
    /// The objects in the database.
    objects: Objects,
    /// Whether it was of an earlier version whose rows had no codes.
    is_first_sealing: bool,
}

/// Migrates the tables to the latest version, and seals what an earlier version did not.
async fn prepare(
    connection: &mut SqliteConnection,
    path: &Path,
    key: &Key,
    content: &Content,
) -> Result<Prepared, StoreError> {
    schema::migrate(connection, path).await?;
    let objects = Objects::of(connection).await?;
    // A new database needs no check: computing the expected objects would only repeat the migration.
    if !matches!(content, Content::Nothing) {
        objects.check(&Objects::expected(schema::latest()).await?)?;
    }
    let mut is_first_sealing = false;
    match content {
        Content::Sealed(_, facts) if facts.schema == schema::latest() => {}
        Content::Sealed(_, facts) => {
            let tx = connection.begin_with("BEGIN IMMEDIATE").await?;
            let mut tx = Connection::InSqlite(tx);
            if clear_texts::seal(&mut tx, key).await? > 0 {
                scrub::mark(&mut tx).await?;
            }
            let facts = Facts {
                schema: schema::latest(),
                ..facts.clone()
            };
            facts.write(&mut tx, key).await?;
            tx.commit().await?;
        }
        Content::Nothing | Content::Unsealed(_) => {
            is_first_sealing = first_sealing::seal(connection, path, key).await?;
        }
    }
    Ok(Prepared {
        objects,
        is_first_sealing,
    })
}
