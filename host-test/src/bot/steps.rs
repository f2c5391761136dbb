//! What each kind of step does.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::ExposeSecret;

use super::api_request::{self, ApiError};
use super::error::StepError;
use super::file::{Authentication as AuthenticationFields, Step, StepKind};
use super::retry::Wait;
use super::runner::Runner;
use super::session::{OpenSession, Owner, Sessions};
use super::template::{Outputs, Template};
use super::value::Value;
use super::watch::{Event, Watcher};
use crate::action::types::ConnectionToken;
use crate::action::{Authentication, CallError, Session};

/// What stays as it is in a segment of a path (RFC 3986, section 2.3).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// What the steps of a running bot share.
#[derive(Default)]
pub(super) struct Flow {
    pub(super) sessions: Sessions,
    outputs: Outputs,
}

impl Runner<'_> {
    /// Runs a step, as often as it takes, and says in words what it did.
    pub(super) async fn run_step(
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
                let (authentication, owner) = self.resolve(authentication)?;
                let session = self
                    .retry
                    .run(
                        async || {
                            self.action
                                .authenticate(&authentication, session_name)
                                .await
                        },
                        async |wait: Wait<'_, CallError>| {
                            let why = self.action.in_words(wait.because, self.locale).await;
                            tell(watcher, step, &wait, &why);
                        },
                    )
                    .await;
                let opened = match session {
                    Ok(session) => OpenSession {
                        // The bot's name for it counts, whatever the component makes of it.
                        session: Session {
                            name: session_name.clone(),
                            ..session
                        },
                        owner,
                    },
                    Err(error) => return Err(self.in_words(error).await),
                };
                let summary = opened_in_words(&opened);
                if let Some(replaced) = flow.sessions.open(opened) {
                    // Nobody can use it any more. That it cannot be ended is no reason to stop.
                    let what = match self.end(&replaced).await {
                        true => "replaces the one of that name",
                        false => "replaces the one of that name, whose token lives on",
                    };
                    let note = format!("the session {session_name:?} {what}");
                    watcher.tell(Event::Noted { note: &note });
                }
                Ok(summary)
            }
            StepKind::Disconnect { session_name } => {
                let open = session(flow, session_name)?.clone();
                let summary = match open.owner {
                    Owner::ControlRoom => {
                        format!(
                            "session {session_name:?} closed; its token stays with the connection"
                        )
                    }
                    Owner::Bot => {
                        let ended = self
                            .retry
                            .run(
                                async || self.action.disconnect(&open.session).await,
                                async |wait: Wait<'_, CallError>| {
                                    let why = self.action.in_words(wait.because, self.locale).await;
                                    tell(watcher, step, &wait, &why);
                                },
                            )
                            .await;
                        if let Err(error) = ended {
                            return Err(self.in_words(error).await);
                        }
                        format!("session {session_name:?} ended")
                    }
                };
                flow.sessions.close(session_name);
                Ok(summary)
            }
            StepKind::ApiRequest {
                session_name,
                path,
                output,
            } => {
                let escape = |value: &str| utf8_percent_encode(value, UNRESERVED).to_string();
                let path = self.fill("path", path, flow, escape)?;
                let open = session(flow, session_name)?;
                let (status, answer) = self
                    .retry
                    .run(
                        async || api_request::get(self.client, &open.session, &path).await,
                        async |wait: Wait<'_, ApiError>| {
                            tell(watcher, step, &wait, &wait.because.to_string());
                        },
                    )
                    .await?;
                if let Some(output) = output {
                    flow.outputs.set(output, answer);
                }
                Ok(format!("GET {path}: {status}"))
            }
            StepKind::Log { message } => self.fill("message", message, flow, str::to_owned),
        }
    }

    /// The values of the fields, and whose the session's token will be.
    fn resolve(&self, fields: &AuthenticationFields) -> Result<(Authentication, Owner), StepError> {
        let resolve = |field, value: &Value| {
            value
                .resolve(self.control_room)
                .map_err(|error| StepError::Value { field, error })
        };
        match fields {
            AuthenticationFields::ClientCredentials {
                url,
                client_id,
                client_secret,
            } => {
                let authentication = Authentication::ClientCredentials {
                    url: resolve("url", url)?.expose_secret().into(),
                    client_id: resolve("client-id", client_id)?,
                    client_secret: resolve("client-secret", client_secret)?,
                };
                Ok((authentication, Owner::Bot))
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
                Ok((
                    Authentication::ControlRoomConnection(token),
                    Owner::ControlRoom,
                ))
            }
        }
    }

    fn fill(
        &self,
        field: &'static str,
        template: &Template,
        flow: &Flow,
        escape: impl Fn(&str) -> String,
    ) -> Result<String, StepError> {
        template
            .fill(&self.control_room.variables, &flow.outputs, escape)
            .map_err(|error| StepError::Template { field, error })
    }

    async fn in_words(&self, error: CallError) -> StepError {
        let message = self.action.in_words(&error, self.locale).await;
        StepError::Action { error, message }
    }
}

fn session<'a>(flow: &'a Flow, name: &str) -> Result<&'a OpenSession, StepError> {
    flow.sessions
        .get(name)
        .ok_or_else(|| StepError::NoSession(name.into()))
}

fn tell<E>(watcher: &mut dyn Watcher, step: &Step, wait: &Wait<'_, E>, because: &str) {
    watcher.tell(Event::Waiting {
        step: step.number,
        tries: wait.tries,
        length: wait.length,
        because,
    });
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
