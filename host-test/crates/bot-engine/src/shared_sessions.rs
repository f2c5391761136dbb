//! Sessions that bots share: one token serves all bots that authenticate alike, for as long as it is valid.
//!
//! A thousand bots that start at nine ask for the same token. Genesys Cloud throttles that, and each request
//! costs more than all the rest of authenticating. So the engine keeps a session and hands it to every bot that
//! authenticates with the same component, type, environment, client and secret. The name that a bot gives
//! its session plays no part: a cache that is keyed too coarsely hands one client another's token.
//!
//! - Concurrent callers wait for the open in progress and share its result (single flight). A failure is not kept.
//! - A session is handed out until shortly before it expires, or, if its expiry is not known, for as long as a bot uses it.
//! - Its token is revoked when a bot disconnects and no other bot uses it.
//!
//! Nothing here knows how a session is opened or ended.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ring::hmac;
use secrecy::ExposeSecret;
use tokio::time::Instant;

use crate::action::{Authentication, CallError, Session};

/// The most that a session is given up before it expires. A bot that gets it has time for a request.
const LONGEST_MARGIN: Duration = Duration::from_mins(1);

/// What must be the same for two bots to share a session: a keyed hash, so that no secret is kept to compare
/// it, and none can be guessed from what is kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Fingerprint([u8; 32]);

/// A session as it was opened, and the moment at which its token was asked for.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The session.
    pub session: Session,
    /// Its `expires_in` counts from here.
    pub asked: Instant,
}

impl Opened {
    /// From when on it is not handed out any more. `None` if its expiry is not known.
    fn usable_until(&self) -> Option<Instant> {
        let life = Duration::from_secs(self.session.expires_in?.into());
        Some(self.asked + life - LONGEST_MARGIN.min(life / 10))
    }

    /// The session with the seconds that it has left.
    fn now(&self) -> Session {
        let elapsed = u32::try_from(self.asked.elapsed().as_secs()).unwrap_or(u32::MAX);
        Session {
            expires_in: self
                .session
                .expires_in
                .map(|seconds| seconds.saturating_sub(elapsed)),
            ..self.session.clone()
        }
    }
}

/// The sessions that the bots of an engine share.
pub struct SharedSessions {
    key: hmac::Key,
    slots: Mutex<HashMap<Fingerprint, Arc<Slot>>>,
    asked: AtomicU64,
    opened: AtomicU64,
}

/// What sharing has done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statistics {
    /// How often a session was asked for.
    pub asked: u64,
    /// How often one was opened for that.
    pub opened: u64,
}

impl Statistics {
    /// How many requests were spared.
    pub fn spared(&self) -> u64 {
        self.asked.saturating_sub(self.opened)
    }
}

/// Where the bots with one fingerprint meet.
#[derive(Default)]
struct Slot {
    /// The holder of this lock opens the session.
    opening: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    kept: Option<Arc<Kept>>,
    /// How often opening came to its end.
    round: u64,
    /// How the last round failed, if it did. Only callers that waited through that round get it.
    failure: Option<CallError>,
}

struct Kept {
    opened: Opened,
    /// The token is the Control Room's, and not to be ended.
    is_connection: bool,
    usage: Mutex<Usage>,
}

#[derive(Default)]
struct Usage {
    users: usize,
    /// Whether a bot has disconnected: then the last one that lets go ends the token.
    disconnected: bool,
}

/// A bot's share of a session. Dropping it lets go of the session and ends nothing.
pub struct Lease {
    slot: Arc<Slot>,
    kept: Arc<Kept>,
    /// Whether this one is among the users.
    counted: bool,
}

