//! What can be known to be wrong with a bot before anything runs: the steps run one after the
//! other, so each name must have been made by a step before, and what it asks of the Control Room
//! must be there.

use std::collections::BTreeSet;

use super::file::{Authentication, Bot, BotFileError, Step, StepKind};
use super::template::{Template, TemplateError};
use super::value::Value;
use crate::control_room::{ControlRoom, Variable};

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

/// Checks a bot against what it may use.
///
/// # Errors
///
/// The first mistake, with its step and field.
pub fn check(bot: &Bot, control_room: &ControlRoom) -> Result<Vec<Warning>, BotFileError> {
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
                check_authentication(step, authentication, control_room, &mut warnings)?;
                sessions.insert(session_name.as_str());
            }
            StepKind::Disconnect { session_name } => {
                if !sessions.remove(session_name.as_str()) {
                    return Err(no_session(step, session_name));
                }
            }
            StepKind::ApiRequest {
                session_name,
                path,
                output,
            } => {
                if !sessions.contains(session_name.as_str()) {
                    return Err(no_session(step, session_name));
                }
                check_template(step, "path", path, control_room, &outputs)?;
                outputs.extend(output.as_deref());
            }
            StepKind::Log { message } => {
                check_template(step, "message", message, control_room, &outputs)?;
            }
        }
    }
    Ok(warnings)
}

fn no_session(step: &Step, name: &str) -> BotFileError {
    let problem = format!("no step before opens the session {name:?}; authenticate first");
    BotFileError::in_step(step, "session-name", problem)
}

fn check_authentication(
    step: &Step,
    authentication: &Authentication,
    control_room: &ControlRoom,
    warnings: &mut Vec<Warning>,
) -> Result<(), BotFileError> {
    match authentication {
        Authentication::ClientCredentials {
            url,
            client_id,
            client_secret,
        } => {
            for (field, value) in [
                ("url", url),
                ("client-id", client_id),
                ("client-secret", client_secret),
            ] {
                value
                    .resolve(control_room)
                    .map_err(|error| BotFileError::in_step(step, field, error.to_string()))?;
            }
            if let Value::InsecureString(_) = client_secret {
                warnings.push(Warning {
                    step: step.number,
                    field: "client-secret",
                    advice: "an insecure string can be read by all who see the bot; keep the secret in a credential locker",
                });
            }
            Ok(())
        }
        Authentication::ControlRoomConnection { connection } => {
            match control_room.connections.get(connection) {
                Some(_) => Ok(()),
                None => Err(BotFileError::in_step(
                    step,
                    "connection",
                    format!("there is no OAuth connection {connection:?} that you may use"),
                )),
            }
        }
    }
}

fn check_template(
    step: &Step,
    field: &str,
    template: &Template,
    control_room: &ControlRoom,
    outputs: &BTreeSet<&str>,
) -> Result<(), BotFileError> {
    for name in template.names() {
        let problem = match control_room.variables.get(name) {
            _ if outputs.contains(name) => continue,
            Some(Variable::Text(_)) => continue,
            Some(Variable::Credential(_)) => TemplateError::Credential(name.into()),
            None => TemplateError::Unknown(name.into()),
        };
        return Err(BotFileError::in_step(step, field, problem.to_string()));
    }
    Ok(())
}
