//! Actions as the engine sees them: what goes in, what comes out, and [`ActionRunner`], which runs them. How
//! they are run is the business of whoever implements it; the engine knows no WebAssembly.
//!
//! The types are those of the contract in `wit/`, with secrets in types that hide them.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use thiserror::Error;

use crate::retry::{Advice, Retryable};

/// Describes and runs actions. A call is tried once: whether there is another try is the engine's decision.
#[async_trait]
pub trait ActionRunner: Send + Sync {
    /// Tells one set of actions from another, such as the SHA-256 of a component. Sessions are shared only
    /// between bots whose actions have the same digest.
    fn digest(&self) -> &[u8; 32];

    /// The forms of the actions, in the language of `locale` (BCP 47).
    ///
    /// # Errors
    ///
    /// What stopped the call.
    async fn forms(&self, locale: &str) -> Result<Vec<ActionForm>, CallError>;

    /// Opens a session.
    ///
    /// # Errors
    ///
    /// What the action says, or what stopped it.
    async fn authenticate(
        &self,
        authentication: &Authentication,
        session_name: &str,
    ) -> Result<Session, CallError>;

    /// Revokes a session's token, for everybody who holds it.
    ///
    /// # Errors
    ///
    /// As [`ActionRunner::authenticate`].
    async fn disconnect(&self, session: &Session) -> Result<(), CallError>;

    /// The action's own message for an error, in the language of `locale` (BCP 47).
    async fn explain(&self, error: &CallError, locale: &str) -> String;
}

/// How to authenticate: `authentication-type` of the contract, with every field resolved.
#[derive(Debug, Clone)]
pub enum Authentication {
    /// OAuth2 – client credentials (RFC 6749, section 4.4).
    ClientCredentials {
        /// The Genesys Cloud environment, as the designer typed it.
        url: String,
        /// The client id. It is no secret, but may come from a locker, and is not shown either.
        client_id: SecretString,
        /// The client secret.
        client_secret: SecretString,
    },
    /// A token that somebody else obtained and refreshes.
    ControlRoomConnection(BorrowedToken),
}

/// A token of an OAuth connection, with what the action must know of it.
#[derive(Debug, Clone)]
pub struct BorrowedToken {
    /// The Genesys Cloud environment that the connection belongs to.
    pub url: String,
    /// The access token.
    pub access_token: SecretString,
    /// Its type, as the authorization server named it (RFC 6749, section 7.1).
    pub token_type: String,
    /// Seconds that it has left, if they are known.
    pub expires_in: Option<u32>,
}

/// An open session. Whoever holds it can act as the client.
#[derive(Clone)]
pub struct Session {
    /// The name that later steps use.
    pub name: String,
    /// The access token.
    pub token: SecretString,
    /// Always `Bearer`.
    pub token_type: String,
    /// Seconds from the moment the request was sent, if the server said so.
    pub expires_in: Option<u32>,
    /// Where later steps send their requests, such as `https://api.mypurecloud.de`.
    pub api_url: String,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("name", &self.name)
            .field("expires_in", &self.expires_in)
            .field("api_url", &self.api_url)
            .finish_non_exhaustive()
    }
}

/// The form of an action: `bot:action/form` of the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionForm {
    /// Its stable name in bot files. The same in every locale.
    pub name: String,
    /// Where it stands in the list of actions, from the outermost group to its own label.
    pub path: Vec<String>,
    /// What it does, in a sentence or two.
    pub description: String,
    /// The fields, in the order to show them in.
    pub fields: Vec<FormField>,
}

