//! The sessions of a running bot, by name. They are local to the bot, even if other bots use their tokens.

use std::collections::BTreeMap;

use super::shared_sessions::Lease;
use crate::action::Session;

/// Who owns the token of a session, and so may revoke it.
#[derive(Debug)]
pub enum Owner {
    /// The bot's own: it was made for this session.
    Bot,
    /// The engine's: other bots may use it, too.
    Engine(Lease),
    /// The Control Room's: other bots use it, and Genesys Cloud revokes the refresh token along
    /// with it.
    ControlRoom(Option<Lease>),
}

/// A session and whose its token is.
#[derive(Debug)]
pub struct OpenSession {
    /// The session.
    pub session: Session,
    /// Who owns its token.
    pub owner: Owner,
    /// The number of the step that opened it, and can open it once more.
    pub opened_by: usize,
}

/// Open sessions by name.
#[derive(Debug, Default)]
pub struct Sessions(BTreeMap<String, OpenSession>);

impl Sessions {
    /// Keeps a session under its name. A session that had the name is given back: it is replaced.
    pub fn open(&mut self, opened: OpenSession) -> Option<OpenSession> {
        self.0.insert(opened.session.name.clone(), opened)
    }

    /// The session of a name.
    pub fn get(&self, name: &str) -> Option<&OpenSession> {
        self.0.get(name)
    }

    /// Takes the session of a name out.
    pub fn close(&mut self, name: &str) -> Option<OpenSession> {
        self.0.remove(name)
    }

    /// Takes all sessions out, in the order of their names.
    pub fn close_all(&mut self) -> impl Iterator<Item = OpenSession> + use<> {
        std::mem::take(&mut self.0).into_values()
    }
}
