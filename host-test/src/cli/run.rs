//! `bot-runner run`, and `bot-runner` alone: the demonstration.

use std::env;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::Context;
use host_test::bot::check::check;
use host_test::bot::file::MAX_FILE;
use host_test::bot::{Bot, Runner};
use host_test::control_room::{ControlRoom, Variable};
use serde_json::json;

use super::args::{Cloud, Common, Run};
use super::output::{self, BAD};
use super::report::Report;
use super::setup::Setup;
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
    run_bots(&bots, &common, &[]).await
}

/// Runs bots from files. All of them are read before the first one runs.
pub(crate) async fn run(args: &Run) -> anyhow::Result<Outcome> {
    let bots = args
        .bots
        .iter()
        .map(|path| read(path))
        .collect::<anyhow::Result<Vec<_>>>()?;
    run_bots(&bots, &args.common, &args.env).await
}

fn read(path: &Path) -> anyhow::Result<Bot> {
    let place = || path.display().to_string();
    let mut file = Vec::new();
    File::open(path)
        .and_then(|opened| opened.take(MAX_FILE as u64 + 1).read_to_end(&mut file))
        .with_context(place)?;
    Bot::parse(&file).with_context(place)
}

async fn run_bots(bots: &[Bot], common: &Common, env: &[String]) -> anyhow::Result<Outcome> {
    let setup = Setup::new(common).await?;
    let mut control_room = match &setup.embedded {
        Some(cloud) => demonstration::control_room(cloud, &setup.action).await?,
        None => ControlRoom::default(),
    };
    for name in env {
        let value = env::var(name).with_context(|| format!("--env {name}"))?;
        control_room
            .variables
            .set(name, Variable::Credential(value.into()));
    }
    let runner = Runner {
        action: &setup.action,
        client: &setup.client,
        control_room: &control_room,
        locale: &setup.locale,
    };
    // Nothing runs where there is a mistake in any of the bots.
    for bot in bots {
        check(bot, &control_room).with_context(|| bot.name.clone())?;
    }
    let mut failed = 0;
    let mut reports = Vec::new();
    for bot in bots {
        let mut report = Report::new(common.json);
        let result = runner.run(bot, &mut report).await;
        failed += usize::from(result.is_err());
        reports.push(report.finish(&result));
    }
    if common.json {
        output::object(&json!({ "bots": reports }));
    }
    if let Some(cloud) = setup.embedded {
        cloud.shutdown().await;
    }
    if failed > 0 {
        output::aside(&format!(
            "{BAD}{failed} of {} bots failed{BAD:#}",
            bots.len()
        ));
        return Ok(Outcome::Failed);
    }
    Ok(Outcome::Done)
}
