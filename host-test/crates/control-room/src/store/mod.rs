//! The store: one SQLite file in a folder, with every secret value sealed.
//!
//! - `folder`: the data folder, its files and locks; memory;
//! - `key`: the key and its files;
//! - `seal`: how a value is sealed, and the list of columns that hold sealed values;
//! - `schema`: the tables and their versions (`migrations/`);
//! - `transaction`: all reading and writing happens in transactions; `columns`: how rows become types;
//! - `exclusive`: locks for exclusive work that is too long for a transaction;
//! - `key_rotation`: reseals everything with a new key; `backup`: backup and restore.
//!
//! Committed data survives a kill and a power cut. Several processes may use one folder. The store does not know what
//! the tables mean; the vault, the users, the audit log and the connections do.
//!
//! To store something new, add a migration that creates its table, and for secrets a `SealedColumn` to the list in
//! `seal`.

mod backup;
pub(crate) mod columns;
mod error;
mod exclusive;
mod folder;
mod key;
mod key_rotation;
pub(crate) mod random;
mod schema;
pub(crate) mod seal;
mod transaction;

use std::fmt;
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use sqlx::ConnectOptions;
use sqlx::error::DatabaseError;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use tokio::runtime::Handle;
use tokio::time::sleep;

pub(crate) use columns::{column, date, from_row, utc};
pub use error::StoreError;
pub use folder::Place;
use folder::{Folder, sync_folder_of, write_new};
pub use key::KeySource;
use key::{Key, KeyFiles};
use schema::Found;
pub use seal::MAX_VALUE;
pub(crate) use transaction::Tx;

/// How long a transaction waits for another one.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Connections of one process to the file: readers do not wait for each other.
const CONNECTIONS: u32 = 4;

/// How long to wait before checking again whether all connections are closed.
const CLOSING: Duration = Duration::from_millis(1);

/// How often a transaction is begun if another process rotates the key at the same time.
const MAX_BEGINS: usize = 3;

/// A Control Room's store, open. Clones share it.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    pool: SqlitePool,
    key: RwLock<Arc<Key>>,
    local_locks: exclusive::LocalLocks,
    /// The runtime that opened the store.
    runtime: Handle,
    location: Location,
}

enum Location {
    OnDisk(Home),
    /// Exists as long as this connection, which is not used.
    InMemory {
        _anchor: SqliteConnection,
    },
}

struct Home {
    folder: Folder,
    key_files: KeyFiles,
    _in_use: File,
}

impl Store {
    /// Opens the store, and creates it if it does not exist.
    ///
    /// # Errors
    ///
    /// Why it cannot be opened. Nothing is changed then.
    pub async fn open(place: Place, key: KeySource) -> Result<Self, StoreError> {
        match place {
            Place::Folder(path) => Self::open_folder(&path, &key).await,
            Place::Memory => Self::open_memory().await,
        }
    }

