//! A queued run that this worker has claimed: runs it, and reports how it goes, as long as the lease lasts.

use std::future::pending;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bot_engine::{
    Bot, Event, Interrupter, Language, NoSecrets, Problems, RunError, Runner, SecretProvider,
    SharedSessions, Watcher, interruption,
};
use control_room::audit_events::Action;
use control_room::passwords::{Account, PasswordError};
use control_room::queue::{Claim, Claimed, Queue, QueueError};
use control_room::runs::Outcome;
use control_room::{Principal, Secrets, StoreError};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use super::Options;
use super::open_sessions::{self, OpenSessions, Recording};
use super::work::Work;
use crate::messages;
use crate::run_log::{Entry, Kind, Log};
use crate::run_messages;

/// How often the log is stored while the run goes on.
const SAVE_INTERVAL: Duration = Duration::from_secs(1);

/// How long to wait if the database does not answer, until it is asked again.
const RETRY_INTERVAL: Duration = Duration::from_millis(250);

/// Why a run was interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// It was not.
    Nothing = 0,
    /// Its user wants it to stop.
    Stopped = 1,
    /// The worker ends.
    Draining = 2,
    /// The lease has ended: another worker may begin it, and nothing may be written for it.
    LeaseEnded = 3,
}

/// A claimed run, as the loop of the worker sees it.
pub(super) struct Active {
    pub(super) claim: Claim,
    interrupter: Interrupter,
    /// The strongest reason so far.
    why: AtomicU8,
    /// When the lease ends, by the clock of this process, unless it is extended.
    pub(super) valid_until: watch::Sender<Instant>,
}

impl Active {
    /// Interrupts the run. The first reason counts, except that nothing else does once the lease has ended.
    pub(super) fn interrupt(&self, why: Why) {
        let first = |known| {
            let replaces = known == Why::Nothing as u8 || why == Why::LeaseEnded;
            replaces.then_some(why as u8)
        };
        let _ = self
            .why
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, first);
        self.interrupter.interrupt();
    }

    fn was_interrupted_for(&self, why: Why) -> bool {
        self.why.load(Ordering::Relaxed) == why as u8
    }

    fn is_valid(&self) -> bool {
        Instant::now() < *self.valid_until.borrow()
    }

    /// Waits until the lease has ended.
    async fn ended(&self) {
        let mut valid_until = self.valid_until.subscribe();
        loop {
            let end = *valid_until.borrow_and_update();
            tokio::select! {
                () = sleep_until(end) => if !self.is_valid() { return },
                changed = valid_until.changed() => if changed.is_err() { pending().await },
            }
        }
    }
}

/// A claimed run, with all it needs.
pub(super) struct QueuedRun {
    pub(super) active: Arc<Active>,
    runner: Runner,
    work: Option<Work>,
    account: Option<Account>,
    bot_name: String,
    language: Language,
    queue: Queue,
    options: Arc<Options>,
    left: Option<secrecy::SecretString>,
    open: Arc<OpenSessions>,
}

