//! `bot-runner worker`: runs what is queued for a pool, until interrupted.

use std::sync::Arc;
use std::time::Duration;
use std::{env, fs, process};

use control_room::Name;
use control_room::queue::DEFAULT_POOL;
use control_room_web::worker::{Options, Worker};

use super::Outcome;
use super::data::DataOptions;
use super::locale::language;
use super::options::{CloudOptions, ComponentOptions};
use super::output;
use super::queue_messages as texts;
use super::signal::{exit_if_interrupted_again, interruption};
use super::with_control_room::WithControlRoom;

#[derive(Debug, clap::Args)]
pub(crate) struct WorkerArgs {
    #[command(flatten)]
    pub(crate) data: DataOptions,
    /// Run what is queued for this pool
    #[arg(long, value_name = "NAME", default_value = DEFAULT_POOL)]
    pub(crate) pool: Name,
    /// Run this many bots at a time
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) slots: u16,
    /// Leave runs to other workers if this one does not reach the database for this long
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub(crate) lease: u16,
    /// Let bots go on for this long when the worker is to end; those that have changed nothing begin anew elsewhere
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(0..=3600))]
    pub(crate) grace: u16,
    /// The name of the worker on the pages [default: that of the machine, and the number of the process]
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) cloud: CloudOptions,
    /// Make the environment variable NAME a credential variable of the bots
    #[arg(long = "env", value_name = "NAME")]
    pub(crate) env: Vec<String>,
    #[command(flatten)]
    pub(crate) components: ComponentOptions,
}

/// Works until interrupted.
pub(crate) async fn run(args: &WorkerArgs) -> anyhow::Result<Outcome> {
    let WithControlRoom {
        store,
        connections,
        catalogue,
        engine,
        cloud,
    } = WithControlRoom::open(
        &args.data,
        &args.cloud,
        genesys_sim::Options::default(),
        &args.env,
        &args.components,
    )
    .await?;
    let name = args.name.clone().unwrap_or_else(own_name);
    let worker = Worker::new(Options {
        store: store.clone(),
        catalogue,
        engine,
        connections: connections.clone(),
        pool: args.pool.clone(),
        slots: args.slots,
        lease: Duration::from_secs(args.lease.into()),
        grace: Duration::from_secs(args.grace.into()),
        name: name.clone(),
        version: env!("CARGO_PKG_VERSION"),
    });
    let interrupted = interruption()?;
    let draining = Arc::clone(&worker);
    tokio::spawn(async move {
        interrupted.await;
        // Before the drain: a worker without runs ends at once then.
        output::line(false, texts::draining(language()));
        draining.drain();
        exit_if_interrupted_again().await;
    });
    let ready = texts::worker_ready(language(), &name, &args.pool, args.slots);
    output::line(false, &ready);
    let ended = worker.run().await;
    WithControlRoom::close(&store, &connections, cloud).await;
    ended?;
    Ok(Outcome::Done)
}

/// The name of the machine, and the number of this process.
fn own_name() -> String {
    let machine = fs::read_to_string("/proc/sys/kernel/hostname")
        .ok()
        .or_else(|| env::var("HOSTNAME").ok())
        .or_else(|| env::var("COMPUTERNAME").ok())
        .unwrap_or_default();
    let machine = match machine.trim() {
        "" => "worker",
        machine => machine,
    };
    format!("{machine}:{}", process::id())
}
