//! Linux' file system in memory, for the folders of tests: a disk takes several times as long to make and to remove files.

use std::fs;
use std::path::Path;
use std::process::Command;

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
            .prefix("bot-runner-tests-")
            .tempdir_in(parent)
    };
    Ok(file_system().map(make).transpose()?)
}

#[cfg(test)]
mod tests {
    use super::runs_programs;

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
