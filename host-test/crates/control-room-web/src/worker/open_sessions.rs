//! The sessions that a queued run has opened. They are stored with the run, so that another worker can revoke their tokens if
//! this one dies.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bot_engine::Catalogue;
use bot_engine::action::form::Action;
use bot_engine::action::{
    ActionRef, ActionRunner, Argument, CallError, ComponentInfo, Failure, ListError, Session,
    SessionChange, Success, Value,
};
use control_room::queue::{Claim, Queue};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};
use tokio::sync::watch;
use tokio::time::{Instant, timeout, timeout_at};

use super::work::hex;
use crate::forms::secret;

/// How long the revocation of a token may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// A session, and how it is closed.
#[derive(Clone, Serialize, Deserialize)]
struct Open {
    component: String,
    /// The digest of the component: another one must not get the token.
    digest: String,
    /// The action that closes it, and the field of that action for the session; `None` if the component has no such action.
    closed_by: Option<(String, String)>,
    base_url: String,
    token_type: String,
    #[serde(serialize_with = "exposed", deserialize_with = "secret")]
    token: SecretString,
}

/// Writes a secret into what is sealed.
fn exposed<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

/// Runs actions, and stores which sessions they have opened.
pub(super) struct Recording {
    pub(super) actions: Arc<dyn ActionRunner>,
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) queue: Queue,
    pub(super) claim: Claim,
    pub(super) open: Arc<OpenSessions>,
    /// When the lease of the run ends.
    pub(super) valid_until: watch::Receiver<Instant>,
}

/// Those that a run has open.
#[derive(Default)]
pub(super) struct OpenSessions(Mutex<Vec<Open>>);

impl OpenSessions {
    fn lock(&self) -> MutexGuard<'_, Vec<Open>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As they are stored.
    fn stored(&self) -> SecretString {
        let open = serde_json::to_string(&*self.lock());
        open.unwrap_or_default().into()
    }

    /// Closes what the runner has not closed: what it could not close, and what it does not know of, as the run was interrupted
    /// while that was being stored. One attempt, for a short time. Returns how many are left.
    pub(super) async fn close_rest(
        &self,
        actions: &dyn ActionRunner,
        catalogue: &Catalogue,
    ) -> usize {
        let open = self.lock().clone();
        let count = open.len();
        let closed = timeout(PATIENCE, close(open, actions, catalogue)).await;
        closed.unwrap_or(count)
    }
}

impl Recording {
    /// A session that this action has opened or replaced. `None` if the action is none of a component.
    fn open(&self, action: &ActionRef, session: &Session) -> Option<Open> {
        let form = self.catalogue.form(&action.to_string())?;
        let action = form.component.as_ref()?;
        let closes = action.closes.as_ref();
        Some(Open {
            component: action.component.name.to_string(),
            digest: hex(&action.component.digest),
            closed_by: closes.map(|it| (it.action.action.to_string(), it.field.clone())),
            base_url: session.base_url.clone(),
            token_type: session.token_type.clone(),
            token: session.token.clone(),
        })
    }

    async fn record(&self, action: &ActionRef, arguments: &[Argument], success: &Success) {
        // The token of a connection is not the run's.
        let borrows = |argument: &Argument| matches!(argument.value, Value::Token(_));
        let opened = match &success.session {
            SessionChange::Opened(_) if arguments.iter().any(borrows) => return,
            SessionChange::Opened(session) | SessionChange::Replaced(session) => {
                self.open(action, session)
            }
            SessionChange::Closed => None,
            SessionChange::Unchanged => return,
        };
        {
            let mut open = self.open.lock();
            // Closed, or replaced.
            for argument in arguments {
                if let Value::Session(session) = &argument.value {
                    let token = session.token.expose_secret();
                    open.retain(|it| it.token.expose_secret() != token);
                }
            }
            open.extend(opened);
        }
        let stored = self.open.stored();
        let stored = self.queue.set_sessions(&self.claim, &stored);
        let end = *self.valid_until.borrow();
        match timeout_at(end, stored).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the open sessions of a run are not stored"),
            Err(_) => tracing::warn!("the open sessions of a run are not stored in time"),
        }
    }
}

#[async_trait]
impl ActionRunner for Recording {
    async fn components(
        &self,
        locale: &str,
    ) -> Result<Vec<(ComponentInfo, Vec<Action>)>, ListError> {
        self.actions.components(locale).await
    }

    async fn run(&self, action: &ActionRef, arguments: &[Argument]) -> Result<Success, CallError> {
        let success = self.actions.run(action, arguments).await?;
        self.record(action, arguments, &success).await;
        Ok(success)
    }

    async fn check(
        &self,
        action: &ActionRef,
        arguments: &[Argument],
    ) -> Result<Vec<Failure>, CallError> {
        self.actions.check(action, arguments).await
    }

    async fn explain(
        &self,
        action: &ActionRef,
        failure: &Failure,
        locale: &str,
    ) -> Result<String, CallError> {
        self.actions.explain(action, failure, locale).await
    }
}

/// Revokes the tokens of sessions that another worker has left open, in one attempt each. Returns how many could not be
/// revoked: they are valid until they expire.
pub(super) async fn revoke(
    sessions: &SecretString,
    actions: &dyn ActionRunner,
    catalogue: &Catalogue,
) -> usize {
    let open = serde_json::from_str(sessions.expose_secret()).unwrap_or_default();
    close(open, actions, catalogue).await
}

async fn close(all: Vec<Open>, actions: &dyn ActionRunner, catalogue: &Catalogue) -> usize {
    let mut left = 0;
    for open in all {
        let Some((closing_action, field)) = open.closed_by else {
            left += 1;
            continue;
        };
        let action = ActionRef {
            component: open.component.as_str().into(),
            action: closing_action.as_str().into(),
        };
        let form = catalogue.form(&action.to_string());
        let component = form.and_then(|form| form.component.as_ref());
        if component.is_none_or(|it| hex(&it.component.digest) != open.digest) {
            left += 1;
            continue;
        }
        let session = Session {
            token: open.token,
            token_type: open.token_type,
            base_url: open.base_url,
            expires_in: None,
        };
        let arguments = [Argument::session(&field, session)];
        let revoked = timeout(PATIENCE, actions.run(&action, &arguments)).await;
        let is_closed =
            matches!(revoked, Ok(Ok(success)) if matches!(success.session, SessionChange::Closed));
        left += usize::from(!is_closed);
    }
    left
}
