//! What each kind of step does.

use http::StatusCode;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::time::sleep;

use super::api_request::{self, ApiError};
use super::error::StepError;
use super::file::{Bot, Step, StepKind};
use super::runner::Runner;
use super::session::{OpenSession, Sessions};
use super::session_lifecycle::Wanted;
use super::template::{Outputs, Template};
use super::told::{Because, Done, Note};
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
    /// Runs a step of a bot, as often as it takes, and says what it did.
    pub(super) async fn run_step(
        &self,
        bot: &Bot,
        step: &Step,
        flow: &mut Flow,
        watcher: &mut dyn Watcher,
    ) -> Result<Done, StepError> {
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
                let summary = done(&opened);
                if let Some(replaced) = flow.sessions.open(opened) {
                    // Nobody can use it any more. That it cannot be ended is no reason to stop.
                    let note = Note::Replaced {
                        session: session_name.clone(),
                        left: self.leave(replaced).await,
                    };
                    watcher.tell(Event::Noted { note: &note });
                }
                Ok(summary)
            }
            StepKind::Disconnect { session_name } => {
                let left = self.disconnect(step, session_name, flow, watcher).await?;
                Ok(Done::Closed {
                    session: session_name.clone(),
                    left,
                })
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
                Ok(Done::Got { path, status })
            }
            StepKind::Log { message } => self
                .fill("message", message, flow, str::to_owned)
                .map(Done::Logged),
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
                    tell(watcher, step, &wait, Because::Api(wait.because));
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
            .fill(&self.variables, &flow.outputs, escape)
            .map_err(|error| StepError::Template { field, error })
    }

    pub(super) async fn in_words(&self, error: CallError) -> StepError {
        let message = self.actions.explain(&error, &self.locale).await;
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

pub(super) fn tell<E>(
    watcher: &mut dyn Watcher,
    step: &Step,
    wait: &Wait<'_, E>,
    because: Because<'_>,
) {
    watcher.tell(Event::Waiting {
        step: step.number,
        tries: wait.tries,
        length: wait.length,
        because,
    });
}

fn done(opened: &OpenSession) -> Done {
    let session = &opened.session;
    Done::Opened {
        session: session.name.clone(),
        api_url: session.api_url.clone(),
        expires_in: session.expires_in,
    }
}
