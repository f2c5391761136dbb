//! The active runs: started for a user, limited in number, observed by event streams, stopped, and shut down in order
//! with the program. A run does not depend on an open page.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use thiserror::Error;
use time::OffsetDateTime;
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

use super::messages;
use super::run_log::{Entry, Kind, Log};
use super::run_messages;
use bot_engine::Language;
use bot_engine::{
    ActionRunner, Bot, Catalogue, Event, Interrupt, Interrupter, NoSecrets, RetryPolicy, RunError,
    Runner, SecretProvider, SharedSessions, Variables, Watcher, interruption,
};
use control_room::audit_events::Action;
use control_room::passwords::Account;
use control_room::runs::{Outcome, Run, RunsError};
use control_room::{Connections, Principal, Secrets, Store};
use egress::Client;

/// The most active runs of one user.
const PER_USER: usize = 4;

/// The most active runs in all.
const IN_ALL: usize = 32;

/// What bots run with.
pub struct Engine {
    /// Runs the actions, with access to Genesys Cloud.
    pub actions: Arc<dyn ActionRunner>,
    /// The HTTP client for API requests.
    pub client: Client,
    /// The variables of bots.
    pub variables: Arc<Variables>,
    /// The retry policy.
    pub retry: RetryPolicy,
}

/// All active runs.
pub(super) struct ActiveRuns {
    engine: Engine,
    catalogue: Arc<Catalogue>,
    sessions: Arc<SharedSessions>,
    store: Store,
    connections: Connections,
    running: Mutex<Running>,
    tasks: TaskTracker,
}

#[derive(Default)]
struct Running {
    runs: HashMap<String, Arc<ActiveRun>>,
    /// The number of active runs by user id.
    counts: HashMap<String, usize>,
    is_closed: bool,
}

/// An active run.
pub(super) struct ActiveRun {
    pub(super) run: Run,
    owner: String,
    /// The actions of its steps, in order.
    actions: Vec<String>,
    interrupter: Interrupter,
    /// Whether it was stopped by the shutdown, not by its user.
    by_shutdown: AtomicBool,
    state: Mutex<State>,
    /// Notified of every change of the state.
    changed: watch::Sender<()>,
}

#[derive(Default)]
struct State {
    log: Log,
    ended: Option<(OffsetDateTime, Outcome)>,
}

/// Why a run cannot start.
#[derive(Debug, Error)]
pub(super) enum StartRunError {
    /// The user, or all users together, have the maximum of active runs, or the program shuts down.
    #[error("the maximum of runs is active")]
    TooMany,
    /// The run cannot be stored.
    #[error(transparent)]
    Store(#[from] RunsError),
}

/// The state of a run at one moment.
pub(super) struct Snapshot {
    /// The entries after the known ones.
    pub(super) entries: Vec<Entry>,
    pub(super) ended: Option<(OffsetDateTime, Outcome)>,
}

impl ActiveRun {
    /// The state, with the entries after the first `known` ones.
    pub(super) fn snapshot(&self, known: usize) -> Snapshot {
        let state = lock(&self.state);
        Snapshot {
            entries: state.log.entries().get(known..).unwrap_or_default().into(),
            ended: state.ended,
        }
    }

