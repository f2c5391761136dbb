//! The store: one SQLite file in a folder, or a database of a PostgreSQL server, with every secret value sealed.
//!
//! - `sql`: queries, connections and rows of either database;
//! - `folder`: the data folder, its files and locks; `file`: opens the database in it, or in memory;
//! - `database_url`, `server`, `server_schema`: the database on a server, with the feature `postgres`;
//! - `key`: the key and its files;
//! - `seal`: how a value is sealed, and the list of columns that hold sealed values;
//! - `integrity`: the codes of rows, by which a row that was changed without the key is refused;
//! - `facts`: what the Control Room knows about itself; `events`: what the store itself puts in the audit log;
//! - `migrations`, `schema`: the tables and their versions (`migrations/`); `first_sealing`: rows get their codes once; `clear_texts`:
//!   bot files and logs of earlier versions are sealed once;
//! - `transaction`: all reading and writing happens in transactions; `columns`: how rows become types;
//! - `exclusive`, `lease`: locks for exclusive work that is too long for a transaction;
//! - `key_rotation`: reseals everything with a new key; `backup`: backup and restore; `move_to_server`: from a folder to a
//!   server.
//!
//! Committed data survives a kill and a power cut. Several processes may use one folder. The store does not know what
//! the tables mean; the vault, the users, the audit log and the connections do.
//!
//! To store something new, add a migration that creates its table, the table to the list in `integrity`, and for secrets
//! a `SealedColumn` to the list in `seal`.

mod backup;
mod clear_texts;
pub(crate) mod columns;
mod database_url;
mod error;
pub(crate) mod events;
mod exclusive;
mod facts;
mod file;
mod first_sealing;
mod folder;
pub(crate) mod integrity;
mod key;
mod key_rotation;
#[cfg(feature = "postgres")]
mod lease;
mod migrations;
mod move_to_server;
pub(crate) mod random;
mod schema;
mod scrub;
pub(crate) mod seal;
#[cfg(feature = "postgres")]
mod server;
#[cfg(feature = "postgres")]
mod server_schema;
pub(crate) mod sql;
#[cfg(feature = "test-util")]
mod test_util;
mod texts;
mod transaction;

use std::collections::HashSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use bot_engine::Language;
use sqlx::error::DatabaseError;
use tokio::runtime::Handle;

pub(crate) use columns::{
    NamedRow, ShownName, WithId, column, date, from_row, is_of, name_of, utc,
};
pub use database_url::DatabaseUrl;
pub use error::StoreError;
pub(crate) use exclusive::Exclusive;
use facts::KeyRow;
use file::FileDatabase;
pub use folder::Place;
use integrity::Trusted;
pub use key::KeySource;
use key::{Key, KeyFiles};
pub use move_to_server::Moved;
pub use seal::MAX_VALUE;
#[cfg(feature = "postgres")]
use server::ServerDatabase;
use sql::{Access, Connection};
#[cfg(test)]
pub(crate) use transaction::QUERIES;
pub(crate) use transaction::{OPENED_AT_ONCE, Tx};

/// How often a transaction is begun if another process rotates the key at the same time.
const MAX_BEGINS: usize = 3;

/// A Control Room's store, open. Clones share it.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    database: Database,
    key: RwLock<Arc<Key>>,
    local_locks: exclusive::LocalLocks,
    /// The runtime that opened the store.
    runtime: Handle,
    /// The changed rows that this process has put in the audit log.
    recorded_changes: Arc<Mutex<HashSet<String>>>,
    notices: Vec<Notice>,
}

/// The database of a store.
enum Database {
    File(FileDatabase),
    #[cfg(feature = "postgres")]
    Server(ServerDatabase),
}

impl Database {
    /// Begins a transaction.
    async fn begin(&self, access: Access) -> Result<Connection<'static>, StoreError> {
        match self {
            Self::File(database) => database.begin(access).await,
            #[cfg(feature = "postgres")]
            Self::Server(database) => database.begin(access).await,
        }
    }

    /// The files of the key; `None` in memory.
    fn key_files(&self) -> Option<&KeyFiles> {
        match self {
            Self::File(database) => database.home().ok().map(|home| &home.key_files),
            #[cfg(feature = "postgres")]
            Self::Server(database) => Some(&database.key_files),
        }
    }

    /// The database in a file; an error if it is on a server.
    #[cfg_attr(
        not(feature = "postgres"),
        expect(clippy::unnecessary_wraps, reason = "the server is a feature")
    )]
    fn file(&self) -> Result<&FileDatabase, StoreError> {
        match self {
            Self::File(database) => Ok(database),
            #[cfg(feature = "postgres")]
            Self::Server(_) => Err(StoreError::OnServer),
        }
    }
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

