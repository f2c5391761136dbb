//! `bot-runner run`, and the demonstration (`bot-runner` without a command).

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use bot_engine::Finished;
use bot_engine::check::Checker;
use bot_engine::{
    Bot, Catalogue, Interrupt, Language, RetryPolicy, RunError, Runner, SharedSessions,
};
use serde_json::{Value, json};

use super::Outcome;
use super::args::Run;
use super::bot_files::read_file;
use super::bot_secrets::BotSecrets;
use super::messages;
use super::next_steps::after_demonstration;
use super::options::{Cloud, Common};
use super::output::{self, ERROR, WARNING};
use super::repeat::{Repetition, repeat};
use super::report::{CannotRun, Report};
use super::results::{RunResults, failed_by_setting};
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
    let language = setup.language();
    let outcome = run_bots(files, setup, &args).await?;
    if outcome == Outcome::Done {
        after_demonstration(language);
    }
    Ok(outcome)
}

/// Runs bots from files. All of them are checked before the first one runs.
pub(crate) async fn run(args: &Run) -> anyhow::Result<Outcome> {
    let setup = Setup::new(&args.common).await?;
    let language = setup.language();
    let read = |path: &PathBuf| Ok((Some(path.clone()), read_file(path, language)?));
    let files = args.bots.iter().map(read).collect::<anyhow::Result<_>>()?;
    run_bots(files, setup, args).await
}

/// Parses and checks a bot. Its error has all its problems.
async fn checked(
    checker: &Checker<'_>,
    path: Option<&Path>,
    file: &[u8],
    catalogue: &Catalogue,
) -> anyhow::Result<Bot> {
    let parsed = Bot::parse(file, catalogue);
    let name = match (&parsed, path) {
        (Err(_), Some(path)) => {
            let language = Language::of_locale(checker.locale);
            messages::bot_file(language, path.display())
        }
        _ => Bot::draft(file, catalogue).0.name,
    };
    let checked = checker.check_file(file, catalogue).await.into_result();
    checked.context(name)?;
    Ok(parsed?)
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
    let variables = args.sources.variables(setup.language())?;
    let (shared_sessions, interrupt) = (Arc::new(SharedSessions::new()?), on_signals()?);
    // From here on, nothing returns before these are closed.
    let draft = |(_, file): &(_, Vec<u8>)| Bot::draft(file, &setup.catalogue).0;
    let drafts: Vec<_> = files.iter().map(draft).collect();
    let secrets = BotSecrets::open(&drafts, &args.sources, &setup, retry).await?;
    let runner = Runner {
        actions: Arc::new(setup.components.clone()),
        client: setup.client.clone(),
        secrets: Arc::clone(&secrets.provider),
        variables: variables.into(),
        sessions: shared_sessions,
        locale: setup.locale.into(),
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
    for ((path, file), draft) in files.iter().zip(&drafts) {
        match checked(&checker, path.as_deref(), file, &setup.catalogue).await {
            Ok(bot) => bots.push(bot),
            Err(error) => {
                secrets.note_refused(&draft.name).await;
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
    let language = Language::of_locale(&runner.locale);
    report_finished(runner.finish().await, common.json, language);
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
    let language = Language::of_locale(&runner.locale);
    let (mut failed, mut not_run) = (0, 0);
    let mut outcome = Outcome::Failed;
    let mut reports = Vec::new();
    for bot in bots {
        let mut report = Report::new(json, Arc::clone(catalogue), language);
        let result = runner.run(bot, &mut report).await;
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

fn report_finished(finished: Finished, json: bool, language: Language) {
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
