//! The results of bots that ran.

use bot_engine::api_error::ApiError;
use bot_engine::{RunError, StepError};
use serde_json::Value;

use super::Outcome;
use super::authenticate::is_invalid_setting;

/// The results of the bots.
pub(crate) struct RunResults {
    /// The report of each bot, as JSON.
    pub(crate) reports: Vec<Value>,
    pub(crate) outcome: Outcome,
}

/// Whether a setting of the network that is not valid made the bot fail.
pub(crate) fn failed_by_setting(error: &RunError) -> bool {
    match error {
        RunError::Step { error, .. } => match error {
            StepError::Action { error, .. } => is_invalid_setting(error),
            StepError::Api(ApiError::Network(error)) => {
                error.cause().is_some_and(|cause| cause.is_setting())
            }
            _ => false,
        },
        _ => false,
    }
}
