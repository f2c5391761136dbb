//! The runs that are under way: begun for a user, limited in number, watched by whoever looks, stopped, and ended
//! in order when the program ends. A run needs nobody who looks.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use time::OffsetDateTime;
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

use super::failure::Failure;
use super::messages;
use super::run_log::{Entry, Kind, Log};
use super::run_words;
use bot_engine::Language;
use bot_engine::{
    ActionRunner, Bot, Event, Interrupt, Interrupter, NoSecrets, RetryPolicy, RunError, Runner,
    SecretProvider, SharedSessions, Variables, Watcher, interruption,
};
use control_room::passwords::Account;
use control_room::runs::{Outcome, Run};
use control_room::{Connections, Secrets, Store};
use egress::Client;

/// How many bots one user runs at once.
const PER_USER: usize = 4;

/// How many bots run at once in all.
const IN_ALL: usize = 32;

/// What bots are run with.
pub struct Engine {
    /// Runs the actions, with a way to Genesys Cloud.
    pub actions: Arc<dyn ActionRunner>,
    /// The way to the API.
    pub client: Client,
    /// The variables that bots may use.
    pub variables: Arc<Variables>,
    /// When to try again.
    pub retry: RetryPolicy,
}

/// All runs that are under way.
pub(super) struct Runs {
    engine: Engine,
    sessions: Arc<SharedSessions>,
    store: Store,
    connections: Connections,
    running: Mutex<Running>,
    tasks: TaskTracker,
}

#[derive(Default)]
struct Running {
    runs: HashMap<String, Arc<Live>>,
    /// How many of each user are under way, by the id of their row.
    counts: HashMap<String, usize>,
    is_closed: bool,
}

/// A run that is under way.
pub(super) struct Live {
    pub(super) run: Run,
    owner: String,
    /// Its steps' actions, in order.
    actions: Vec<&'static str>,
    interrupter: Interrupter,
    /// Stopped because the program ends, not by its user.
    by_shutdown: AtomicBool,
    state: Mutex<State>,
    /// Changes with the state.
    changed: watch::Sender<()>,
}

#[derive(Default)]
struct State {
    log: Log,
    ended: Option<(OffsetDateTime, Outcome)>,
}

/// A run as it is now.
pub(super) struct Seen {
    /// The entries after those that are known.
    pub(super) entries: Vec<Entry>,
    pub(super) ended: Option<(OffsetDateTime, Outcome)>,
}

impl Live {
    /// What there is after the first `known` entries.
    pub(super) fn seen(&self, known: usize) -> Seen {
        let state = lock(&self.state);
        Seen {
            entries: state.log.entries().get(known..).unwrap_or_default().into(),
            ended: state.ended,
        }
    }

    /// Is told of every change from now on.
    pub(super) fn watch(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    pub(super) fn watchers(&self) -> usize {
        self.changed.receiver_count()
    }

    /// The action of the step with this number.
    pub(super) fn action(&self, step: usize) -> Option<&'static str> {
        self.actions.get(step.checked_sub(1)?).copied()
    }

    pub(super) fn stop(&self) {
        self.interrupter.interrupt();
    }

    fn push(&self, entry: Entry) {
        lock(&self.state).log.push(entry);
        self.changed.send_replace(());
    }
}

/// Keeps what a bot tells.
struct Keeper {
    live: Arc<Live>,
    language: Language,
}

impl Watcher for Keeper {
    fn tell(&mut self, event: Event<'_>) {
        if let Some(mut entry) = run_words::entry(&event, self.language) {
            if entry.action.is_none()
                && let Some(step) = entry.step
            {
                entry.action = self.live.action(step).map(Into::into);
            }
            if entry.kind == Kind::Stopped && self.live.by_shutdown.load(Ordering::Relaxed) {
                let why = messages::run_shut_down(self.language);
                entry.text = format!("{} {why}", entry.text);
            }
            self.live.push(entry);
        }
    }
}

/// One of the runs that there may be at once; given back when it is dropped.
struct Place {
    runs: Arc<Runs>,
    owner: String,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut running = self.runs.lock();
        if let Some(count) = running.counts.get_mut(&self.owner) {
            *count -= 1;
            if *count == 0 {
                running.counts.remove(&self.owner);
            }
        }
    }
}

impl Runs {
    pub(super) fn new(
        engine: Engine,
        store: Store,
        connections: Connections,
    ) -> Result<Runs, getrandom::Error> {
        Ok(Runs {
            engine,
            sessions: Arc::new(SharedSessions::new()?),
            store,
            connections,
            running: Mutex::default(),
            tasks: TaskTracker::new(),
        })
    }

