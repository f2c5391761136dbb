//! From the start of a process to its session.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use super::Options;
use super::cloud::{CLIENT_ID, Cloud, URL};
use super::measure::{cpu_of_children, median};
use super::sdk::Sdk;
use super::table::{Figure, Row, Table};

/// What some processes took.
#[derive(Default)]
struct Starts {
    /// Until the first line of output, which says that there is a session.
    session: Vec<Duration>,
    /// Until the end. Ours ends the session first.
    end: Vec<Duration>,
    /// CPU time, in all.
    cpu: Vec<Duration>,
}

impl Starts {
    fn add(&mut self, command: &mut Command) -> anyhow::Result<()> {
        let before = cpu_of_children()?;
        let started = Instant::now();
        let mut process = command.stdout(Stdio::piped()).spawn()?;
        let mut output = BufReader::new(process.stdout.take().context("its output")?);
        let mut line = String::new();
        output.read_line(&mut line)?;
        let session = started.elapsed();
        output.read_to_string(&mut String::new())?;
        let status = process.wait()?;
        ensure!(
            status.success() && !line.is_empty(),
            "{} ended with {status}: {line}",
            command.get_program().display()
        );
        self.session.push(session);
        self.end.push(started.elapsed());
        self.cpu.push(cpu_of_children()?.saturating_sub(before));
        Ok(())
    }

    fn session(&self) -> Figure {
        Figure::new(median(&self.session) / 1000.0, "ms")
    }

    fn cpu(&self) -> Figure {
        Figure::new(median(&self.cpu) / 1000.0, "ms")
    }
}

/// `bot-runner authenticate`, which finds its compiled code in wasmtime's cache from the second time on.
fn ours(cloud: &Cloud) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bot-runner"));
    command
        .args(["authenticate", "--url", URL, "--client-id", CLIENT_ID])
        .arg("--client-secret-file")
        .arg(cloud.secret_file())
        .arg("--gateway")
        .arg(cloud.https.to_string())
        .arg("--ca-file")
        .arg(cloud.ca_file())
        .stdin(Stdio::null());
    command
}

pub(crate) fn measure(
    cloud: &Cloud,
    sdks: &[Sdk],
    options: &Options,
    table: &mut Table,
) -> anyhow::Result<()> {
    eprintln!("start");
    let mut all = vec![(ours(cloud), Starts::default())];
    for sdk in sdks {
        all.push((sdk.command(cloud), Starts::default()));
    }
    // Once for the compiled code, and for files that are not in memory yet.
    for (command, _) in &mut all {
        Starts::default().add(command)?;
    }
    for _ in 0..options.count(20, 3) {
        for (command, starts) in &mut all {
            starts.add(command)?;
        }
    }
    let Some(((_, ours), theirs)) = all.split_first() else {
        return Ok(());
    };
    table.note(format!(
        "`bot-runner authenticate`: {:.1} ms to the session, {:.1} ms to the end, with the session ended; \
         {:.1} ms of CPU time",
        median(&ours.session) / 1000.0,
        median(&ours.end) / 1000.0,
        median(&ours.cpu) / 1000.0,
    ));
    for (sdk, (_, theirs)) in sdks.iter().zip(theirs) {
        table.add(Row::times(
            &format!("process start to session, median; {}", sdk.name),
            ours.session(),
            theirs.session(),
            sdk.start,
        ));
        table.add(Row::beside(
            "the same, CPU time of the process",
            ours.cpu(),
            theirs.cpu(),
        ));
    }
    Ok(())
}
