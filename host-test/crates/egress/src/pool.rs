//! The connection pool: idle connections, and the limit of open ones.
//!
//! Why not hyper-util's client with its pool? It returns a connection in a task of its own, some time after the response
//! was read, and opens another one for a request that arrives before that. 20,000 requests by 64 tasks (TLS on loopback,
//! two cores) opened 139 connections in one run and 84 in another; here they open 64 at most, because a connection is
//! back before its reader continues. Nor does that client have a limit of connections, or a connect time-out per
//! request. Both use the same CPU time.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use http::uri::Authority;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep};

use super::connection::Connection;
use super::error::Error;

/// Idle connections by host and port.
pub(super) struct Pool {
    idle: Mutex<IdleConnections>,
    slots: Arc<Semaphore>,
    max_idle: Duration,
}

#[derive(Default)]
struct IdleConnections {
    /// The longest idle first.
    by_origin: HashMap<Authority, VecDeque<Idle>>,
    /// Whether a task runs that evicts expired connections.
    is_evicting: bool,
}

struct Idle {
    connection: Box<Connection>,
    since: Instant,
}

impl Pool {
    pub(super) fn new(max_connections: usize, max_idle: Duration) -> Self {
        Self {
            idle: Mutex::default(),
            slots: Arc::new(Semaphore::new(max_connections.min(Semaphore::MAX_PERMITS))),
            max_idle,
        }
    }

    /// The most recently used idle connection to `origin`: the one least likely to have been closed.
    pub(super) fn take(&self, origin: &Authority) -> Option<Box<Connection>> {
        let mut idle = self.lock();
        let waiting = idle.by_origin.get_mut(origin)?;
        let last = waiting.pop_back();
        if waiting.is_empty() {
            idle.by_origin.remove(origin);
        }
        drop(idle);
        last.filter(|idle| idle.since.elapsed() < self.max_idle)
            .map(|idle| idle.connection)
    }

    /// Keeps `connection`, which must be free, for another request.
    pub(super) fn put(self: &Arc<Self>, origin: Authority, connection: Box<Connection>) {
        let since = Instant::now();
        let mut idle = self.lock();
        let of_origin = idle.by_origin.entry(origin).or_default();
        of_origin.push_back(Idle { connection, since });
        if !idle.is_evicting {
            idle.is_evicting = true;
            tokio::spawn(evict(Arc::downgrade(self)));
        }
    }

    /// A permit to open a connection. At the limit, the connection that has been idle longest is closed.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] at once if all connections are in use: waiting is for the caller's queue, which also knows whose
    /// turn it is.
    pub(super) fn slot(&self) -> Result<OwnedSemaphorePermit, Error> {
        let acquire = || Arc::clone(&self.slots).try_acquire_owned();
        acquire()
            .or_else(|_| {
                drop(self.take_longest_idle());
                acquire()
            })
            .map_err(|_| Error::Busy)
    }

    fn take_longest_idle(&self) -> Option<Box<Connection>> {
        let mut idle = self.lock();
        let since = |waiting: &VecDeque<Idle>| waiting.front().map(|idle| idle.since);
        let (origin, _) = idle.by_origin.iter().min_by_key(|(_, w)| since(w))?;
        let origin = origin.clone();
        let waiting = idle.by_origin.get_mut(&origin)?;
        let oldest = waiting.pop_front();
        if waiting.is_empty() {
            idle.by_origin.remove(&origin);
        }
        oldest.map(|idle| idle.connection)
    }

    /// Drops expired connections. Returns the time until the next one expires, or `None` if no connection is idle.
    fn evict_expired(&self) -> Option<Duration> {
        let now = Instant::now();
        let left = |idle: &Idle| self.max_idle.saturating_sub(now - idle.since);
        let mut expired = Vec::new();
        let mut idle = self.lock();
        idle.by_origin.retain(|_, waiting| {
            while let Some(idle) = waiting.pop_front_if(|idle| left(idle).is_zero()) {
                expired.push(idle);
            }
            !waiting.is_empty()
        });
        let next = idle
            .by_origin
            .values()
            .filter_map(|w| w.front())
            .map(left)
            .min();
        idle.is_evicting = next.is_some();
        drop(idle);
        next
    }

    fn lock(&self) -> MutexGuard<'_, IdleConnections> {
        // Nothing panics halfway through a change while it holds the lock.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Evicts expired connections until none is idle.
async fn evict(pool: Weak<Pool>) {
    while let Some(pause) = pool.upgrade().and_then(|pool| pool.evict_expired()) {
        sleep(pause).await;
    }
}