impl QueuedRun {
    /// Prepares a run that was claimed until `valid_until`, by the clock of this process. `None` if that is not possible now:
    /// when the lease has ended, it begins again.
    pub(super) async fn new(
        claimed: Claimed,
        valid_until: Instant,
        options: Arc<Options>,
    ) -> Option<Self> {
        let queue = options.store.queue();
        let (interrupter, interrupt) = interruption();
        let active = Arc::new(Active {
            claim: claimed.claim.clone(),
            interrupter,
            why: AtomicU8::new(Why::Nothing as u8),
            valid_until: watch::Sender::new(valid_until),
        });
        let work = Work::of(&claimed.work);
        let language = work.as_ref().map_or(Language::English, Work::language);
        let account = match options.store.passwords().account(&claimed.owner).await {
            Ok(account) => account,
            Err(error) => {
                tracing::error!(%error, "the user of a run cannot be read");
                let is_for_good = matches!(&error, PasswordError::Store(it) if it.is_tampering());
                if !is_for_good {
                    return None;
                }
                // As without an account: the run fails.
                None
            }
        };
        let secrets: Arc<dyn SecretProvider> = match &account {
            Some(account) => Arc::new(Secrets {
                store: options.store.clone(),
                connections: options.connections.clone(),
                user: account.name.clone(),
                run: Some(claimed.run.id.clone()),
            }),
            None => Arc::new(NoSecrets),
        };
        let engine = &options.engine;
        let open = Arc::new(OpenSessions::default());
        let actions = Recording {
            actions: Arc::clone(&engine.actions),
            catalogue: Arc::clone(&options.catalogue),
            queue: queue.clone(),
            claim: claimed.claim,
            open: Arc::clone(&open),
            valid_until: active.valid_until.subscribe(),
        };
        let sessions = SharedSessions::new()
            .inspect_err(|error| tracing::error!(%error, "there are no random numbers"))
            .ok()?;
        let runner = Runner {
            actions: Arc::new(actions),
            client: engine.client.clone(),
            secrets,
            variables: Arc::clone(&engine.variables),
            // Not those of other runs: if this worker dies, whoever revokes the tokens of this run takes none from another one.
            sessions: Arc::new(sessions),
            locale: language.tag().into(),
            retry: engine.retry,
            interrupt,
        };
        Some(Self {
            active,
            runner,
            work,
            account,
            bot_name: claimed.run.bot,
            language,
            queue,
            options,
            left: claimed.sessions,
            open,
        })
    }

    /// Runs it to its end.
    pub(super) async fn run(self) {
        if let Some(left) = &self.left {
            let Options {
                engine, catalogue, ..
            } = &*self.options;
            let left = open_sessions::revoke(left, &*engine.actions, catalogue).await;
            if left > 0 {
                tracing::warn!(left, "sessions of an earlier attempt could not be closed");
            }
        }
        let log = Mutex::new(Log::default());
        let outcome = {
            let mut running = std::pin::pin!(self.run_bot(&log));
            tokio::select! {
                outcome = &mut running => outcome,
                // Dropped when the lease has ended: a transaction that nobody goes on with would hold up others.
                () = self.save_log(&log) => pending().await,
                () = self.active.ended() => {
                    self.active.interrupt(Why::LeaseEnded);
                    running.await
                }
            }
        };
        self.runner.finish().await;
        let Options {
            engine, catalogue, ..
        } = &*self.options;
        let sessions = self.open.close_rest(&*engine.actions, catalogue).await;
        if sessions > 0 {
            tracing::warn!(
                sessions,
                "sessions could not be closed; each token remains valid until it expires"
            );
        }
        self.report(outcome, &log).await;
    }

    async fn run_bot(&self, log: &Mutex<Log>) -> Outcome {
        let bots = self.account.as_ref().map(|it| self.options.store.bots(it));
        let (Some(work), Some(bots)) = (&self.work, bots) else {
            let text = messages::run_not_permitted(self.language).into();
            locked(log).push(Entry::new(Kind::Failed, None, text));
            return Outcome::Failed;
        };
        // It may do something else than what the user has checked, or have another grant.
        if let Some(component) = work.other_component(&self.options.catalogue) {
            let text = messages::run_other_component(self.language, component);
            locked(log).push(Entry::new(Kind::Failed, None, text));
            return Outcome::Failed;
        }
        let (bot, problems) = work.bot(bots, &self.options.catalogue).await;
        let result = if let Some(problems) = Problems::new(problems) {
            Err(RunError::Invalid(problems))
        } else {
            let mut recorder = Recorder {
                run: self,
                bot: &bot,
                log,
            };
            self.runner.run(&bot, &mut recorder).await
        };
        if let Err(error) = &result
            && let Some(entry) = run_messages::not_started(error, self.language)
        {
            self.note_refused().await;
            locked(log).push(entry);
        }
        match result {
            Ok(()) => Outcome::Done,
            Err(RunError::Interrupted { .. }) => Outcome::Stopped,
            Err(_) => Outcome::Failed,
        }
    }

    /// Records in the audit log that a bot did not run.
    async fn note_refused(&self) {
        let Some(account) = &self.account else { return };
        let by = Principal::User(account.name.clone());
        let audit = self.options.store.audit();
        if let Err(error) = audit.refused(&by, Action::Run, &self.bot_name).await {
            tracing::error!(%error, "a refused run cannot be recorded");
        }
    }

