//! What each kind of step does.

use http::StatusCode;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::time::sleep;

use super::api_request::{self, ApiError};
use super::error::StepError;
use super::file::{Bot, Step, StepKind};
use super::runner::Runner;
use super::session::{OpenSession, Sessions};
use super::session_lifecycle::{Left, Wanted};
use super::template::{Outputs, Template};
use super::watch::{Event, Watcher};
use crate::action::CallError;
use crate::retry::Wait;

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

impl Runner {
    /// Runs a step of a bot, as often as it takes, and says in words what it did.
    pub(super) async fn run_step(
        &self,
        bot: &Bot,
        step: &Step,
        flow: &mut Flow,
        watcher: &mut dyn Watcher,
    ) -> Result<String, StepError> {
        match &step.kind {
            StepKind::Authenticate {
                authentication,
                session_name,
                sharing,
            } => {
                let wanted = Wanted {
                    bot,
                    step,
                    fields: authentication,
                    session_name,
                    sharing: *sharing,
                };
                let opened = self.open_session(wanted, watcher).await?;
                let summary = opened_in_words(&opened);
                if let Some(replaced) = flow.sessions.open(opened) {
                    // Nobody can use it any more. That it cannot be ended is no reason to stop.
                    let what = match self.leave(replaced).await {
                        Left::Alive => "replaces the one of that name, whose token lives on",
                        _ => "replaces the one of that name",
                    };
                    let note = format!("the session {session_name:?} {what}");
                    watcher.tell(Event::Noted { note: &note });
                }
                Ok(summary)
            }
            StepKind::Disconnect { session_name } => {
                let what = match self.disconnect(step, session_name, flow, watcher).await? {
                    Left::WithConnection => "closed; its token stays with the connection",
                    Left::Kept => "closed; other bots still use its token",
                    Left::Ended | Left::Alive => "ended",
                };
                Ok(format!("session {session_name:?} {what}"))
            }
            StepKind::ApiRequest {
                session_name,
                path,
                output,
            } => {
                let escape = |value: &str| utf8_percent_encode(value, UNRESERVED).to_string();
                let path = self.fill("path", path, flow, escape)?;
                let mut answer = self
                    .api_request(step, session_name, &path, flow, watcher)
                    .await;
                if is_unauthorized(&answer) {
                    self.reopen(bot, session_name, flow, watcher).await?;
                    answer = self
                        .api_request(step, session_name, &path, flow, watcher)
                        .await;
                }
                let (status, answer) = answer?;
                if let Some(output) = output {
                    flow.outputs.set(output, answer);
                }
                Ok(format!("GET {path}: {status}"))
            }
            StepKind::Log { message } => self.fill("message", message, flow, str::to_owned),
        }
    }

    async fn api_request(
        &self,
        step: &Step,
        session_name: &str,
        path: &str,
        flow: &Flow,
        watcher: &mut dyn Watcher,
    ) -> Result<(StatusCode, serde_json::Value), StepError> {
        let open = session(flow, session_name)?;
        let mut tries = self.retry.begin();
        loop {
            let attempt = api_request::get(&self.client, &open.session, path);
            match tries.attempt(attempt).await {
                Ok(answer) => return Ok(answer),
                Err(error) => {
                    let wait = tries.again(error)?;
                    tell(watcher, step, &wait, &wait.because.to_string());
                    sleep(wait.length).await;
                }
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

    pub(super) async fn in_words(&self, error: CallError) -> StepError {
        let message = self.action.in_words(&error, &self.locale).await;
        StepError::Action { error, message }
    }
}

/// Whether Genesys Cloud does not accept the session's token any more (RFC 6750, section 3.1).
fn is_unauthorized<T>(answer: &Result<T, StepError>) -> bool {
    matches!(
        answer,
        Err(StepError::Api(ApiError::Status { status, .. })) if *status == StatusCode::UNAUTHORIZED
    )
}

fn session<'a>(flow: &'a Flow, name: &str) -> Result<&'a OpenSession, StepError> {
    flow.sessions
        .get(name)
        .ok_or_else(|| StepError::NoSession(name.into()))
}

pub(super) fn tell<E>(watcher: &mut dyn Watcher, step: &Step, wait: &Wait<'_, E>, because: &str) {
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
