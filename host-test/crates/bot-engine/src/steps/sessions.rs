//! How a running bot runs actions, and opens, shares, reopens and closes its sessions.

use std::sync::Arc;

use egress::AllowList;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::{Instant, timeout};

use super::{ActionStep, FieldValue, SessionField, Sharing, Step, StepKind, StepRun};
use crate::action::{
    ActionRef, Argument, CallError, Closing, OutputKind, Session, SessionChange, SessionFault,
    SessionUse, Success, Value as ActionValue,
};
use crate::error::StepError;
use crate::messages::Language;
use crate::redact::redact_output;
use crate::report::{Note, RetryReason, SessionOutcome};
use crate::retry::Wait;
use crate::runner::{CLEAN_UP, Runner};
use crate::secrets::{Purpose, ResolveErrorKind};
use crate::session::{OpenSession, Owner};
use crate::shared_sessions::Opened;
use crate::template::TemplateError;
use crate::value::{Value, ValueError};
use crate::variables::Variable;
use crate::watch::Event;

/// Why a session could not be opened.
enum OpenError {
    /// The server rejected the connection's token.
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
    /// Runs an action that uses a session, or none. If the server rejects the token of the session or of a connection, the
    /// session is reopened, another token borrowed, and the action run again.
    pub(super) async fn run_action(
        &mut self,
        action: &ActionStep,
        session: Option<&SessionField>,
    ) -> Result<Success, StepError> {
        let step = self.step;
        let mut resolved = self.resolve(step, action, None).await?;
        let mut is_second = false;
        loop {
            let mut arguments = resolved.clone();
            if let Some(session) = session {
                arguments.push(self.session_argument(action, session)?);
            }
            let ran = self.call_with_retries(action, &arguments).await;
            let borrowed = borrowed_token(&resolved).cloned();
            match (ran, session) {
                (Err(error), _)
                    if error.needs_new_token()
                        && !is_second
                        && (session.is_some() || borrowed.is_some()) =>
                {
                    // The error does not say which of the two the server rejected.
                    if let Some(session) = session {
                        self.reopen(&session.name).await?;
                    }
                    if let Some(rejected) = borrowed {
                        resolved = self.resolve(step, action, Some(&rejected)).await?;
                    }
                    is_second = true;
                }
                (Err(error), _) => {
                    return Err(self.action_error(&action.action.action, error).await);
                }
                (Ok((success, _)), session) => {
                    if let (SessionChange::Replaced(new), Some(session)) =
                        (&success.session, session)
                    {
                        let hosts = &self.session(&session.name)?.opener.hosts;
                        if !may_reach(hosts, &new.base_url) {
                            let error = CallError::InvalidSession(SessionFault::ReplacedElsewhere);
                            return Err(self.action_error(&action.action.action, error).await);
                        }
                        self.flow.sessions.replace(&session.name, new.clone());
                    }
                    return Ok(success);
                }
            }
        }
    }

    /// The session for an action, if the action's component can reach no hosts but those that the session is for.
    fn session_argument(
        &self,
        action: &ActionStep,
        session: &SessionField,
    ) -> Result<Argument, StepError> {
        let open = self.session(&session.name)?;
        if !open.opener.hosts.covers(&action.action.component.hosts) {
            return Err(StepError::OutsideAudience {
                session: session.name.clone(),
                component: action.action.component.name.to_string(),
            });
        }
        Ok(Argument::session(&session.field, open.session.clone()))
    }

    /// Runs an action with retries. Returns when the attempt that succeeded began, from which lifetimes count. What the
    /// action says of its session fits its form.
    async fn call_with_retries(
        &mut self,
        action: &ActionStep,
        arguments: &[Argument],
    ) -> Result<(Success, Instant), CallError> {
        let (actions, component) = (&self.runner.actions, &action.action);
        let allowed = match action.session {
            Some(_) => action.form.session,
            None => SessionUse::None,
        };
        let mut tries = self.runner.retry.begin();
        loop {
            let started = Instant::now();
            // Still set if this is cancelled.
            self.flow.is_requesting_token = action.requests_token();
            let attempt = tries.attempt(actions.run(&component.action, arguments));
            let mut result = attempt.await;
            self.flow.is_requesting_token = false;
            self.redact(action, &mut result);
            match result {
                Ok(success) => match SessionFault::of(allowed, &success.session) {
                    None => return Ok((success, started)),
                    Some(fault) => return Err(CallError::InvalidSession(fault)),
                },
                Err(error) => {
                    let wait = tries.next_wait(error)?;
                    self.wait_for_action(&component.action, wait).await;
                }
            }
        }
    }