impl SharedSessions {
    /// No sessions yet.
    ///
    /// # Errors
    ///
    /// Where the system has no randomness.
    pub fn new() -> Result<Self, getrandom::Error> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        Ok(Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, &key),
            slots: Mutex::default(),
            asked: AtomicU64::new(0),
            opened: AtomicU64::new(0),
        })
    }

    /// The session that fits, or the one that `open` opens. `open` is not polled if there is one already.
    ///
    /// # Errors
    ///
    /// That of `open`, awaited here or by another bot that this one waited for.
    pub async fn get(
        &self,
        component: &[u8; 32],
        authentication: &Authentication,
        open: impl Future<Output = Result<Opened, CallError>>,
    ) -> Result<(Session, Lease), CallError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let slot = self.slot(self.fingerprint(component, authentication));
        let round = match slot.lease() {
            Ok(leased) => return Ok(leased),
            Err(round) => round,
        };
        let _turn = slot.opening.lock().await;
        match slot.lease() {
            Ok(leased) => return Ok(leased),
            Err(now) if now != round => {
                if let Some(failure) = &slot.state().failure {
                    return Err(failure.clone());
                }
            }
            Err(_) => {}
        }
        self.opened.fetch_add(1, Ordering::Relaxed);
        let opened = open.await;
        let is_connection = matches!(authentication, Authentication::ControlRoomConnection(_));
        slot.keep(opened, is_connection)
    }

    /// Takes all sessions out. Those are given back whose token is to be ended, which is not the case where it
    /// is the Control Room's.
    pub fn take_all(&self) -> Vec<Session> {
        let slots = std::mem::take(&mut *self.slots());
        let kept = slots
            .into_values()
            .filter_map(|slot| slot.state().kept.take());
        kept.filter(|kept| !kept.is_connection)
            .map(|kept| kept.opened.now())
            .collect()
    }

    /// What sharing has done so far.
    pub fn statistics(&self) -> Statistics {
        Statistics {
            asked: self.asked.load(Ordering::Relaxed),
            opened: self.opened.load(Ordering::Relaxed),
        }
    }

    fn slot(&self, fingerprint: Fingerprint) -> Arc<Slot> {
        let mut slots = self.slots();
        if let Some(slot) = slots.get(&fingerprint) {
            return Arc::clone(slot);
        }
        // A slot is cloned under this lock only, so nobody waits at one that is dropped here.
        slots.retain(|_, slot| Arc::strong_count(slot) > 1 || slot.state().usable().is_some());
        let slot = Arc::<Slot>::default();
        slots.insert(fingerprint, Arc::clone(&slot));
        slot
    }

    /// Every field that makes one session differ from another has to be among the parts. Each goes in with its length,
    /// so that no two sets of parts are hashed alike.
    fn fingerprint(&self, component: &[u8; 32], authentication: &Authentication) -> Fingerprint {
        let parts = match authentication {
            Authentication::ClientCredentials {
                url,
                client_id,
                client_secret,
            } => [
                "client-credentials",
                url,
                client_id.expose_secret(),
                client_secret.expose_secret(),
            ],
            Authentication::ControlRoomConnection(connection) => [
                "control-room-connection",
                &connection.url,
                &connection.token_type,
                connection.access_token.expose_secret(),
            ],
        };
        let mut hash = hmac::Context::with_key(&self.key);
        hash.update(component);
        for part in parts {
            hash.update(&part.len().to_le_bytes());
            hash.update(part.as_bytes());
        }
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(hash.sign().as_ref());
        Fingerprint(fingerprint)
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<Fingerprint, Arc<Slot>>> {
        locked(&self.slots)
    }
}

impl Slot {
    /// A share of the session that is kept, else the round that is the last one so far.
    fn lease(self: &Arc<Self>) -> Result<(Session, Lease), u64> {
        let state = self.state();
        match state.usable() {
            Some(kept) => Ok(Lease::of(self, kept)),
            None => Err(state.round),
        }
    }

