//! Why a bot did not come to its end.

use thiserror::Error;

use super::api_request::ApiError;
use super::check::CheckError;
use super::file::BotFileError;
use super::template::TemplateError;
use super::value::ValueError;
use crate::action::CallError;
use crate::secrets::{ResolveError, ResolveErrorKind};

/// Why a bot did not come to its end.
#[derive(Debug, Error)]
pub enum RunError {
    /// The bot has a mistake; nothing ran.
    #[error(transparent)]
    Mistake(#[from] BotFileError),
    /// The Control Room cannot be read; nothing ran.
    #[error("the Control Room cannot be read: {0}")]
    ControlRoom(#[source] ResolveError),
    /// A connection has no token for a step; nothing ran.
    #[error("step {step} ({action}): connection: {error}")]
    Connection {
        /// The step's number.
        step: usize,
        /// Its action.
        action: &'static str,
        /// Why, what to do and who can.
        error: ResolveError,
    },
    /// A step failed.
    #[error("step {step} ({action}): {error}")]
    Step {
        /// The step's number.
        step: usize,
        /// Its action.
        action: &'static str,
        /// Why.
        error: StepError,
    },
    /// The bot was told to stop.
    #[error("interrupted at step {step}")]
    Interrupted {
        /// The step that was not begun or not brought to its end.
        step: usize,
    },
}

impl From<CheckError> for RunError {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::Mistake(mistake) => Self::Mistake(mistake),
            CheckError::ControlRoom(error) => Self::ControlRoom(error),
            CheckError::Connection {
                step,
                action,
                error,
            } => Self::Connection {
                step,
                action,
                error,
            },
        }
    }
}

/// Why a step failed.
#[derive(Debug, Error)]
pub enum StepError {
    /// The action failed, with its own words for a designer.
    #[error("{message}")]
    Action {
        /// By kind.
        error: CallError,
        /// In words.
        message: String,
    },
    /// A call of the API failed.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The value of a field cannot be had any more.
    #[error("{field}: {error}")]
    Value {
        /// The field.
        field: &'static str,
        /// Why.
        error: ValueError,
    },
    /// A text names something that is not there.
    #[error("{field}: {error}")]
    Template {
        /// The field.
        field: &'static str,
        /// Why.
        error: TemplateError,
    },
    /// The session is not open any more.
    #[error("the session {0:?} is not open")]
    NoSession(String),
    /// The connection gave no token. The message says what to do and who can.
    #[error("connection: {0}")]
    Connection(#[from] ResolveError),
}

impl StepError {
    /// The case's stable name; for an action, the contract's.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Action { error, .. } => error.kind(),
            Self::Api(_) => "api-request-failed",
            Self::Value {
                error: ValueError::Credential(error),
                ..
            } if error.kind() == ResolveErrorKind::ProviderFailed => "control-room-failed",
            Self::Value { .. } | Self::Template { .. } => "invalid-input",
            Self::Connection(error) => connection_kind(error),
            Self::NoSession(_) => "no-session",
        }
    }
}

/// The stable name of the error of a connection: `no-connection` if the bot or its roles have to change,
/// `sign-in-needed`, `connection-unavailable` if trying again later may help, `control-room-failed` if the store
/// cannot be read or written, `connection-failed` if an administrator or the operator has to look.
pub fn connection_kind(error: &ResolveError) -> &'static str {
    error.kind().of_connection()
}
