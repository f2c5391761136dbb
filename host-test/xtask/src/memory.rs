//! Linux' file system in memory, for the folders of tests: a disk takes several times as long to make and to remove files.

use std::fs;
use std::path::Path;
use std::process::{self, Command};

use anyhow::Result;
use tempfile::TempDir;

use xtask::process::output;

const IN_MEMORY: &str = "/dev/shm";

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

/// A folder in memory for what tests make, if there is room. It is removed when this is dropped.
///
/// # Errors
///
/// If it cannot be made.
pub(crate) fn folder() -> Result<Option<TempDir>> {
    let make = |parent| {
        tempfile::Builder::new()
            .prefix(&own_name("bot-runner-tests"))
            .tempdir_in(parent)
    };
    Ok(file_system().map(make).transpose()?)
}

/// The beginning of the name of a folder of this process.
pub(crate) fn own_name(kind: &str) -> String {
    format!("{kind}-{}-", process::id())
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
        if name
            .to_str()
            .and_then(owner)
            .is_some_and(|id| !Path::new("/proc").join(id).exists())
        {
            // What belongs to somebody else stays.
            drop(fs::remove_dir_all(entry.path()));
        }
    }
}

/// The process to which a folder with an [`own_name`] belongs.
fn owner(name: &str) -> Option<&str> {
    let kinds = ["bot-runner-tests-", "bot-runner-postgres-"];
    let rest = kinds.iter().find_map(|kind| name.strip_prefix(kind))?;
    let (id, _) = rest.split_once('-')?;
    id.bytes().all(|it| it.is_ascii_digit()).then_some(id)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{own_name, remove_abandoned, runs_programs};

    #[test]
    fn only_folders_of_processes_that_have_ended_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let own = own_name("bot-runner-tests") + "x";
        // No process has this number.
        let others = [
            "bot-runner-postgres-4294967295-x",
            "bot-runner-tests-x",
            "other-4294967295-x",
        ];
        for name in others.into_iter().chain([own.as_str()]) {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        remove_abandoned(folder.path());
        let is_there = |name: &str| folder.path().join(name).exists();
        assert!(!is_there(others[0]));
        assert!(is_there(others[1]) && is_there(others[2]) && is_there(&own));
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
