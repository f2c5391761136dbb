//! `bot-runner run`, and the demonstration (`bot-runner` without a command).

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use bot_engine::check::Checker;
use bot_engine::file::MAX_FILE;
use bot_engine::runner::Finished;
use bot_engine::{
    Bot, Catalogue, Interrupt, RetryPolicy, RunError, Runner, SharedSessions, Variable, Variables,
    interruption,
};
use serde_json::{Value, json};

use super::Outcome;
use super::args::{Cloud, Common, Run};
use super::bot_secrets::BotSecrets;
use super::output::{self, ERROR, WARNING};
use super::repeat::{Repetition, repeat};
use super::report::Report;
use super::setup::{Setup, variable};
use super::signal::interrupted;

/// The bots of the demonstration: one per authentication type. The one with a connection needs a Control Room.
const SAMPLES: &[&[u8]] = &[
    include_bytes!("../../bots/hello-client.json"),
    #[cfg(feature = "control-room")]
    include_bytes!("../../bots/hello-connection.json"),
];

/// Runs the sample bots against an embedded Genesys Cloud.
pub(crate) async fn demonstration(common: &Common) -> anyhow::Result<Outcome> {
    let common = Common {
        genesys: Cloud::Embedded,
        ..common.clone()
    };
    let args = Run {
        common,
        ..Run::default()
    };
    let setup = Setup::new(&args.common).await?;
    let bots = SAMPLES
        .iter()
        .map(|file| Bot::parse(file, &setup.catalogue))
        .collect::<Result<Vec<_>, _>>()?;
    run_bots(bots, setup, &args).await
}

/// Runs bots from files. All of them are parsed before the first one runs.
pub(crate) async fn run(args: &Run) -> anyhow::Result<Outcome> {
    let setup = Setup::new(&args.common).await?;
    let bots = args
        .bots
        .iter()
        .map(|path| read(path, &setup.catalogue))
        .collect::<anyhow::Result<Vec<_>>>()?;
    run_bots(bots, setup, args).await
}

fn read(path: &Path, catalogue: &Catalogue) -> anyhow::Result<Bot> {
    let context = || format!("the bot file {}", path.display());
    let mut file = Vec::new();
    File::open(path)
        .and_then(|opened| opened.take(MAX_FILE as u64 + 1).read_to_end(&mut file))
        .with_context(context)?;
    Bot::parse(&file, catalogue).with_context(context)
}

fn retry(seconds: Option<u32>) -> RetryPolicy {
    match seconds {
        None => RetryPolicy::default(),
        Some(0) => RetryPolicy::once(),
        Some(seconds) => RetryPolicy {
            tries: u32::MAX,
            deadline: Duration::from_secs(seconds.into()),
            ..RetryPolicy::default()
        },
    }
}

async fn run_bots(bots: Vec<Bot>, setup: Setup, args: &Run) -> anyhow::Result<Outcome> {
    let common = &args.common;
    let retry = retry(args.retry_for);
    let secrets = BotSecrets::open(&bots, args, &setup, retry).await?;
    let mut variables = Variables::default();
    for (name, text) in &args.variables {
        let text = Variable::Text(text.clone());
        variables.set(name, text);
    }
    // Last, so that a name defined twice is that of a secret.
    for name in &args.env {
        let value = variable(name)?.with_context(|| format!("--env {name}: it is not set"))?;
        variables.set(name, Variable::Credential(value));
    }
    let runner = Runner {
        actions: Arc::new(setup.components.clone()),
        client: setup.client.clone(),
        secrets: Arc::clone(&secrets.provider),
        variables: variables.into(),
        sessions: Arc::new(SharedSessions::new()?),
        locale: setup.locale.into(),
        retry,
        interrupt: on_signals(),
    };
    // No bot runs if any of them has a problem.
    let checker = Checker {
        secrets: &*runner.secrets,
        variables: &runner.variables,
        actions: None,
        locale: &runner.locale,
    };
    for bot in &bots {
        let checked = checker.check(bot).await.into_result();
        if let Err(error) = checked.with_context(|| bot.name.clone()) {
            secrets.close().await;
            return Err(error);
        }
    }
    let repetition = args.repeat.map(|times| Repetition {
        times,
        parallel: args.parallel.unwrap_or(1).into(),
    });
    let results = match repetition {
        Some(repetition) => {
            // The runners share everything but the HTTP connections, which belong to a runtime.
            let for_another_runtime = || {
                let client = setup.client.for_another_runtime();
                Runner {
                    actions: Arc::new(setup.components.through(&client)),
                    client,
                    ..runner.clone()
                }
            };
            repeat(&runner, for_another_runtime, bots, repetition, common.json).await
        }
        None => run_in_sequence(&runner, &bots, common.json).await,
    };
    report_finished(runner.finish().await, common.json);
    if common.json {
        output::object(&json!({ "bots": results.reports, "sessions": sessions(&runner) }));
    }
    secrets.close().await;
    if let Some(cloud) = setup.embedded {
        cloud.shutdown().await;
    }
    Ok(results.outcome)
}

/// Interrupts the bots at a signal. A second signal exits the program.
fn on_signals() -> Interrupt {
    let (interrupter, interrupt) = interruption();
    tokio::spawn(async move {
        if interrupted().await.is_ok() {
            interrupter.interrupt();
        }
        if interrupted().await.is_ok() {
            output::error(
                "interrupted again; tokens that were not revoked are valid until they expire",
            );
            std::process::exit(1);
        }
    });
    interrupt
}

/// The results of the bots.
pub(crate) struct RunResults {
    /// The report of each bot, as JSON.
    pub(crate) reports: Vec<Value>,
    pub(crate) outcome: Outcome,
}

async fn run_in_sequence(runner: &Runner, bots: &[Bot], json: bool) -> RunResults {
    let (mut failed, mut not_run) = (0, 0);
    let mut reports = Vec::new();
    for bot in bots {
        let mut report = Report::new(json);
        let result = runner.run(bot, &mut report).await;
        failed += usize::from(result.is_err());
        reports.push(report.finish(&result));
        if let Err(RunError::Interrupted { .. }) = result {
            not_run = bots.len() - reports.len();
            break;
        }
    }
    let mut outcome = Outcome::Done;
    if failed > 0 {
        let rest = match not_run {
            0 => String::new(),
            _ => format!(", {not_run} not run"),
        };
        output::aside(&format!(
            "{ERROR}{failed} of {} bots failed{rest}{ERROR:#}",
            bots.len()
        ));
        outcome = Outcome::Failed;
    }
    RunResults { reports, outcome }
}

fn report_finished(finished: Finished, json: bool) {
    let sessions = |count| match count {
        1 => "1 shared session".into(),
        _ => format!("{count} shared sessions"),
    };
    match finished.revoked {
        0 => {}
        1 => output::line(json, &format!("{} has been closed", sessions(1))),
        count => output::line(json, &format!("{} have been closed", sessions(count))),
    }
    if finished.not_revoked > 0 {
        output::aside(&format!(
            "{WARNING}{} could not be closed; each token is valid until it expires{WARNING:#}",
            sessions(finished.not_revoked)
        ));
    }
}

fn sessions(runner: &Runner) -> Value {
    let sessions = runner.sessions.statistics();
    json!({ "asked-for": sessions.requested, "opened": sessions.opened, "spared": sessions.reused() })
}
