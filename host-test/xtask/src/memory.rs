//! Linux' file system in memory, for the folders of tests: a disk takes several times as long to make and to remove files.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use anyhow::Result;
use tempfile::TempDir;

use xtask::process::output;

const IN_MEMORY: &str = "/dev/shm";

/// The beginnings of the names of folders.
const TESTS: &str = "bot-runner-tests-";
pub(crate) const POSTGRES: &str = "bot-runner-postgres-";

/// A file that is locked as long as its folder is in use.
const LOCK: &str = "in-use";

/// How much of it must be free: the databases of a PostgreSQL server take half of that, and the folders of other tests little.
const ROOM_MIB: u64 = 3 * 1024;

/// The file system, if there is room and programs in it can be run.
pub(crate) fn file_system() -> Option<&'static Path> {
    let mut df = Command::new("df");
    df.args(["--output=avail", "--block-size=1M", IN_MEMORY]);
    let room = output(&mut df).ok()?;
    let room: u64 = room.lines().nth(1)?.trim().parse().ok()?;
    let mounts = fs::read_to_string("/proc/mounts").ok()?;
    (room >= ROOM_MIB && runs_programs(&mounts)).then_some(Path::new(IN_MEMORY))
}

fn runs_programs(mounts: &str) -> bool {
    let mut fields = mounts.lines().map(|line| line.split(' '));
    // The last one covers those before it.
    let found = fields.rfind(|line| line.clone().nth(1) == Some(IN_MEMORY));
    let options = found.and_then(|mut line| line.nth(3));
    options.is_some_and(|options| options.split(',').all(|option| option != "noexec"))
}

/// A folder in memory for what tests make. It is removed when this is dropped.
pub(crate) struct Folder {
    folder: TempDir,
    _lock: File,
}

impl Folder {
    /// Makes it, if there is room.
    ///
    /// # Errors
    ///
    /// If it cannot be made.
    pub(crate) fn new() -> Result<Option<Self>> {
        let Some(parent) = file_system() else {
            return Ok(None);
        };
        let folder = tempfile::Builder::new().prefix(TESTS).tempdir_in(parent)?;
        let lock = lock(folder.path())?;
        Ok(Some(Self {
            folder,
            _lock: lock,
        }))
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Marks a folder as in use, until the file is closed: also by the end of this process, however that comes.
pub(crate) fn lock(folder: &Path) -> Result<File> {
    let file = File::create(folder.join(LOCK))?;
    file.lock()?;
    Ok(file)
}

/// Removes what runs that were killed have left: it would keep its memory until the machine is restarted.
pub(crate) fn clean() {
    remove_abandoned(Path::new(IN_MEMORY));
}

fn remove_abandoned(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_ours = name
            .to_str()
            .is_some_and(|name| [TESTS, POSTGRES].iter().any(|it| name.starts_with(it)));
        // Without the file, it has just been made.
        let lock = File::open(entry.path().join(LOCK)).ok();
        if is_ours && lock.is_some_and(|it| it.try_lock().is_ok()) {
            // What belongs to somebody else stays.
            drop(fs::remove_dir_all(entry.path()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{lock, remove_abandoned, runs_programs};

    #[test]
    fn only_folders_that_nobody_uses_are_removed() {
        let parent = tempfile::tempdir().unwrap();
        let make = |name: &str| {
            let folder = parent.path().join(name);
            fs::create_dir(&folder).unwrap();
            folder
        };
        let used = make("bot-runner-tests-1");
        let _lock = lock(&used).unwrap();
        let abandoned = make("bot-runner-postgres-2");
        drop(lock(&abandoned).unwrap());
        let others = make("other-3");
        drop(lock(&others).unwrap());
        let new = make("bot-runner-tests-4");
        remove_abandoned(parent.path());
        assert!(used.exists() && others.exists() && new.exists());
        assert!(!abandoned.exists());
    }

    #[test]
    fn programs_run_unless_the_last_mount_forbids_it() {
        let mount = |options| format!("tmpfs /dev/shm tmpfs {options} 0 0\n");
        let (with, without) = (mount("rw,nosuid,nodev"), mount("rw,nosuid,noexec"));
        assert!(runs_programs(&with));
        assert!(!runs_programs(&without));
        assert!(runs_programs(&(without.clone() + &with)));
        assert!(!runs_programs(&(with + &without)));
        assert!(!runs_programs("tmpfs /tmp tmpfs rw 0 0\n"));
    }
}
