//! The store: one SQLite file in a folder, with every secret value sealed.
//!
//! - `folder`: the data folder, its files and locks; memory;
//! - `key`: the key and its files;
//! - `seal`: how a value is sealed, and the list of columns that hold sealed values;
//! - `integrity`: the codes of rows, by which a row that was changed without the key is refused;
//! - `facts`: what the Control Room knows about itself; `events`: what the store itself puts in the audit log;
//! - `schema`: the tables and their versions (`migrations/`); `first_sealing`: rows get their codes once; `clear_texts`:
//!   bot files and logs of earlier versions are sealed once;
//! - `transaction`: all reading and writing happens in transactions; `columns`: how rows become types;
//! - `exclusive`: locks for exclusive work that is too long for a transaction;
//! - `key_rotation`: reseals everything with a new key; `backup`: backup and restore.
//!
//! Committed data survives a kill and a power cut. Several processes may use one folder. The store does not know what
//! the tables mean; the vault, the users, the audit log and the connections do.
//!
//! To store something new, add a migration that creates its table, the table to the list in `integrity`, and for secrets
//! a `SealedColumn` to the list in `seal`.

mod backup;
mod clear_texts;
pub(crate) mod columns;
mod error;
pub(crate) mod events;
mod exclusive;
mod facts;
mod first_sealing;
mod folder;
pub(crate) mod integrity;
mod key;
mod key_rotation;
pub(crate) mod random;
mod schema;
mod scrub;
pub(crate) mod seal;
#[cfg(feature = "test-util")]
mod test_util;
mod texts;
mod transaction;

use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use bot_engine::Language;
use sqlx::error::DatabaseError;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteLockingMode, SqlitePool,
    SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection};
use tokio::runtime::Handle;
use tokio::time::sleep;

pub(crate) use columns::{
    NamedRow, ShownName, WithId, column, date, from_row, is_of, name_of, utc,
};
pub use error::StoreError;
use facts::{Facts, KeyRow};
pub use folder::Place;
use folder::{Folder, sync_folder_of, write_new};
use integrity::Trusted;
pub use key::KeySource;
use key::{Key, KeyFiles};
use schema::Objects;
use scrub::scrub_if_marked;
pub use seal::MAX_VALUE;
#[cfg(test)]
pub(crate) use transaction::QUERIES;
pub(crate) use transaction::{OPENED_AT_ONCE, Tx};

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
    objects: Objects,
    /// The changed rows that this process has put in the audit log.
    recorded_changes: Arc<Mutex<HashSet<String>>>,
    notices: Vec<Notice>,
}

/// What the administrator has to know after a store was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The store is from a version whose rows had no codes. They have now.
    FirstSealing,
    /// The key file could not be marked: it has to get a second line.
    KeyNotMarked(PathBuf),
}

impl Notice {
    /// The message for the administrator.
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::FirstSealing => texts::first_sealing(language).into(),
            Self::KeyNotMarked(file) => texts::key_not_marked(language, file.display()),
        }
    }
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

/// Whether other processes can use the database at the same time.
#[derive(Debug, Clone, Copy)]
enum Sharing {
    Shared,
    Alone,
}

impl Sharing {
    fn locking_mode(self) -> SqliteLockingMode {
        match self {
            Self::Shared => SqliteLockingMode::Normal,
            Self::Alone => SqliteLockingMode::Exclusive,
        }
    }

    fn connections(self) -> u32 {
        match self {
            Self::Shared => CONNECTIONS,
            Self::Alone => 1,
        }
    }
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
        match Self::open_folder_as(path, source, Sharing::Shared).await {
            // For the index that processes share there has to be room, but not for reading alone.
            Err(StoreError::Full) => Self::open_folder_as(path, source, Sharing::Alone).await,
            opened => opened,
        }
    }

    async fn open_folder_as(
        path: &Path,
        source: &KeySource,
        sharing: Sharing,
    ) -> Result<Self, StoreError> {
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
            .after_release(transaction::settle)
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
            // What made it necessary is committed: the store opens, and the administrator is told of a sealing, in any case.
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
        Ok(Self::with(
            pool,
            key,
            Location::OnDisk(home),
            objects,
            notices,
        ))
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
        let content = Content::Nothing;
        let mut connection = pool.acquire().await?;
        let prepared = prepare(&mut connection, Path::new(":memory:"), &key, &content).await;
        drop(connection);
        let Prepared { objects, .. } = prepared?;
        let location = Location::InMemory { _anchor: anchor };
        Ok(Self::with(pool, key, location, objects, Vec::new()))
    }

    fn with(
        pool: SqlitePool,
        key: Key,
        location: Location,
        objects: Objects,
        notices: Vec<Notice>,
    ) -> Self {
        let key = RwLock::new(Arc::new(key));
        let local_locks = exclusive::LocalLocks::default();
        Self(Arc::new(Inner {
            pool,
            key,
            local_locks,
            runtime: Handle::current(),
            location,
            objects,
            recorded_changes: Arc::default(),
            notices,
        }))
    }

    /// What the administrator has to know.
    pub fn notices(&self) -> &[Notice] {
        &self.0.notices
    }

    /// Rewrites the file, so that nothing is left in it of what was removed.
    pub(crate) async fn scrub(&self) -> Result<(), StoreError> {
        match &self.0.location {
            Location::OnDisk(_) => scrub_if_marked(&self.0.pool).await,
            Location::InMemory { .. } => Ok(()),
        }
    }

    /// Checks that the store can be read with the key in force.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or the key is no longer in force.
    pub async fn check(&self) -> Result<(), StoreError> {
        self.read().await?.facts().await.map(drop)
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
            // They would have effects on what follows.
            Objects::of(&mut inner).await?.check(&self.0.objects)?;
            // Another process may have rotated the key. The id is read in the transaction, so that the key matches what
            // the transaction sees.
            let row = KeyRow::read(&mut inner).await?;
            let row = row.ok_or(StoreError::Sealed("store_key"))?;
            match self.key(&row.key_id) {
                Ok(key) => {
                    let recorded_changes = Arc::clone(&self.0.recorded_changes);
                    return Ok(Tx {
                        inner,
                        key,
                        recorded_changes,
                        trusted: Trusted::default(),
                    });
                }
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
enum Content {
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
    fn refuse_stripped(&self, key: &Key, path: &Path) -> Result<(), StoreError> {
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
async fn inspect_file(
    connection: &mut SqliteConnection,
    path: &Path,
    key_files: &KeyFiles,
) -> Result<(Content, Option<Key>), StoreError> {
    let Some(version) = schema::inspect(connection, path).await? else {
        return Ok((Content::Nothing, None));
    };
    let Some(row) = KeyRow::read(connection).await? else {
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
    // To make the expected ones takes as long as to make these.
    if !matches!(content, Content::Nothing) {
        objects.check(&Objects::expected(schema::latest()).await?)?;
    }
    let mut is_first_sealing = false;
    match content {
        Content::Sealed(_, facts) if facts.schema == schema::latest() => {}
        Content::Sealed(_, facts) => {
            let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
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

/// Whether a row could not be written because its name is taken.
pub(crate) fn is_taken(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(DatabaseError::is_unique_violation)
}