    /// Stores the log from time to time, for pages of another process.
    async fn save_log(&self, log: &Mutex<Log>) {
        let mut saved = 0;
        loop {
            sleep(SAVE_INTERVAL).await;
            let (entries, text) = {
                let log = locked(log);
                (log.entries().len(), log.so_far())
            };
            if entries > saved {
                match self.queue.save_log(&self.active.claim, &text).await {
                    Ok(()) => saved = entries,
                    Err(error) => tracing::info!(%error, "the log of a run is not stored yet"),
                }
            }
        }
    }

    /// Stores how it ended, or leaves it to another worker.
    async fn report(&self, outcome: Outcome, log: &Mutex<Log>) {
        let claim = &self.active.claim;
        if self.active.was_interrupted_for(Why::LeaseEnded) {
            tracing::warn!(run = claim.run, "a run was stopped, as its lease has ended");
            return;
        }
        if outcome == Outcome::Stopped && self.active.was_interrupted_for(Why::Draining) {
            let so_far = locked(log).finished(self.language);
            let hand_back = || self.queue.hand_back(claim, Some(&so_far));
            let handed_back = self.stored(hand_back).await;
            if !matches!(handed_back, Err(QueueError::HasChanged)) {
                return;
            }
            let text = messages::run_worker_ended(self.language).into();
            locked(log).push(Entry::new(Kind::Note, None, text));
        }
        let log = locked(log).finished(self.language);
        let finished = self
            .stored(|| self.queue.finish(claim, outcome, &log))
            .await;
        if let Err(error) = finished {
            tracing::warn!(run = claim.run, %error, "the end of a run is not stored");
        }
    }

    /// Tries to store something until the lease ends, unless that is in vain: a row was changed from outside, or it is too large.
    async fn stored<F: Future<Output = Result<(), QueueError>>>(
        &self,
        store: impl Fn() -> F,
    ) -> Result<(), QueueError> {
        loop {
            let end = *self.active.valid_until.borrow();
            match timeout_at(end, store()).await {
                Ok(Err(QueueError::Store(error)))
                    if self.active.is_valid() && may_succeed_later(&error) =>
                {
                    tracing::warn!(%error, "the queue cannot be written");
                    sleep(RETRY_INTERVAL).await;
                }
                Ok(stored) => return stored,
                // The lease may have been extended meanwhile.
                Err(_) if self.active.is_valid() => {}
                Err(_) => return Err(QueueError::ClaimLost),
            }
        }
    }
}

fn may_succeed_later(error: &StoreError) -> bool {
    !error.is_tampering() && !matches!(error, StoreError::TooLarge(_))
}

/// Records the events of a bot in the log of its run, and notes what changes something before it begins.
struct Recorder<'a> {
    run: &'a QueuedRun,
    bot: &'a Bot,
    log: &'a Mutex<Log>,
}

#[async_trait]
impl Watcher for Recorder<'_> {
    fn on_event(&mut self, event: Event<'_>) {
        let language = self.run.language;
        let forms = self.run.options.catalogue.forms(language);
        if let Some(mut entry) = run_messages::entry(&event, forms, language) {
            let step = entry.step.and_then(|step| step.checked_sub(1));
            if let Some(step) = step.and_then(|step| self.bot.steps.get(step)) {
                entry.action = Some(step.kind.action().into());
                entry.name.clone_from(&step.name);
            }
            locked(self.log).push(entry);
        }
    }

    async fn may_change(&mut self, step: usize) -> bool {
        let (run, active) = (self.run, &self.run.active);
        let begun = run
            .stored(|| run.queue.begin_step(&active.claim, step))
            .await;
        match begun {
            Ok(()) => active.is_valid(),
            Err(QueueError::StopRequested) => {
                active.interrupt(Why::Stopped);
                false
            }
            Err(error) => {
                tracing::warn!(step, %error, "a step that changes something does not begin");
                active.interrupt(Why::LeaseEnded);
                false
            }
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
