//! How a running bot opens its sessions, shares them, opens them once more, and ends them.

use secrecy::{ExposeSecret, SecretString};
use tokio::time::{Instant, sleep, timeout};

use super::error::StepError;
use super::file::{Authentication as Fields, Bot, Sharing, Step, StepKind};
use super::runner::{CLEAN_UP, Runner};
use super::session::{OpenSession, Owner};
use super::shared_sessions::Opened;
use super::steps::{Flow, tell};
use super::told::{Because, Left, Note};
use super::value::{Field, Value};
use super::watch::{Event, Watcher};
use crate::action::{ActionError, Authentication, CallError, Session};
use crate::retry::Wait;
use crate::secrets::{Purpose, ResolveErrorKind};

/// How the action says that Genesys Cloud does not accept a connection's token (RFC 6750, section 3.1).
const INVALID_TOKEN: &str = "invalid_token";

/// Why there is no session.
enum Unopened {
    /// The connection's token is not accepted.
    TokenRefused {
        token: SecretString,
        error: StepError,
    },
    Failed(StepError),
}

impl From<StepError> for Unopened {
    fn from(error: StepError) -> Self {
        Self::Failed(error)
    }
}

impl From<Unopened> for StepError {
    fn from(unopened: Unopened) -> Self {
        match unopened {
            Unopened::TokenRefused { error, .. } | Unopened::Failed(error) => error,
        }
    }
}

/// What a step says of the session that it opens.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) bot: &'a Bot,
    pub(super) step: &'a Step,
    pub(super) fields: &'a Fields,
    pub(super) session_name: &'a str,
    pub(super) sharing: Sharing,
}

impl Runner {
    /// Opens the session that a step asks for, or takes a share of one that is open. The token of a connection
    /// that Genesys Cloud does not accept is replaced once: it may be dead before its time.
    pub(super) async fn open_session(
        &self,
        wanted: Wanted<'_>,
        watcher: &mut dyn Watcher,
    ) -> Result<OpenSession, StepError> {
        match self.open_session_once(wanted, None, watcher).await {
            Err(Unopened::TokenRefused { token, .. }) => {
                let opened = self.open_session_once(wanted, Some(&token), watcher);
                Ok(opened.await?)
            }
            opened => Ok(opened?),
        }
    }

    /// Opens it, with a connection's token in place of the one that was `refused`.
    async fn open_session_once(
        &self,
        wanted: Wanted<'_>,
        refused: Option<&SecretString>,
        watcher: &mut dyn Watcher,
    ) -> Result<OpenSession, Unopened> {
        let Wanted {
            step,
            session_name,
            sharing,
            ..
        } = wanted;
        // Once for all tries, and so recorded once: what is handed over is the value, and how often the
        // server has to be asked with it is no other use. A bot that gets a share of another one's session
        // was handed the values all the same, and must be one that may have them. A session that is opened
        // once more is another use, for which the value may have changed, or be forbidden by now.
        let authentication = self.resolve(wanted, refused).await?;
        let open = self.authenticate(step, &authentication, session_name, watcher);
        let opened = match sharing {
            Sharing::Own => open.await.map(|opened| (opened.session, None)),
            Sharing::Shared => self
                .sessions
                .get(self.actions.digest(), &authentication, open)
                .await
                .map(|(session, lease)| (session, Some(lease))),
        };
        let (session, lease) = match opened {
            Ok(opened) => opened,
            Err(error) => return Err(self.unopened(authentication, error).await),
        };
        let owner = match (&authentication, lease) {
            (Authentication::ControlRoomConnection(_), lease) => Owner::ControlRoom(lease),
            (_, Some(lease)) => Owner::Engine(lease),
            (_, None) => Owner::Bot,
        };
        Ok(OpenSession {
            // The bot's name for it counts, whatever the component or another bot makes of it.
            session: Session {
                name: session_name.into(),
                ..session
            },
            owner,
            opened_by: step.number,
        })
    }

    async fn unopened(&self, authentication: Authentication, error: CallError) -> Unopened {
        let is_refused = matches!(
            &error,
            CallError::Failed(ActionError::Rejected(it)) if it.code == INVALID_TOKEN
        );
        let error = self.in_words(error).await;
        match authentication {
            Authentication::ControlRoomConnection(connection) if is_refused => {
                let token = connection.access_token;
                Unopened::TokenRefused { token, error }
            }
            _ => Unopened::Failed(error),
        }
    }

    async fn authenticate(
        &self,
        step: &Step,
        authentication: &Authentication,
        session_name: &str,
        watcher: &mut dyn Watcher,
    ) -> Result<Opened, CallError> {
        let mut tries = self.retry.begin();
        loop {
            let asked = Instant::now();
            let attempt = self.actions.authenticate(authentication, session_name);
            match tries.attempt(attempt).await {
                Ok(session) => return Ok(Opened { session, asked }),
                Err(error) => self.wait(tries.again(error)?, step, watcher).await,
            }
        }
    }

    /// Tells why there will be another try of the action, and waits for it.
    async fn wait(&self, wait: Wait<'_, CallError>, step: &Step, watcher: &mut dyn Watcher) {
        let why = self.actions.explain(wait.because, &self.locale).await;
        tell(watcher, step, &wait, Because::Action(&why));
        sleep(wait.length).await;
    }