    /// Begins a run for a user, and says its id.
    pub(super) async fn start(
        self: &Arc<Self>,
        account: &Account,
        bot_id: &str,
        bot: Bot,
        language: Language,
    ) -> Result<String, Failure> {
        let place = self.take_place(&account.id)?;
        let run = self.store.runs(account).begin(bot_id, &bot.name).await?;
        let (interrupter, interrupt) = interruption();
        let live = Arc::new(Live {
            run,
            owner: account.id.clone(),
            actions: bot.steps.iter().map(|step| step.kind.action()).collect(),
            interrupter,
            by_shutdown: AtomicBool::new(false),
            state: Mutex::default(),
            changed: watch::Sender::new(()),
        });
        let id = live.run.id.clone();
        {
            let mut running = self.lock();
            // The program may have begun to end meanwhile.
            if running.is_closed {
                live.by_shutdown.store(true, Ordering::Relaxed);
                live.stop();
            }
            running.runs.insert(id.clone(), Arc::clone(&live));
        }
        let secrets = self.secrets(account, &id);
        let runner = self.runner(Arc::new(secrets), language, interrupt);
        let (runs, account) = (Arc::clone(self), account.clone());
        self.tasks.spawn(async move {
            runs.run(&live, &bot, &runner, &account, language).await;
            drop(place);
        });
        Ok(id)
    }

    /// A run of this user's that is under way.
    pub(super) fn live(&self, account: &Account, id: &str) -> Option<Arc<Live>> {
        let running = self.lock();
        let live = running.runs.get(id)?;
        (live.owner == account.id).then(|| Arc::clone(live))
    }

    /// Stops the runs of a user who is removed: nobody else can.
    pub(super) fn stop_all_of(&self, owner: &str) {
        let running = self.lock();
        for live in running.runs.values().filter(|live| live.owner == owner) {
            live.stop();
        }
    }

    /// The ids of this user's runs that are under way.
    pub(super) fn under_way(&self, account: &Account) -> HashSet<String> {
        let running = self.lock();
        let theirs = running
            .runs
            .values()
            .filter(|live| live.owner == account.id && lock(&live.state).ended.is_none());
        theirs.map(|live| live.run.id.clone()).collect()
    }

    /// Takes no more runs, stops those that there are, and ends the sessions that were kept for other bots.
    pub(super) async fn shutdown(&self) {
        {
            let mut running = self.lock();
            running.is_closed = true;
            for live in running.runs.values() {
                live.by_shutdown.store(true, Ordering::Relaxed);
                live.stop();
            }
        }
        self.tasks.close();
        self.tasks.wait().await;
        let (_interrupter, interrupt) = interruption();
        let runner = self.runner(Arc::new(NoSecrets), Language::English, interrupt);
        let finished = runner.finish().await;
        if finished.alive > 0 {
            tracing::warn!(
                sessions = finished.alive,
                "sessions could not be ended; each token lives on until it expires"
            );
        }
    }

    fn take_place(self: &Arc<Self>, owner: &str) -> Result<Place, Failure> {
        let mut running = self.lock();
        let all: usize = running.counts.values().sum();
        let theirs = running.counts.get(owner).copied().unwrap_or_default();
        if running.is_closed || all >= IN_ALL || theirs >= PER_USER {
            return Err(Failure::TooManyRuns);
        }
        running.counts.insert(owner.into(), theirs + 1);
        Ok(Place {
            runs: Arc::clone(self),
            owner: owner.into(),
        })
    }

    fn secrets(&self, account: &Account, run: &str) -> Secrets {
        Secrets {
            store: self.store.clone(),
            connections: self.connections.clone(),
            user: account.name.clone(),
            run: Some(run.into()),
        }
    }

    fn runner(
        &self,
        secrets: Arc<dyn SecretProvider>,
        language: Language,
        interrupt: Interrupt,
    ) -> Runner {
        Runner {
            actions: Arc::clone(&self.engine.actions),
            client: self.engine.client.clone(),
            secrets,
            variables: Arc::clone(&self.engine.variables),
            sessions: Arc::clone(&self.sessions),
            locale: language.tag().into(),
            retry: self.engine.retry,
            interrupt,
        }
    }

    async fn run(
        &self,
        live: &Arc<Live>,
        bot: &Bot,
        runner: &Runner,
        account: &Account,
        language: Language,
    ) {
        let mut keeper = Keeper {
            live: Arc::clone(live),
            language,
        };
        let result = runner.run(bot, &mut keeper).await;
        let outcome = match &result {
            Ok(()) => Outcome::Done,
            Err(RunError::Interrupted { .. }) => Outcome::Stopped,
            Err(_) => Outcome::Failed,
        };
        if let Some(entry) = result
            .err()
            .and_then(|error| run_words::not_begun(&error, language))
        {
            live.push(entry);
        }
        let log = lock(&live.state).log.finished(language);
        let remembered = self.store.runs(account);
        let stored = remembered.end(&live.run.id, outcome, &log).await;
        let ended = *stored.as_ref().unwrap_or(&OffsetDateTime::now_utc());
        lock(&live.state).ended = Some((ended, outcome));
        live.changed.send_replace(());
        match stored {
            // From now on it is looked up in the store.
            Ok(_) => drop(self.lock().runs.remove(&live.run.id)),
            Err(error) => tracing::error!(%error, "a run cannot be remembered"),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Running> {
        lock(&self.running)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
