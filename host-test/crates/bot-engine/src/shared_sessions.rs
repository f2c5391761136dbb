//! A cache of sessions that bots share: one token serves all bots with the same authentication while it is valid.
//!
//! A thousand bots that start at nine o'clock need the same token. Genesys Cloud would throttle a thousand requests for it,
//! and the request is the most expensive part of authenticating. So the engine caches a session for all bots that use the
//! same component, authentication type, environment, client and secret. All of these are part of the key: a coarser one
//! would give one client the token of another. The session's name is not part of it.
//!
//! - Concurrent callers wait for the open in progress and share its result (single flight). A failure is not cached.
//! - A session is reused until shortly before it expires. If its lifetime is unknown, it is reused while a bot uses it.
//! - Its token is revoked when a bot has disconnected and no other bot uses it.
//!
//! The cache does not know how a session is opened or a token revoked.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ring::hmac;
use secrecy::ExposeSecret;
use tokio::time::Instant;

use crate::action::{Argument, CallError, Closing, ComponentAction, Session, Value};

/// How long before its expiry a session is no longer reused, at most. This leaves a bot time for a request.
const LONGEST_MARGIN: Duration = Duration::from_mins(1);

/// The key of the cache: a keyed hash (HMAC), so that the cache stores no secrets and none can be guessed from its keys.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Fingerprint([u8; 32]);

/// A new session, and when its token was requested.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The session.
    pub session: Session,
    /// When the token was requested. `expires_in` counts from here.
    pub requested_at: Instant,
}

impl Opened {
    /// When reuse ends. `None` if the lifetime is unknown.
    fn usable_until(&self) -> Option<Instant> {
        let life = Duration::from_secs(self.session.expires_in?.into());
        Some(self.requested_at + life - LONGEST_MARGIN.min(life / 10))
    }

    /// The session with its remaining lifetime.
    fn now(&self) -> Session {
        let elapsed = u32::try_from(self.requested_at.elapsed().as_secs()).unwrap_or(u32::MAX);
        Session {
            expires_in: self
                .session
                .expires_in
                .map(|seconds| seconds.saturating_sub(elapsed)),
            ..self.session.clone()
        }
    }
}

/// A session whose token has to be revoked.
#[derive(Debug)]
pub struct Unused {
    /// The session.
    pub session: Session,
    /// The action that revokes its token.
    pub closes: Option<Closing>,
}

/// The sessions that the bots of an engine share.
pub struct SharedSessions {
    key: hmac::Key,
    slots: Mutex<HashMap<Fingerprint, Arc<Slot>>>,
    requested: AtomicU64,
    opened: AtomicU64,
    reused: AtomicU64,
}

/// Counters of the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statistics {
    /// How often a session was requested.
    pub requested: u64,
    /// How often a session was opened.
    pub opened: u64,
    /// How often an open one was reused. With those that were opened, fewer than requested if opening failed.
    pub reused: u64,
}

/// The cache entry of a fingerprint.
#[derive(Default)]
struct Slot {
    /// Held while a session is being opened.
    opening: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    cached: Option<Arc<Cached>>,
    /// How many opens have finished.
    opens_finished: u64,
    /// The error of the last open, if it failed. Only callers that waited for that open get it.
    failure: Option<CallError>,
}

struct Cached {
    opened: Opened,
    closes: Option<Closing>,
    /// The token belongs to an OAuth connection, and must not be revoked.
    is_connection: bool,
    usage: Mutex<Usage>,
}

#[derive(Default)]
struct Usage {
    leases: usize,
    /// Whether a bot has disconnected. The last user then revokes the token.
    disconnected: bool,
}

/// A bot's right to use a shared session. Dropping it releases the session without revoking its token.
pub struct Lease {
    slot: Arc<Slot>,
    cached: Arc<Cached>,
    /// Whether this lease is still counted in [`Usage::leases`].
    counted: bool,
}

