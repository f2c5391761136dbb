//! Many bots that start at once with the same client: how often a token is asked for.
//!
//! The Genesys Cloud is one in this process, which counts. What is timed are runs that ask it for nothing.

use std::sync::Arc;
use std::time::Instant;

use action_host::{Components, Grant, Host};
use anyhow::{Context, ensure};
use bot_engine::{
    Bot, Catalogue, NoSecrets, RetryPolicy, Runner, SharedSessions, Variable, Variables,
    interruption,
};
use egress::{AllowList, Client, Options as NetworkOptions, Proxies, Trust};
use genesys_sim::{GenesysCloud, OAuthClient, Options as CloudOptions, Region};
use tokio::task::JoinSet;
use tokio_util::task::LocalPoolHandle;

use super::Options;
use super::measure::{cpu, median, micros};
use super::table::{Figure, Row, Table};

const BOT: &[u8] = br#"{
  "name": "One of many",
  "steps": [
    { "action": "genesys/oauth-authenticate", "url": "eu-central-1",
      "client-id": { "variable": "id" }, "client-secret": { "variable": "secret" } }
  ]
}"#;

pub(crate) async fn measure(options: &Options, table: &mut Table) -> anyhow::Result<()> {
    eprintln!("sessions");
    let cloud = GenesysCloud::start(CloudOptions::default()).await?;
    let region = Region::named("eu-central-1").context("the region")?;
    let client = cloud.add_client(OAuthClient::new("One of many", region))?;
    let network = Client::new(NetworkOptions {
        gateway: Some(cloud.https_addr().context("an address")?.try_into()?),
        trust: Trust::Only(vec![cloud.ca_certificate().der().to_vec().into()]),
        proxies: Proxies::None,
        ..NetworkOptions::new(AllowList::genesys())
    })?;
    let host = Host::builder().client(network.clone()).build()?;
    let component = host.load(built_in_component::BYTES)?;
    let mut components = Components::default();
    components.add("genesys", component.with_grant(Grant::genesys_oauth()))?;
    let mut variables = Variables::default();
    for (name, value) in [("id", client.id.into()), ("secret", client.secret)] {
        variables.set(name, Variable::Credential(value));
    }
    let bot = Arc::new(Bot::parse(BOT, &Catalogue::load(&components).await?)?);
    let (_interrupter, interrupt) = interruption();
    let runner = Runner {
        actions: Arc::new(components.clone()),
        client: network,
        secrets: Arc::new(NoSecrets),
        variables: variables.into(),
        sessions: Arc::new(SharedSessions::new()?),
        locale: "en".into(),
        retry: RetryPolicy::default(),
        interrupt,
    };
    let count = options.count(1_000, 50);
    let mut bots = JoinSet::new();
    for _ in 0..count {
        let (runner, bot) = (runner.clone(), Arc::clone(&bot));
        bots.spawn(async move { runner.run(&bot, &mut ()).await });
    }
    while let Some(ended) = bots.join_next().await {
        ended??;
    }
    let asked = cloud.statistics().token_requests;
    table.add(Row::alone(
        format!("token requests of {count} bots that start at once with the same client"),
        asked.to_string(),
        "1",
        asked == 1,
    ));
    with_a_kept_session(runner, components, bot, options, table).await?;
    let asked_more = cloud.statistics().token_requests - asked;
    ensure!(asked_more == 0, "{asked_more} tokens were asked for");
    Ok(())
}

/// What a whole run of the bot takes that finds a session.
async fn with_a_kept_session(
    runner: Runner,
    components: Components,
    bot: Arc<Bot>,
    options: &Options,
    table: &mut Table,
) -> anyhow::Result<()> {
    let count = options.count(20_000, 200);
    let pool = LocalPoolHandle::new(1);
    let runs = pool.spawn_pinned(move || async move {
        let client = runner.client.for_another_runtime();
        let runner = Runner {
            actions: Arc::new(components.through(&client)),
            client,
            ..runner
        };
        let mut times = Vec::with_capacity(count);
        let before = cpu()?;
        for _ in 0..count {
            let started = Instant::now();
            runner.run(&bot, &mut ()).await?;
            times.push(started.elapsed());
        }
        anyhow::Ok((times, cpu()?.saturating_sub(before)))
    });
    let (times, cpu) = runs.await??;
    table.add(Row::figure(
        "a bot's run that finds a session kept, from its check to its end, median",
        Figure::new(median(&times), "µs"),
    ));
    table.add(Row::figure(
        "the same, CPU time",
        Figure::new(micros(cpu) / count as f64, "µs"),
    ));
    Ok(())
}
