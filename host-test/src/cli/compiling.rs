//! Compiles components of strangers in a process whose time and memory are limited (`bot-runner compile-component`).
//!
//! A small file can be made so that compiling it takes minutes and gigabytes. `action-host` refuses what can be judged
//! before. The rest is tried in a child process: if that compiles it, or finds an error in it, this process can do so as
//! well.

use std::io::{self, Read, Write};
use std::process::{Command, Stdio};

use action_host::{Host, Limits};
use anyhow::Context;

use super::component_messages as texts;
use super::locale::{language, locale};
use super::{Outcome, log, messages};

/// The name of the hidden command.
const COMMAND: &str = "compile-component";

/// Computing time of all threads together, in seconds. The OAuth action takes less than one; without optimization of the
/// compiler, three.
const MAX_SECONDS: u64 = 60;

/// Address space, in bytes.
const MAX_MEMORY: u64 = 2 << 30;

/// Whether this component can be compiled within the limits. An error in it is reported when it is loaded.
///
/// # Errors
///
/// If it takes too much time or memory.
pub(crate) async fn check(component: &[u8]) -> anyhow::Result<()> {
    let component = component.to_vec();
    let compiled = tokio::task::spawn_blocking(move || in_child(&component)).await?;
    compiled.context(texts::no_process_for_compiling(language()))?
}

/// The outer error is one of the child process, the inner one of the component.
fn in_child(component: &[u8]) -> io::Result<anyhow::Result<()>> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg(COMMAND)
        // glibc reserves 64 MiB for each arena, and by default has one per thread: with many processors, these alone
        // would exceed the limit.
        .env("MALLOC_ARENA_MAX", "2")
        // Its standard error is for its message alone, in the language of the rest of the error.
        .env_remove("RUST_LOG")
        .env_remove(log::FORMAT)
        .env("LC_ALL", locale())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        // It may have ended before it has read all.
        let _ = input.write_all(component);
    }
    let ended = child.wait_with_output()?;
    interpret_exit(ended.status.code(), &String::from_utf8_lossy(&ended.stderr))
}

/// Interprets the child's exit status (`None` after a signal) and its standard error.
fn interpret_exit(status: Option<i32>, stderr: &str) -> io::Result<anyhow::Result<()>> {
    match status {
        // Compiled, or an error in the component, which is reported when it is loaded.
        Some(0 | 1) => Ok(Ok(())),
        // It could not begin: too few threads or files, or too little memory for any component.
        Some(2) => {
            let said = stderr.trim();
            let word = format!("{}: ", messages::error(language()));
            let said = said.strip_prefix(&word).unwrap_or(said);
            Err(io::Error::other(said.to_owned()))
        }
        _ => Ok(Err(anyhow::anyhow!(texts::too_complex(
            language(),
            MAX_SECONDS,
            MAX_MEMORY >> 20
        )))),
    }
}

/// The child process: compiles the component on standard input.
pub(crate) fn run() -> anyhow::Result<Outcome> {
    limit()?;
    let mut component = Vec::new();
    io::stdin().lock().read_to_end(&mut component)?;
    let limits = Limits {
        calls: 1,
        ..Limits::default()
    };
    let host = Host::builder().limits(limits).build()?;
    Ok(match host.describe(&component) {
        Ok(_) => Outcome::Done,
        Err(_) => Outcome::Failed,
    })
}

#[cfg(unix)]
fn limit() -> anyhow::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limits = [
        (Resource::Cpu, MAX_SECONDS),
        // macOS refuses this limit.
        #[cfg(not(target_vendor = "apple"))]
        (Resource::As, MAX_MEMORY),
    ];
    for (resource, most) in limits {
        let present = getrlimit(resource).current.unwrap_or(u64::MAX);
        let most = Some(most.min(present));
        let limit = Rlimit {
            current: most,
            maximum: most,
        };
        setrlimit(resource, limit).context(texts::no_limits(language()))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn limit() -> anyhow::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_that_could_not_begin_is_not_taken_for_a_component_that_is_too_complex() {
        for status in [0, 1] {
            assert!(interpret_exit(Some(status), "").unwrap().is_ok());
        }
        let error = interpret_exit(Some(2), "error: too few threads\n").unwrap_err();
        assert_eq!(error.to_string(), "too few threads");
        // A signal, and a panic: it had too little time or memory.
        for status in [None, Some(101)] {
            let refused = interpret_exit(status, "").unwrap().unwrap_err();
            assert!(refused.to_string().contains("too complex"), "{refused}");
        }
    }
}