impl SharedSessions {
    /// An empty cache.
    ///
    /// # Errors
    ///
    /// If the system has no source of randomness.
    pub fn new() -> Result<Self, getrandom::Error> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        Ok(Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, &key),
            slots: Mutex::default(),
            requested: AtomicU64::new(0),
            opened: AtomicU64::new(0),
            reused: AtomicU64::new(0),
        })
    }

    /// The cached session that an action opened with these arguments, otherwise the one that `open` opens. `open` is not
    /// polled if a session is cached.
    ///
    /// # Errors
    ///
    /// The error of `open`, or that of another caller's `open` that this one waited for.
    pub async fn get(
        &self,
        action: &ComponentAction,
        arguments: &[Argument],
        open: impl Future<Output = Result<Opened, CallError>>,
    ) -> Result<(Session, Lease), CallError> {
        self.requested.fetch_add(1, Ordering::Relaxed);
        let slot = self.slot(self.fingerprint(action, arguments));
        let opens_before = match slot.lease() {
            Ok(leased) => return Ok(self.count_reuse(leased)),
            Err(opens_finished) => opens_finished,
        };
        let _opening = slot.opening.lock().await;
        match slot.lease() {
            Ok(leased) => return Ok(self.count_reuse(leased)),
            Err(opens_now) if opens_now != opens_before => {
                if let Some(failure) = &slot.state().failure {
                    return Err(failure.clone());
                }
            }
            Err(_) => {}
        }
        let opened = open.await;
        if opened.is_ok() {
            self.opened.fetch_add(1, Ordering::Relaxed);
        }
        let is_connection = |argument: &Argument| matches!(argument.value, Value::Token(_));
        slot.insert(
            opened,
            action.closes.clone(),
            arguments.iter().any(is_connection),
        )
    }

    /// Empties the cache. Returns the sessions whose tokens have to be revoked: all but those of connections.
    pub fn take_all(&self) -> Vec<Unused> {
        let slots = std::mem::take(&mut *self.slots());
        slots
            .into_values()
            .filter_map(|slot| slot.state().cached.take())
            .filter(|cached| !cached.is_connection)
            .map(|cached| cached.unused())
            .collect()
    }

    /// The counters so far.
    pub fn statistics(&self) -> Statistics {
        Statistics {
            requested: self.requested.load(Ordering::Relaxed),
            opened: self.opened.load(Ordering::Relaxed),
            reused: self.reused.load(Ordering::Relaxed),
        }
    }

    fn count_reuse<T>(&self, leased: T) -> T {
        self.reused.fetch_add(1, Ordering::Relaxed);
        leased
    }

    fn slot(&self, fingerprint: Fingerprint) -> Arc<Slot> {
        let mut slots = self.slots();
        if let Some(slot) = slots.get(&fingerprint) {
            return Arc::clone(slot);
        }
        // Slots are cloned only under this lock, so no caller waits for a slot that is evicted here.
        slots.retain(|_, slot| Arc::strong_count(slot) > 1 || slot.state().usable().is_some());
        let slot = Arc::<Slot>::default();
        slots.insert(fingerprint, Arc::clone(&slot));
        slot
    }

    /// Hashes everything that distinguishes sessions. Each part is preceded by its length, so that different parts cannot
    /// have the same concatenation.
    fn fingerprint(&self, action: &ComponentAction, arguments: &[Argument]) -> Fingerprint {
        let mut parts = vec![&*action.action.action];
        for argument in arguments {
            parts.push(&argument.name);
            match &argument.value {
                Value::Text(text) => parts.extend(["text", text]),
                Value::Secret(secret) => parts.extend(["secret", secret.expose_secret()]),
                Value::Token(token) => {
                    let secret = token.access_token.expose_secret();
                    parts.extend(["token", &token.url, &token.token_type, secret]);
                }
                Value::Session(session) => {
                    let secret = session.token.expose_secret();
                    parts.extend(["session", &session.base_url, &session.token_type, secret]);
                }
            }
        }
        let mut hash = hmac::Context::with_key(&self.key);
        for part in parts {
            hash.update(&part.len().to_le_bytes());
            hash.update(part.as_bytes());
        }
        hash.update(&action.component.digest);
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(hash.sign().as_ref());
        Fingerprint(fingerprint)
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<Fingerprint, Arc<Slot>>> {
        locked(&self.slots)
    }
}

impl Slot {
    /// A lease of the cached session, otherwise [`State::opens_finished`].
    fn lease(self: &Arc<Self>) -> Result<(Session, Lease), u64> {
        let state = self.state();
        match state.usable() {
            Some(cached) => Ok(Lease::new(self, cached)),
            None => Err(state.opens_finished),
        }
    }

