//! `bot-runner run`, and `bot-runner` alone: the demonstration.

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
    Bot, Interrupt, RetryPolicy, RunError, Runner, SharedSessions, Variable, Variables,
    interruption,
};
use serde_json::{Value, json};

use super::Outcome;
use super::args::{Cloud, Common, Run};
use super::bot_secrets::BotSecrets;
use super::output::{self, BAD, CAREFUL};
use super::repeat::{Repetition, repeat};
use super::report::Report;
use super::setup::{Setup, variable};
use super::signal::interrupted;

/// The bots of the demonstration: one for each authentication type. A connection needs a Control Room.
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
    let bots = SAMPLES
        .iter()
        .map(|file| Bot::parse(file))
        .collect::<Result<Vec<_>, _>>()?;
    run_bots(bots, &args).await
}

/// Runs bots from files. All of them are read before the first one runs.
pub(crate) async fn run(args: &Run) -> anyhow::Result<Outcome> {
    let bots = args
        .bots
        .iter()
        .map(|path| read(path))
        .collect::<anyhow::Result<Vec<_>>>()?;
    run_bots(bots, args).await
}

fn read(path: &Path) -> anyhow::Result<Bot> {
    let place = || format!("the bot file {}", path.display());
    let mut file = Vec::new();
    File::open(path)
        .and_then(|opened| opened.take(MAX_FILE as u64 + 1).read_to_end(&mut file))
        .with_context(place)?;
    Bot::parse(&file).with_context(place)
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

async fn run_bots(bots: Vec<Bot>, args: &Run) -> anyhow::Result<Outcome> {
    let common = &args.common;
    let retry = retry(args.retry_for);
    let setup = Setup::new(common).await?;
    let secrets = BotSecrets::open(&bots, args, &setup, retry).await?;
    let mut variables = Variables::default();
    for (name, text) in &args.variables {
        let text = Variable::Text(text.clone());
        variables.set(name, text);
    }
    // After the others, so that a name that is given twice is that of a secret.
    for name in &args.env {
        let value = variable(name)?.with_context(|| format!("--env {name}: it is not set"))?;
        variables.set(name, Variable::Credential(value));
    }
    let runner = Runner {
        actions: Arc::new(setup.action.clone()),
        client: setup.client.clone(),
        secrets: Arc::clone(&secrets.provider),
        variables: variables.into(),
        sessions: Arc::new(SharedSessions::new()?),
        locale: setup.locale.into(),
        retry,
        interrupt: on_signals(),
    };
    // Nothing runs if anything is wrong with any of the bots.
    let checker = Checker {
        secrets: &*runner.secrets,
        variables: &runner.variables,
        actions: None,
        locale: &runner.locale,
    };
    for bot in &bots {
        let checked = checker.check(bot).await.into_result();
        checked.with_context(|| bot.name.clone())?;
    }
    let repetition = args.repeat.map(|times| Repetition {
        times,
        at_once: args.parallel.unwrap_or(1).into(),
    });
    let ran = match repetition {
        Some(repetition) => {
            // Everything is shared but the connections, which belong to a runtime.
            let for_another_runtime = || {
                let client = setup.client.for_another_runtime();
                Runner {
                    actions: Arc::new(setup.action.through(client.clone())),
                    client,
                    ..runner.clone()
                }
            };
            repeat(&runner, for_another_runtime, bots, repetition, common.json).await
        }
        None => one_after_the_other(&runner, &bots, common.json).await,
    };
    tell_finished(runner.finish().await, common.json);
    if common.json {
        output::object(&json!({ "bots": ran.reports, "sessions": sessions(&runner) }));
    }
    secrets.close().await;
    if let Some(cloud) = setup.embedded {
        cloud.shutdown().await;
    }
    Ok(ran.outcome)
}

/// The interruption that signals cause.
fn on_signals() -> Interrupt {
    let (interrupter, interrupt) = interruption();
    tokio::spawn(async move {
        if interrupted().await.is_ok() {
            interrupter.interrupt();
        }
        // A second interrupt ends the program at once.
        if interrupted().await.is_ok() {
            output::error(
                "interrupted again; sessions that were not ended live on until they expire",
            );
            std::process::exit(1);
        }
    });
    interrupt
}

/// What came of the bots.
pub(crate) struct Ran {
    /// Of each bot, as JSON.
    pub(crate) reports: Vec<Value>,
    pub(crate) outcome: Outcome,
}

async fn one_after_the_other(runner: &Runner, bots: &[Bot], json: bool) -> Ran {
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
            "{BAD}{failed} of {} bots failed{rest}{BAD:#}",
            bots.len()
        ));
        outcome = Outcome::Failed;
    }
    Ran { reports, outcome }
}

fn tell_finished(finished: Finished, json: bool) {
    let sessions = |count| match count {
        1 => "1 session that was kept for other bots".into(),
        _ => format!("{count} sessions that were kept for other bots"),
    };
    match finished.ended {
        0 => {}
        1 => output::line(json, &format!("{} has been ended", sessions(1))),
        count => output::line(json, &format!("{} have been ended", sessions(count))),
    }
    if finished.alive > 0 {
        output::aside(&format!(
            "{CAREFUL}{} could not be ended; each token lives on until it expires{CAREFUL:#}",
            sessions(finished.alive)
        ));
    }
}

fn sessions(runner: &Runner) -> Value {
    let sessions = runner.sessions.statistics();
    json!({ "asked-for": sessions.asked, "opened": sessions.opened, "spared": sessions.spared() })
}
