//! Backup and restore of the database.
//!
//! A backup contains no key. Without the key it is useless, to its owner as well as to a thief.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnection;

use super::error::StoreError;
use super::file::{Content, inspect_file};
use super::folder::{
    Folder, private, refuse_taken, remove, rename, rename_new, sync_folder_of, with_suffix,
    write_new,
};
use super::key::{Key, KeyFiles, KeySource};
use super::random::row_id;
use super::schema::Sharing;
use super::seal::{self, QUEUED_WORK};
use super::sql::{Connection, query, query_scalar};
use super::{Store, integrity, schema};
use crate::timestamp::Timestamp;

impl Store {
    /// Writes a consistent copy of the store to a new file that only its owner may read. The store may be in use
    /// meanwhile.
    ///
    /// # Errors
    ///
    /// If the file exists already, or it cannot be written. No file is left behind then.
    pub async fn backup(&self, file: &Path) -> Result<(), StoreError> {
        self.0.database.file()?.home()?;
        refuse_taken(file)?;
        let part = Part::of(file)?;
        self.copy_to(&part.path).await?;
        rename_new(&part.path, file)
    }

    async fn copy_to(&self, part: &Path) -> Result<(), StoreError> {
        let name = part.to_str().ok_or_else(|| StoreError::Io {
            path: part.to_owned(),
            source: io::Error::new(io::ErrorKind::InvalidFilename, "the name is not in Unicode"),
        })?;
        sqlx::query("VACUUM INTO $1")
            .bind(existing(name))
            .execute(&self.0.database.file()?.pool)
            .await?;
        sync(part)
    }

    /// Replaces the database in a folder with a copy that [`Store::backup`] made, atomically. The replaced database is
    /// kept beside it, as `control-room.db.before-restore`.
    ///
    /// No store may have the folder open; one of this process is closed with [`Store::close`]. The folder need not
    /// exist. The key must: it is the one that was in force when the copy was made. If the key was rotated since,
    /// name the file of the former key.
    ///
    /// # Errors
    ///
    /// If the copy is not a complete Control Room of a known version that the key opens, if a row or the schema of it was
    /// changed without the key, if the folder is in use, or
    /// if an earlier restore has left a file. The folder is unchanged then.
    pub async fn restore(folder: &Path, key: &KeySource, file: &Path) -> Result<(), StoreError> {
        // Before the folder is created, in case the name is mistyped.
        let opened = File::open(file).map_err(|error| StoreError::io(file, error))?;
        drop(opened);
        let folder = Folder::at(folder)?;
        let _lock = folder.lock().await?;
        let _alone = folder.alone()?;
        let replaced = Replaced::of(&folder.database());
        replaced.refuse_existing_copy()?;

        let key_files = KeyFiles::new(key, &folder);
        settle(&replaced.database, &key_files).await;

        let copy = with_suffix(&replaced.database, ".restoring");
        let replace = async {
            copy_file(file, &copy)?;
            check(&copy, file, &key_files).await?;
            sync(&copy)?;
            replaced.keep()?;
            rename(&copy, &replaced.database)
        };
        let result = replace.await;
        if result.is_err() {
            for suffix in ["", "-wal", "-shm", "-journal"] {
                let _ = remove(&with_suffix(&copy, suffix));
            }
        }
        result
    }
}

/// The name of a file that has to exist, as SQLite takes it: one that was removed meanwhile is not created again.
fn existing(name: &str) -> String {
    if cfg!(windows) {
        return name.to_owned();
    }
    let mut uri = String::from("file:");
    for byte in name.bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' => uri.push(byte.into()),
            _ if byte.is_ascii_alphanumeric() => uri.push(byte.into()),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri + "?mode=rw"
}

/// A backup that is being written, under a unique name: an incomplete copy must neither look like a backup nor block the
/// next one. Its file is removed when this is dropped; or, if its process was killed, by the next backup to the same
/// folder.
struct Part {
    path: PathBuf,
    /// Locked as long as the backup is being written.
    _file: File,
}

impl Part {
    fn of(file: &Path) -> Result<Self, StoreError> {
        remove_abandoned(file);
        let path = with_suffix(file, &format!(".{}{PART}", row_id()));
        write_new(&path, b"")?;
        let opened = File::open(&path).map_err(|error| StoreError::io(&path, error))?;
        // Without locks, another backup could take it for abandoned; it would then fail. On Windows, a lock would keep
        // SQLite from writing, and a file that is in use cannot be removed.
        if cfg!(not(windows)) {
            let _ = opened.try_lock();
        }
        Ok(Self {
            path,
            _file: opened,
        })
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let _ = remove(&self.path);
        let _ = remove(&with_suffix(&self.path, JOURNAL));
    }
}