impl Store {
    /// Opens the store, and creates it if it does not exist.
    ///
    /// # Errors
    ///
    /// Why it cannot be opened. Nothing is changed then.
    pub async fn open(place: Place, key: KeySource) -> Result<Self, StoreError> {
        let (database, key, notices) = match place {
            Place::Folder(path) => FileDatabase::open_folder(&path, &key).await?,
            Place::Memory => FileDatabase::open_memory().await?,
            #[cfg(feature = "postgres")]
            Place::Database(url) => {
                let (database, key, notices) = ServerDatabase::open(url, &key).await?;
                return Ok(Self::with(Database::Server(database), key, notices));
            }
            #[cfg(not(feature = "postgres"))]
            Place::Database(_) => return Err(StoreError::NoPostgres),
        };
        Ok(Self::with(Database::File(database), key, notices))
    }

    fn with(database: Database, key: Key, notices: Vec<Notice>) -> Self {
        Self(Arc::new(Inner {
            database,
            key: RwLock::new(Arc::new(key)),
            local_locks: exclusive::LocalLocks::default(),
            runtime: Handle::current(),
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
        match &self.0.database {
            Database::File(database) => database.scrub().await,
            #[cfg(feature = "postgres")]
            Database::Server(_) => Ok(()),
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
        match &self.0.database {
            Database::File(database) => database.close().await,
            #[cfg(feature = "postgres")]
            Database::Server(database) => database.close().await,
        }
    }

    /// Receives what other processes tell about the queue. `None` if the database is in a file.
    #[cfg(feature = "postgres")]
    pub(crate) async fn listener(&self) -> Result<Option<sqlx::postgres::PgListener>, StoreError> {
        let Database::Server(database) = &self.0.database else {
            return Ok(None);
        };
        let mut listener = sqlx::postgres::PgListener::connect_with(&database.pool).await?;
        listener.listen(sql::CHANNEL).await?;
        Ok(Some(listener))
    }

    /// The runtime that opened the store. It outlives the runtimes of single batches of bots, so work that must not end
    /// with its caller runs there.
    pub(crate) fn runtime(&self) -> &Handle {
        &self.0.runtime
    }

    /// A transaction that only reads, and sees the store as it is now.
    pub(crate) async fn read(&self) -> Result<Tx, StoreError> {
        self.begin(Access::Read).await
    }

    /// A transaction that writes. There is one at a time.
    pub(crate) async fn write(&self) -> Result<Tx, StoreError> {
        self.begin(Access::Write).await
    }

    async fn begin(&self, access: Access) -> Result<Tx, StoreError> {
        let mut begins = 1;
        loop {
            let mut inner = self.0.database.begin(access).await?;
            // Another process may have rotated the key. The id is read in the transaction, so that the key matches what
            // the transaction sees.
            let row = KeyRow::read(&mut inner).await?;
            let row = row.ok_or(StoreError::Sealed("store_key"))?;
            match self.key(&row.key_id) {
                Ok(key) => {
                    let recorded_changes = Arc::clone(&self.0.recorded_changes);
                    return Ok(Tx {
                        inner,
                        access,
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
        match self.0.database.key_files() {
            Some(files) if known.id() != id => {
                let key = Arc::new(files.in_force(id)?);
                self.set_key(Arc::clone(&key));
                Ok(key)
            }
            _ => Ok(known),
        }
    }

    fn set_key(&self, key: Arc<Key>) {
        *self.0.key.write().unwrap_or_else(PoisonError::into_inner) = key;
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_tuple("Store");
        match &self.0.database {
            Database::File(database) => match database.home() {
                Ok(home) => shown.field(&home.folder.path()),
                Err(_) => shown.field(&Path::new(":memory:")),
            },
            #[cfg(feature = "postgres")]
            Database::Server(database) => shown.field(&database.url),
        };
        shown.finish()
    }
}

/// Whether a row could not be written because its name is taken.
pub(crate) fn is_taken(error: &StoreError) -> bool {
    let StoreError::Database(error) = error else {
        return false;
    };
    let error = error.as_database_error();
    error.is_some_and(DatabaseError::is_unique_violation)
}