    async fn open_folder(path: &Path, source: &KeySource) -> Result<Self, StoreError> {
        let folder = Folder::at(path)?;
        let _lock = folder.lock().await?;
        let key_files = KeyFiles::new(source, &folder);
        let database = folder.database();

        let (found, key) = if database.exists() {
            let mut connection = schema::connect(&database).await?;
            let inspected = inspect_file(&mut connection, &database, &key_files).await;
            schema::close(connection).await;
            match inspected? {
                (found, Some(key)) => (found, key),
                (found, None) => (found, key_files.present()?),
            }
        } else {
            let key = key_files.first()?;
            write_new(&database, b"")?;
            (Found::Nothing, key)
        };
        key_files.settle(&key)?;

        // An older program that has the file open must not encounter new tables.
        let alone = match found {
            Found::Version(version) if version < schema::latest() => Some(folder.alone()?),
            _ => None,
        };
        let options = SqliteConnectOptions::new()
            .filename(&database)
            .journal_mode(SqliteJournalMode::Wal);
        let pool = SqlitePoolOptions::new()
            .max_connections(CONNECTIONS)
            .after_release(transaction::settle)
            .connect_with(with_rules(options))
            .await
            .map_err(|error| StoreError::of_file(&database, error))?;
        let opened = async {
            prepare(&mut *pool.acquire().await?, &database, &key).await?;
            sync_folder_of(&database)?;
            drop(alone);
            folder.in_use()
        };
        let in_use = match opened.await {
            Ok(in_use) => in_use,
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
        Ok(Self::with(pool, key, Location::OnDisk(home)))
    }

    async fn open_memory() -> Result<Self, StoreError> {
        // A database in memory exists as long as there is a connection to it. The pool closes a connection whose
        // caller is dropped at the wrong moment, so one more is kept open.
        let options = with_rules("sqlite::memory:".parse()?);
        let anchor = options.connect().await?;
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .after_release(transaction::settle)
            .connect_with(options)
            .await?;
        let key = Key::random();
        prepare(&mut *pool.acquire().await?, Path::new(":memory:"), &key).await?;
        Ok(Self::with(
            pool,
            key,
            Location::InMemory { _anchor: anchor },
        ))
    }

    fn with(pool: SqlitePool, key: Key, location: Location) -> Self {
        let key = RwLock::new(Arc::new(key));
        let local_locks = exclusive::LocalLocks::default();
        Self(Arc::new(Inner {
            pool,
            key,
            local_locks,
            runtime: Handle::current(),
            location,
        }))
    }

    /// Closes the store for all clones in this process. Committed data is safe without closing. Closing merges the
    /// database into a single file, unless another process uses it.
    pub async fn close(&self) {
        // SQLite merges the `-wal` when the last connection is closed, but not if several are closed at once. If
        // another process has the database open, that process merges it.
        let _ = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(&self.0.pool)
            .await;
        close(&self.0.pool).await;
    }

    /// The runtime that opened the store. It outlives the runtimes of single batches of bots, so work that must not end
    /// with its caller runs there.
    pub(crate) fn runtime(&self) -> &Handle {
        &self.0.runtime
    }

    /// A transaction that only reads, and sees the store as it is now.
    pub(crate) async fn read(&self) -> Result<Tx, StoreError> {
        self.begin("BEGIN").await
    }

    /// A transaction that writes. There is one at a time.
    pub(crate) async fn write(&self) -> Result<Tx, StoreError> {
        // Immediately, because SQLite does not let a reader become a writer after another writer.
        self.begin("BEGIN IMMEDIATE").await
    }

    async fn begin(&self, statement: &'static str) -> Result<Tx, StoreError> {
        let mut begins = 1;
        loop {
            let mut inner = self.0.pool.begin_with(statement).await?;
            // Another process may have rotated the key. The id is read in the transaction, so that the key matches what
            // the transaction sees.
            let id: String = sqlx::query_scalar("SELECT key_id FROM store_key")
                .fetch_one(&mut *inner)
                .await?;
            match self.key(&id) {
                Ok(key) => return Ok(Tx { inner, key }),
                Err(error) if begins == MAX_BEGINS => return Err(error),
                Err(_) => begins += 1,
            }
        }
    }

    /// The key with this id, from memory or from its file.
    fn key(&self, id: &str) -> Result<Arc<Key>, StoreError> {
        let known = Arc::clone(&self.0.key.read().unwrap_or_else(PoisonError::into_inner));
        match &self.0.location {
            Location::OnDisk(home) if known.id() != id => {
                let key = Arc::new(home.key_files.in_force(id)?);
                self.set_key(Arc::clone(&key));
                Ok(key)
            }
            _ => Ok(known),
        }
    }

    fn set_key(&self, key: Arc<Key>) {
        *self.0.key.write().unwrap_or_else(PoisonError::into_inner) = key;
    }

    fn home(&self) -> Result<&Home, StoreError> {
        match &self.0.location {
            Location::OnDisk(home) => Ok(home),
            Location::InMemory { .. } => Err(StoreError::InMemory),
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match &self.0.location {
            Location::OnDisk(home) => home.folder.path(),
            Location::InMemory { .. } => Path::new(":memory:"),
        };
        f.debug_tuple("Store").field(&place).finish()
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

/// The options of every connection that writes.
fn with_rules(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging()
}

/// Inspects what a file contains, and reads the key that opens it.
async fn inspect_file(
    connection: &mut SqliteConnection,
    path: &Path,
    key_files: &KeyFiles,
) -> Result<(Found, Option<Key>), StoreError> {
    let found = schema::inspect(connection, path).await?;
    let key = match found {
        Found::Nothing => None,
        Found::Version(_) => schema::key_in_force(connection, key_files).await?,
    };
    Ok((found, key))
}

/// Migrates the tables to the latest version, and records the key in force if none is.
async fn prepare(
    connection: &mut SqliteConnection,
    path: &Path,
    key: &Key,
) -> Result<(), StoreError> {
    schema::migrate(connection, path).await?;
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM store_key")
        .fetch_one(&mut *connection)
        .await?;
    if count > 0 {
        return Ok(());
    }
    // An interrupted first start has sealed nothing.
    if schema::has_values(connection).await? {
        return Err(StoreError::Damaged(path.to_owned()));
    }
    schema::set_key(connection, key).await
}

/// Whether a row could not be written because its name is taken.
pub(crate) fn is_taken(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(DatabaseError::is_unique_violation)
}