    fn insert(
        self: &Arc<Self>,
        opened: Result<Opened, CallError>,
        closes: Option<Closing>,
        is_connection: bool,
    ) -> Result<(Session, Lease), CallError> {
        let mut state = self.state();
        state.opens_finished += 1;
        match opened {
            Ok(opened) => {
                let cached = Arc::new(Cached {
                    opened,
                    closes,
                    is_connection,
                    usage: Mutex::default(),
                });
                let leased = Lease::new(self, &cached);
                state.cached = Some(cached);
                state.failure = None;
                Ok(leased)
            }
            Err(failure) => {
                state.cached = None;
                state.failure = Some(failure.clone());
                Err(failure)
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }
}

impl Cached {
    fn unused(&self) -> Unused {
        Unused {
            session: self.opened.now(),
            closes: self.closes.clone(),
        }
    }
}

impl State {
    fn usable(&self) -> Option<&Arc<Cached>> {
        self.cached
            .as_ref()
            .filter(|cached| match cached.opened.usable_until() {
                Some(end) => Instant::now() < end,
                None => locked(&cached.usage).leases > 0,
            })
    }

    fn evict(&mut self, cached: &Arc<Cached>) {
        if self
            .cached
            .as_ref()
            .is_some_and(|it| Arc::ptr_eq(it, cached))
        {
            self.cached = None;
        }
    }
}

impl Lease {
    /// The caller must hold the lock of the slot's state.
    fn new(slot: &Arc<Slot>, cached: &Arc<Cached>) -> (Session, Self) {
        locked(&cached.usage).leases += 1;
        let lease = Self {
            slot: Arc::clone(slot),
            cached: Arc::clone(cached),
            counted: true,
        };
        (cached.opened.now(), lease)
    }

    /// Evicts the session from the cache, as Genesys Cloud no longer accepts its token.
    pub fn invalidate(self) {
        self.slot.state().evict(&self.cached);
    }

    /// Releases the session. Returns it if its token has to be revoked: this was the last lease, and this bot or another
    /// one has disconnected.
    pub fn release(mut self, disconnect: bool) -> Option<Unused> {
        // Leases are given out only under this lock.
        let mut state = self.slot.state();
        let mut usage = locked(&self.cached.usage);
        usage.leases -= 1;
        self.counted = false;
        usage.disconnected |= disconnect;
        if usage.leases > 0 || !usage.disconnected {
            return None;
        }
        state.evict(&self.cached);
        Some(self.cached.unused())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.counted {
            locked(&self.cached.usage).leases -= 1;
        }
    }
}

impl fmt::Debug for SharedSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedSessions")
            .field("statistics", &self.statistics())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").finish_non_exhaustive()
    }
}

