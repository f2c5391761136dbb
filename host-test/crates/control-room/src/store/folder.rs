//! The location of the store: a folder that only its owner may enter, or memory.
//!
//! Some files in the folder exist only to be locked. The system releases a lock when its process ends, however that
//! ends:
//!
//! - `control-room.lock`: exclusive, held briefly to open the folder or to rotate the key, so that two concurrent first
//!   starts create one key and one set of tables;
//! - `control-room.in-use`: shared, held by every open store; exclusive during a restore;
//! - `control-room.lock-ID`: exclusive, held for exclusive work with the row of that id, such as the refresh of a
//!   connection's token.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::database_url::DatabaseUrl;
use super::error::StoreError;

/// How long to wait for another process that opens the folder or rotates its key.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often to try whether it has released the lock.
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// The location of a Control Room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// This folder, which is created if it does not exist.
    Folder(PathBuf),
    /// Memory; nothing is stored.
    Memory,
    /// This database on a server, if the program is built with the feature `postgres`.
    Database(DatabaseUrl),
}

impl Place {
    /// The platform's folder for data, such as `~/.local/share/bot-runner` on Linux.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoDataFolder`] if the platform has none, as for a user without a home.
    pub fn default_folder() -> Result<PathBuf, StoreError> {
        directories::ProjectDirs::from("", "", "bot-runner")
            .map(|folders| folders.data_dir().to_owned())
            .ok_or(StoreError::NoDataFolder)
    }

    /// Whether there is a Control Room. If that cannot be found out here, this is true, and opening it may fail.
    pub fn exists(&self) -> bool {
        match self {
            Self::Folder(path) => Folder(path.clone()).database().try_exists().unwrap_or(true),
            Self::Memory | Self::Database(_) => true,
        }
    }
}

/// The folder and the names in it.
#[derive(Debug, Clone)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// The folder at a path, which is created if it does not exist.
    pub(super) fn at(path: &Path) -> Result<Self, StoreError> {
        if path.exists() && !path.is_dir() {
            return Err(StoreError::NotAFolder(path.to_owned()));
        }
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        match builder.create(path) {
            Ok(()) => {
                // A folder that others can write to is theirs as well.
                refuse_others(path, 0o022, StoreError::WritableByOthers)?;
                Ok(Self(path.to_owned()))
            }
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                Err(StoreError::NotAFolder(path.to_owned()))
            }
            Err(error) => Err(StoreError::io(path, error)),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn database(&self) -> PathBuf {
        self.0.join("control-room.db")
    }

    pub(super) fn key(&self) -> PathBuf {
        self.0.join("control-room.key")
    }

    /// The lock file for exclusive work.
    pub(super) fn exclusive(&self, name: &str) -> PathBuf {
        self.0.join(format!("control-room.lock-{name}"))
    }

    /// Waits until no other process opens the folder or rotates its key.
    pub(super) async fn lock(&self) -> Result<File, StoreError> {
        lock(self.0.join("control-room.lock")).await
    }

    /// Marks the folder as in use, until the file is closed.
    pub(super) fn in_use(&self) -> Result<File, StoreError> {
        let path = self.0.join("control-room.in-use");
        let file = lock_file(&path)?;
        match file.try_lock_shared() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse),
            Err(TryLockError::Error(error)) => Err(StoreError::io(&path, error)),
        }
    }

    /// Ensures that no other store uses the folder, until the file is closed.
    pub(super) fn alone(&self) -> Result<File, StoreError> {
        let path = self.0.join("control-room.in-use");
        let file = lock_file(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse),
            Err(TryLockError::Error(error)) => Err(StoreError::io(&path, error)),
        }
    }
}

/// Refuses what belongs to another user, who can change it at any time, or gives others one of the permissions in `mask`.
/// Windows keeps the folders of users apart by itself.
pub(super) fn refuse_others(
    path: &Path,
    mask: u32,
    error: fn(PathBuf) -> StoreError,
) -> Result<(), StoreError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let metadata = fs::metadata(path).map_err(|error| StoreError::io(path, error))?;
        if metadata.uid() != rustix::process::geteuid().as_raw() {
            return Err(StoreError::OwnedByAnother(path.to_owned()));
        }
        if metadata.mode() & mask != 0 {
            return Err(error(path.to_owned()));
        }
    }
    #[cfg(not(unix))]
    let _ = (path, mask, error);
    Ok(())
}

