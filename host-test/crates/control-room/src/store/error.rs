//! Errors of the store, one variant for each thing that can be done about it. No message contains a value or a key.

use std::io;
use std::path::{Path, PathBuf};

use bot_engine::Language;
use sqlx::sqlite::SqliteError;
use thiserror::Error;

use super::texts;

/// The parameters that the URL of a database may have. Others could be secrets, such as `sslpassword`.
pub(super) const URL_PARAMETERS: [&str; 10] = [
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "statement-cache-capacity",
];

/// Why the store cannot be opened, read or written. Whatever it is, nothing was overwritten.
#[derive(Debug, Error)]
#[error("{}", self.message(Language::English))]
pub enum StoreError {
    /// The data folder is a file.
    NotAFolder(PathBuf),
    /// The platform has no folder for data.
    NoDataFolder,
    /// The folder, or the file in it, may not be written to.
    ReadOnly,
    /// The disk is full, or the file has reached a limit.
    Full,
    /// The file belongs to another program, or is not a database.
    NotAControlRoom(PathBuf),
    /// A later version of this program has changed the file.
    NewerVersion {
        /// The version of the tables.
        found: i64,
        /// The latest one known here.
        known: i64,
    },
    /// The database exists, but its key does not.
    MissingKey(PathBuf),
    /// The key is not the one that the database was sealed with.
    WrongKey {
        /// The file with the key.
        path: PathBuf,
        /// The id of the key that is needed.
        expected: String,
        /// The file of that key, if it lies beside the present one.
        found: Option<PathBuf>,
    },
    /// The key file does not contain a key.
    MalformedKey(PathBuf),
    /// Others than its owner may read or change the key file.
    KeyReadableByOthers(PathBuf),
    /// The folder or the key file belongs to another user.
    OwnedByAnother(PathBuf),
    /// Others than its owner may write to the folder.
    WritableByOthers(PathBuf),
    /// A file exists that would be overwritten.
    AlreadyThere(PathBuf),
    /// Another process has the Control Room open, which this operation does not allow.
    InUse,
    /// Another process held a lock for too long.
    Busy,
    /// This process did not run for a while, and another one has taken over its work or may do so.
    LeaseLost,
    /// A Control Room in memory has no files.
    InMemory,
    /// The operation works on files, which a Control Room on a server does not have.
    OnServer,
    /// This program was built without PostgreSQL.
    NoPostgres,
    /// The URL does not name a PostgreSQL database.
    InvalidDatabaseUrl,
    /// The URL of the database contains a password.
    PasswordInUrl,
    /// The URL of the database has a parameter that is not supported.
    UnknownUrlParameter,
    /// A Control Room on a server needs a key file.
    KeyFileNeeded,
    /// A value is longer than a value may be, in bytes.
    TooLarge(usize),
    /// A sealed value was changed, or moved from another place.
    Sealed(&'static str),
    /// A row was changed by somebody without the key, or was not written by the Control Room.
    Changed {
        /// The table.
        table: &'static str,
        /// The row, by its name or id.
        row: String,
    },
    /// The database has other tables, indexes, triggers or views than the Control Room makes.
    SchemaChanged(String),
    /// The rows have no codes, although the key is marked as that of a Control Room whose rows have.
    Stripped(PathBuf),
    /// The key belongs to a Control Room whose database is missing.
    MissingDatabase {
        /// The missing file.
        database: PathBuf,
        /// The file of the key.
        key: PathBuf,
    },
    /// It is done, but what was removed may still be in the file.
    NotScrubbed(Box<Self>),
    /// A Control Room was moved to a server, but the former database could not be renamed.
    NotRenamed(Box<Self>),
    /// A column contains a value that this program does not write.
    InvalidColumn(String),
    /// The database is damaged.
    Damaged(PathBuf),
    /// A file or folder cannot be used.
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// Any other error of the database.
    Database(sqlx::Error),
}

impl StoreError {
    /// Whether something was changed by somebody without the key, or is damaged.
    pub fn is_tampering(&self) -> bool {
        matches!(
            self,
            Self::Sealed(_)
                | Self::Changed { .. }
                | Self::SchemaChanged(_)
                | Self::Stripped(_)
                | Self::Damaged(_)
        )
    }