/// Locks a mutex. No code that holds one of these locks panics halfway through a change, so poisoning is ignored.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;
    use std::sync::atomic::AtomicUsize;

    use egress::AllowList;
    use tokio::time::advance;

    use super::*;
    use crate::action::{ActionRef, ComponentInfo};

    static CLIENT: LazyLock<Vec<Argument>> = LazyLock::new(|| {
        vec![
            Argument::text("url", "eu-central-1"),
            Argument::secret("client-id", "id"),
            Argument::secret("client-secret", "secret"),
        ]
    });

    fn action(digest: u8) -> ComponentAction {
        let action = ActionRef {
            component: "genesys".into(),
            action: "oauth-authenticate".into(),
        };
        let component = ComponentInfo {
            name: "genesys".into(),
            digest: [digest; 32],
            hosts: AllowList::default(),
        };
        ComponentAction {
            action,
            component: Arc::new(component),
            repeatable: true,
            closes: None,
        }
    }

    /// Opens sessions with this lifetime, and counts them.
    struct Server {
        sessions: SharedSessions,
        life: Option<u32>,
        opened: AtomicUsize,
    }

    impl Server {
        fn new(life: Option<u32>) -> Self {
            Self {
                sessions: SharedSessions::new().unwrap(),
                life,
                opened: AtomicUsize::new(0),
            }
        }

        async fn open(&self) -> Result<Opened, CallError> {
            let requested_at = Instant::now();
            // Lets the other tasks run, as waiting for a response would.
            tokio::task::yield_now().await;
            let number = self.opened.fetch_add(1, Ordering::Relaxed);
            Ok(Opened {
                session: Session {
                    token: format!("token-{number}").into(),
                    token_type: "Bearer".into(),
                    expires_in: self.life,
                    base_url: "https://api.mypurecloud.de".into(),
                },
                requested_at,
            })
        }

        async fn get(&self) -> (Session, Lease) {
            let action = action(7);
            let opened = self.sessions.get(&action, &CLIENT, self.open());
            opened.await.unwrap()
        }

        fn opened(&self) -> usize {
            self.opened.load(Ordering::Relaxed)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_session_is_reused_until_shortly_before_its_expiry() {
        for (life, margin) in [(86_400, 60), (600, 60), (300, 30), (10, 1)] {
            let server = Server::new(Some(life));
            server.get().await;
            let until_margin = Duration::from_secs((life - margin).into());
            advance(until_margin.saturating_sub(Duration::from_millis(1))).await;
            server.get().await;
            assert_eq!(server.opened(), 1, "{life}");
            advance(Duration::from_millis(1)).await;
            server.get().await;
            assert_eq!(server.opened(), 2, "{life}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_reused_session_has_its_remaining_lifetime() {
        let server = Server::new(Some(600));
        assert_eq!(server.get().await.0.expires_in, Some(600));
        advance(Duration::from_secs(100)).await;
        assert_eq!(server.get().await.0.expires_in, Some(500));
    }

    #[tokio::test(start_paused = true)]
    async fn a_session_with_a_lifetime_of_zero_is_not_shared() {
        let server = Server::new(Some(0));
        let _held = server.get().await;
        server.get().await;
        assert_eq!(server.opened(), 2);
    }

    #[tokio::test]
    async fn a_session_with_unknown_lifetime_is_shared_while_in_use() {
        let server = Server::new(None);
        let held = server.get().await;
        drop(server.get().await);
        assert_eq!(server.opened(), 1);
        drop(held);
        server.get().await;
        assert_eq!(server.opened(), 2);
    }

    #[tokio::test]
    async fn different_components_do_not_share_a_session() {
        let server = Server::new(Some(600));
        server.get().await;
        let eight = action(8);
        let other = server.sessions.get(&eight, &CLIENT, server.open());
        other.await.unwrap();
        assert_eq!(server.opened(), 2);
    }

    #[tokio::test]
    async fn a_cancelled_open_lets_the_next_caller_open() {
        let server = Server::new(Some(600));
        let fingerprint = server.sessions.fingerprint(&action(7), &CLIENT);
        {
            let never = std::future::pending();
            let seven = action(7);
            let mut cancelled = std::pin::pin!(server.sessions.get(&seven, &CLIENT, never));
            tokio::select! {
                biased;
                _ = &mut cancelled => unreachable!(),
                () = tokio::task::yield_now() => {}
            }
            assert!(
                server
                    .sessions
                    .slot(fingerprint)
                    .opening
                    .try_lock()
                    .is_err()
            );
        }
        server.get().await;
        assert_eq!(server.opened(), 1);
    }

    #[tokio::test]
    async fn the_last_lease_returns_the_session_if_any_bot_disconnected() {
        let server = Server::new(Some(600));
        let ((_, one), (_, other)) = (server.get().await, server.get().await);
        assert!(one.release(true).is_none());
        let (_, late) = server.get().await;
        assert!(other.release(false).is_none());
        assert!(late.release(false).is_some());
        server.get().await;
        assert_eq!(server.opened(), 2);
    }

    #[tokio::test]
    async fn a_session_stays_cached_if_no_bot_disconnected() {
        let server = Server::new(Some(600));
        assert!(server.get().await.1.release(false).is_none());
        server.get().await;
        assert_eq!(server.opened(), 1);
        assert_eq!(server.sessions.take_all().len(), 1);
    }

    #[tokio::test]
    async fn invalidating_a_session_does_not_evict_its_successor() {
        let server = Server::new(Some(600));
        let ((_, one), (_, other)) = (server.get().await, server.get().await);
        one.invalidate();
        let successor = server.get().await;
        other.invalidate();
        server.get().await;
        assert_eq!(server.opened(), 2);
        drop(successor);
    }

    #[tokio::test]
    async fn the_token_of_a_connection_is_not_returned_for_revocation() {
        let server = Server::new(Some(600));
        let token = crate::action::BorrowedToken {
            url: "eu-central-1".into(),
            access_token: "token".into(),
            token_type: "bearer".into(),
            expires_in: Some(600),
        };
        let seven = action(7);
        let connection = [Argument::token("connection", token)];
        let opened = server.sessions.get(&seven, &connection, server.open());
        opened.await.unwrap();
        assert!(server.sessions.take_all().is_empty());
    }

    #[tokio::test]
    async fn debug_shows_neither_secrets_nor_tokens() {
        let server = Server::new(Some(600));
        let (_, lease) = server.get().await;
        let shown = format!("{:?} {lease:?}", server.sessions);
        assert!(shown.contains("opened: 1"), "{shown}");
        assert!(
            !shown.contains("token") && !shown.contains("secret"),
            "{shown}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn expired_sessions_are_evicted() {
        let server = Server::new(Some(600));
        server.get().await;
        advance(Duration::from_mins(10)).await;
        let eight = action(8);
        let other = server.sessions.get(&eight, &CLIENT, server.open());
        other.await.unwrap();
        assert_eq!(server.sessions.slots().len(), 1);
    }
}
