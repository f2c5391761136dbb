//! What can be known to be wrong with a bot before anything runs: the steps run one after the
//! other, so each name must have been made by a step before, and what it asks of the Control Room
//! must be there.

use std::collections::BTreeSet;

use thiserror::Error;

use super::file::{Authentication, Bot, BotFileError, Step, StepKind};
use super::template::{Template, TemplateError};
use super::value::{Value, ValueError};
use crate::secrets::{ConnectionRef, ResolveError, ResolveErrorKind, SecretProvider};
use crate::variables::{Variable, Variables};

/// Something that runs, but should not stay so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The step's number.
    pub step: usize,
    /// The field.
    pub field: &'static str,
    /// What is better done.
    pub advice: &'static str,
}

/// Why a bot is not to run.
#[derive(Debug, Error)]
pub enum CheckError {
    /// It has a mistake, or asks for something that it may not use.
    #[error(transparent)]
    Mistake(#[from] BotFileError),
    /// Whether it has one cannot be told: the Control Room cannot be read.
    #[error("the Control Room cannot be read: {0}")]
    ControlRoom(#[source] ResolveError),
    /// A connection has no token for it.
    #[error("step {step} ({action}): connection: {error}")]
    Connection {
        /// The step's number.
        step: usize,
        /// Its action.
        action: &'static str,
        /// Why, what to do and who can.
        error: ResolveError,
    },
}

/// Checks a bot against what it may use.
///
/// # Errors
///
/// The first mistake, with its step and field; or that there is no telling.
pub async fn check(
    bot: &Bot,
    secrets: &dyn SecretProvider,
    variables: &Variables,
) -> Result<Vec<Warning>, CheckError> {
    let mut warnings = Vec::new();
    let mut sessions = BTreeSet::new();
    let mut outputs = BTreeSet::new();
    for step in &bot.steps {
        match &step.kind {
            StepKind::Authenticate {
                authentication,
                session_name,
                sharing: _,
            } => {
                check_authentication(step, authentication, secrets, variables, &mut warnings)
                    .await?;
                sessions.insert(session_name.as_str());
            }
            StepKind::Disconnect { session_name } => {
                if !sessions.remove(session_name.as_str()) {
                    return Err(no_session(step, session_name).into());
                }
            }
            StepKind::ApiRequest {
                session_name,
                path,
                output,
            } => {
                if !sessions.contains(session_name.as_str()) {
                    return Err(no_session(step, session_name).into());
                }
                check_template(step, "path", path, variables, &outputs)?;
                outputs.extend(output.as_deref());
            }
            StepKind::Log { message } => {
                check_template(step, "message", message, variables, &outputs)?;
            }
        }
    }
    Ok(warnings)
}

fn no_session(step: &Step, name: &str) -> BotFileError {
    let problem = format!("no step before opens the session {name:?}; authenticate first");
    BotFileError::in_step(step, "session-name", problem)
}

async fn check_authentication(
    step: &Step,
    authentication: &Authentication,
    secrets: &dyn SecretProvider,
    variables: &Variables,
    warnings: &mut Vec<Warning>,
) -> Result<(), CheckError> {
    for (field, value) in authentication.values() {
        match value.check(secrets, variables, field).await {
            Ok(()) => {}
            Err(ValueError::Credential(error))
                if error.kind() == ResolveErrorKind::ProviderFailed =>
            {
                return Err(CheckError::ControlRoom(error));
            }
            Err(error) => {
                return Err(BotFileError::in_step(step, field.name, error.to_string()).into());
            }
        }
        if field.is_secret && matches!(value, Value::InsecureString(_)) {
            warnings.push(Warning {
                step: step.number,
                field: field.name,
                advice: "an insecure string can be read by all who see the bot; keep the secret in a credential locker",
            });
        }
    }
    if let Authentication::ControlRoomConnection(connection) = authentication {
        check_connection(step, connection, secrets).await?;
    }
    Ok(())
}

/// Whether the user may use the connection, and whether there is a token or a way to one. Its provider is not
/// asked, so that a check costs no request.
async fn check_connection(
    step: &Step,
    connection: &ConnectionRef,
    secrets: &dyn SecretProvider,
) -> Result<(), CheckError> {
    let checked = secrets.check_connection(connection).await;
    checked.map_err(|error| match error.kind() {
        ResolveErrorKind::ProviderFailed => CheckError::ControlRoom(error),
        ResolveErrorKind::NoPrincipal => {
            BotFileError::in_step(step, Authentication::CONNECTION, error.to_string()).into()
        }
        _ => CheckError::Connection {
            step: step.number,
            action: step.kind.action(),
            error,
        },
    })
}

fn check_template(
    step: &Step,
    field: &str,
    template: &Template,
    variables: &Variables,
    outputs: &BTreeSet<&str>,
) -> Result<(), BotFileError> {
    for name in template.names() {
        let problem = match variables.get(name) {
            _ if outputs.contains(name) => continue,
            Some(Variable::Text(_)) => continue,
            Some(Variable::Credential(_)) => TemplateError::Credential(name.into()),
            None => TemplateError::Unknown(name.into()),
        };
        return Err(BotFileError::in_step(step, field, problem.to_string()));
    }
    Ok(())
}