    /// Redacts what an action returned, and learns the new secrets in it. The token of a session and secret outputs stay as
    /// they are.
    fn redact(&mut self, action: &ActionStep, result: &mut Result<Success, CallError>) {
        let redactor = &mut self.flow.redactor;
        let success = match result {
            Ok(success) => success,
            Err(error) => return error.redact(redactor),
        };
        let kind = |name: &str| {
            let mut declared = action.form.outputs.iter();
            let declared = declared.find(|it| it.name == name);
            declared.map_or(OutputKind::Text, |it| it.kind)
        };
        for (name, value) in &success.outputs {
            if kind(name) == OutputKind::Secret {
                redactor.add(value);
            }
        }
        if let SessionChange::Opened(session) | SessionChange::Replaced(session) =
            &mut success.session
        {
            redactor.add(&session.token);
            // The base URL stays as the runner returned it: a URL from a credential variable is part of the address.
            redactor.redact_in(&mut session.token_type);
        }
        for (name, value) in &mut success.outputs {
            if let Some(redacted) = redact_output(redactor, kind(name), value.expose_secret()) {
                *value = redacted.into();
            }
            redactor.redact_in(name);
        }
    }

    /// Opens the session of a step, or shares one that is open. If the server rejects the token of a connection, which may
    /// have been revoked, one other token is tried.
    pub(super) async fn open_session(
        &mut self,
        action: &ActionStep,
        session: &SessionField,
    ) -> Result<(OpenSession, Option<Success>), StepError> {
        let step = self.step;
        match self.open_session_once(step, action, session, None).await {
            Err(OpenError::TokenRejected { token, .. }) => {
                let opened = self.open_session_once(step, action, session, Some(&token));
                Ok(opened.await?)
            }
            opened => Ok(opened?),
        }
    }

