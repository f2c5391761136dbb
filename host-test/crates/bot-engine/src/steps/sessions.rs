//! How a running bot opens, shares, reopens and closes its sessions.

use secrecy::{ExposeSecret, SecretString};
use tokio::time::{Instant, timeout};

use super::authenticate::{
    AuthenticationFields, CLIENT_ID, CLIENT_SECRET, CONNECTION, Sharing, URL,
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

/// The action's error code if Genesys Cloud does not accept a connection's token (RFC 6750, section 3.1).
const INVALID_TOKEN: &str = "invalid_token";

/// Why a session could not be opened.
enum OpenError {
    /// Genesys Cloud rejected the connection's token.
    TokenRejected {
        token: SecretString,
        error: StepError,
    },
    Failed(StepError),
}

impl From<StepError> for OpenError {
    fn from(error: StepError) -> Self {
        Self::Failed(error)
    }
}

impl From<OpenError> for StepError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::TokenRejected { error, .. } | OpenError::Failed(error) => error,
        }
    }
}

impl StepRun<'_> {
    /// Opens the session of a step, or shares one that is open. If Genesys Cloud rejects the token of a connection, which
    /// may have been revoked, one other token is tried.
    pub(super) async fn open_session(
        &mut self,
        fields: &Authenticate,
    ) -> Result<OpenSession, StepError> {
        let step = self.step;
        match self.open_session_once(step, fields, None).await {
            Err(OpenError::TokenRejected { token, .. }) => {
                let opened = self.open_session_once(step, fields, Some(&token));
                Ok(opened.await?)
            }
            opened => Ok(opened?),
        }
    }

    /// Opens the session, with another token than the `rejected` one if it is that of a connection. `step` is the step
    /// with the `fields`: an earlier one than the current step if the session is reopened.
    async fn open_session_once(
        &mut self,
        step: &Step,
        fields: &Authenticate,
        rejected: Option<&SecretString>,
    ) -> Result<OpenSession, OpenError> {
        let session_name = &fields.session_name;
        // The values are resolved, and their use recorded, once for all attempts. This also happens if the session is
        // shared: a bot must be allowed to use the values of a session that it shares. If a session is reopened, the
        // values are resolved again, as they or the permissions may have changed.
        let authentication = self.resolve(step, fields, rejected).await?;
        let runner = self.runner;
        let open = self.authenticate(&authentication, session_name);
        let opened = match fields.sharing {
            Sharing::Own => open.await.map(|opened| (opened.session, None)),
            Sharing::Shared => runner
                .sessions
                .get(runner.actions.digest(), &authentication, open)
                .await
                .map(|(session, lease)| (session, Some(lease))),
        };
        let (session, lease) = match opened {
            Ok(opened) => opened,
            Err(error) => return Err(self.open_error(authentication, error).await),
        };
        let owner = match (&authentication, lease) {
            (Authentication::ControlRoomConnection(_), lease) => Owner::ControlRoom(lease),
            (_, Some(lease)) => Owner::Engine(lease),
            (_, None) => Owner::Bot,
        };
        Ok(OpenSession {
            // The component, or another bot that shares the session, may have another name for it.
            session: Session {
                name: session_name.clone(),
                ..session
            },
            owner,
            opened_by: step.number,
        })
    }

    async fn open_error(&mut self, authentication: Authentication, error: CallError) -> OpenError {
        let is_rejected = matches!(
            &error,
            CallError::Failed(ActionError::Rejected(it)) if it.code == INVALID_TOKEN
        );
        let error = self.action_error(error).await;
        match authentication {
            Authentication::ControlRoomConnection(connection) if is_rejected => {
                let token = connection.access_token;
                OpenError::TokenRejected { token, error }
            }
            _ => OpenError::Failed(error),
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
            let requested_at = Instant::now();
            let attempt = actions.authenticate(authentication, session_name);
            match tries.attempt(attempt).await {
                Ok(session) => {
                    return Ok(Opened {
                        session,
                        requested_at,
                    });
                }
                Err(error) => self.wait_for_action(tries.next_wait(error)?).await,
            }
        }
    }

    /// Reports why the last attempt of the action failed, and waits for the next one.
    async fn wait_for_action(&mut self, wait: Wait<'_, CallError>) {
        let runner = self.runner;
        let message = runner.actions.explain(wait.reason, &runner.locale).await;
        self.wait(wait, RetryReason::Action(&message)).await;
    }

    /// Reopens a session whose token Genesys Cloud rejected, with the fields of the step that opened it.
    pub(super) async fn reopen(&mut self, session_name: &str) -> Result<(), StepError> {
        let no_session = || StepError::NoSession(session_name.into());
        let rejected = self.flow.sessions.close(session_name);
        let rejected = rejected.ok_or_else(no_session)?;
        if let Owner::Engine(lease) | Owner::ControlRoom(Some(lease)) = rejected.owner {
            lease.invalidate();
        }
        let opened_by = |step: &&Step| step.number == rejected.opened_by;
        let step = self.bot.steps.iter().find(opened_by);
        let Some((step, StepKind::Authenticate(fields))) = step.map(|step| (step, &step.kind))
        else {
            return Err(no_session());
        };
        let token = &rejected.session.token;
        let opened = self.open_session_once(step, fields, Some(token)).await?;
        self.flow.sessions.open(opened);
        let note = Note::Reopened {
            session: session_name.into(),
        };
        self.watcher.on_event(Event::Noted { note: &note });
        Ok(())
    }

    /// Closes a session for this bot, and revokes its token if no other bot uses it. If that fails, the session stays
    /// open.
    pub(super) async fn disconnect(
        &mut self,
        session_name: &str,
    ) -> Result<SessionOutcome, StepError> {
        let open = self.flow.sessions.close(session_name);
        let open = open.ok_or_else(|| StepError::NoSession(session_name.into()))?;
        let session = match open.owner {
            Owner::ControlRoom(_) => return Ok(SessionOutcome::KeptByConnection),
            Owner::Bot => open.session,
            Owner::Engine(lease) => match lease.release(true) {
                None => return Ok(SessionOutcome::StillShared),
                Some(session) => session,
            },
        };
        // From now on the bot owns the session, and keeps it until its token is revoked. If the bot is interrupted
        // meanwhile, its clean-up revokes the token or reports that it could not.
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
        Ok(SessionOutcome::Revoked)
    }

    async fn revoke_with_retries(&mut self, session: &Session) -> Result<(), CallError> {
        let actions = &self.runner.actions;
        let mut tries = self.runner.retry.begin();
        loop {
            match tries.attempt(actions.disconnect(session)).await {
                Ok(()) => return Ok(()),
                Err(error) => self.wait_for_action(tries.next_wait(error)?).await,
            }
        }
    }

    /// Resolves the value of a field.
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

    /// Resolves the values of all fields.
    async fn resolve(
        &mut self,
        step: &Step,
        fields: &Authenticate,
        rejected: Option<&SecretString>,
    ) -> Result<Authentication, StepError> {
        let of_connection = |error| StepError::Value {
            field: CONNECTION,
            error,
        };
        match &fields.authentication {
            AuthenticationFields::ClientCredentials {
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
            AuthenticationFields::ControlRoomConnection(connection) => {
                let token = self.runner.secrets.token(connection, rejected).await;
                let token = token.map_err(|error| match error.kind() {
                    ResolveErrorKind::NoPrincipal => of_connection(error.into()),
                    _ => error.into(),
                })?;
                Ok(Authentication::ControlRoomConnection(token))
            }
            AuthenticationFields::Unreadable => Err(of_connection(ValueError::Unreadable)),
        }
    }
}

impl Runner {
    /// Releases a session that the bot no longer uses. If no other bot uses its token, the token is revoked, in one attempt.
    pub(crate) async fn release(&self, open: OpenSession) -> SessionOutcome {
        let session = match open.owner {
            Owner::ControlRoom(_) => return SessionOutcome::KeptByConnection,
            Owner::Bot => open.session,
            Owner::Engine(lease) => match lease.release(false) {
                None => return SessionOutcome::StillShared,
                Some(session) => session,
            },
        };
        if self.revoke(&session).await {
            SessionOutcome::Revoked
        } else {
            SessionOutcome::NotRevoked
        }
    }

    /// Revokes a token, in one attempt. False if that failed.
    pub(crate) async fn revoke(&self, session: &Session) -> bool {
        let revoked = timeout(CLEAN_UP, self.actions.disconnect(session)).await;
        matches!(revoked, Ok(Ok(())))
    }
}