/// Waits until no other process has locked this file, and locks it until the returned file is closed.
pub(super) async fn lock(path: PathBuf) -> Result<File, StoreError> {
    let file = lock_file(&path)?;
    let waiting = move || {
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) if start.elapsed() < PATIENCE => {
                    std::thread::sleep(POLL_INTERVAL);
                }
                Err(TryLockError::WouldBlock) => return Err(StoreError::Busy),
                Err(TryLockError::Error(error)) => return Err(StoreError::io(&path, error)),
            }
        }
    };
    tokio::task::spawn_blocking(waiting)
        .await
        .unwrap_or(Err(StoreError::Busy))
}

pub(super) fn lock_file(path: &Path) -> Result<File, StoreError> {
    private()
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(|error| StoreError::io(path, error))
}

/// Options that open a file for writing. If they create it, only its owner may read it.
pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Creates a file that only its owner may read. It is on disk when this returns.
pub(super) fn write_new(path: &Path, content: &[u8]) -> Result<(), StoreError> {
    let mut file = match private().create_new(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(StoreError::AlreadyThere(path.to_owned()));
        }
        Err(error) => return Err(StoreError::io(path, error)),
    };
    let written = file.write_all(content).and_then(|()| file.sync_all());
    if let Err(error) = written {
        let _ = fs::remove_file(path);
        return Err(StoreError::io(path, error));
    }
    sync_folder_of(path)
}

/// Renames a file within its folder, atomically. That is on disk when this returns.
pub(super) fn rename(from: &Path, to: &Path) -> Result<(), StoreError> {
    fs::rename(from, to).map_err(|error| StoreError::io(to, error))?;
    sync_folder_of(to)
}

/// Renames a file within its folder, unless the new name is taken.
pub(super) fn rename_new(from: &Path, to: &Path) -> Result<(), StoreError> {
    match fs::hard_link(from, to) {
        Ok(()) => remove(from)?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(StoreError::AlreadyThere(to.to_owned()));
        }
        // On a file system without links, a file that takes the name in between is overwritten.
        Err(_) => {
            refuse_taken(to)?;
            fs::rename(from, to).map_err(|error| StoreError::io(to, error))?;
        }
    }
    sync_folder_of(to)
}

/// Fails if the name is taken.
pub(super) fn refuse_taken(path: &Path) -> Result<(), StoreError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Err(StoreError::AlreadyThere(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(StoreError::io(path, error)),
    }
}

/// Removes a file if it exists.
pub(super) fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StoreError::io(path, error)),
        _ => Ok(()),
    }
}

/// The path with a suffix appended to its last component.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

/// A created, renamed or removed name is on disk only when its folder is.
pub(super) fn sync_folder_of(path: &Path) -> Result<(), StoreError> {
    // Windows writes names through, and opens no folders.
    #[cfg(unix)]
    {
        let folder = match path.parent() {
            Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
            Some(folder) => folder,
            None => return Ok(()),
        };
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|error| StoreError::io(folder, error))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rename_new_does_not_overwrite() {
        let folder = tempfile::tempdir().unwrap();
        let [part, file] = ["part", "file"].map(|name| folder.path().join(name));
        fs::write(&part, "whole").unwrap();
        fs::write(&file, "mine").unwrap();
        for error in [rename_new(&part, &file), refuse_taken(&file)] {
            assert!(
                matches!(error, Err(StoreError::AlreadyThere(_))),
                "{error:?}"
            );
        }
        assert_eq!(fs::read(&file).unwrap(), b"mine");
        fs::remove_file(&file).unwrap();
        refuse_taken(&file).unwrap();
        rename_new(&part, &file).unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"whole");
        assert!(!part.exists());
    }
}
