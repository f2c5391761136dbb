//! The sessions of a running bot, by name. The names are local to the bot, even if other bots use the same tokens. Like all
//! [names](crate::name), they are compared without regard to capitals.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::shared_sessions::Lease;
use crate::action::{Closing, ComponentInfo, Session};
use crate::name::comparable;

/// Identifies one run of a bot within this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FlowId(u64);

impl FlowId {
    pub(crate) fn next() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed))
    }
}

/// The owner of a session's token. Only the owner may revoke it.
#[derive(Debug)]
pub enum Owner {
    /// The bot: the token was requested for this session.
    Bot,
    /// The engine: other bots may use the token as well.
    Engine(Lease),
    /// The Control Room: others use the token, and Genesys Cloud would revoke its refresh token as well.
    ControlRoom(Option<Lease>),
}

/// An open session with the owner of its token.
#[derive(Debug)]
pub struct OpenSession {
    /// The name that steps refer to it by, as the step that opened it has it.
    pub name: String,
    /// The session.
    pub session: Session,
    /// The component that opened it.
    pub opener: Arc<ComponentInfo>,
    /// The action that revokes its token.
    pub closes: Option<Closing>,
    /// The owner of its token.
    pub owner: Owner,
    /// The step that opened it, and can open it again: the run of its bot, and its number.
    pub(crate) opened_by: (FlowId, usize),
}

impl OpenSession {
    /// The owner, and the session as the bot's own.
    pub(crate) fn into_parts(self) -> (Owner, Self) {
        let owner = Owner::Bot;
        (self.owner, Self { owner, ..self })
    }
}

/// Open sessions by the comparable form of their names.
#[derive(Debug, Default)]
pub struct Sessions(BTreeMap<String, OpenSession>);

impl Sessions {
    /// Adds a session under its name. Returns the session that it replaces, if any.
    pub fn open(&mut self, opened: OpenSession) -> Option<OpenSession> {
        self.0.insert(comparable(&opened.name), opened)
    }

    /// The session with this name.
    pub fn get(&self, name: &str) -> Option<&OpenSession> {
        self.0.get(&comparable(name))
    }

    /// Continues the session with this name as another one, which is the bot's own. The old one is no longer valid, so that
    /// no other bot gets it any more.
    pub fn replace(&mut self, name: &str, session: Session) {
        let name = comparable(name);
        let Some(open) = self.0.remove(&name) else {
            return;
        };
        let (owner, open) = open.into_parts();
        if let Owner::Engine(lease) | Owner::ControlRoom(Some(lease)) = owner {
            lease.invalidate();
        }
        self.0.insert(name, OpenSession { session, ..open });
    }

    /// Removes the session with this name.
    pub fn close(&mut self, name: &str) -> Option<OpenSession> {
        self.0.remove(&comparable(name))
    }

    /// Removes all sessions, in the order of their names.
    pub fn close_all(&mut self) -> impl Iterator<Item = OpenSession> + use<> {
        std::mem::take(&mut self.0).into_values()
    }
}
