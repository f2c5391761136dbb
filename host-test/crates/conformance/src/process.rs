//! The process of a host under test.

use std::ffi::OsString;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::time::timeout;

/// The most that is kept of a host's standard output, and of its standard error, in bytes.
pub(crate) const MAX_OUTPUT: u64 = 10 << 20;

/// How long the pipes of a host that has ended may stay open, in what it started.
const PIPES: Duration = Duration::from_secs(1);

/// What became of the process.
#[derive(Debug)]
pub(crate) struct Ended {
    /// `None` if it was killed, because its time was up or it wrote too much.
    pub(crate) status: Option<ExitStatus>,
    /// When it ended.
    pub(crate) at: Instant,
    /// Whether it wrote more than [`MAX_OUTPUT`] to standard output.
    pub(crate) wrote_too_much: bool,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
}

/// Runs a host, with `input` on standard input. After `limit`, it is killed. What it started is killed when it has
/// ended, or when the future is dropped (on Unix, unless it has left the process group).
///
/// # Errors
///
/// If it cannot be started.
pub(crate) async fn run(
    command: &[OsString],
    input: Vec<u8>,
    limit: Duration,
) -> io::Result<Ended> {
    let (program, arguments) = command
        .split_first()
        .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command.spawn()?;
    let group = ProcessGroup(child.id());
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let writing = tokio::spawn(async move {
        if let Some(mut stdin) = stdin {
            // A host that does not read its input says so by its answer.
            let _ = stdin.write_all(&input).await;
        }
    });
    let stderr = tokio::spawn(read(stderr));
    let mut stdout = tokio::spawn(read(stdout));

    let mut read_stdout = None;
    let status = timeout(limit, async {
        tokio::select! {
            status = child.wait() => status.ok(),
            read = &mut stdout => {
                let wrote_too_much = read.as_ref().is_ok_and(|(_, too_much)| *too_much);
                read_stdout = read.ok();
                if wrote_too_much { None } else { child.wait().await.ok() }
            }
        }
    })
    .await
    .unwrap_or(None);
    let at = Instant::now();
    drop(group);
    if status.is_none() {
        let _ = child.kill().await;
    }
    writing.abort();
    let (stdout, wrote_too_much) = match read_stdout {
        Some(read) => read,
        None => rest(stdout).await,
    };
    let (stderr, _) = rest(stderr).await;
    Ok(Ended {
        status,
        at,
        wrote_too_much,
        stdout,
        stderr,
    })
}

/// What was read of a pipe, once it is closed.
async fn rest(reading: tokio::task::JoinHandle<(Vec<u8>, bool)>) -> (Vec<u8>, bool) {
    let read = timeout(PIPES, reading).await;
    read.ok().and_then(Result::ok).unwrap_or_default()
}

/// Reads to the end, keeps the beginning, and returns whether there was more.
async fn read(pipe: Option<impl AsyncRead + Unpin>) -> (Vec<u8>, bool) {
    let mut kept = Vec::new();
    let Some(mut pipe) = pipe else {
        return (kept, false);
    };
    let mut beginning = (&mut pipe).take(MAX_OUTPUT);
    let _ = beginning.read_to_end(&mut kept).await;
    if (kept.len() as u64) < MAX_OUTPUT {
        return (kept, false);
    }
    let is_more = matches!(pipe.read(&mut [0]).await, Ok(1..));
    (kept, is_more)
}

/// A process group, by the id of its leader. On Unix, all of it is killed on drop.
#[cfg_attr(not(unix), allow(dead_code, reason = "there are no process groups"))]
struct ProcessGroup(Option<u32>);

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        #[cfg(unix)]
        {
            use rustix::process::{Pid, Signal, kill_process_group};
            let id = self.0.and_then(|id| i32::try_from(id).ok());
            if let Some(group) = id.and_then(Pid::from_raw) {
                let _ = kill_process_group(group, Signal::KILL);
            }
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[allow(clippy::unwrap_used, reason = "a failing helper fails its test")]
    async fn shell(script: &str, limit: Duration) -> Ended {
        let command = ["sh", "-c", script].map(OsString::from);
        run(&command, b"input".to_vec(), limit).await.unwrap()
    }

    #[tokio::test]
    async fn a_process_that_ends_is_reported() {
        let ended = shell("cat; echo log >&2; exit 3", Duration::from_mins(1)).await;
        assert_eq!(ended.status.unwrap().code(), Some(3));
        assert_eq!(
            (ended.stdout, ended.stderr),
            (b"input".to_vec(), b"log\n".to_vec())
        );
    }

    #[tokio::test]
    async fn a_process_and_what_it_started_is_killed_after_its_time() {
        let begun = Instant::now();
        let ended = shell(
            "echo begun; sleep 600 & sleep 600",
            Duration::from_millis(300),
        )
        .await;
        assert!(ended.status.is_none());
        assert_eq!(ended.stdout, b"begun\n");
        // The pipes are closed, as nothing has them open any more.
        assert!(begun.elapsed() < Duration::from_mins(1));
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn what_a_process_started_does_not_outlive_it() {
        let script = "tail -f /dev/null >/dev/null 2>&1 & echo $!";
        let ended = shell(script, Duration::from_mins(1)).await;
        assert!(ended.status.unwrap().success());
        let id = String::from_utf8(ended.stdout).unwrap();
        let started = format!("/proc/{}/stat", id.trim());
        // A process that was killed is there until its parent has read its status.
        while let Ok(stat) = std::fs::read_to_string(&started) {
            if stat.contains(") Z ") {
                break;
            }
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_process_that_writes_too_much_is_killed() {
        let ended = shell("yes", Duration::from_mins(5)).await;
        assert!(ended.wrote_too_much);
        assert!(ended.status.is_none_or(|status| !status.success()));
        assert_eq!(ended.stdout.len() as u64, MAX_OUTPUT);
    }
}
