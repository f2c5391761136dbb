//! `bot-runner serve`: serves the web pages of the Control Room until interrupted.

use std::future::pending;
use std::net::Ipv4Addr;
use std::time::Duration;

use control_room::Store;
use control_room_web::worker::Scheduler;
use control_room_web::{Pages, Simulation, StartError, Tls};
use genesys_sim::{ADMIN_PATH, GenesysCloud, Region};
use secrecy::ExposeSecret;
use time::OffsetDateTime;
use tokio::time::{interval, timeout};

use super::Outcome;
use super::args::Serve;
use super::control_room_messages as texts;
use super::genesys::add_admin;
use super::locale::language;
use super::messages;
use super::output::{self, BOLD};
use super::signal::{exit_if_interrupted_again, interruption};
use super::with_control_room::WithControlRoom;

/// How often to look for runs of workers that have died.
const SWEEP_INTERVAL: Duration = Duration::from_secs(10);

/// How long that may take.
const SWEEP_TIME: Duration = Duration::from_secs(30);

/// Serves until interrupted.
pub(crate) async fn run(args: &Serve) -> anyhow::Result<Outcome> {
    let tls = match (&args.tls_cert, &args.tls_key) {
        (Some(certificate), Some(key)) => Some(Tls::read(certificate, key)?),
        _ => None,
    };
    // Plain HTTP on loopback lets any browser on this machine open its sign-in page.
    let simulation_options = genesys_sim::Options {
        http: Some((Ipv4Addr::LOCALHOST, 0).into()),
        ..genesys_sim::Options::default()
    };
    let WithControlRoom {
        store,
        connections,
        catalogue,
        engine,
        cloud,
    } = WithControlRoom::open(
        &args.data,
        &args.cloud,
        simulation_options,
        &args.env,
        &args.components,
    )
    .await?;
    let pages = Pages::serve(control_room_web::Options {
        listen: args.listen,
        tls,
        store: store.clone(),
        catalogue,
        engine,
        connections: connections.clone(),
        pool: args.pool.clone(),
        simulation: cloud.as_ref().and_then(simulation),
    })
    .await
    .map_err(with_advice)?;
    let interrupted = interruption()?;
    let url = format!("{BOLD}{}{BOLD:#}", pages.url());
    output::line(false, &texts::serving(language(), url));
    if let Some(cloud) = &cloud {
        print_simulation(cloud)?;
    }
    let first_run_url = pages.first_run_url().await?;
    if first_run_url.is_none() && !store.users().has_administrator().await? {
        output::line(false, texts::nobody_administrates(language()));
    }
    if let Some(url) = first_run_url {
        output::line(false, &texts::first_run(language(), url.expose_secret()));
    }
    tokio::select! {
        () = interrupted => {}
        () = connections.run_refresher() => {}
        () = remove_old(&store, args.keep_days) => {}
        () = sweep(&store) => {}
        () = Box::pin(Scheduler::new(store.clone()).run()) => {}
    }
    tokio::spawn(exit_if_interrupted_again());
    pages.shutdown().await;
    WithControlRoom::close(&store, &connections, cloud).await;
    Ok(Outcome::Done)
}

/// Removes runs and former versions of bots that are older than the operator wants to keep, now and every hour.
async fn remove_old(store: &Store, days: Option<u16>) {
    let Some(days) = days else {
        return pending().await;
    };
    let mut hours = interval(Duration::from_hours(1));
    loop {
        hours.tick().await;
        let oldest = OffsetDateTime::now_utc() - time::Duration::days(days.into());
        match store.remove_older_than(oldest).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, days, "old runs and versions were removed"),
            Err(error) => tracing::error!(%error, "old runs and versions cannot be removed"),
        }
    }
}

/// Notices the runs of workers that have died, also if no other worker is left.
async fn sweep(store: &Store) {
    let mut ticks = interval(SWEEP_INTERVAL);
    let queue = store.queue();
    loop {
        ticks.tick().await;
        match timeout(SWEEP_TIME, queue.sweep()).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the leases of workers are not checked"),
            Err(_) => tracing::warn!("the leases of workers are not checked: no answer"),
        }
    }
}

/// The simulation, as the pages need to know it.
fn simulation(cloud: &GenesysCloud) -> Option<Simulation> {
    Some(Simulation {
        http_addr: cloud.http_addr()?,
        admin_path: ADMIN_PATH,
        login_hosts: Region::ALL.map(Region::login_host).into(),
    })
}

/// Prints the simulation's addresses, and the generated password of an administrator. It is valid for this simulation only.
fn print_simulation(cloud: &GenesysCloud) -> anyhow::Result<()> {
    if let Some(address) = cloud.https_addr() {
        output::line(false, &texts::serving_simulation(language(), address));
    }
    if let Some(address) = cloud.http_addr() {
        let admin = add_admin(cloud)?;
        let text = texts::admin_of_simulation(
            language(),
            format_args!("http://{address}{ADMIN_PATH}"),
            &admin.username,
            admin.password.expose_secret(),
        );
        output::line(false, &text);
    }
    Ok(())
}

fn with_advice(error: StartError) -> anyhow::Error {
    match error {
        StartError::NeedsTls(_) => {
            anyhow::Error::new(error).context(messages::needs_tls(language()))
        }
        other => other.into(),
    }
}
