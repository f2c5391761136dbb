//! How a running bot opens its sessions, shares them, opens them once more, and ends them.

use secrecy::{ExposeSecret, SecretString};
use tokio::time::{Instant, timeout};

use super::authenticate::{
    Authentication as Fields, CLIENT_ID, CLIENT_SECRET, CONNECTION, Sharing, URL,
};
use super::{Authenticate, StepKind, StepRun};
use crate::action::{ActionError, Authentication, CallError, Session};
use crate::error::StepError;
use crate::file::Step;
use crate::report::{Note, RetryReason, SessionOutcome};
use crate::retry::Wait;
use crate::runner::{CLEAN_UP, Runner};
use crate::secrets::{Purpose, ResolveErrorKind};
use crate::session::{OpenSession, Owner};
use crate::shared_sessions::Opened;
use crate::value::{Field, Value, ValueError};
use crate::watch::Event;

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

impl StepRun<'_> {
    /// Opens the session that a step asks for, or takes a share of one that is open. The token of a connection
    /// that Genesys Cloud does not accept is replaced once: it may be dead before its time.
    pub(super) async fn open_session(
        &mut self,
        wanted: &Authenticate,
    ) -> Result<OpenSession, StepError> {
        let step = self.step;
        match self.open_session_once(step, wanted, None).await {
            Err(Unopened::TokenRefused { token, .. }) => {
                let opened = self.open_session_once(step, wanted, Some(&token));
                Ok(opened.await?)
            }
            opened => Ok(opened?),
        }
    }

    /// Opens it, with a connection's token in place of the one that was `refused`. `step` is the one that opens it,
    /// which is an earlier one if the session is opened again.
    async fn open_session_once(
        &mut self,
        step: &Step,
        wanted: &Authenticate,
        refused: Option<&SecretString>,
    ) -> Result<OpenSession, Unopened> {
        let session_name = &wanted.session_name;
        // Resolved and recorded once for all tries: what is handed over is the value, and how often the server has
        // to be asked with it is no other use. A bot that gets a share of another bot's session was handed the values
        // all the same, and must be one that may have them. A session that is opened again is another use, for which
        // the value may have changed, or be forbidden by now.
        let authentication = self.resolve(step, wanted, refused).await?;
        let runner = self.runner;
        let open = self.authenticate(&authentication, session_name);
        let opened = match wanted.sharing {
            Sharing::Own => open.await.map(|opened| (opened.session, None)),
            Sharing::Shared => runner
                .sessions
                .get(runner.actions.digest(), &authentication, open)
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
                name: session_name.clone(),
                ..session
            },
            owner,
            opened_by: step.number,
        })
    }

    async fn unopened(&mut self, authentication: Authentication, error: CallError) -> Unopened {
        let is_refused = matches!(
            &error,
            CallError::Failed(ActionError::Rejected(it)) if it.code == INVALID_TOKEN
        );
        let error = self.action_error(error).await;
        match authentication {
            Authentication::ControlRoomConnection(connection) if is_refused => {
                let token = connection.access_token;
                Unopened::TokenRefused { token, error }
            }
            _ => Unopened::Failed(error),
        }
    }

    async fn authenticate(
        &mut self,
        authentication: &Authentication,
        session_name: &str,
    ) -> Result<Opened, CallError> {
        let actions = &self.runner.actions;
        let mut tries = self.runner.retry.begin();
        loop {
            let asked = Instant::now();
            let attempt = actions.authenticate(authentication, session_name);
            match tries.attempt(attempt).await {
                Ok(session) => return Ok(Opened { session, asked }),
                Err(error) => self.wait_for_action(tries.again(error)?).await,
            }
        }
    }

    /// Says why there will be another try of the action, and waits for it.
    async fn wait_for_action(&mut self, wait: Wait<'_, CallError>) {
        let runner = self.runner;
        let why = runner.actions.explain(wait.because, &runner.locale).await;
        self.wait(wait, RetryReason::Action(&why)).await;
    }

    /// Opens a session again whose token Genesys Cloud refused, as the step did that opened it.
    pub(super) async fn reopen(&mut self, session_name: &str) -> Result<(), StepError> {
        let no_session = || StepError::NoSession(session_name.into());
        let refused = self.flow.sessions.close(session_name);
        let refused = refused.ok_or_else(no_session)?;
        if let Owner::Engine(lease) | Owner::ControlRoom(Some(lease)) = refused.owner {
            lease.refused();
        }
        let opened_by = |step: &&Step| step.number == refused.opened_by;
        let step = self.bot.steps.iter().find(opened_by);
        let Some((step, StepKind::Authenticate(wanted))) = step.map(|step| (step, &step.kind))
        else {
            return Err(no_session());
        };
        let token = &refused.session.token;
        let opened = self.open_session_once(step, wanted, Some(token)).await?;
        self.flow.sessions.open(opened);
        let note = Note::OpenedAgain {
            session: session_name.into(),
        };
        self.watcher.tell(Event::Noted { note: &note });
        Ok(())
    }

    /// Closes a session for this bot, and revokes its token if nobody else uses it. If that fails, the session
    /// stays open.
    pub(super) async fn disconnect(
        &mut self,
        session_name: &str,
    ) -> Result<SessionOutcome, StepError> {
        let open = self.flow.sessions.close(session_name);
        let open = open.ok_or_else(|| StepError::NoSession(session_name.into()))?;
        let session = match open.owner {
            Owner::ControlRoom(_) => return Ok(SessionOutcome::WithConnection),
            Owner::Bot => open.session,
            Owner::Engine(lease) => match lease.release(true) {
                None => return Ok(SessionOutcome::Kept),
                Some(session) => session,
            },
        };
        // It is the bot's own from now on, and stays among its sessions until its token is revoked: a bot that is
        // interrupted meanwhile still revokes it, or says that it lives on.
        self.flow.sessions.open(OpenSession {
            session: Session {
                name: session_name.into(),
                ..session.clone()
            },
            owner: Owner::Bot,
            opened_by: open.opened_by,
        });
        if let Err(error) = self.revoke_with_retries(&session).await {
            return Err(self.action_error(error).await);
        }
        self.flow.sessions.close(session_name);
        Ok(SessionOutcome::Ended)
    }

    async fn revoke_with_retries(&mut self, session: &Session) -> Result<(), CallError> {
        let actions = &self.runner.actions;
        let mut tries = self.runner.retry.begin();
        loop {
            match tries.attempt(actions.disconnect(session)).await {
                Ok(()) => return Ok(()),
                Err(error) => self.wait_for_action(tries.again(error)?).await,
            }
        }
    }

    /// The value of a field.
    async fn value(
        &mut self,
        step: &Step,
        field: Field,
        value: &Value,
    ) -> Result<SecretString, StepError> {
        let runner = self.runner;
        let step = step.to_string();
        let purpose = Purpose {
            bot: &self.bot.name,
            step: &step,
            field_is_secret: field.is_secret,
        };
        let resolved = value.resolve(&*runner.secrets, &runner.variables, purpose);
        resolved.await.map_err(|error| StepError::Value {
            field: field.name,
            error,
        })
    }

    /// The values of the fields.
    async fn resolve(
        &mut self,
        step: &Step,
        wanted: &Authenticate,
        refused: Option<&SecretString>,
    ) -> Result<Authentication, StepError> {
        let of_connection = |error| StepError::Value {
            field: CONNECTION,
            error,
        };
        match &wanted.authentication {
            Fields::ClientCredentials {
                url,
                client_id,
                client_secret,
            } => {
                let url = self.value(step, URL, url).await?;
                Ok(Authentication::ClientCredentials {
                    url: url.expose_secret().into(),
                    client_id: self.value(step, CLIENT_ID, client_id).await?,
                    client_secret: self.value(step, CLIENT_SECRET, client_secret).await?,
                })
            }
            Fields::ControlRoomConnection(connection) => {
                let token = self.runner.secrets.token(connection, refused).await;
                let token = token.map_err(|error| match error.kind() {
                    ResolveErrorKind::NoPrincipal => of_connection(error.into()),
                    _ => error.into(),
                })?;
                Ok(Authentication::ControlRoomConnection(token))
            }
            Fields::Unreadable => Err(of_connection(ValueError::Unreadable)),
        }
    }
}

impl Runner {
    /// Releases a session that the bot does not use any more. A token that nobody is to use is revoked, in one
    /// attempt.
    pub(crate) async fn release(&self, open: OpenSession) -> SessionOutcome {
        let session = match open.owner {
            Owner::ControlRoom(_) => return SessionOutcome::WithConnection,
            Owner::Bot => open.session,
            Owner::Engine(lease) => match lease.release(false) {
                None => return SessionOutcome::Kept,
                Some(session) => session,
            },
        };
        if self.revoke(&session).await {
            SessionOutcome::Ended
        } else {
            SessionOutcome::Alive
        }
    }

    /// Revokes a token, in one attempt. False if that failed.
    pub(crate) async fn revoke(&self, session: &Session) -> bool {
        let ended = timeout(CLEAN_UP, self.actions.disconnect(session)).await;
        matches!(ended, Ok(Ok(())))
    }
}
