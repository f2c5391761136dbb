//! Runs a bot: its steps one after the other, until one fails.

use std::time::{Duration, Instant};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use thiserror::Error;
use tokio::time::timeout;

use super::api_request::{self, ApiError};
use super::check::check;
use super::file::{Authentication as AuthenticationFields, Bot, BotFileError, Step, StepKind};
use super::session::{OpenSession, Owner, Sessions};
use super::template::{Outputs, TemplateError};
use super::value::{Value, ValueError};
use super::watch::{Event, Watcher};
use crate::action::types::ConnectionToken;
use crate::action::{Action, Authentication, CallError};
use crate::control_room::ControlRoom;
use crate::network::Client;

/// How long ending a session may take that a bot left open.
const CLEAN_UP: Duration = Duration::from_secs(5);

/// What stays as it is in a segment of a path (RFC 3986, section 2.3).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// What bots are run with.
#[derive(Clone, Copy)]
pub struct Runner<'a> {
    /// The action that opens and ends sessions.
    pub action: &'a Action,
    /// The way to the API.
    pub client: &'a Client,
    /// What the bots may use.
    pub control_room: &'a ControlRoom,
    /// The language of the action's messages (BCP 47).
    pub locale: &'a str,
}

/// Why a bot did not come to its end.
#[derive(Debug, Error)]
pub enum RunError {
    /// The bot has a mistake; nothing ran.
    #[error(transparent)]
    Mistake(#[from] BotFileError),
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
    /// The connection is not there any more.
    #[error("there is no OAuth connection {0:?} that you may use")]
    NoConnection(String),
}

impl StepError {
    /// The case's stable name; for an action, the contract's.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Action { error, .. } => error.kind(),
            Self::Api(_) => "api-request-failed",
            Self::Value { .. } | Self::Template { .. } | Self::NoConnection(_) => "invalid-input",
            Self::NoSession(_) => "no-session",
        }
    }
}

/// What the steps of a running bot share.
#[derive(Default)]
struct Flow {
    sessions: Sessions,
    outputs: Outputs,
}

