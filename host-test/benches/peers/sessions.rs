//! Many bots that start at once with the same client: how often a token is asked for.
//!
//! Nothing is timed, so the Genesys Cloud is one in this process, which counts.

use std::rc::Rc;

use anyhow::Context;
use host_test::action::{Action, Limits, Runtime, Source};
use host_test::bot::{Bot, RetryPolicy, Runner, interruption};
use host_test::control_room::{ControlRoom, Variable};
use host_test::genesys::{GenesysCloud, OAuthClient, Options as CloudOptions, Region};
use host_test::network::{AllowList, Client, Options as NetworkOptions, Proxies, Trust};
use tokio::task::{JoinSet, LocalSet};

use super::Options;
use super::table::{Row, Table};

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
    let runtime = Runtime::new(Limits::default())?;
    let action = Action::load(&runtime, &Source::BuiltIn, network.clone())?;
    let mut control_room = ControlRoom::default();
    for (name, value) in [("id", client.id.into()), ("secret", client.secret)] {
        control_room
            .variables
            .set(name, Variable::Credential(value));
    }
    let (bot, control_room) = (Rc::new(Bot::parse(BOT)?), Rc::new(control_room));
    let (_interrupter, interrupt) = interruption();

    let count = options.count(1_000, 50);
    // A run cannot be moved to another thread, so all of them are on this one.
    let mut bots = JoinSet::new();
    let local = LocalSet::new();
    for _ in 0..count {
        let (action, network, interrupt) = (action.clone(), network.clone(), interrupt.clone());
        let (bot, control_room) = (Rc::clone(&bot), Rc::clone(&control_room));
        let run = async move {
            let runner = Runner {
                action: &action,
                client: &network,
                control_room: &control_room,
                locale: "en",
                retry: RetryPolicy::default(),
                interrupt: &interrupt,
            };
            runner.run(&bot, &mut ()).await
        };
        bots.spawn_local_on(run, &local);
    }
    local
        .run_until(async {
            while let Some(ended) = bots.join_next().await {
                ended??;
            }
            anyhow::Ok(())
        })
        .await?;
    let asked = cloud.statistics().token_requests;
    table.add(Row::alone(
        format!("token requests of {count} bots that start at once with the same client"),
        asked.to_string(),
        "1",
        asked == 1,
    ));
    Ok(())
}
