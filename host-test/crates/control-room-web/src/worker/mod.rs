//! A worker: claims runs of the [queue](control_room::queue) for its pool, and runs them.
//!
//! - this file: claims runs as long as there are slots, extends their leases, and looks for those of dead workers;
//! - `queued_run`: one run; `open_sessions`: its sessions, for the case that this worker dies;
//! - `work`: what is queued of a run; `schedules`: starts what is due.
//!
//! A worker keeps nothing that another one needs: all is in the database. Whatever it does for a run is done under the lease of
//! the run, and it stops the run by itself when the lease has ended by its own clock.

mod open_sessions;
mod queued_run;
mod schedules;
mod work;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bot_engine::{Catalogue, spans};
use control_room::queue::{Claim, NewWorker, Queue, QueueError};
use control_room::{Connections, Name, Store};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::active_runs::Engine;
use queued_run::{Active, QueuedRun, Why};
pub use schedules::Scheduler;
pub use work::{Given, Work, draft};

/// What a worker works with.
pub struct Options {
    /// The Control Room.
    pub store: Store,
    /// The actions that bots can use.
    pub catalogue: Arc<Catalogue>,
    /// What bots run with.
    pub engine: Engine,
    /// The OAuth connections of that Control Room.
    pub connections: Connections,
    /// The runs that it begins.
    pub pool: Name,
    /// How many it runs at a time.
    pub slots: u16,
    /// How long a run is left to it if it does not say that it is still there.
    pub lease: Duration,
    /// How long its runs may go on when it is to end.
    pub grace: Duration,
    /// Its name, for people.
    pub name: String,
    /// The version of its program.
    pub version: &'static str,
}

/// How long a worker that is to end waits for runs that it has interrupted. What is not stored then is left to their leases.
const STOPPING: Duration = Duration::from_secs(30);

/// How long it may take to close the sessions that dead workers have left.
const SESSIONS_TIME: Duration = Duration::from_mins(1);

/// How long the database may take to answer, if the lease is not shorter. Otherwise, a worker could not end in time.
const ANSWER_TIME: Duration = Duration::from_secs(5);

/// A worker.
pub struct Worker {
    options: Arc<Options>,
    queue: Queue,
    /// By claim: a run may be claimed again while what is left of an earlier claim still ends.
    active: Mutex<HashMap<Claim, Arc<Active>>>,
    slots: Arc<Semaphore>,
    /// Notified when a run has ended.
    freed: Notify,
    tasks: TaskTracker,
    draining: CancellationToken,
}

/// The place of a run among those of a worker. It is free when this is dropped, also by a panic: then the lease ends.
struct Place {
    worker: Arc<Worker>,
    claim: Claim,
    slot: Option<OwnedSemaphorePermit>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.worker.active().remove(&self.claim);
        drop(self.slot.take());
        self.worker.freed.notify_one();
    }
}

impl Worker {
    /// A worker that has not begun.
    pub fn new(options: Options) -> Arc<Self> {
        Arc::new(Self {
            queue: options.store.queue(),
            active: Mutex::default(),
            slots: Arc::new(Semaphore::new(options.slots.into())),
            freed: Notify::new(),
            tasks: TaskTracker::new(),
            draining: CancellationToken::new(),
            options: Arc::new(options),
        })
    }

    /// Claims nothing more. What runs has the grace to end; what has changed nothing by then is left to another worker.
    pub fn drain(&self) {
        self.draining.cancel();
    }

    /// Claims and runs what is queued, until it is drained.
    ///
    /// # Errors
    ///
    /// If the database cannot be used at the beginning. Later, it is tried again.
    pub async fn run(self: &Arc<Self>) -> Result<(), QueueError> {
        let options = &*self.options;
        let id = self
            .queue
            .register(&NewWorker {
                name: &options.name,
                pool: &options.pool,
                slots: options.slots.into(),
                version: options.version,
            })
            .await?;
        let mut wake_ups = self.queue.wake_ups().await?;
        let in_background = CancellationToken::new();
        let background = TaskTracker::new();
        let (worker, of_worker) = (Arc::clone(self), id.clone());
        let extending = async move { worker.extend_leases(&of_worker).await };
        background.spawn(in_background.clone().run_until_cancelled_owned(extending));
        let worker = Arc::clone(self);
        let sweeping = async move { worker.sweep().await };
        background.spawn(in_background.clone().run_until_cancelled_owned(sweeping));
        let starting = Scheduler::new(options.store.clone()).run();
        background.spawn(in_background.clone().run_until_cancelled_owned(starting));
        while !self.draining.is_cancelled() {
            self.stop_as_requested().await;
            self.claim_all().await;
            tokio::select! {
                () = self.draining.cancelled() => {}
                () = self.freed.notified() => {}
                () = wake_ups.next() => {}
            }
        }
        self.tasks.close();
        let mut ended = std::pin::pin!(timeout(options.grace, self.tasks.wait()));
        loop {
            tokio::select! {
                in_time = &mut ended => {
                    if in_time.is_err() {
                        self.all_active().iter().for_each(|it| it.interrupt(Why::Draining));
                        if timeout(STOPPING, self.tasks.wait()).await.is_err() {
                            tracing::warn!("runs that were interrupted have not ended; their leases will");
                        }
                    }
                    break;
                }
                () = wake_ups.next() => self.stop_as_requested().await,
            }
        }
        in_background.cancel();
        background.close();
        background.wait().await;
        let deregistered = timeout(self.answer_time(), self.queue.deregister(&id)).await;
        if !matches!(deregistered, Ok(Ok(()))) {
            tracing::info!("the worker stays in the list for a while");
        }
        Ok(())
    }