    /// What happened, and what an operator can do about it.
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::NotAFolder(path) => texts::not_a_folder(language, path.display()),
            Self::NoDataFolder => texts::no_data_folder(language).into(),
            Self::ReadOnly => texts::read_only(language).into(),
            Self::Full => texts::full(language).into(),
            Self::NotAControlRoom(path) => texts::not_a_control_room(language, path.display()),
            Self::NewerVersion { found, known } => texts::newer_version(language, found, known),
            Self::MissingKey(path) => texts::missing_key(language, path.display()),
            Self::WrongKey {
                path,
                expected,
                found,
            } => {
                // The present one is needed as well, so nothing is put in its place.
                let advice = match found {
                    Some(file) => texts::key_found(language, file.display()),
                    None => texts::name_the_key(language).into(),
                };
                texts::wrong_key(language, path.display(), expected, advice)
            }
            Self::MalformedKey(path) => texts::malformed_key(language, path.display()),
            Self::KeyReadableByOthers(path) => texts::readable_key(language, path.display()),
            Self::OwnedByAnother(path) => texts::owned_by_another(language, path.display()),
            Self::WritableByOthers(path) => texts::writable_folder(language, path.display()),
            Self::AlreadyThere(path) => texts::already_there(language, path.display()),
            Self::InUse => texts::in_use(language).into(),
            Self::Busy => texts::busy(language).into(),
            Self::LeaseLost => texts::lease_lost(language).into(),
            Self::InMemory => texts::in_memory(language).into(),
            Self::OnServer => texts::on_server(language).into(),
            Self::NoPostgres => texts::no_postgres(language).into(),
            Self::InvalidDatabaseUrl => texts::invalid_database_url(language).into(),
            Self::PasswordInUrl => texts::password_in_url(language).into(),
            Self::UnknownUrlParameter => {
                texts::unknown_url_parameter(language, URL_PARAMETERS.join(", "))
            }
            Self::KeyFileNeeded => texts::key_file_needed(language).into(),
            Self::TooLarge(most) => texts::too_large(language, most),
            Self::Sealed(place) => texts::sealed(language, place),
            Self::Changed { table, row } => texts::changed(language, row, table),
            Self::SchemaChanged(what) => texts::schema_changed(language, what),
            Self::Stripped(path) => texts::stripped(language, path.display()),
            Self::MissingDatabase { database, key } => {
                texts::missing_database(language, database.display(), key.display())
            }
            Self::NotRenamed(error) => texts::not_renamed(language, error.message(language)),
            Self::NotScrubbed(error) => texts::not_scrubbed(language, error.message(language)),
            Self::InvalidColumn(column) => texts::invalid_column(language, column),
            Self::Damaged(path) => texts::damaged(language, path.display()),
            Self::Io { path, source } => format!("{}: {source}", path.display()),
            Self::Database(error) => texts::unusable(language, error),
        }
    }

    /// What a designer is told, whatever the error: only an operator can do something about it.
    pub(crate) fn for_designers(language: Language) -> &'static str {
        texts::unreadable(language)
    }

    /// Converts the operating system's error about a file.
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => Self::Full,
            _ => Self::Io {
                path: path.to_owned(),
                source,
            },
        }
    }

    /// Converts the database's error about a file that may be anything.
    pub(super) fn of_file(path: &Path, error: sqlx::Error) -> Self {
        match code(&error) {
            Some(NOTADB) => Self::NotAControlRoom(path.to_owned()),
            Some(code) if code & PRIMARY == CORRUPT => Self::Damaged(path.to_owned()),
            _ => error.into(),
        }
    }
}

// Result codes of SQLite (https://www.sqlite.org/rescode.html). The upper bytes are details.
const PRIMARY: i32 = 0xff;
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const READONLY: i32 = 8;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const NOTADB: i32 = 26;
const IOERR_WRITE: i32 = 778;
const IOERR_SHMSIZE: i32 = 4874;

fn code(error: &sqlx::Error) -> Option<i32> {
    let error = error.as_database_error()?;
    error.try_downcast_ref::<SqliteError>()?;
    error.code()?.parse().ok()
}

/// The error of the store for a PostgreSQL error code
/// (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
#[cfg(feature = "postgres")]
fn of_postgres(error: &sqlx::Error) -> Option<StoreError> {
    let error = error.as_database_error()?;
    let error = error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>()?;
    match error.code() {
        // A lock was not available in time, or a transaction was idle for too long.
        "55P03" | "25P03" => Some(StoreError::Busy),
        "53100" => Some(StoreError::Full),
        "25006" => Some(StoreError::ReadOnly),
        _ => None,
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::PoolTimedOut => return Self::Busy,
            sqlx::Error::ColumnDecode { index, .. } => return Self::InvalidColumn(index),
            _ => {}
        }
        #[cfg(feature = "postgres")]
        if let Some(error) = of_postgres(&error) {
            return error;
        }
        // A write that fails without a reason has most often reached a limit of the system.
        match code(&error) {
            Some(IOERR_WRITE | IOERR_SHMSIZE) => Self::Full,
            Some(code) => match code & PRIMARY {
                FULL => Self::Full,
                READONLY => Self::ReadOnly,
                BUSY | LOCKED => Self::Busy,
                _ => Self::Database(error),
            },
            None => Self::Database(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_is_said_in_both_languages() {
        let path = || PathBuf::from("/data/x");
        let wrong_key = |found| StoreError::WrongKey {
            path: path(),
            expected: "abc".into(),
            found,
        };
        let changed = StoreError::Changed {
            table: "users",
            row: "ada".into(),
        };
        let missing_database = StoreError::MissingDatabase {
            database: path(),
            key: path(),
        };
        for error in [
            StoreError::NotAFolder(path()),
            StoreError::NoDataFolder,
            StoreError::ReadOnly,
            StoreError::Full,
            StoreError::NotAControlRoom(path()),
            StoreError::NewerVersion { found: 2, known: 1 },
            StoreError::MissingKey(path()),
            wrong_key(None),
            wrong_key(Some(path())),
            StoreError::MalformedKey(path()),
            StoreError::KeyReadableByOthers(path()),
            StoreError::OwnedByAnother(path()),
            StoreError::WritableByOthers(path()),
            StoreError::AlreadyThere(path()),
            StoreError::InUse,
            StoreError::Busy,
            StoreError::LeaseLost,
            StoreError::InMemory,
            StoreError::OnServer,
            StoreError::NoPostgres,
            StoreError::InvalidDatabaseUrl,
            StoreError::PasswordInUrl,
            StoreError::UnknownUrlParameter,
            StoreError::KeyFileNeeded,
            StoreError::TooLarge(1),
            StoreError::Sealed("values"),
            changed,
            StoreError::SchemaChanged("x".into()),
            StoreError::Stripped(path()),
            missing_database,
            StoreError::NotScrubbed(StoreError::Full.into()),
            StoreError::NotRenamed(StoreError::Full.into()),
            StoreError::InvalidColumn("x".into()),
            StoreError::Damaged(path()),
        ] {
            let german = error.message(Language::German);
            assert_ne!(error.to_string(), german);
            for word in ["the", "is", "not", "cannot", "of"] {
                assert!(!german.split(' ').any(|it| it == word), "{german}");
            }
        }
    }
}