    /// Subscribes to changes.
    pub(super) fn watch(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    pub(super) fn watchers(&self) -> usize {
        self.changed.receiver_count()
    }

    /// The action of the step with this number.
    pub(super) fn action(&self, step: usize) -> Option<&str> {
        self.actions.get(step.checked_sub(1)?).map(String::as_str)
    }

    pub(super) fn stop(&self) {
        self.interrupter.interrupt();
    }

    fn push(&self, entry: Entry) {
        lock(&self.state).log.push(entry);
        self.changed.send_replace(());
    }
}

/// Records the events of a bot in the log of its run.
struct Recorder {
    live: Arc<ActiveRun>,
    catalogue: Arc<Catalogue>,
    language: Language,
}

impl Watcher for Recorder {
    fn on_event(&mut self, event: Event<'_>) {
        let forms = self.catalogue.forms(self.language);
        if let Some(mut entry) = run_messages::entry(&event, forms, self.language) {
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

/// A slot for one of the active runs that are allowed at once; released on drop.
struct Slot {
    runs: Arc<ActiveRuns>,
    owner: String,
}

impl Drop for Slot {
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

impl ActiveRuns {
    pub(super) fn new(
        engine: Engine,
        catalogue: Arc<Catalogue>,
        store: Store,
        connections: Connections,
    ) -> Result<Self, getrandom::Error> {
        Ok(Self {
            engine,
            catalogue,
            sessions: Arc::new(SharedSessions::new()?),
            store,
            connections,
            running: Mutex::default(),
            tasks: TaskTracker::new(),
        })
    }

    /// Starts a run for a user and returns its id.
    pub(super) async fn start(
        self: &Arc<Self>,
        account: &Account,
        bot_id: &str,
        bot: Bot,
        language: Language,
    ) -> Result<String, StartRunError> {
        let slot = self.take_slot(&account.id)?;
        let run = self.store.runs(account).begin(bot_id, &bot.name).await?;
        let (interrupter, interrupt) = interruption();
        let live = Arc::new(ActiveRun {
            run,
            owner: account.id.clone(),
            actions: bot
                .steps
                .iter()
                .map(|step| step.kind.action().into())
                .collect(),
            interrupter,
            by_shutdown: AtomicBool::new(false),
            state: Mutex::default(),
            changed: watch::Sender::new(()),
        });
        let id = live.run.id.clone();
        {
            let mut running = self.lock();
            // A shutdown may have begun meanwhile.
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
            drop(slot);
        });
        Ok(id)
    }

    /// An active run of this user.
    pub(super) fn live(&self, account: &Account, id: &str) -> Option<Arc<ActiveRun>> {
        let running = self.lock();
        let live = running.runs.get(id)?;
        (live.owner == account.id).then(|| Arc::clone(live))
    }

    /// Stops the runs of a removed user, as nobody else can.
    pub(super) fn stop_all_of(&self, owner: &str) {
        let running = self.lock();
        for live in running.runs.values().filter(|live| live.owner == owner) {
            live.stop();
        }
    }

    /// The ids of this user's active runs.
    pub(super) fn active_ids(&self, account: &Account) -> HashSet<String> {
        let running = self.lock();
        let theirs = running
            .runs
            .values()
            .filter(|live| live.owner == account.id && lock(&live.state).ended.is_none());
        theirs.map(|live| live.run.id.clone()).collect()
    }

    /// Rejects new runs, stops the active ones, and closes the shared sessions.
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
        if finished.not_revoked > 0 {
            tracing::warn!(
                sessions = finished.not_revoked,
                "sessions could not be closed; each token remains valid until it expires"
            );
        }
    }

    fn take_slot(self: &Arc<Self>, owner: &str) -> Result<Slot, StartRunError> {
        let mut running = self.lock();
        let all: usize = running.counts.values().sum();
        let theirs = running.counts.get(owner).copied().unwrap_or_default();
        if running.is_closed || all >= IN_ALL || theirs >= PER_USER {
            return Err(StartRunError::TooMany);
        }
        running.counts.insert(owner.into(), theirs + 1);
        Ok(Slot {
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
        live: &Arc<ActiveRun>,
        bot: &Bot,
        runner: &Runner,
        account: &Account,
        language: Language,
    ) {
        let mut recorder = Recorder {
            live: Arc::clone(live),
            catalogue: Arc::clone(&self.catalogue),
            language,
        };
        let result = runner.run(bot, &mut recorder).await;
        if matches!(
            result,
            Err(RunError::Invalid(_) | RunError::SecretProvider(_))
        ) {
            self.note_refused(account, &bot.name).await;
        }
        let outcome = match &result {
            Ok(()) => Outcome::Done,
            Err(RunError::Interrupted { .. }) => Outcome::Stopped,
            Err(_) => Outcome::Failed,
        };
        if let Some(entry) = result
            .err()
            .and_then(|error| run_messages::not_started(&error, language))
        {
            live.push(entry);
        }
        let log = lock(&live.state).log.finished(language);
        let history = self.store.runs(account);
        let stored = history.end(&live.run.id, outcome, &log).await;
        let ended = *stored.as_ref().unwrap_or(&OffsetDateTime::now_utc());
        lock(&live.state).ended = Some((ended, outcome));
        live.changed.send_replace(());
        match stored {
            // From now on it is read from the store.
            Ok(_) => drop(self.lock().runs.remove(&live.run.id)),
            Err(error) => tracing::error!(%error, "a run cannot be stored"),
        }
    }

    /// Records in the audit log that a bot did not run.
    pub(super) async fn note_refused(&self, account: &Account, bot: &str) {
        let by = Principal::User(account.name.clone());
        let noted = self.store.audit().refused(&by, Action::Run, bot).await;
        if let Err(error) = noted {
            tracing::error!(%error, "a refused run cannot be recorded");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Running> {
        lock(&self.running)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