    /// Opens the session, with another token than the `rejected` one if it is that of a connection. `step` is the step
    /// with the `action`: an earlier one than the current step if the session is reopened. What else the action returned
    /// is `None` if another bot opened the session.
    async fn open_session_once(
        &mut self,
        step: &Step,
        action: &ActionStep,
        session: &SessionField,
        rejected: Option<&SecretString>,
    ) -> Result<(OpenSession, Option<Success>), OpenError> {
        // The values are resolved, and their use recorded, once for all attempts. This also happens if the session is
        // shared: a bot must be allowed to use the values of a session that it shares. If a session is reopened, the
        // values are resolved again, as they or the permissions may have changed.
        let mut arguments = self.resolve(step, action, rejected).await?;
        // What distinguishes sessions; their names do not.
        let key = arguments.clone();
        arguments.push(Argument::text(&session.field, &session.name));
        let runner = self.runner;
        let mut success = None;
        let open = async {
            let (mut opened, requested_at) = self.call_with_retries(action, &arguments).await?;
            let change = std::mem::replace(&mut opened.session, SessionChange::Unchanged);
            let SessionChange::Opened(session) = change else {
                return Err(CallError::InvalidSession(SessionFault::NotOpened));
            };
            if !may_reach(&action.action.component.hosts, &session.base_url) {
                let fault = SessionFault::OpenedElsewhere;
                return Err(CallError::InvalidSession(fault));
            }
            success = Some(opened);
            Ok(Opened {
                session,
                requested_at,
            })
        };
        let opened = match action.sharing {
            Sharing::Shared if action.output.is_none() => runner
                .sessions
                .get(&action.action, &key, open)
                .await
                .map(|(session, lease)| (session, Some(lease))),
            // What the action returned is not cached with a session, so a step that wants it opens its own.
            Sharing::Shared | Sharing::Own => open.await.map(|opened| (opened.session, None)),
        };
        let token = borrowed_token(&arguments);
        let (opened, lease) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                let is_rejected = error.needs_new_token();
                let error = self.action_error(&action.action.action, error).await;
                return Err(match token {
                    Some(token) if is_rejected => OpenError::TokenRejected {
                        token: token.clone(),
                        error,
                    },
                    _ => OpenError::Failed(error),
                });
            }
        };
        // Another bot may have opened it.
        self.flow.redactor.add(&opened.token);
        let owner = match (token, lease) {
            (Some(_), lease) => Owner::ControlRoom(lease),
            (None, Some(lease)) => Owner::Engine(lease),
            (None, None) => Owner::Bot,
        };
        let opened = OpenSession {
            name: session.name.clone(),
            session: opened,
            opener: Arc::clone(&action.action.component),
            closes: action.action.closes.clone(),
            owner,
            opened_by: (self.flow.id, step.number),
        };
        Ok((opened, success))
    }

    /// Reports why the last attempt of an action failed, and waits for the next one.
    async fn wait_for_action(&mut self, action: &ActionRef, wait: Wait<'_, CallError>) {
        let message = self.explain(action, wait.reason).await;
        self.wait(wait, RetryReason::Action(&message)).await;
    }

    /// Reopens a session whose token the server rejected, with the fields of the step that opened it.
    pub(super) async fn reopen(&mut self, session_name: &str) -> Result<(), StepError> {
        let no_session = || StepError::NoSession(session_name.into());
        let (flow, number) = self.session(session_name)?.opened_by;
        if flow != self.flow.id {
            return Err(StepError::NotReopened(session_name.into()));
        }
        let rejected = self.flow.sessions.close(session_name);
        let rejected = rejected.ok_or_else(no_session)?;
        if let Owner::Engine(lease) | Owner::ControlRoom(Some(lease)) = rejected.owner {
            lease.invalidate();
        }
        let opened_by = |step: &&Step| step.number == number;
        let step = self.bot.steps.iter().find(opened_by);
        let Some((step, StepKind::Action(action))) = step.map(|step| (step, &step.kind)) else {
            return Err(no_session());
        };
        let session = action.session.as_ref().ok_or_else(no_session)?;
        let token = &rejected.session.token;
        let opened = self.open_session_once(step, action, session, Some(token));
        let (opened, _) = opened.await?;
        self.flow.sessions.open(opened);
        let note = Note::Reopened {
            session: session_name.into(),
        };
        self.watcher.on_event(Event::Noted { note: &note });
        Ok(())
    }

    /// Closes a session for this bot, and runs the action that revokes its token if no other bot uses it. If that fails,
    /// the session stays open.
    pub(super) async fn close_session(
        &mut self,
        action: &ActionStep,
        session: &SessionField,
    ) -> Result<(SessionOutcome, Option<Success>), StepError> {
        // Before anything changes: a component that must not get the session cannot close it either.
        self.session_argument(action, session)?;
        let step = self.step;
        let mut arguments = self.resolve(step, action, None).await?;
        let no_session = || StepError::NoSession(session.name.clone());
        let open = self.flow.sessions.close(&session.name);
        let open = open.ok_or_else(no_session)?;
        let (owner, open) = open.into_parts();
        let token = match owner {
            Owner::ControlRoom(_) => return Ok((SessionOutcome::KeptByConnection, None)),
            Owner::Bot => open.session.clone(),
            Owner::Engine(lease) => match lease.release(true) {
                None => return Ok((SessionOutcome::StillShared, None)),
                Some(shared) => shared.session,
            },
        };
        arguments.push(Argument::session(&session.field, token.clone()));
        // From now on the bot owns the session, and keeps it until its token is revoked. If the bot is interrupted
        // meanwhile, its clean-up revokes the token or reports that it could not.
        self.flow.sessions.open(OpenSession {
            session: token,
            ..open
        });
        match self.call_with_retries(action, &arguments).await {
            Ok((success, _)) => {
                self.flow.sessions.close(&session.name);
                Ok((SessionOutcome::Revoked, Some(success)))
            }
            Err(error) => Err(self.action_error(&action.action.action, error).await),
        }
    }

    /// Resolves the values of all fields.
    async fn resolve(
        &mut self,
        step: &Step,
        action: &ActionStep,
        rejected: Option<&SecretString>,
    ) -> Result<Vec<Argument>, StepError> {
        let mut arguments = Vec::new();
        for (field, value) in &action.fields {
            arguments.push(match value {
                FieldValue::Choice(chosen) => Argument::text(field, chosen),
                FieldValue::Text(value) => {
                    if let Some(error) = self.must_stay_hidden(action, value) {
                        let field = field.clone();
                        return Err(StepError::Template { field, error });
                    }
                    let value = self.value(step, field, value, false).await?;
                    Argument::text(field, value.expose_secret())
                }
                FieldValue::Hidden { value, is_secret } => {
                    Argument::secret(field, self.value(step, field, value, *is_secret).await?)
                }
                FieldValue::Connection(connection) => {
                    let token = self.runner.secrets.token(connection, rejected).await;
                    let token = token.map_err(|error| match error.kind() {
                        ResolveErrorKind::NoPrincipal => StepError::Value {
                            field: field.clone(),
                            error: error.into(),
                        },
                        _ => StepError::Connection {
                            field: field.clone(),
                            error,
                        },
                    })?;
                    self.flow.redactor.add(&token.access_token);
                    Argument::token(field, token)
                }
            });
        }
        Ok(arguments)
    }

    /// Why a value must not go into a text field: it is a secret, and an action that returns something may return a text.
    fn must_stay_hidden(&self, action: &ActionStep, value: &Value) -> Option<TemplateError> {
        let Value::Variable(name) = value else {
            return None;
        };
        match self.flow.variables.get(name) {
            Some(variable) if variable.is_credential() && action.returns_something() => {
                Some(TemplateError::Credential(name.clone()))
            }
            Some(_) => None,
            None => {
                (self.flow.outputs.is_secret(name)).then(|| TemplateError::Secret(name.clone()))
            }
        }
    }

    /// Resolves the value of a field.
    async fn value(
        &mut self,
        step: &Step,
        field: &str,
        value: &Value,
        field_is_secret: bool,
    ) -> Result<SecretString, StepError> {
        let failed = |error: ValueError| StepError::Value {
            field: field.into(),
            error,
        };
        // A variable comes first, as the operator set it: an output must not take its place.
        if let Value::Variable(name) = value
            && self.flow.variables.get(name).is_none()
            && let Some(output) = self.flow.outputs.get(name)
        {
            let output = output.map_err(|error| failed(error.into()))?;
            if field_is_secret {
                self.flow.redactor.add(&output);
            }
            return Ok(output);
        }
        let runner = self.runner;
        let step = step.to_string();
        let purpose = Purpose {
            bot: &self.bot.name,
            step: &step,
            field_is_secret,
        };
        let resolved = value.resolve(&*runner.secrets, &self.flow.variables, purpose);
        let resolved = resolved.await.map_err(failed)?;
        // A value in another field may be shown, unless it comes from a credential variable.
        let is_secret = match value {
            Value::Variable(name) => {
                (self.flow.variables.get(name)).is_some_and(Variable::is_credential)
            }
            _ => false,
        };
        if field_is_secret || is_secret {
            self.flow.redactor.add(&resolved);
        }
        Ok(resolved)
    }
}

