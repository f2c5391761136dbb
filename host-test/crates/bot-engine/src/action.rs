//! Actions as the engine sees them: their inputs, their outputs, and [`ActionRunner`], which runs them. How an action
//! is run is up to the implementation; the engine does not know WebAssembly.
//!
//! The types mirror the contract in `wit/`, with secrets in types that hide them.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use thiserror::Error;

use crate::retry::{Advice, Retryable};

/// Describes and runs actions. Each call is attempted once: the engine decides about retries.
#[async_trait]
pub trait ActionRunner: Send + Sync {
    /// Identifies a set of actions, for example by the SHA-256 of their component. Bots share sessions only if their
    /// actions have the same digest.
    fn digest(&self) -> &[u8; 32];

    /// The forms of the actions, localized for `locale` (BCP 47).
    ///
    /// # Errors
    ///
    /// Why the call was stopped.
    async fn forms(&self, locale: &str) -> Result<Vec<ActionForm>, CallError>;

    /// Opens a session.
    ///
    /// # Errors
    ///
    /// The action's own error, or why the call was stopped.
    async fn authenticate(
        &self,
        authentication: &Authentication,
        session_name: &str,
    ) -> Result<Session, CallError>;

    /// Revokes a session's token. It becomes invalid for all its users.
    ///
    /// # Errors
    ///
    /// As [`ActionRunner::authenticate`].
    async fn disconnect(&self, session: &Session) -> Result<(), CallError>;

    /// The action's message for an error, localized for `locale` (BCP 47).
    async fn explain(&self, error: &CallError, locale: &str) -> String;
}

/// How to authenticate: `authentication-type` of the contract, with every field resolved.
#[derive(Debug, Clone)]
pub enum Authentication {
    /// OAuth2 – client credentials (RFC 6749, section 4.4).
    ClientCredentials {
        /// The Genesys Cloud environment, as the designer typed it.
        url: String,
        /// The client id. Not a secret, but it may come from a locker, so it is not shown either.
        client_id: SecretString,
        /// The client secret.
        client_secret: SecretString,
    },
    /// An access token of an OAuth connection, which the secret provider keeps fresh.
    ControlRoomConnection(BorrowedToken),
}

/// An access token borrowed from an OAuth connection, with what the action needs to know about it.
#[derive(Debug, Clone)]
pub struct BorrowedToken {
    /// The Genesys Cloud environment that the connection belongs to.
    pub url: String,
    /// The access token.
    pub access_token: SecretString,
    /// The token type, as the authorization server returned it (RFC 6749, section 7.1).
    pub token_type: String,
    /// Remaining lifetime in seconds, if known.
    pub expires_in: Option<u32>,
}

/// An open session. Anyone who has its token can act as the client.
#[derive(Clone)]
pub struct Session {
    /// The name that later steps refer to it by.
    pub name: String,
    /// The access token.
    pub token: SecretString,
    /// Always `Bearer`.
    pub token_type: String,
    /// Lifetime in seconds from when the request was sent, if the server returned it.
    pub expires_in: Option<u32>,
    /// The base URL of the API for later steps, such as `https://api.mypurecloud.de`.
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
    /// Its position in the tree of actions, from the outermost group to its own label.
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
    /// The label beside the field.
    pub label: String,
    /// What to enter, and where to find it.
    pub help: String,
    /// What the field takes.
    pub kind: FieldKind,
    /// Whether it must be filled in when it is shown.
    pub required: bool,
    /// The value that a new step starts with.
    pub default: Option<String>,
    /// The condition for the field to be shown. `None` if it is always shown.
    pub shown_when: Option<Condition>,
    /// Whether a bot file omits the field if it has its default value.
    pub omit_if_default: bool,
    /// Whether the value may come from a credential, a variable or an insecure string, even if the field is a text.
    pub takes_sources: bool,
}

/// What a field takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldKind {
    /// A line of text.
    Text,
    /// A value that belongs in a credential locker but is not a secret. It may be shown.
    Credential,
    /// A secret.
    Secret,
    /// One of these options.
    Choice(Vec<ChoiceOption>),
    /// An OAuth connection.
    OauthConnection,
    /// The name that later steps refer to the session by.
    SessionName,
}

impl FieldKind {
    /// Its name in the contract.
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

/// Holds if the field named `field` has the value `value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The name of the choice field.
    pub field: String,
    /// The option that must be chosen.
    pub value: String,
}

/// Why a call has no result.
#[derive(Debug, Clone, Error)]
pub enum CallError {
    /// The action reports an error; [`ActionRunner::explain`] has a message for people.
    #[error("the action failed: {}", .0.kind())]
    Failed(ActionError),
    /// The call took longer than its deadline.
    #[error("the action did not finish within {} s and was stopped; try again, or allow it more time", .0.as_secs_f32())]
    DeadlineExceeded(Duration),
    /// The limit of concurrent and queued calls is reached.
    #[error("{message}")]
    Busy {
        /// A stable name.
        kind: &'static str,
        /// Which limit it was.
        message: String,
    },
    /// The host stopped the action.
    #[error("{message}")]
    Stopped {
        /// A stable name, such as `memory-exceeded`.
        kind: &'static str,
        /// Which limit it was, or how the action crashed.
        message: String,
    },
}

impl CallError {
    /// A stable name for the variant: the contract's for an error of the action.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Failed(error) => error.kind(),
            Self::DeadlineExceeded(_) => "deadline-exceeded",
            Self::Busy { kind, .. } | Self::Stopped { kind, .. } => kind,
        }
    }
}

/// An error that the action reports: `error` of the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActionError {
    /// A field has to be corrected.
    InvalidInput(InvalidInput),
    /// Genesys Cloud refused the client or the token.
    Rejected(Rejection),
    /// Genesys Cloud limits the rate of requests.
    Throttled(Throttling),
    /// Genesys Cloud cannot be reached, or cannot answer now.
    Unavailable(Failure),
    /// The server did not prove that it is Genesys Cloud.
    UntrustedServer(Failure),
    /// The host does not allow the request.
    NotPermitted(Failure),
    /// The response is not one of Genesys Cloud's.
    UnexpectedResponse(Failure),
    /// An error that this version has no variant for.
    Other(String),
}

/// A field that has to be corrected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidInput {
    /// The field's name.
    pub field: String,
    /// The reason, in English.
    pub reason: String,
}

/// A refusal by Genesys Cloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The host that refused.
    pub host: String,
    /// The error code (RFC 6749, section 5.2; RFC 6750, section 3.1).
    pub code: String,
    /// The server's description.
    pub description: Option<String>,
    /// The correlation id, for Genesys' support.
    pub correlation_id: Option<String>,
}

/// A rate limit of Genesys Cloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Throttling {
    /// The host that throttled the request.
    pub host: String,
    /// `Retry-After` in seconds, if the host sent it.
    pub retry_after: Option<u32>,
    /// The correlation id, for Genesys' support.
    pub correlation_id: Option<String>,
}

/// A failure to reach Genesys Cloud, or an invalid response of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The host.
    pub host: String,
    /// What happened, in English.
    pub reason: String,
    /// The status of the response, if there was one.
    pub status: Option<u16>,
    /// The correlation id, for Genesys' support.
    pub correlation_id: Option<String>,
}

impl ActionError {
    /// The variant's name in the contract.
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

/// Only throttled and unavailable calls are retried: repeating a refused request does not help.
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

    fn timed_out(limit: Duration) -> Self {
        Self::DeadlineExceeded(limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn only_throttled_and_unavailable_calls_are_retried() {
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