/// A field of an action's form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormField {
    /// Its stable name in bot files. The same in every locale.
    pub name: String,
    /// What stands beside the field.
    pub label: String,
    /// What to enter, and where to find it.
    pub help: String,
    /// What the field takes.
    pub kind: FieldKind,
    /// Whether it must be filled in when it is shown.
    pub required: bool,
    /// What to fill in for the designer at first.
    pub default: Option<String>,
    /// The choice that must be made for the field to be shown; always shown if there is none.
    pub shown_when: Option<Condition>,
    /// Whether a bot file leaves the field out if it has its default.
    pub is_implied: bool,
    /// Whether its value may come from a credential, a variable or an insecure string, also if it is a text.
    pub takes_sources: bool,
}

/// What a field takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldKind {
    /// A line of text.
    Text,
    /// A value that is better kept in a credential locker, but is no secret. It may be shown.
    Credential,
    /// A secret.
    Secret,
    /// One of these.
    Choice(Vec<ChoiceOption>),
    /// An OAuth connection.
    OauthConnection,
    /// The name under which later steps find the session.
    SessionName,
}

impl FieldKind {
    /// The contract's name for it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Credential => "credential",
            Self::Secret => "secret",
            Self::Choice(_) => "choice",
            Self::OauthConnection => "oauth-connection",
            Self::SessionName => "session-name",
        }
    }
}

/// One of the options of a choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChoiceOption {
    /// Its stable value in bot files.
    pub value: String,
    /// What to show for it.
    pub label: String,
}

/// Met when the choice in the field named `field` is `value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The field with the choice.
    pub field: String,
    /// The option that has to be chosen.
    pub value: String,
}

/// Why a call gave no result.
#[derive(Debug, Clone, Error)]
pub enum CallError {
    /// The action says so itself; [`ActionRunner::explain`] has its message.
    #[error("the action failed: {}", .0.kind())]
    Failed(ActionError),
    /// The call took longer than it may.
    #[error("the action did not finish within {} s and was stopped; try again, or allow it more time", .0.as_secs_f32())]
    DeadlineExceeded(Duration),
    /// As many calls as there may be are under way or waiting.
    #[error("{message}")]
    Busy {
        /// A stable name.
        kind: &'static str,
        /// Why there was no room.
        message: String,
    },
    /// The host stopped the action.
    #[error("{message}")]
    Stopped {
        /// A stable name, such as `memory-exceeded`.
        kind: &'static str,
        /// Which limit it was, or how the action broke down.
        message: String,
    },
}

impl CallError {
    /// The case's stable name: the contract's own for what the action says.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Failed(error) => error.kind(),
            Self::DeadlineExceeded(_) => "deadline-exceeded",
            Self::Busy { kind, .. } | Self::Stopped { kind, .. } => kind,
        }
    }
}

/// What the action says when it fails: `error` of the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActionError {
    /// A field has to be corrected.
    InvalidInput(InvalidInput),
    /// Genesys Cloud refused the client or the token.
    Rejected(Rejection),
    /// Genesys Cloud limits the number of requests.
    Throttled(Throttling),
    /// Genesys Cloud cannot be reached, or cannot answer now.
    Unavailable(Failure),
    /// The server did not prove that it is Genesys Cloud.
    UntrustedServer(Failure),
    /// The host does not let the request out.
    NotPermitted(Failure),
    /// The answer is not one of Genesys Cloud.
    UnexpectedResponse(Failure),
    /// Something that this version has no case for.
    Other(String),
}

/// A field that has to be corrected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidInput {
    /// The field's name.
    pub field: String,
    /// What is wrong, in English.
    pub reason: String,
}

/// A refusal of Genesys Cloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The host that refused.
    pub host: String,
    /// The error code (RFC 6749, section 5.2; RFC 6750, section 3.1).
    pub code: String,
    /// The server's description.
    pub description: Option<String>,
    /// What Genesys' support asks for.
    pub correlation_id: Option<String>,
}

/// A limit of Genesys Cloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Throttling {
    /// The host that limits.
    pub host: String,
    /// Seconds to wait, if the host said so.
    pub retry_after: Option<u32>,
    /// What Genesys' support asks for.
    pub correlation_id: Option<String>,
}

