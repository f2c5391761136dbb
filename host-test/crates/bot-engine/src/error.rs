//! Why a bot did not come to its end.

use thiserror::Error;

use super::problem::Problems;
use super::steps::api_request::ApiError;
use super::template::TemplateError;
use super::value::ValueError;
use crate::action::CallError;
use crate::secrets::{ResolveError, ResolveErrorKind};

/// Why a bot did not come to its end.
#[derive(Debug, Error)]
pub enum RunError {
    /// The bot has problems; nothing ran.
    #[error(transparent)]
    Invalid(#[from] Problems),
    /// The Control Room cannot be read; nothing ran.
    #[error("the Control Room cannot be read: {0}")]
    ControlRoom(#[source] ResolveError),
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
            Self::Connection(error) => error.kind().of_connection(),
            Self::NoSession(_) => "no-session",
        }
    }
}
