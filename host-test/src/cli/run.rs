//! `bot-runner run`, and `bot-runner` alone: the demonstration.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use host_test::bot::check::check;
use host_test::bot::file::MAX_FILE;
use host_test::bot::{Bot, RetryPolicy, RunError, Runner, interruption};
use host_test::control_room::{ControlRoom, Variable};
use serde_json::json;

use super::args::{Cloud, Common, Run};
use super::output::{self, BAD};
use super::report::Report;
use super::setup::{Setup, variable};
use super::signal::interrupted;
use super::{Outcome, demonstration};

/// The bots of the demonstration: one for each authentication type.
const SAMPLES: [&[u8]; 2] = [
    include_bytes!("../../bots/hello-client.json"),
    include_bytes!("../../bots/hello-connection.json"),
];

/// Runs the sample bots against an embedded Genesys Cloud.
pub(crate) async fn demonstration(common: &Common) -> anyhow::Result<Outcome> {
    let common = Common {
        genesys: Cloud::Embedded,
        ..common.clone()
    };
    let bots = SAMPLES
        .into_iter()
        .map(Bot::parse)
        .collect::<Result<Vec<_>, _>>()?;
    run_bots(&bots, &common, &[], RetryPolicy::default()).await
}

/// Runs bots from files. All of them are read before the first one runs.
pub(crate) async fn run(args: &Run) -> anyhow::Result<Outcome> {
    let bots = args
        .bots
        .iter()
        .map(|path| read(path))
        .collect::<anyhow::Result<Vec<_>>>()?;
    run_bots(&bots, &args.common, &args.env, retry(args.retry_for)).await
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

async fn run_bots(
    bots: &[Bot],
    common: &Common,
    env: &[String],
    retry: RetryPolicy,
) -> anyhow::Result<Outcome> {
    let setup = Setup::new(common).await?;
    let mut control_room = match &setup.embedded {
        Some(cloud) => demonstration::control_room(cloud, &setup.action).await?,
        None => ControlRoom::default(),
    };
    for name in env {
        let value = variable(name)?.with_context(|| format!("--env {name}: it is not set"))?;
        control_room
            .variables
            .set(name, Variable::Credential(value));
    }
    let (interrupter, interrupt) = interruption();
    tokio::spawn(async move {
        if interrupted().await.is_ok() {
            interrupter.interrupt();
        }
        // Whoever asks a second time does not want to wait for anything.
        if interrupted().await.is_ok() {
            output::error(
                "interrupted again; sessions that were not ended live on until they expire",
            );
            std::process::exit(1);
        }
    });
    let runner = Runner {
        action: &setup.action,
        client: &setup.client,
        control_room: &control_room,
        locale: &setup.locale,
        retry,
        interrupt: &interrupt,
    };
    // Nothing runs where there is a mistake in any of the bots.
    for bot in bots {
        check(bot, &control_room).with_context(|| bot.name.clone())?;
    }
    let (mut failed, mut not_run) = (0, 0);
    let mut reports = Vec::new();
    for bot in bots {
        let mut report = Report::new(common.json);
        let result = runner.run(bot, &mut report).await;
        failed += usize::from(result.is_err());
        reports.push(report.finish(&result));
        if let Err(RunError::Interrupted { .. }) = result {
            not_run = bots.len() - reports.len();
            break;
        }
    }
    if common.json {
        output::object(&json!({ "bots": reports }));
    }
    if let Some(cloud) = setup.embedded {
        cloud.shutdown().await;
    }
    if failed > 0 {
        let rest = match not_run {
            0 => String::new(),
            _ => format!(", {not_run} not run"),
        };
        output::aside(&format!(
            "{BAD}{failed} of {} bots failed{rest}{BAD:#}",
            bots.len()
        ));
        return Ok(Outcome::Failed);
    }
    Ok(Outcome::Done)
}