    fn keep(
        self: &Arc<Self>,
        opened: Result<Opened, CallError>,
        is_connection: bool,
    ) -> Result<(Session, Lease), CallError> {
        let mut state = self.state();
        state.round += 1;
        match opened {
            Ok(opened) => {
                let kept = Arc::new(Kept {
                    opened,
                    is_connection,
                    usage: Mutex::default(),
                });
                let leased = Lease::of(self, &kept);
                state.kept = Some(kept);
                state.failure = None;
                Ok(leased)
            }
            Err(failure) => {
                state.kept = None;
                state.failure = Some(failure.clone());
                Err(failure)
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }
}

impl State {
    fn usable(&self) -> Option<&Arc<Kept>> {
        self.kept
            .as_ref()
            .filter(|kept| match kept.opened.usable_until() {
                Some(end) => Instant::now() < end,
                None => locked(&kept.usage).users > 0,
            })
    }

    fn evict(&mut self, kept: &Arc<Kept>) {
        if self.kept.as_ref().is_some_and(|it| Arc::ptr_eq(it, kept)) {
            self.kept = None;
        }
    }
}

impl Lease {
    /// The caller holds the lock of the slot's state.
    fn of(slot: &Arc<Slot>, kept: &Arc<Kept>) -> (Session, Self) {
        locked(&kept.usage).users += 1;
        let lease = Self {
            slot: Arc::clone(slot),
            kept: Arc::clone(kept),
            counted: true,
        };
        (kept.opened.now(), lease)
    }

    /// Genesys Cloud does not accept the session any more: it is handed to nobody from now on.
    pub fn refused(self) {
        self.slot.state().evict(&self.kept);
    }

    /// Releases the session, and asks for its token to be revoked if the bot disconnects. The last user gets it back to
    /// revoke it, if any of them asked for that.
    pub fn release(mut self, disconnect: bool) -> Option<Session> {
        // Under this lock nobody else can get a share.
        let mut state = self.slot.state();
        let mut usage = locked(&self.kept.usage);
        usage.users -= 1;
        self.counted = false;
        usage.disconnected |= disconnect;
        if usage.users > 0 || !usage.disconnected {
            return None;
        }
        state.evict(&self.kept);
        Some(self.kept.opened.now())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.counted {
            locked(&self.kept.usage).users -= 1;
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

/// Nothing that holds one of these locks can panic half-way through a change.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;
    use std::sync::atomic::AtomicUsize;

    use tokio::time::advance;

    use super::*;

    const COMPONENT: [u8; 32] = [7; 32];

    static CLIENT: LazyLock<Authentication> = LazyLock::new(|| Authentication::ClientCredentials {
        url: "eu-central-1".into(),
        client_id: "id".into(),
        client_secret: "secret".into(),
    });

    /// Opens sessions of a life, and counts them.
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
            let asked = Instant::now();
            // The others get their turn, as they do while an answer is waited for.
            tokio::task::yield_now().await;
            let number = self.opened.fetch_add(1, Ordering::Relaxed);
            Ok(Opened {
                session: Session {
                    name: "Default".into(),
                    token: format!("token-{number}").into(),
                    token_type: "Bearer".into(),
                    expires_in: self.life,
                    api_url: "https://api.mypurecloud.de".into(),
                },
                asked,
            })
        }

        async fn get(&self) -> (Session, Lease) {
            let opened = self.sessions.get(&COMPONENT, &CLIENT, self.open());
            opened.await.unwrap()
        }

        fn opened(&self) -> usize {
            self.opened.load(Ordering::Relaxed)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_session_is_handed_out_until_its_margin() {
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
    async fn a_session_is_handed_out_with_the_seconds_it_has_left() {
        let server = Server::new(Some(600));
        assert_eq!(server.get().await.0.expires_in, Some(600));
        advance(Duration::from_secs(100)).await;
        assert_eq!(server.get().await.0.expires_in, Some(500));
    }

    #[tokio::test(start_paused = true)]
    async fn a_session_that_has_no_life_is_handed_to_nobody_else() {
        let server = Server::new(Some(0));
        let _held = server.get().await;
        server.get().await;
        assert_eq!(server.opened(), 2);
    }

    #[tokio::test]
    async fn a_session_whose_expiry_is_unknown_is_shared_while_it_is_used() {
        let server = Server::new(None);
        let held = server.get().await;
        drop(server.get().await);
        assert_eq!(server.opened(), 1);
        drop(held);
        server.get().await;
        assert_eq!(server.opened(), 2);
    }

    #[tokio::test]
    async fn another_component_gets_another_session() {
        let server = Server::new(Some(600));
        server.get().await;
        let other = server.sessions.get(&[8; 32], &CLIENT, server.open());
        other.await.unwrap();
        assert_eq!(server.opened(), 2);
    }

    #[tokio::test]
    async fn when_who_opens_gives_up_the_next_one_opens() {
        let server = Server::new(Some(600));
        let fingerprint = server.sessions.fingerprint(&COMPONENT, &CLIENT);
        {
            let never = std::future::pending();
            let mut given_up = std::pin::pin!(server.sessions.get(&COMPONENT, &CLIENT, never));
            tokio::select! {
                biased;
                _ = &mut given_up => unreachable!(),
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
    async fn the_last_one_that_lets_go_ends_it_where_anybody_disconnected() {
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
    async fn a_session_that_nobody_disconnected_is_kept() {
        let server = Server::new(Some(600));
        assert!(server.get().await.1.release(false).is_none());
        server.get().await;
        assert_eq!(server.opened(), 1);
        assert_eq!(server.sessions.take_all().len(), 1);
    }

    #[tokio::test]
    async fn what_was_refused_is_not_handed_out_and_its_successor_stays() {
        let server = Server::new(Some(600));
        let ((_, one), (_, other)) = (server.get().await, server.get().await);
        one.refused();
        let successor = server.get().await;
        other.refused();
        server.get().await;
        assert_eq!(server.opened(), 2);
        drop(successor);
    }

    #[tokio::test]
    async fn the_token_of_a_connection_is_not_given_back_to_be_ended() {
        let server = Server::new(Some(600));
        let connection = Authentication::ControlRoomConnection(crate::action::BorrowedToken {
            url: "eu-central-1".into(),
            access_token: "token".into(),
            token_type: "bearer".into(),
            expires_in: Some(600),
        });
        let opened = server.sessions.get(&COMPONENT, &connection, server.open());
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
    async fn what_nobody_can_use_any_more_is_not_kept() {
        let server = Server::new(Some(600));
        server.get().await;
        advance(Duration::from_mins(10)).await;
        let other = server.sessions.get(&[8; 32], &CLIENT, server.open());
        other.await.unwrap();
        assert_eq!(server.sessions.slots().len(), 1);
    }
}