    fn answer_time(&self) -> Duration {
        self.options.lease.min(ANSWER_TIME)
    }

    /// Claims runs until all slots are taken or nothing waits.
    async fn claim_all(self: &Arc<Self>) {
        while let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned() {
            // If the database does not answer, a claim that it has given nevertheless ends with its lease.
            match timeout(self.answer_time(), self.claim(slot)).await {
                Ok(Ok(true)) => {}
                Ok(Ok(false)) => return,
                Ok(Err(error)) => {
                    tracing::warn!(%error, "nothing can be claimed");
                    return;
                }
                Err(_) => {
                    tracing::warn!("nothing can be claimed: the database does not answer");
                    return;
                }
            }
        }
    }

    /// Claims a run and begins it. False if none waits.
    async fn claim(self: &Arc<Self>, slot: OwnedSemaphorePermit) -> Result<bool, QueueError> {
        let options = &self.options;
        // The lease begins later by the clock of the database.
        let valid_until = Instant::now() + options.lease;
        let claimed = self
            .queue
            .claim(&options.pool, &options.name, options.lease);
        let Some(claimed) = claimed.await? else {
            return Ok(false);
        };
        if self.draining.is_cancelled() {
            self.queue.hand_back(&claimed.claim, None).await?;
            return Ok(false);
        }
        let claim = claimed.claim.clone();
        tracing::info!(run = claim.run, "a run begins");
        let Some(run) = QueuedRun::new(claimed, valid_until, Arc::clone(options)).await else {
            // When the lease ends, it begins again.
            return Ok(false);
        };
        let span = spans::run(&claim.run);
        self.active().insert(claim.clone(), Arc::clone(&run.active));
        let place = Place {
            worker: Arc::clone(self),
            claim,
            slot: Some(slot),
        };
        let running = async move {
            let _place = place;
            Box::pin(run.run()).await;
        };
        self.tasks.spawn(running.instrument(span));
        Ok(true)
    }

    /// Extends the leases, and says that the worker is there.
    async fn extend_leases(&self, id: &str) {
        let lease = self.options.lease;
        let mut ticks = interval(lease / 4);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let active = self.all_active();
            if !active.is_empty() {
                let valid_until = Instant::now() + lease;
                let claims: Vec<Claim> = active.iter().map(|it| it.claim.clone()).collect();
                // There is time for another attempt before the leases end.
                match timeout(lease / 4, self.queue.extend(&claims, lease)).await {
                    Ok(Ok(held)) => {
                        for run in active {
                            match held.iter().find(|held| held.claim == run.claim) {
                                None => run.interrupt(Why::LeaseEnded),
                                Some(held) => {
                                    run.valid_until.send_replace(valid_until);
                                    if held.stop_requested {
                                        run.interrupt(Why::Stopped);
                                    }
                                }
                            }
                        }
                    }
                    Ok(Err(error)) => tracing::warn!(%error, "the leases are not extended"),
                    Err(_) => {
                        tracing::warn!("the leases are not extended: the database does not answer");
                    }
                }
            }
            match timeout(lease / 4, self.queue.seen(id)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::info!(%error, "the worker is not shown as present"),
                Err(_) => tracing::info!("the worker is not shown as present"),
            }
        }
    }

    /// Looks for runs whose workers have died, and closes what they have left open.
    async fn sweep(&self) {
        let mut ticks = interval(self.options.lease / 2);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let lease = self.options.lease;
            match timeout(lease, self.queue.sweep()).await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => {
                    tracing::warn!(%error, "the leases of other workers are not checked");
                }
                Err(_) => tracing::warn!("the leases of other workers are not checked"),
            }
            match timeout(SESSIONS_TIME, self.close_left_sessions()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    tracing::warn!(%error, "the sessions of dead workers are not closed yet");
                }
                Err(_) => tracing::warn!("the sessions of dead workers are not closed yet"),
            }
        }
    }

    async fn close_left_sessions(&self) -> Result<(), QueueError> {
        let Options {
            engine, catalogue, ..
        } = &*self.options;
        for left in self.queue.left_sessions(&self.options.pool).await? {
            let open = open_sessions::revoke(&left.sessions, &*engine.actions, catalogue).await;
            if open > 0 {
                let run = &left.run;
                tracing::warn!(run, open, "sessions of a dead worker could not be closed");
            }
            self.queue.forget_sessions(&left.run).await?;
        }
        Ok(())
    }

    async fn stop_as_requested(&self) {
        let active = self.all_active();
        if active.is_empty() {
            return;
        }
        let claims: Vec<Claim> = active.iter().map(|it| it.claim.clone()).collect();
        match timeout(self.answer_time(), self.queue.to_stop(&claims)).await {
            Ok(Ok(stopping)) => {
                for run in active.iter().filter(|it| stopping.contains(&it.claim)) {
                    run.interrupt(Why::Stopped);
                }
            }
            Ok(Err(error)) => tracing::warn!(%error, "requests to stop are not known"),
            Err(_) => {
                tracing::warn!("requests to stop are not known: the database does not answer");
            }
        }
    }

    fn all_active(&self) -> Vec<Arc<Active>> {
        self.active().values().cloned().collect()
    }

    fn active(&self) -> MutexGuard<'_, HashMap<Claim, Arc<Active>>> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
