//! `bot-runner run`, and the demonstration (`bot-runner` without a command).

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use bot_engine::Finished;
use bot_engine::check::Checker;
use bot_engine::{
    Bot, Catalogue, Interrupt, Problem, RetryPolicy, RunError, Runner, SharedSessions,
};
use serde_json::{Value, json};
use tracing::Instrument;

use super::Outcome;
use super::args::Run;
use super::bot_files::{BotsBeside, read_file};
use super::bot_secrets::BotSecrets;
use super::errors::{CannotRun, failed_by_setting};
use super::locale::{language, locale};
use super::log;
use super::messages;
use super::next_steps::after_demonstration;
use super::options::{Cloud, Common};
use super::output::{self, ERROR, WARNING};
use super::repeat::{Repetition, repeat};
use super::report::{Report, RunResults};
use super::setup::Setup;
use super::signal::{exit_if_interrupted_again, interruption};

/// The bots of the demonstration: one per authentication type. The one with a connection needs a Control Room.
const SAMPLES: &[&[u8]] = &[
    include_bytes!("../../bots/hello-client.json"),
    #[cfg(feature = "control-room")]
    include_bytes!("../../bots/hello-connection.json"),
];

/// Runs the sample bots against an embedded Genesys Cloud.
pub(crate) async fn demonstration(common: &Common) -> anyhow::Result<Outcome> {
    let mut common = common.clone();
    common.cloud.genesys = Cloud::Embedded;
    let args = Run {
        common,
        ..Run::default()
    };
    let setup = Setup::new(&args.common).await?;
    let files = SAMPLES.iter().map(|file| (None, file.to_vec())).collect();
    let outcome = run_bots(files, setup, &args).await?;
    if outcome == Outcome::Done {
        after_demonstration();
    }
    Ok(outcome)
}

/// Runs bots from files. All of them are checked before the first one runs.
pub(crate) async fn run(args: &Run) -> anyhow::Result<Outcome> {
    let setup = Setup::new(&args.common).await?;
    let read = |path: &PathBuf| Ok((Some(path.clone()), read_file(path)?));
    let files = args.bots.iter().map(read).collect::<anyhow::Result<_>>()?;
    run_bots(files, setup, args).await
}

/// A bot as far as it is valid, with the bots that it runs.
struct Draft {
    path: Option<PathBuf>,
    bot: Bot,
    problems: Vec<Problem>,
}

impl Draft {
    async fn read(path: Option<PathBuf>, file: &[u8], catalogue: &Catalogue) -> Self {
        let (mut bot, mut problems) = Bot::draft(file, catalogue);
        let bots = BotsBeside::of(path.as_deref());
        problems.extend(bot.link(&bots, catalogue).await);
        Self {
            path,
            bot,
            problems,
        }
    }

    /// Checks the bot. Its error has all its problems.
    async fn checked(&self, checker: &Checker<'_>) -> anyhow::Result<Bot> {
        let name = match &self.path {
            Some(path) if !self.problems.is_empty() => {
                messages::bot_file(language(), path.display())
            }
            _ => self.bot.name.clone(),
        };
        let mut problems = self.problems.clone();
        problems.extend(self.bot.input_problems(checker.variables));
        let checked = checker.check_draft(&self.bot, problems).await;
        checked.into_result().context(name)?;
        Ok(self.bot.clone().with_inputs(checker.variables)?)
    }
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

async fn run_bots(
    files: Vec<(Option<PathBuf>, Vec<u8>)>,
    setup: Setup,
    args: &Run,
) -> anyhow::Result<Outcome> {
    let common = &args.common;
    let retry = retry(args.retry_for);
    let variables = args.sources.variables()?;
    let (shared_sessions, interrupt) = (Arc::new(SharedSessions::new()?), on_signals()?);
    // From here on, nothing returns before these are closed.
    let mut drafts = Vec::new();
    for (path, file) in files {
        drafts.push(Draft::read(path, &file, &setup.catalogue).await);
    }
    let uses_secrets = drafts.iter().any(|draft| draft.bot.uses_secrets());
    let secrets = BotSecrets::open(uses_secrets, &args.sources, &setup, retry).await?;
    let runner = Runner {
        actions: Arc::new(setup.components.clone()),
        client: setup.client.clone(),
        secrets: Arc::clone(&secrets.provider),
        variables: variables.into(),
        sessions: shared_sessions,
        locale: locale().into(),
        retry,
        interrupt,
    };
    // No bot runs if any of them has a problem.
    let checker = Checker {
        secrets: &*runner.secrets,
        variables: &runner.variables,
        actions: None,
        locale: &runner.locale,
    };
    let (mut bots, mut refused) = (Vec::new(), Vec::new());
    for draft in &drafts {
        match draft.checked(&checker).await {
            Ok(bot) => bots.push(bot),
            Err(error) => {
                secrets.note_refused(&draft.bot.name).await;
                refused.push(error);
            }
        }
    }
    if let Some(last) = refused.pop() {
        secrets.close().await;
        if refused.is_empty() {
            return Err(last);
        }
        refused.push(last);
        return Err(CannotRun(refused).into());
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
        None => run_in_sequence(&runner, &bots, &setup.catalogue, common.json).await,
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
fn on_signals() -> io::Result<Interrupt> {
    let (interrupter, interrupt) = bot_engine::interruption();
    let interrupted = interruption()?;
    tokio::spawn(async move {
        interrupted.await;
        interrupter.interrupt();
        exit_if_interrupted_again().await;
    });
    Ok(interrupt)
}

async fn run_in_sequence(
    runner: &Runner,
    bots: &[Bot],
    catalogue: &Arc<Catalogue>,
    json: bool,
) -> RunResults {
    let language = language();
    let (mut failed, mut not_run) = (0, 0);
    let mut outcome = Outcome::Failed;
    let mut reports = Vec::new();
    for bot in bots {
        let mut report = Report::new(json, Arc::clone(catalogue), language);
        let running = runner.run(bot, &mut report);
        let result = running.instrument(log::next_run()).await;
        failed += usize::from(result.is_err());
        if result.as_ref().is_err_and(failed_by_setting) {
            outcome = Outcome::InvalidSetting;
        }
        reports.push(report.finish(&result));
        if let Err(RunError::Interrupted { .. }) = result {
            not_run = bots.len() - reports.len();
            break;
        }
    }
    if failed == 0 {
        outcome = Outcome::Done;
    } else {
        let rest = match not_run {
            0 => String::new(),
            _ => messages::not_run(language, not_run),
        };
        let failed = messages::bots_failed(language, failed, bots.len());
        output::urgent(&format!("{ERROR}{failed}{rest}{ERROR:#}"));
    }
    RunResults { reports, outcome }
}

fn report_finished(finished: Finished, json: bool) {
    let language = language();
    match finished.revoked {
        0 => {}
        1 => output::progress(json, messages::one_session_closed(language)),
        count => output::progress(json, &messages::sessions_closed(language, count)),
    }
    let warning = match finished.not_revoked {
        0 => return,
        1 => messages::one_session_not_closed(language).into(),
        count => messages::sessions_not_closed(language, count),
    };
    output::urgent(&format!("{WARNING}{warning}{WARNING:#}"));
}

fn sessions(runner: &Runner) -> Value {
    let sessions = runner.sessions.statistics();
    json!({
        "asked-for": sessions.requested,
        "opened": sessions.opened,
        "spared": sessions.reused,
    })
}
