//! Starts the bots whose schedules are due.

use std::time::Duration;

use bot_engine::Catalogue;
use control_room::Store;
use control_room::bots::BotsError;
use control_room::passwords::PasswordError;
use control_room::schedules::{Due, Happened, SchedulesError};
use secrecy::SecretString;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::work::{Given, Work, draft};

/// How often is looked for schedules that are due.
const TICK: Duration = Duration::from_secs(1);

/// How long the database may take to answer.
const ANSWER_TIME: Duration = Duration::from_secs(30);

/// Queues what is due, until this is dropped. Any number of programs may do so: each time of a schedule starts its bot once.
pub async fn run_schedules(store: &Store, catalogue: &Catalogue) {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match timeout(ANSWER_TIME, start_due(store, catalogue)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the schedules are not read"),
            Err(_) => tracing::warn!("the schedules are not read: the database does not answer"),
        }
    }
}

/// Queues what is due now.
///
/// # Errors
///
/// If the store cannot be read. What cannot be started is logged, and is not in the way of what can.
pub async fn start_due(store: &Store, catalogue: &Catalogue) -> Result<(), SchedulesError> {
    for due in store.due_schedules().await? {
        if let Err(error) = start(store, catalogue, &due).await {
            tracing::warn!(schedule = due.schedule, %error, "a schedule cannot start its bot yet");
        }
    }
    Ok(())
}

async fn start(store: &Store, catalogue: &Catalogue, due: &Due) -> Result<(), SchedulesError> {
    let (bot, work) = match work(store, catalogue, due).await {
        Err(BotsError::Store(error)) if !error.is_tampering() => return Err(error.into()),
        Ok(found) => found,
        // Its run fails, which its user sees.
        Err(_) => (String::new(), SecretString::default()),
    };
    let Some(started) = store.start_scheduled(due, &bot, &work).await? else {
        return Ok(());
    };
    let (schedule, run) = (&due.schedule, started.run);
    match started.happened {
        Happened::Queued => tracing::info!(schedule, run, "a schedule has queued a run"),
        other => tracing::warn!(
            schedule,
            why = other.name(),
            "a time of a schedule is left out"
        ),
    }
    Ok(())
}

/// The name of the bot that is to start, and what a worker needs to run it as it is now.
async fn work(
    store: &Store,
    catalogue: &Catalogue,
    due: &Due,
) -> Result<(String, SecretString), BotsError> {
    let account = store.passwords().account(&due.owner_id).await;
    let account = match account {
        Ok(account) => account.ok_or(BotsError::NoBot)?,
        Err(PasswordError::Store(error)) => return Err(error.into()),
        Err(_) => return Err(BotsError::NoBot),
    };
    let bots = store.bots(&account);
    let stored = bots.get(&due.bot_id).await?;
    let given = Given::of(&due.inputs).ok_or(BotsError::NoBot)?;
    let (bot, _) = draft(&stored.file, bots, catalogue).await;
    let work = Work::new(&bot, stored.file, given);
    Ok((stored.summary.name, work.to_secret()))
}
