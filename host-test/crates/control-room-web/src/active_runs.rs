//! The active runs: started for a user, limited in number, observed by event streams, stopped, and shut down in order
//! with the program. A run does not depend on an open page.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use thiserror::Error;
use time::OffsetDateTime;
use tokio::sync::{Notify, watch};
use tokio::time::sleep;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use super::messages;
use super::run_log::{Entry, Kind, Log, Output};
use super::run_messages::{self, milliseconds};
use bot_engine::Language;
use bot_engine::excerpt::{Excerpt, MAX_EXCERPT};
use bot_engine::{
    ActionRunner, Bot, Catalogue, Event, Interrupt, Interrupter, NoSecrets, RetryPolicy, RunError,
    Runner, SecretProvider, SharedSessions, Variables, Watcher, interruption, spans,
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

/// How much of what its steps return is shown in the editor, in bytes of JSON.
const MAX_SHOWN: usize = 4 << 20;

/// How long a test or a run in the editor waits for the page that started it.
const WAIT_FOR_PAGE: Duration = Duration::from_secs(10);

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

/// What a run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RunKind {
    /// A bot as it is stored.
    Run,
    /// The same, in the editor. Its entries have what the steps return.
    InEditor,
    /// The steps up to one, as they are in the editor. Its entries have what these return.
    Test,
}

/// An active run.
pub(super) struct ActiveRun {
    pub(super) run: Run,
    owner: String,
    /// The actions of its steps, in order, and the names that the designer gave them.
    steps: Vec<(String, Option<String>)>,
    interrupter: Interrupter,
    kind: RunKind,
    /// Notified when a page follows it.
    followed: Notify,
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
        let changes = self.changed.subscribe();
        self.followed.notify_one();
        changes
    }

    pub(super) fn watchers(&self) -> usize {
        self.changed.receiver_count()
    }

    /// The action and the name of a step, by its number.
    pub(super) fn step(&self, number: usize) -> Option<&(String, Option<String>)> {
        self.steps.get(number.checked_sub(1)?)
    }

    fn shows_outputs(&self) -> bool {
        self.kind != RunKind::Run
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
    /// What a step has just returned, if it is shown.
    returned: Option<Arc<Output>>,
    /// How much more of it may be shown, in bytes of JSON.
    room: usize,
}

impl Watcher for Recorder {
    fn on_event(&mut self, event: Event<'_>) {
        if let (Event::Returned { output, .. }, true) = (&event, self.live.shows_outputs()) {
            let excerpt = Excerpt::of(output, MAX_EXCERPT.min(self.room));
            self.room -= excerpt.bytes;
            self.returned = Output::of(&excerpt).map(Arc::new);
        }
        let forms = self.catalogue.forms(self.language);
        if let Some(mut entry) = run_messages::entry(&event, forms, self.language) {
            if let Some((action, name)) = entry.step.and_then(|step| self.live.step(step)) {
                entry.action = Some(action.clone());
                entry.name.clone_from(name);
            }
            match event {
                Event::Waiting { length, .. } => entry.wait = Some(milliseconds(length)),
                Event::StepSucceeded { .. } | Event::StepFailed { .. } => {
                    entry.output = self.returned.take();
                }
                _ => {}
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

    /// Starts a run or a test for a user and returns its id.
    pub(super) async fn start(
        self: &Arc<Self>,
        account: &Account,
        bot_id: &str,
        bot: Bot,
        language: Language,
        kind: RunKind,
    ) -> Result<String, StartRunError> {
        let slot = self.take_slot(&account.id)?;
        let mut log = Log::default();
        let name = if kind == RunKind::Test {
            let last = bot.steps.len();
            let text = messages::test_of_steps(language, last);
            log.push(Entry::new(Kind::Test, None, text));
            messages::test_of(language, &bot.name, last)
        } else {
            bot.name.clone()
        };
        let run = self.store.runs(account).begin(bot_id, &name).await?;
        let (interrupter, interrupt) = interruption();
        let live = Arc::new(ActiveRun {
            run,
            owner: account.id.clone(),
            steps: bot
                .steps
                .iter()
                .map(|step| (step.kind.action().into(), step.name.clone()))
                .collect(),
            interrupter,
            kind,
            followed: Notify::new(),
            by_shutdown: AtomicBool::new(false),
            state: Mutex::new(State { log, ended: None }),
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
        let running = async move {
            runs.run(&live, &bot, &runner, &account, language).await;
            drop(slot);
        };
        self.tasks.spawn(running.instrument(spans::run(&id)));
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

    /// The ids of the active runs of this user, or of all users.
    pub(super) fn active_ids(&self, account: Option<&Account>) -> HashSet<String> {
        let running = self.lock();
        let theirs = running
            .runs
            .values()
            .filter(|live| account.is_none_or(|account| live.owner == account.id))
            .filter(|live| lock(&live.state).ended.is_none());
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
            returned: None,
            room: MAX_SHOWN,
        };
        if !may_begin(live.kind, &live.followed, &runner.interrupt).await {
            live.stop();
        }
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
            Err(error) => {
                tracing::error!(%error, "a run cannot be stored");
                lock(&live.state).log.drop_outputs();
            }
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

/// Waits for the page that shows what the steps return, which is not stored. Without one, a run begins after a while; a test
/// does not, as it is only for that page, and the user may have been told that it did not start.
async fn may_begin(kind: RunKind, followed: &Notify, interrupt: &Interrupt) -> bool {
    if kind == RunKind::Run {
        return true;
    }
    tokio::select! {
        () = followed.notified() => true,
        () = interrupt.requested() => true,
        () = sleep(WAIT_FOR_PAGE) => kind == RunKind::InEditor,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_test_that_no_page_follows_does_not_begin_and_a_run_does() {
        let (_interrupter, interrupt) = interruption();
        for (kind, begins, after) in [
            (RunKind::Run, true, Duration::ZERO),
            (RunKind::InEditor, true, WAIT_FOR_PAGE),
            (RunKind::Test, false, WAIT_FOR_PAGE),
        ] {
            let begun = tokio::time::Instant::now();
            let may_begin = may_begin(kind, &Notify::new(), &interrupt).await;
            assert_eq!((may_begin, begun.elapsed()), (begins, after), "{kind:?}");
        }

        // A page that was faster counts.
        let followed = Notify::new();
        followed.notify_one();
        assert!(may_begin(RunKind::Test, &followed, &interrupt).await);
    }
}
