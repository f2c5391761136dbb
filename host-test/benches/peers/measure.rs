//! What is read off clocks and the operating system.

use std::fs;
use std::time::Duration;

use anyhow::Context;
use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage, setrlimit};

/// CPU time that this process has used so far, in user and in kernel mode.
pub(crate) fn cpu() -> anyhow::Result<Duration> {
    cpu_of(UsageWho::RUSAGE_SELF)
}

/// CPU time of the child processes that have ended and were waited for.
pub(crate) fn cpu_of_children() -> anyhow::Result<Duration> {
    cpu_of(UsageWho::RUSAGE_CHILDREN)
}

fn cpu_of(who: UsageWho) -> anyhow::Result<Duration> {
    let usage = getrusage(who)?;
    let spent = usage.user_time() + usage.system_time();
    let micros = spent.tv_sec() * 1_000_000 + spent.tv_usec();
    Ok(Duration::from_micros(micros.try_into()?))
}

/// As many file descriptors as this process and its children may have.
pub(crate) fn allow_many_files() -> anyhow::Result<()> {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, most, most).context("file descriptors")
}

/// How many file descriptors this process may have.
pub(crate) fn files_allowed() -> anyhow::Result<u64> {
    Ok(getrlimit(Resource::RLIMIT_NOFILE)?.0)
}

/// The memory of this process, in KiB. What the kernel holds for its sockets is not in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    /// The pages that it has. One that is mapped often counts once (PSS).
    pub(crate) used: f64,
    /// The pages that are mapped. One that is mapped often, as those of the component's image are by every
    /// instance, counts as often (RSS).
    pub(crate) mapped: f64,
}

impl Memory {
    pub(crate) fn look() -> anyhow::Result<Self> {
        let rollup = fs::read_to_string("/proc/self/smaps_rollup")?;
        let number = |name: &str| -> anyhow::Result<f64> {
            let line = rollup.lines().find_map(|line| line.strip_prefix(name));
            let first = line.and_then(|line| line.split_whitespace().next());
            Ok(first.context("/proc/self/smaps_rollup")?.parse()?)
        };
        Ok(Self {
            used: number("Pss:")?,
            mapped: number("Rss:")?,
        })
    }
}

pub(crate) fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// The median, in microseconds.
pub(crate) fn median(times: &[Duration]) -> f64 {
    let mut times = times.to_vec();
    times.sort_unstable();
    times.get(times.len() / 2).copied().map_or(f64::NAN, micros)
}
