//! Errors of the store, one variant for each thing that can be done about it. No message contains a value or a key.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why the store cannot be opened, read or written. Whatever it is, nothing was overwritten.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The data folder is a file.
    #[error("{} is a file; name a folder for the data", .0.display())]
    NotAFolder(PathBuf),
    /// The platform has no folder for data.
    #[error("this platform has no folder for data; specify one")]
    NoDataFolder,
    /// The folder, or the file in it, may not be written to.
    #[error("the data folder is not writable; grant write access, or choose another folder")]
    ReadOnly,
    /// The disk is full, or the file has reached a limit.
    #[error("the disk is full; free some space, and try again")]
    Full,
    /// The file belongs to another program, or is not a database.
    #[error("{} is not the database of a Control Room; choose another folder or file", .0.display())]
    NotAControlRoom(PathBuf),
    /// A later version of this program has changed the file.
    #[error(
        "the Control Room was last used by a newer version of this program (its tables have version \
         {found}, this program knows {known}); use the newer one"
    )]
    NewerVersion {
        /// The version of the tables.
        found: i64,
        /// The latest one known here.
        known: i64,
    },
    /// The database exists, but its key does not.
    #[error(
        "the key file {} is missing, and nothing can be read without it; put it back, or name it \
         with CONTROL_ROOM_KEY_FILE", .0.display()
    )]
    MissingKey(PathBuf),
    /// The key is not the one that the database was sealed with.
    #[error(
        "the key in {} is not the one that is needed, which has the ID {expected}; {}", path.display(), advice(found.as_deref())
    )]
    WrongKey {
        /// The file with the key.
        path: PathBuf,
        /// The id of the key that is needed.
        expected: String,
        /// The file of that key, if it lies beside the present one.
        found: Option<PathBuf>,
    },
    /// The key file does not contain a key.
    #[error(
        "{} does not contain a key; a key is 32 bytes in base64, on one line", .0.display()
    )]
    MalformedKey(PathBuf),
    /// Others than its owner may read or change the key file.
    #[error(
        "others can read or change the key file {path}; run `chmod 600 {path}`, and rotate the key if \
         somebody may have read it", path = .0.display()
    )]
    KeyReadableByOthers(PathBuf),
    /// The folder or the key file belongs to another user.
    #[error("{} belongs to another user; whoever uses the Control Room has to own it", .0.display())]
    OwnedByAnother(PathBuf),
    /// Others than its owner may write to the folder.
    #[error(
        "others can write to the data folder {path}; run `chmod go-w {path}`, and check that nobody has changed anything \
         in it", path = .0.display()
    )]
    WritableByOthers(PathBuf),
    /// A file exists that would be overwritten.
    #[error("{} exists already; move it away first", .0.display())]
    AlreadyThere(PathBuf),
    /// Another process has the Control Room open, which this operation does not allow.
    #[error("another process uses this Control Room; stop it first")]
    InUse,
    /// Another process held a lock for too long.
    #[error("another process keeps this Control Room busy; try again")]
    Busy,
    /// A Control Room in memory has no files.
    #[error(
        "this Control Room is in memory: there is nothing on disk to save or restore, and no key to rotate"
    )]
    InMemory,
    /// A value is longer than a value may be, in bytes.
    #[error("the value has more than {0} bytes")]
    TooLarge(usize),
    /// A sealed value was changed, or moved from another place.
    #[error(
        "a value in {0} cannot be decrypted: the file was changed from outside; restore a backup"
    )]
    Sealed(&'static str),
    /// A row was changed by somebody without the key, or was not written by the Control Room.
    #[error(
        "\"{row}\" in the table {table} was changed from outside, and is not used; restore a backup"
    )]
    Changed {
        /// The table.
        table: &'static str,
        /// The row, by its name or id.
        row: String,
    },
    /// The database has other tables, indexes, triggers or views than the Control Room makes.
    #[error(
        "the structure of the database was changed from outside ({0}), and it is not used; restore a backup"
    )]
    SchemaChanged(String),
    /// The rows have no codes, although the key is marked as that of a Control Room whose rows have.
    #[error(
        "{} was stripped of its protection, or was made before there was any, by a version of this program that could \
         not tell whether somebody without the key had changed it; if you know that nobody has, name a copy of the key \
         file without the line \"sealed\" with CONTROL_ROOM_KEY_FILE", .0.display()
    )]
    Stripped(PathBuf),
    /// The key belongs to a Control Room whose database is missing.
    #[error(
        "there is no database {}, but the key in {} belongs to one; put a backup in its place with `control-room restore`, \
         or move the key file away to begin anew", .database.display(), .key.display()
    )]
    MissingDatabase {
        /// The missing file.
        database: PathBuf,
        /// The file of the key.
        key: PathBuf,
    },
    /// It is done, but what was removed may still be in the file.
    #[error(
        "it is done, but what was removed may still be in the file, encrypted: {0}; `control-room rotate-key` tries \
         again"
    )]
    NotScrubbed(Box<Self>),
    /// A column contains a value that this program does not write.
    #[error("the database was changed from outside (column {0}); restore a backup")]
    InvalidColumn(String),
    /// The database is damaged.
    #[error("the file {} is damaged; restore a backup", .0.display())]
    Damaged(PathBuf),
    /// A file or folder cannot be used.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// Any other error of the database.
    #[error("the database cannot be used: {0}")]
    Database(sqlx::Error),
}

/// Where the needed key is. The present one is needed as well, so nothing is put in its place.
fn advice(found: Option<&Path>) -> String {
    match found {
        Some(file) => format!(
            "that key is in {file}: set CONTROL_ROOM_KEY_FILE={file}",
            file = file.display()
        ),
        None => "name its file with CONTROL_ROOM_KEY_FILE".into(),
    }
}

impl StoreError {
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
    error.as_database_error()?.code()?.parse().ok()
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::PoolTimedOut => return Self::Busy,
            sqlx::Error::ColumnDecode { index, .. } => return Self::InvalidColumn(index),
            _ => {}
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