impl Runner<'_> {
    /// Runs a bot. Sessions that it leaves open are ended, also where it fails.
    ///
    /// # Errors
    ///
    /// The mistake that keeps it from running, or the step that failed.
    pub async fn run(&self, bot: &Bot, watcher: &mut dyn Watcher) -> Result<(), RunError> {
        watcher.tell(Event::BotStarted { bot: &bot.name });
        for warning in check(bot, self.control_room)? {
            watcher.tell(Event::Warned(&warning));
        }
        let mut flow = Flow::default();
        let result = self.run_steps(bot, &mut flow, watcher).await;
        for left_open in flow.sessions.close_all() {
            let name = &left_open.session.name;
            let ended = self.end(&left_open).await;
            let note = match ended {
                Ok(()) => format!("the session {name:?} was left open and has been ended"),
                Err(_) => format!("the session {name:?} was left open and could not be ended"),
            };
            watcher.tell(Event::Noted { note: &note });
        }
        result
    }

    async fn run_steps(
        &self,
        bot: &Bot,
        flow: &mut Flow,
        watcher: &mut dyn Watcher,
    ) -> Result<(), RunError> {
        for step in &bot.steps {
            let started = Instant::now();
            let done = self.run_step(step, flow, watcher).await;
            let (number, action, elapsed) = (step.number, step.kind.action(), started.elapsed());
            match done {
                Ok(summary) => {
                    watcher.tell(Event::StepDone {
                        step: number,
                        action,
                        summary: &summary,
                        elapsed,
                    });
                }
                Err(error) => {
                    watcher.tell(Event::StepFailed {
                        step: number,
                        action,
                        error: &error,
                        elapsed,
                    });
                    return Err(RunError::Step {
                        step: number,
                        action,
                        error,
                    });
                }
            }
        }
        Ok(())
    }

    /// Runs a step and says in words what it did.
    async fn run_step(
        &self,
        step: &Step,
        flow: &mut Flow,
        watcher: &mut dyn Watcher,
    ) -> Result<String, StepError> {
        match &step.kind {
            StepKind::Authenticate {
                authentication,
                session_name,
            } => {
                let opened = self.authenticate(authentication, session_name).await?;
                let summary = opened_in_words(&opened);
                if let Some(replaced) = flow.sessions.open(opened) {
                    // Nobody can use it any more. That it cannot be ended is no reason to stop.
                    let _ = self.end(&replaced).await;
                    let note =
                        format!("the session {session_name:?} replaces the one of that name");
                    watcher.tell(Event::Noted { note: &note });
                }
                Ok(summary)
            }
            StepKind::Disconnect { session_name } => {
                let Some(open) = flow.sessions.close(session_name) else {
                    return Err(StepError::NoSession(session_name.clone()));
                };
                self.disconnect(&open).await
            }
            StepKind::ApiRequest {
                session_name,
                path,
                output,
            } => {
                let Some(open) = flow.sessions.get(session_name) else {
                    return Err(StepError::NoSession(session_name.clone()));
                };
                let escape = |value: &str| utf8_percent_encode(value, UNRESERVED).to_string();
                let path = path
                    .fill(&self.control_room.variables, &flow.outputs, escape)
                    .map_err(|error| StepError::Template {
                        field: "path",
                        error,
                    })?;
                let (status, answer) = api_request::get(self.client, &open.session, &path).await?;
                if let Some(output) = output {
                    flow.outputs.set(output, answer);
                }
                Ok(format!("GET {path}: {status}"))
            }
            StepKind::Log { message } => message
                .fill(&self.control_room.variables, &flow.outputs, str::to_owned)
                .map_err(|error| StepError::Template {
                    field: "message",
                    error,
                }),
        }
    }

    async fn authenticate(
        &self,
        fields: &AuthenticationFields,
        session_name: &str,
    ) -> Result<OpenSession, StepError> {
        let resolve = |field, value: &Value| {
            value
                .resolve(self.control_room)
                .map_err(|error| StepError::Value { field, error })
        };
        let (authentication, owner) = match fields {
            AuthenticationFields::ClientCredentials {
                url,
                client_id,
                client_secret,
            } => {
                use secrecy::ExposeSecret;
                let authentication = Authentication::ClientCredentials {
                    url: resolve("url", url)?.expose_secret().into(),
                    client_id: resolve("client-id", client_id)?,
                    client_secret: resolve("client-secret", client_secret)?,
                };
                (authentication, Owner::Bot)
            }
            AuthenticationFields::ControlRoomConnection { connection } => {
                let Some(found) = self.control_room.connections.get(connection) else {
                    return Err(StepError::NoConnection(connection.clone()));
                };
                let token = ConnectionToken {
                    url: found.url.clone(),
                    access_token: found.access_token.clone(),
                    token_type: found.token_type.clone(),
                    expires_in: found.expires_in,
                };
                (
                    Authentication::ControlRoomConnection(token),
                    Owner::ControlRoom,
                )
            }
        };
        match self
            .action
            .authenticate(&authentication, session_name)
            .await
        {
            Ok(session) => Ok(OpenSession { session, owner }),
            Err(error) => Err(self.in_words(error).await),
        }
    }

    async fn disconnect(&self, open: &OpenSession) -> Result<String, StepError> {
        let name = &open.session.name;
        match open.owner {
            Owner::ControlRoom => Ok(format!(
                "session {name:?} closed; its token stays with the connection"
            )),
            Owner::Bot => match self.action.disconnect(&open.session).await {
                Ok(()) => Ok(format!("session {name:?} ended")),
                Err(error) => Err(self.in_words(error).await),
            },
        }
    }

    /// Ends a session that the bot does not use any more.
    async fn end(&self, open: &OpenSession) -> Result<(), StepError> {
        match timeout(CLEAN_UP, self.disconnect(open)).await {
            Ok(result) => result.map(drop),
            Err(_) => Err(StepError::NoSession(open.session.name.clone())),
        }
    }

    async fn in_words(&self, error: CallError) -> StepError {
        let explained = match &error {
            CallError::Failed(failed) => self.action.explain(failed, self.locale).await.ok(),
            _ => None,
        };
        let message = explained.unwrap_or_else(|| error.to_string());
        StepError::Action { error, message }
    }
}

fn opened_in_words(opened: &OpenSession) -> String {
    let session = &opened.session;
    let expiry = match session.expires_in {
        Some(seconds) => format!("expires in {}", duration_in_words(seconds)),
        None => "expiry unknown".into(),
    };
    format!(
        "session {:?} at {}, {expiry}",
        session.name, session.api_url
    )
}

/// Hours, minutes or seconds, whichever says it exactly.
fn duration_in_words(seconds: u32) -> String {
    match seconds {
        0 => "0 s".into(),
        _ if seconds.is_multiple_of(3600) => format!("{} h", seconds / 3600),
        _ if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        _ => format!("{seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_said_exactly() {
        for (seconds, words) in [(86_400, "24 h"), (5400, "90 min"), (61, "61 s"), (0, "0 s")] {
            assert_eq!(duration_in_words(seconds), words);
        }
    }
}
