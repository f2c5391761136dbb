//! Where the store lies: a folder that only its owner may enter, or memory.
//!
//! Some files in the folder are there only to be locked. Locks end with the process that holds them,
//! however it ends:
//!
//! - `control-room.lock`: held for a moment by whoever opens the folder or changes its key, one at a
//!   time, so that two first starts end with one key and one set of tables;
//! - `control-room.in-use`: held by every open store, together; restoring needs it alone;
//! - `control-room.lock-ID`: held by whoever does what may be done by one at a time with the row of that
//!   id, such as refreshing a connection.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::error::StoreError;

/// How long to wait for another process that opens the folder or changes its key.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often to look whether it is done.
const PERIOD: Duration = Duration::from_millis(10);

/// Where a Control Room keeps what it keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In this folder, which is made where it does not exist.
    Folder(PathBuf),
    /// In memory: nothing is kept.
    Memory,
}

impl Place {
    /// The platform's folder for data, such as `~/.local/share/bot-runner` on Linux.
    ///
    /// # Errors
    ///
    /// Where the platform has none, as for a user without a home.
    pub fn default_folder() -> Result<PathBuf, StoreError> {
        directories::ProjectDirs::from("", "", "bot-runner")
            .map(|folders| folders.data_dir().to_owned())
            .ok_or(StoreError::NoDataFolder)
    }

    /// Whether there is a Control Room, or may be one that cannot be seen. Opening tells.
    pub fn exists(&self) -> bool {
        match self {
            Self::Folder(path) => Folder(path.clone()).database().try_exists().unwrap_or(true),
            Self::Memory => true,
        }
    }
}

/// The folder and the names in it.
#[derive(Debug, Clone)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// The folder at a path, made where it does not exist.
    pub(super) fn at(path: &Path) -> Result<Self, StoreError> {
        if path.exists() && !path.is_dir() {
            return Err(StoreError::NotAFolder(path.to_owned()));
        }
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        match builder.create(path) {
            Ok(()) => Ok(Self(path.to_owned())),
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

    /// The file to lock for what is done by one at a time.
    pub(super) fn exclusive(&self, name: &str) -> PathBuf {
        self.0.join(format!("control-room.lock-{name}"))
    }

    /// Waits until no other process opens the folder or changes its key.
    pub(super) async fn lock(&self) -> Result<File, StoreError> {
        let path = self.0.join("control-room.lock");
        let file = lock_file(&path)?;
        let waiting = move || {
            let start = Instant::now();
            loop {
                match file.try_lock() {
                    Ok(()) => return Ok(file),
                    Err(TryLockError::WouldBlock) if start.elapsed() < PATIENCE => {
                        std::thread::sleep(PERIOD);
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

    /// Says that this process uses the folder, for as long as the file is open.
    pub(super) fn in_use(&self) -> Result<File, StoreError> {
        let path = self.0.join("control-room.in-use");
        let file = lock_file(&path)?;
        match file.try_lock_shared() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse),
            Err(TryLockError::Error(error)) => Err(StoreError::io(&path, error)),
        }
    }

    /// Makes sure that nobody uses the folder, for as long as the file is open.
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

pub(super) fn lock_file(path: &Path) -> Result<File, StoreError> {
    private()
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(|error| StoreError::io(path, error))
}

/// How to open a file for writing that only its owner may read, where it is made.
pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes a new file, which only its owner may read, and has it on disk when it returns.
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

/// Gives a file another name, in the same folder and in one step, and has that on disk when it
/// returns.
pub(super) fn rename(from: &Path, to: &Path) -> Result<(), StoreError> {
    fs::rename(from, to).map_err(|error| StoreError::io(to, error))?;
    sync_folder_of(to)
}

/// Gives a whole file its name, in the same folder, unless something has that name already.
pub(super) fn rename_new(from: &Path, to: &Path) -> Result<(), StoreError> {
    match fs::hard_link(from, to) {
        Ok(()) => remove(from)?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(StoreError::AlreadyThere(to.to_owned()));
        }
        // Some file systems know no links: there, whoever takes the name in between loses it.
        Err(_) => {
            refuse_taken(to)?;
            fs::rename(from, to).map_err(|error| StoreError::io(to, error))?;
        }
    }
    sync_folder_of(to)
}

/// Fails where something has this name.
pub(super) fn refuse_taken(path: &Path) -> Result<(), StoreError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Err(StoreError::AlreadyThere(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(StoreError::io(path, error)),
    }
}

/// Removes a file where there is one.
pub(super) fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StoreError::io(path, error)),
        _ => Ok(()),
    }
}

/// The path with something appended to its last name.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

/// A new name, or a name that is gone, is on disk only when its folder is.
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
    fn a_new_name_is_taken_from_nobody() {
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
