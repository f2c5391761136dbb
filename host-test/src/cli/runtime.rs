//! Starts the asynchronous runtime, or says what the system lacks for it.

use std::fs::File;
use std::io;
use std::num::NonZero;
use std::sync::mpsc;
use std::thread::{self, available_parallelism};

use anyhow::Context;
use tokio::runtime::{Builder, Runtime};

use super::locale::language;
use super::messages;

/// How many files the runtime opens at its start, with some to spare: what waits for sockets, and what for signals.
const FILES: usize = 12;

/// How many threads a command starts, besides two per processor: for computing, for files and for names of hosts. With
/// fewer, it may wait for one forever.
const THREADS: usize = 8;

/// How many of them to ask for at once where the address space is limited: the C library reserves 64 MiB of it for each
/// thread, and keeps it for later ones.
const THREADS_IN_LITTLE_SPACE: usize = 4;

/// A runtime with a thread per processor.
///
/// # Errors
///
/// If the system allows too few open files or threads.
pub(crate) fn start() -> anyhow::Result<Runtime> {
    // The runtime panics if it lacks one of these, so ask for them first, and give them back.
    can_open_files().context(messages::too_few_files(language()))?;
    can_start_threads().context(messages::too_few_threads(language()))?;
    let runtime = Builder::new_multi_thread().enable_all().build();
    runtime.context(messages::cannot_start(language()))
}

fn can_open_files() -> io::Result<()> {
    if cfg!(unix) {
        let opened = (0..FILES).map(|_| File::open("/dev/null"));
        opened.collect::<io::Result<Vec<_>>>()?;
    }
    Ok(())
}

fn can_start_threads() -> io::Result<()> {
    let count = if is_address_space_limited() {
        THREADS_IN_LITTLE_SPACE
    } else {
        THREADS + 2 * available_parallelism().map_or(1, NonZero::get)
    };
    let mut started = Vec::new();
    for _ in 0..count {
        // Each ends when its sender is dropped.
        let (sender, receiver) = mpsc::channel::<()>();
        let wait = move || {
            let _ = receiver.recv();
        };
        started.push((sender, thread::Builder::new().spawn(wait)?));
    }
    for (sender, thread) in started {
        drop(sender);
        let _ = thread.join();
    }
    Ok(())
}

fn is_address_space_limited() -> bool {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit};
        getrlimit(Resource::As).current.is_some()
    }
    #[cfg(not(unix))]
    false
}
