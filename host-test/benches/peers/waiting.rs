//! The memory of authentications that wait for their answers, in a process that does nothing else.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::Options;
use super::measure::{Memory, files_allowed};
use super::ours::Ours;
use super::server::Server;
use super::silent;
use super::table::{Row, Table};

/// The argument that makes this program the one that waits; after it, the server's address, its certificate,
/// and how many are to wait, in one step after the other.
pub(crate) const CHILD: &str = "--waiting";

/// How many are connecting at once: what the machine can do well within the time that one may take.
const CONNECTING: u64 = 64;

/// A request waits 30 s for its answer at most, so all have to be under way by then.
const PATIENCE: Duration = Duration::from_secs(28);

/// The side of the process that waits. Says on standard output, a JSON array, what memory it had before the
/// first and after each step.
pub(crate) async fn wait(arguments: &[String]) -> anyhow::Result<()> {
    let [address, ca_file, steps @ ..] = arguments else {
        anyhow::bail!("ADDRESS CA-FILE COUNT…");
    };
    let steps: Vec<usize> = steps
        .iter()
        .map(|step| step.parse())
        .collect::<Result<_, _>>()?;
    let most = *steps.last().context("COUNT…")?;
    let ours = Arc::new(Ours::with_room_for(
        most,
        address.parse()?,
        ca_file.as_ref(),
    )?);
    // The first call sets up what is there once for the process.
    ours.fail_without_http().await?;
    let mut seen = vec![Memory::look()?];
    let started = Instant::now();
    let mut waiting = JoinSet::new();
    for step in steps {
        while waiting.len() < step {
            let connecting = waiting.len() as u64 - ours.statistics().connections_opened;
            if connecting < CONNECTING {
                let ours = Arc::clone(&ours);
                waiting.spawn(async move { ours.session().await });
            } else {
                sleep(Duration::from_millis(1)).await;
            }
            still_waiting(&mut waiting, started)?;
        }
        while ours.statistics().requests_sent < step as u64 {
            sleep(Duration::from_millis(1)).await;
            still_waiting(&mut waiting, started)?;
        }
        seen.push(Memory::look()?);
        still_waiting(&mut waiting, started)?;
    }
    let seen: Vec<Value> = seen
        .iter()
        .map(|memory| json!([memory.used, memory.mapped]))
        .collect();
    println!("{}", Value::from(seen));
    waiting.shutdown().await;
    Ok(())
}

fn still_waiting<T: std::fmt::Debug + 'static>(
    waiting: &mut JoinSet<T>,
    started: Instant,
) -> anyhow::Result<()> {
    let ended = waiting.try_join_next();
    ensure!(ended.is_none(), "one did not wait: {ended:?}");
    ensure!(started.elapsed() < PATIENCE, "connecting took too long");
    Ok(())
}

pub(crate) fn measure(options: &Options, table: &mut Table) -> anyhow::Result<()> {
    const MOST: f64 = 80.0;
    eprintln!("memory");
    let steps = [options.count(1_000, 20), options.count(10_000, 100)];
    if files_allowed()? < steps[1] as u64 + 256 {
        table.leave_out(format!(
            "memory: a process may have {} file descriptors only",
            files_allowed()?
        ));
        return Ok(());
    }
    let folder = TempDir::new()?;
    let ca_file = folder.path().join("ca.pem");
    let server = Server::start(silent::CHILD, &ca_file)?;
    let output = Command::new(std::env::current_exe()?)
        .arg(CHILD)
        .arg(server.address.to_string())
        .arg(&ca_file)
        .args(steps.map(|step| step.to_string()))
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        table.leave_out("memory: the process that waits failed; it says why above");
        return Ok(());
    }
    let seen: Vec<(f64, f64)> = serde_json::from_slice(&output.stdout)?;
    let (used, mapped) = seen[0];
    for (step, (more_used, more_mapped)) in steps.into_iter().zip(&seen[1..]) {
        let each = |now: f64, before: f64| (now - before) / step as f64;
        let grown = each(*more_used, used);
        table.add(Row::alone(
            format!("memory for each authentication that waits, with {step} waiting, connection included"),
            format!("{grown:.1} KiB"),
            format!("≤ {MOST} KiB"),
            grown <= MOST,
        ));
        table.note(format!(
            "{step} waiting: {:.1} KiB for each where a page of the component's image counts once for every \
             instance that maps it (RSS); {:.0} MiB in all",
            each(*more_mapped, mapped),
            more_used / 1024.0
        ));
    }
    Ok(())
}
