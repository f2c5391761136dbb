//! `bot-runner worker`: runs what is queued for a pool, until interrupted.

use std::sync::Arc;
use std::time::Duration;
use std::{env, fs, process};

use control_room_web::worker::{Options, Worker};

use super::Outcome;
use super::args::WorkerArgs;
use super::locale::language;
use super::output;
use super::queue_messages as texts;
use super::signal::{exit_if_interrupted_again, interruption};
use super::with_control_room::WithControlRoom;

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
        draining.drain();
        output::line(false, texts::draining(language()));
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