/// The last part of the name of a backup that is being written.
const PART: &str = ".part";

/// What SQLite appends for the journal of a file.
const JOURNAL: &str = "-journal";

/// Removes what backups to the folder of this file have left whose processes were killed, whatever their names: many have the
/// date in it. What cannot be removed does no harm.
fn remove_abandoned(file: &Path) {
    let folder = file.parent().filter(|it| !it.as_os_str().is_empty());
    let Ok(entries) = fs::read_dir(folder.unwrap_or(Path::new("."))) else {
        return;
    };
    for entry in entries.flatten() {
        let found = entry.file_name();
        let id = found.to_str().and_then(|found| {
            let part = found.strip_suffix(JOURNAL).unwrap_or(found);
            let (_, id) = part.strip_suffix(PART)?.rsplit_once('.')?;
            Some(id)
        });
        let is_part =
            id.is_some_and(|id| id.len() == 32 && id.chars().all(|c| c.is_ascii_hexdigit()));
        if !is_part {
            continue;
        }
        let path = entry.path();
        // The journal goes with its backup, which is locked as long as it is being written.
        let part = path.to_str().and_then(|it| it.strip_suffix(JOURNAL));
        let part = part.map_or(path.clone(), PathBuf::from);
        let is_abandoned = match File::open(&part) {
            Ok(file) => file.try_lock().is_ok(),
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        };
        if is_abandoned {
            let _ = remove(&path);
        }
    }
}

/// The database to be replaced, and the name of the copy that is kept of it.
struct Replaced {
    database: PathBuf,
    backup: PathBuf,
}

impl Replaced {
    fn of(database: &Path) -> Self {
        Self {
            database: database.to_owned(),
            backup: with_suffix(database, ".before-restore"),
        }
    }

    fn refuse_existing_copy(&self) -> Result<(), StoreError> {
        if self.backup.exists() {
            return Err(StoreError::AlreadyThere(self.backup.clone()));
        }
        Ok(())
    }

    /// Copies the present database, and removes its auxiliary files, as SQLite would apply an old `-wal` to the new
    /// database. A `-wal` is left if the database is too damaged to be opened and closed.
    fn keep(&self) -> Result<(), StoreError> {
        if !self.database.exists() {
            return Ok(());
        }
        let wal = with_suffix(&self.database, "-wal");
        if wal.exists() {
            copy_file(&wal, &with_suffix(&self.backup, "-wal"))?;
        }
        let part = with_suffix(&self.backup, ".part");
        copy_file(&self.database, &part)?;
        rename(&part, &self.backup)?;
        remove(&wal)?;
        remove(&with_suffix(&self.database, "-shm"))?;
        sync_folder_of(&self.database)
    }
}

/// Completes interrupted work on the present database and its key files. A damaged database, which may be the reason
/// for the restore, is left as it is.
async fn settle(database: &Path, key_files: &KeyFiles) {
    if !database.exists() {
        return;
    }
    if let Ok(mut connection) = schema::connect(database, Sharing::Shared).await {
        if let Ok((_, Some(key))) = inspect_file(&mut connection, database, key_files).await {
            // If that fails, the next process that opens the folder does it.
            let _ = key_files.settle(&key);
        }
        schema::close(connection).await;
    }
}

/// Checks that a copy is a complete Control Room that the key opens.
async fn check(copy: &Path, file: &Path, key_files: &KeyFiles) -> Result<(), StoreError> {
    let mut connection = schema::connect(copy, Sharing::Shared).await?;
    let inspected = async {
        match inspect_file(&mut connection, file, key_files).await? {
            (content, Some(key)) => {
                content.refuse_stripped(&key, file)?;
                check_content(&mut connection, file, &content, &key).await
            }
            _ => Err(StoreError::NotAControlRoom(file.to_owned())),
        }
    };
    let inspected = inspected.await;
    schema::close(connection).await;
    inspected
}

