//! Starts the bots whose schedules are due.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

use control_room::Store;
use control_room::bots::BotsError;
use control_room::passwords::PasswordError;
use control_room::schedules::{BotToStart, Due, Happened, SchedulesError};
use secrecy::SecretString;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::work::{Given, Work};

/// How often to look for schedules that are due.
const TICK: Duration = Duration::from_secs(1);

/// How long the database may take to find them, or to start one of them.
const ANSWER_TIME: Duration = Duration::from_secs(30);

/// Queues the runs of schedules that are due. Any number of programs may do so: each time of a schedule starts its bot once.
#[derive(Debug)]
pub struct Scheduler {
    store: Store,
    /// The schedules that could not be started. That is logged once, and not each second.
    reported: HashSet<String>,
}

impl Scheduler {
    /// A scheduler for all schedules of a Control Room.
    pub fn new(store: Store) -> Self {
        Self {
            store,
            reported: HashSet::new(),
        }
    }

    /// Queues what is due, until this is dropped.
    pub async fn run(mut self) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.start_due().await;
        }
    }

    /// Queues what is due now. What cannot be started is logged, and is not in the way of what can.
    pub async fn start_due(&mut self) {
        let mut due = match timeout(ANSWER_TIME, self.store.due_schedules()).await {
            Ok(Ok(due)) => due,
            Ok(Err(error)) => {
                tracing::warn!(%error, "the schedules are not read");
                return;
            }
            Err(_) => {
                tracing::warn!("the schedules are not read: the database does not answer");
                return;
            }
        };
        self.reported.retain(|it| due.contains(it));
        // Not in the same order in each program, so that they share the work.
        let random = RandomState::new().build_hasher().finish();
        let first = usize::try_from(random).unwrap_or_default() % due.len().max(1);
        due.rotate_left(first);
        for schedule in due {
            let started = timeout(ANSWER_TIME, start(&self.store, &schedule)).await;
            let error = match started {
                Ok(Ok(())) => {
                    self.reported.remove(&schedule);
                    continue;
                }
                Ok(Err(error)) => error.to_string(),
                Err(_) => "the database does not answer".into(),
            };
            if self.reported.insert(schedule.clone()) {
                tracing::warn!(schedule, error, "a schedule cannot start its bot yet");
            }
        }
    }
}

async fn start(store: &Store, schedule: &str) -> Result<(), SchedulesError> {
    let Some(due) = store.due_schedule(schedule).await? else {
        return store.calculate_next_time(schedule).await;
    };
    let bot = match bot(store, &due).await {
        Err(BotsError::Store(error)) if !error.is_tampering() => return Err(error.into()),
        Err(error) => {
            tracing::warn!(schedule, %error, "the bot of a schedule cannot be read");
            None
        }
        Ok(found) => Some(found),
    };
    let bot = bot.as_ref().map(|(name, work)| BotToStart { name, work });
    let Some(started) = store.start_scheduled(&due, bot.as_ref()).await? else {
        return Ok(());
    };
    let run = started.run;
    match started.happened {
        Happened::Queued => tracing::info!(schedule, run, "a schedule has queued a run"),
        why => tracing::warn!(
            schedule,
            why = why.name(),
            "a time of a schedule is skipped"
        ),
    }
    Ok(())
}

/// The name of the bot that is to start, and what a worker needs to run it as it is now.
async fn bot(store: &Store, due: &Due) -> Result<(String, SecretString), BotsError> {
    let account = match store.passwords().account(&due.owner_id).await {
        Ok(account) => account.ok_or(BotsError::NoBot)?,
        Err(PasswordError::Store(error)) => return Err(error.into()),
        Err(_) => return Err(BotsError::NoBot),
    };
    let stored = store.bots(&account).get(&due.bot_id).await?;
    let given = Given::of(&due.inputs).ok_or(BotsError::NoBot)?;
    let work = Work::as_it_is(stored.file, given).to_secret();
    Ok((stored.summary.name, work))
}
