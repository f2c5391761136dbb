//! The sessions of signed-in users. They are in memory: a copy of the database contains none, and a restart signs all
//! users out. Only the hash of a session's token is stored.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::token::Token;
use control_room::passwords::Account;

/// The idle timeout of a session. Typing in the editor counts as use.
pub(super) const IDLE: Duration = Duration::from_hours(2);

/// The longest lifetime of a session: a day's work.
pub(super) const AT_MOST: Duration = Duration::from_hours(12);

/// The most sessions; one more evicts the least recently used.
const MAX_SESSIONS: usize = 10_000;

#[derive(Default)]
pub(super) struct Sessions(Mutex<HashMap<[u8; 32], Session>>);

/// The user of a session, with a stamp of the password at its start: a new password ends the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SessionUser {
    /// The id of the user.
    pub(super) id: String,
    pub(super) stamp: [u8; 32],
}

impl SessionUser {
    pub(super) fn of(account: &Account) -> Self {
        Self {
            id: account.id.clone(),
            stamp: account.stamp(),
        }
    }
}

struct Session {
    user: SessionUser,
    begun: Instant,
    used: Instant,
}

impl Session {
    fn is_over(&self, now: Instant) -> bool {
        now - self.begun >= AT_MOST || now - self.used >= IDLE
    }
}

impl Sessions {
    /// Starts a session with a new token.
    pub(super) fn begin(&self, user: SessionUser) -> Token {
        let (token, now) = (Token::random(), Instant::now());
        let mut sessions = self.lock();
        sessions.retain(|_, session| !session.is_over(now));
        if sessions.len() >= MAX_SESSIONS {
            let oldest = sessions.iter().min_by_key(|(_, session)| session.used);
            if let Some(oldest) = oldest.map(|(hash, _)| *hash) {
                sessions.remove(&oldest);
            }
        }
        let session = Session {
            user,
            begun: now,
            used: now,
        };
        sessions.insert(token.hash(), session);
        token
    }

    /// The user of a session; counts as a use.
    pub(super) fn user(&self, token: &Token) -> Option<SessionUser> {
        let now = Instant::now();
        let mut sessions = self.lock();
        let session = sessions.get_mut(&token.hash())?;
        if session.is_over(now) {
            return None;
        }
        session.used = now;
        Some(session.user.clone())
    }

    /// The user of a session; does not count as a use.
    pub(super) fn peek(&self, token: &Token) -> Option<SessionUser> {
        let sessions = self.lock();
        let session = sessions.get(&token.hash())?;
        (!session.is_over(Instant::now())).then(|| session.user.clone())
    }

    pub(super) fn end(&self, token: &Token) {
        self.lock().remove(&token.hash());
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<[u8; 32], Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    fn ada() -> SessionUser {
        SessionUser {
            id: "ada".into(),
            stamp: [1; 32],
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_session_expires() {
        let sessions = Sessions::default();
        let token = sessions.begin(ada());
        advance(IDLE.saturating_sub(Duration::from_secs(1))).await;
        assert_eq!(sessions.user(&token), Some(ada()));
        advance(IDLE).await;
        assert_eq!(sessions.user(&token), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_session_has_a_maximum_lifetime() {
        let sessions = Sessions::default();
        let token = sessions.begin(ada());
        for _ in 1..12 {
            advance(AT_MOST / 12).await;
            assert!(sessions.user(&token).is_some());
        }
        advance(AT_MOST / 12).await;
        assert_eq!(sessions.user(&token), None);
    }

    #[tokio::test]
    async fn an_ended_session_is_not_valid() {
        let sessions = Sessions::default();
        let (token, other) = (sessions.begin(ada()), sessions.begin(ada()));
        sessions.end(&token);
        assert_eq!(sessions.user(&token), None);
        assert!(sessions.user(&other).is_some());
    }
}