async fn check_content(
    connection: &mut SqliteConnection,
    file: &Path,
    content: &Content,
    key: &Key,
) -> Result<(), StoreError> {
    let found: String = sqlx::query_scalar("PRAGMA integrity_check(1)")
        .fetch_one(&mut *connection)
        .await
        .map_err(|error| StoreError::of_file(file, error))?;
    if found != "ok" {
        return Err(StoreError::Damaged(file.to_owned()));
    }
    if let Content::Sealed(..) = content {
        // The codes of an earlier version's rows are valid in the tables of this one.
        schema::migrate(connection, file).await?;
        integrity::verify_all(&mut Connection::Sqlite(connection), key).await?;
        end_queued_runs(connection, key).await?;
        reset_next_times(connection, key).await?;
    }
    // What an earlier version had removed may still be in the copy.
    sqlx::query("VACUUM").execute(connection).await?;
    Ok(())
}

/// Ends the runs that were in the queue when the copy was made as lost. They may have gone on since then, and no step that
/// changes something may run twice. The rows were verified.
async fn end_queued_runs(connection: &mut SqliteConnection, key: &Key) -> Result<(), StoreError> {
    let queued = "SELECT EXISTS (SELECT 1 FROM queued_runs WHERE state IN ('queued', 'running'))";
    if !sqlx::query_scalar(queued)
        .fetch_one(&mut *connection)
        .await?
    {
        return Ok(());
    }
    let mut tx = connection.begin().await?;
    sqlx::query(
        "UPDATE runs SET ended_at = $1, outcome = 'lost', \
         lost_at_step = (SELECT changing_step FROM queued_runs WHERE run_id = runs.id) \
         WHERE id IN (SELECT run_id FROM queued_runs WHERE state IN ('queued', 'running'))",
    )
    .bind(Timestamp::now().0)
    .execute(&mut *tx)
    .await?;
    let mut tx = Connection::InSqlite(tx);
    // The sessions that it may have open are closed by a worker.
    let left = "SELECT run_id FROM queued_runs \
                WHERE state IN ('queued', 'running') AND sealed_sessions IS NOT NULL";
    let left: Vec<String> = query_scalar(left).fetch_all(&mut tx).await?;
    for run in left {
        let nothing = seal::seal(key, &QUEUED_WORK, &[&run], &SecretString::default())?;
        query("UPDATE queued_runs SET state = 'lost', sealed_work = $1 WHERE run_id = $2")
            .bind(nothing)
            .bind(run)
            .execute(&mut tx)
            .await?;
    }
    query("DELETE FROM queued_runs WHERE state IN ('queued', 'running')")
        .execute(&mut tx)
        .await?;
    integrity::authenticate_all(&mut tx, key).await?;
    Ok(tx.commit().await?)
}

/// Lets schedules calculate their next times anew: what they have started since the copy was made is unknown, and no bot may
/// start twice for the same time. The rows were verified.
async fn reset_next_times(connection: &mut SqliteConnection, key: &Key) -> Result<(), StoreError> {
    let mut tx = Connection::InSqlite(connection.begin().await?);
    let reset = query("UPDATE schedules SET next_at = NULL WHERE next_at IS NOT NULL")
        .execute(&mut tx)
        .await?;
    if reset > 0 {
        integrity::authenticate_all(&mut tx, key).await?;
    }
    Ok(tx.commit().await?)
}

/// Copies a file to one that only its owner may read, replacing what an interrupted restore has left.
fn copy_file(from: &Path, to: &Path) -> Result<(), StoreError> {
    let open = |path: &Path, options: &OpenOptions| {
        options
            .open(path)
            .map_err(|error| StoreError::io(path, error))
    };
    remove(to)?;
    let source = open(from, OpenOptions::new().read(true))?;
    let mut copy = open(to, private().create_new(true))?;
    // A device has no end.
    let size = source
        .metadata()
        .map_err(|error| StoreError::io(from, error))?;
    if !size.is_file() {
        return Err(StoreError::NotAControlRoom(from.to_owned()));
    }
    io::copy(&mut source.take(size.len()), &mut copy)
        .and_then(|_| copy.sync_all())
        .map_err(|error| StoreError::io(to, error))?;
    sync_folder_of(to)
}

fn sync(path: &Path) -> Result<(), StoreError> {
    // Windows can flush only files that are open for writing.
    OpenOptions::new()
        .write(true)
        .open(path)
        .and_then(|file| file.sync_all())
        .map_err(|error| StoreError::io(path, error))
}