/// Whether this is the base URL of one of the hosts.
fn may_reach(hosts: &AllowList, base_url: &str) -> bool {
    let Some(authority) = base_url.strip_prefix("https://") else {
        return false;
    };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()),
        _ => (authority, Some(443)),
    };
    port.is_some_and(|port| hosts.allows(host, port))
}

fn borrowed_token(arguments: &[Argument]) -> Option<&SecretString> {
    arguments.iter().find_map(|argument| match &argument.value {
        ActionValue::Token(token) => Some(&token.access_token),
        _ => None,
    })
}

impl Runner {
    /// The message for an error of an action, in the runner's language.
    pub(crate) async fn explain(&self, action: &ActionRef, error: &CallError) -> String {
        let CallError::Failed(failure) = error else {
            return error.message(Language::of_locale(&self.locale));
        };
        let explained = self.actions.explain(action, failure, &self.locale).await;
        explained.unwrap_or_else(|_| failure.message.clone())
    }

    /// Releases a session that the bot no longer uses. If no other bot uses its token, the token is revoked, in one attempt.
    pub(crate) async fn release(&self, open: OpenSession) -> SessionOutcome {
        let (owner, open) = open.into_parts();
        let session = match owner {
            Owner::ControlRoom(_) => return SessionOutcome::KeptByConnection,
            Owner::Bot => open.session,
            Owner::Engine(lease) => match lease.release(false) {
                None => return SessionOutcome::StillShared,
                Some(shared) => shared.session,
            },
        };
        if self.revoke(session, open.closes.as_ref()).await {
            SessionOutcome::Revoked
        } else {
            SessionOutcome::NotRevoked
        }
    }

    /// Revokes a token, in one attempt. False if that failed, if the component
    /// has no action for it, or if the action says that it left the session open.
    pub(crate) async fn revoke(&self, session: Session, closes: Option<&Closing>) -> bool {
        let Some(closes) = closes else {
            return false;
        };
        let arguments = [Argument::session(&closes.field, session)];
        let revoked = timeout(CLEAN_UP, self.actions.run(&closes.action, &arguments)).await;
        matches!(revoked, Ok(Ok(success)) if matches!(success.session, SessionChange::Closed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_for_a_host_of_its_opener() {
        let hosts = AllowList::parse(["api.example.com", "b.example.com:8443"]).unwrap();
        for url in ["https://api.example.com", "https://b.example.com:8443"] {
            assert!(may_reach(&hosts, url), "{url}");
        }
        for url in [
            "",
            "http://api.example.com",
            "https://api.example.com/",
            "https://api.example.com@evil.net",
            "https://evil.net",
            "https://api.example.com:8443",
            "https://api.example.com:x",
        ] {
            assert!(!may_reach(&hosts, url), "{url}");
        }
    }
}