/// A failure on the way to Genesys Cloud or in its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The host.
    pub host: String,
    /// What happened, in English.
    pub reason: String,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
    /// What Genesys' support asks for.
    pub correlation_id: Option<String>,
}

impl ActionError {
    /// The case's name in the contract.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::InvalidInput(_) => "invalid-input",
            Self::Rejected(_) => "rejected",
            Self::Throttled(_) => "throttled",
            Self::Unavailable(_) => "unavailable",
            Self::UntrustedServer(_) => "untrusted-server",
            Self::NotPermitted(_) => "not-permitted",
            Self::UnexpectedResponse(_) => "unexpected-response",
            Self::Other(_) => "other",
        }
    }
}

/// What was throttled or unavailable is tried again, nothing else: a refusal stays a refusal.
impl Retryable for CallError {
    fn advice(&self) -> Advice {
        match self {
            Self::Failed(ActionError::Throttled(it)) => Advice::TryAgain(
                it.retry_after
                    .map(|seconds| Duration::from_secs(seconds.into())),
            ),
            Self::Failed(ActionError::Unavailable(_)) => Advice::TryAgain(None),
            _ => Advice::GiveUp,
        }
    }

    fn out_of_time(limit: Duration) -> Self {
        Self::DeadlineExceeded(limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn only_throttled_and_unavailable_calls_are_tried_again() {
        let failure = || Failure {
            host: String::new(),
            reason: String::new(),
            status: None,
            correlation_id: None,
        };
        let throttled = |retry_after| {
            ActionError::Throttled(Throttling {
                host: String::new(),
                retry_after,
                correlation_id: None,
            })
        };
        let rejected = ActionError::Rejected(Rejection {
            host: String::new(),
            code: String::new(),
            description: None,
            correlation_id: None,
        });
        let invalid = InvalidInput {
            field: String::new(),
            reason: String::new(),
        };
        for (error, advice) in [
            (throttled(None), Advice::TryAgain(None)),
            (throttled(Some(7)), Advice::TryAgain(Some(7 * SECOND))),
            (ActionError::Unavailable(failure()), Advice::TryAgain(None)),
            (rejected, Advice::GiveUp),
            (ActionError::InvalidInput(invalid), Advice::GiveUp),
            (ActionError::UntrustedServer(failure()), Advice::GiveUp),
            (ActionError::NotPermitted(failure()), Advice::GiveUp),
            (ActionError::UnexpectedResponse(failure()), Advice::GiveUp),
            (ActionError::Other(String::new()), Advice::GiveUp),
        ] {
            assert_eq!(CallError::Failed(error).advice(), advice);
        }
        for error in [
            CallError::Stopped {
                kind: "stack-exceeded",
                message: String::new(),
            },
            CallError::Busy {
                kind: "too-many-calls",
                message: String::new(),
            },
            CallError::DeadlineExceeded(SECOND),
        ] {
            assert_eq!(error.advice(), Advice::GiveUp);
        }
    }

    #[test]
    fn debug_shows_neither_secrets_nor_tokens() {
        let authentication = Authentication::ClientCredentials {
            url: "eu-central-1".into(),
            client_id: "canary".into(),
            client_secret: "canary".into(),
        };
        let connection = Authentication::ControlRoomConnection(BorrowedToken {
            url: "eu-central-1".into(),
            access_token: "canary".into(),
            token_type: "bearer".into(),
            expires_in: None,
        });
        let session = Session {
            name: "Default".into(),
            token: "canary".into(),
            token_type: "Bearer".into(),
            expires_in: None,
            api_url: "https://api.mypurecloud.de".into(),
        };
        let shown = format!("{authentication:?} {connection:?} {session:?}");
        assert!(!shown.contains("canary"), "{shown}");
        assert!(
            shown.contains("eu-central-1") && shown.contains("Default"),
            "{shown}"
        );
    }
}