    /// Opens a session once more whose token Genesys Cloud refused, as the step did that opened it.
    pub(super) async fn reopen(
        &self,
        bot: &Bot,
        session_name: &str,
        flow: &mut Flow,
        watcher: &mut dyn Watcher,
    ) -> Result<(), StepError> {
        let no_session = || StepError::NoSession(session_name.into());
        let refused = flow.sessions.close(session_name).ok_or_else(no_session)?;
        if let Owner::Engine(lease) | Owner::ControlRoom(Some(lease)) = refused.owner {
            lease.refused();
        }
        let opened_by = bot
            .steps
            .iter()
            .find(|step| step.number == refused.opened_by);
        let step = opened_by.ok_or_else(no_session)?;
        let StepKind::Authenticate {
            authentication,
            session_name,
            sharing,
        } = &step.kind
        else {
            return Err(no_session());
        };
        let wanted = Wanted {
            bot,
            step,
            fields: authentication,
            session_name,
            sharing: *sharing,
        };
        let token = &refused.session.token;
        let opened = self.open_session_once(wanted, Some(token), watcher);
        flow.sessions.open(opened.await?);
        let note = Note::OpenedAgain {
            session: session_name.clone(),
        };
        watcher.tell(Event::Noted { note: &note });
        Ok(())
    }

    /// Ends a session for this bot, and its token where nobody else uses it. Where that fails, the session
    /// stays open.
    pub(super) async fn disconnect(
        &self,
        step: &Step,
        session_name: &str,
        flow: &mut Flow,
        watcher: &mut dyn Watcher,
    ) -> Result<Left, StepError> {
        let open = flow
            .sessions
            .close(session_name)
            .ok_or_else(|| StepError::NoSession(session_name.into()))?;
        let session = match open.owner {
            Owner::ControlRoom(_) => return Ok(Left::WithConnection),
            Owner::Bot => open.session,
            Owner::Engine(lease) => match lease.let_go(true) {
                None => return Ok(Left::Kept),
                Some(session) => session,
            },
        };
        // It is the bot's own from now on, and stays among its sessions until it is ended: a bot that is
        // interrupted meanwhile still ends it, or tells that it lives on.
        flow.sessions.open(OpenSession {
            session: Session {
                name: session_name.into(),
                ..session.clone()
            },
            owner: Owner::Bot,
            opened_by: open.opened_by,
        });
        if let Err(error) = self.end_with_retries(step, &session, watcher).await {
            return Err(self.in_words(error).await);
        }
        flow.sessions.close(session_name);
        Ok(Left::Ended)
    }

    async fn end_with_retries(
        &self,
        step: &Step,
        session: &Session,
        watcher: &mut dyn Watcher,
    ) -> Result<(), CallError> {
        let mut tries = self.retry.begin();
        loop {
            match tries.attempt(self.actions.disconnect(session)).await {
                Ok(()) => return Ok(()),
                Err(error) => self.wait(tries.again(error)?, step, watcher).await,
            }
        }
    }

    /// Lets go of a session that the bot does not use any more. A token that nobody is to use is ended, in one
    /// try.
    pub(super) async fn leave(&self, open: OpenSession) -> Left {
        let session = match open.owner {
            Owner::ControlRoom(_) => return Left::WithConnection,
            Owner::Bot => open.session,
            Owner::Engine(lease) => match lease.let_go(false) {
                None => return Left::Kept,
                Some(session) => session,
            },
        };
        match self.end(&session).await {
            true => Left::Ended,
            false => Left::Alive,
        }
    }

    /// Ends a token, in one try. False where that did not work.
    pub(super) async fn end(&self, session: &Session) -> bool {
        let ended = timeout(CLEAN_UP, self.actions.disconnect(session)).await;
        matches!(ended, Ok(Ok(())))
    }

    /// The value of a field.
    async fn value(
        &self,
        bot: &Bot,
        step: &Step,
        field: Field,
        value: &Value,
    ) -> Result<SecretString, StepError> {
        let step = step.to_string();
        let purpose = Purpose {
            bot: &bot.name,
            step: &step,
            field_is_secret: field.is_secret,
        };
        let resolved = value
            .resolve(&*self.secrets, &self.variables, purpose)
            .await;
        resolved.map_err(|error| StepError::Value {
            field: field.name,
            error,
        })
    }

    /// The values of the fields.
    async fn resolve(
        &self,
        wanted: Wanted<'_>,
        refused: Option<&SecretString>,
    ) -> Result<Authentication, StepError> {
        let Wanted { bot, step, .. } = wanted;
        match wanted.fields {
            Fields::ClientCredentials {
                url,
                client_id,
                client_secret,
            } => {
                let url = self.value(bot, step, Fields::URL, url).await?;
                Ok(Authentication::ClientCredentials {
                    url: url.expose_secret().into(),
                    client_id: self.value(bot, step, Fields::CLIENT_ID, client_id).await?,
                    client_secret: self
                        .value(bot, step, Fields::CLIENT_SECRET, client_secret)
                        .await?,
                })
            }
            Fields::ControlRoomConnection(connection) => {
                let token = self.secrets.token(connection, refused).await;
                let token = token.map_err(|error| match error.kind() {
                    ResolveErrorKind::NoPrincipal => StepError::Value {
                        field: Fields::CONNECTION,
                        error: error.into(),
                    },
                    _ => error.into(),
                })?;
                Ok(Authentication::ControlRoomConnection(token))
            }
        }
    }
}
