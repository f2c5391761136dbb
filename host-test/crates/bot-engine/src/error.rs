//! Why a run failed.

use thiserror::Error;

use super::api_error::ApiError;
use super::outputs::OutputError;
use super::problem::Problems;
use super::template::TemplateError;
use super::value::ValueError;
use crate::action::CallError;
use crate::secrets::{ResolveError, ResolveErrorKind};

/// Why a bot did not run to completion.
#[derive(Debug, Error)]
pub enum RunError {
    /// The bot has problems; nothing ran.
    #[error(transparent)]
    Invalid(#[from] Problems),
    /// The secret provider failed, so the bot could not be checked; nothing ran.
    #[error("credentials and connections cannot be checked: {0}")]
    SecretProvider(#[source] ResolveError),
    /// A step failed.
    #[error("step {step} ({action}): {error}")]
    Step {
        /// The step's number.
        step: usize,
        /// Its action.
        action: String,
        /// The reason.
        error: StepError,
    },
    /// The bot was interrupted.
    #[error("interrupted at step {step}")]
    Interrupted {
        /// The step that was not started or not completed.
        step: usize,
    },
}

/// Why a step failed.
#[derive(Debug, Error)]
pub enum StepError {
    /// The action failed.
    #[error("{message}")]
    Action {
        /// The error.
        error: Box<CallError>,
        /// The action's message for it, localized.
        message: String,
    },
    /// An API request failed.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The value of a field is no longer available.
    #[error("{field}: {error}")]
    Value {
        /// The field.
        field: String,
        /// The reason.
        error: ValueError,
    },
    /// A placeholder in a text cannot be filled in.
    #[error("{field}: {error}")]
    Template {
        /// The field.
        field: String,
        /// The reason.
        error: TemplateError,
    },
    /// The session is no longer open.
    #[error("the session {0:?} is not open")]
    NoSession(String),
    /// The connection has no token. The message says what to do, and who can do it.
    #[error("{field}: {error}")]
    Connection {
        /// The field.
        field: String,
        /// The reason.
        error: ResolveError,
    },
    /// The component could reach hosts that the session is not for.
    #[error(
        "the component {component} must not get the session {session:?}: it can reach hosts that the session is not for"
    )]
    OutsideAudience {
        /// The session's name.
        session: String,
        /// The component's name.
        component: String,
    },
    /// What the step returned is too large to be kept.
    #[error("{output}: {error}")]
    Output {
        /// The name under which later steps would find it.
        output: String,
        /// The reason.
        error: OutputError,
    },
    /// The action returned an output that its form does not have, or that is not of the type in the form.
    #[error(
        "the action returned an output {output:?} that its form does not have, or of another type"
    )]
    BadOutput {
        /// The output's name.
        output: String,
    },
}

impl StepError {
    /// A stable name for the variant; for an action, the contract's. `control-room-failed` stands for any secret provider:
    /// the name is older than the trait.
    pub fn kind(&self) -> &str {
        match self {
            Self::Action { error, .. } => error.kind(),
            Self::Api(_) => "api-request-failed",
            Self::Value {
                error: ValueError::Credential(error),
                ..
            } if error.kind() == ResolveErrorKind::ProviderFailed => "control-room-failed",
            Self::Value { .. } | Self::Template { .. } => "invalid-input",
            Self::Connection { error, .. } => error.kind().of_connection(),
            Self::NoSession(_) => "no-session",
            Self::OutsideAudience { .. } => "outside-audience",
            Self::Output { .. } => "output-too-large",
            Self::BadOutput { .. } => "invalid-output",
        }
    }
}
