//! The kinds of steps. Each is a type in a file of its own, which parses its fields from a bot file, checks them against
//! the steps before it, runs, and reports the outcome.
//!
//! A new action of a component needs nothing here. A new action of the engine's own is a file here, a variant of
//! [`StepKind`] with its arms below, and its form in [`Catalogue::load`].

mod action;
pub mod api_request;
pub(crate) mod log;
mod sessions;

use std::collections::BTreeMap;
use std::fmt;

use secrecy::SecretString;
use serde_json::Value as Json;
use tokio::time::sleep;

use crate::action::{ActionRef, CallError, Redactor};
use crate::catalogue::Catalogue;
use crate::checking::Checking;
use crate::error::StepError;
use crate::fields::Fields;
use crate::location::Location;
use crate::outputs::Outputs;
use crate::report::{RetryReason, StepOutcome};
use crate::retry::Wait;
use crate::runner::Runner;
use crate::session::{OpenSession, Sessions};
use crate::template::Template;
use crate::watch::{Event, Watcher};
pub use action::{ActionStep, FieldValue, SessionField, Sharing};
pub use api_request::ApiRequest;
pub use log::Log;

/// A parsed bot.
#[derive(Debug, Clone)]
pub struct Bot {
    /// The display name.
    pub name: String,
    /// What the bot is for.
    pub description: Option<String>,
    /// The steps, in the order in which they run.
    pub steps: Vec<Step>,
}

/// A step.
#[derive(Debug, Clone)]
pub struct Step {
    /// The number of the step, counted from 1.
    pub number: usize,
    /// Its name, for people.
    pub name: Option<String>,
    /// The kind of step, with its fields.
    pub kind: StepKind,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step {} ({})", self.number, self.kind.action())
    }
}

impl Bot {
    /// Whether any step uses a credential or a connection.
    pub fn uses_secrets(&self) -> bool {
        self.steps.iter().any(|step| step.kind.uses_secrets())
    }
}

impl Step {
    pub(crate) fn location(&self) -> Location {
        Location {
            step: Some(self.number),
            action: Some(self.kind.action().into()),
        }
    }
}

/// A kind of step, with its fields.
#[derive(Debug, Clone)]
pub enum StepKind {
    /// An action of a component.
    Action(Box<ActionStep>),
    /// `genesys/api-request`
    ApiRequest(ApiRequest),
    /// `log`
    Log(Log),
    /// A step that is left out.
    Disabled {
        /// Its action, which may not exist.
        action: String,
    },
}

/// The behaviour of a kind of step.
trait StepType {
    /// Records problems, and the sessions and outputs that later steps can use.
    async fn check(&self, at: &Location, checking: &mut Checking<'_>);

    /// Runs the step, with retries, and returns what it did.
    async fn run(&self, run: &mut StepRun<'_>) -> Result<StepOutcome, StepError>;
}

impl StepKind {
    /// Parses the fields of a step with this action. `None` if there is no such action.
    pub(crate) fn parse(
        action: &str,
        fields: &mut Fields<'_>,
        catalogue: &Catalogue,
    ) -> Option<Self> {
        let form = catalogue.form(action)?;
        Some(match (&form.component, action) {
            (Some(action), _) => Self::Action(ActionStep::parse(form, action, fields).into()),
            (None, api_request::ACTION) => Self::ApiRequest(ApiRequest::parse(fields)),
            (None, log::ACTION) => Self::Log(Log::parse(fields)),
            (None, _) => return None,
        })
    }

    /// The action's name in the bot file.
    pub fn action(&self) -> &str {
        match self {
            Self::Action(step) => &step.form.name,
            Self::ApiRequest(_) => api_request::ACTION,
            Self::Log(_) => log::ACTION,
            Self::Disabled { action } => action,
        }
    }

    pub(crate) fn uses_secrets(&self) -> bool {
        matches!(self, Self::Action(step) if step.uses_secrets())
    }

    pub(crate) async fn check(&self, at: &Location, checking: &mut Checking<'_>) {
        match self {
            Self::Action(kind) => kind.check(at, checking).await,
            Self::ApiRequest(kind) => kind.check(at, checking).await,
            Self::Log(kind) => kind.check(at, checking).await,
            Self::Disabled { .. } => {}
        }
    }

    pub(crate) async fn run(&self, run: &mut StepRun<'_>) -> Result<StepOutcome, StepError> {
        match self {
            Self::Action(kind) => kind.run(run).await,
            Self::ApiRequest(kind) => kind.run(run).await,
            Self::Log(kind) => kind.run(run).await,
            Self::Disabled { .. } => Ok(StepOutcome::Disabled),
        }
    }
}

/// The state that the steps of a running bot share.
#[derive(Default)]
pub(crate) struct Flow {
    pub(crate) sessions: Sessions,
    outputs: Outputs,
    /// The secrets that the steps have been given so far. What they return and report is redacted with it.
    redactor: Redactor,
    /// Whether an action is requesting a new token, which an interruption may leave behind.
    pub(crate) is_requesting_token: bool,
}

/// A step that is running.
pub(crate) struct StepRun<'a> {
    pub(crate) runner: &'a Runner,
    pub(crate) bot: &'a Bot,
    pub(crate) step: &'a Step,
    pub(crate) flow: &'a mut Flow,
    pub(crate) watcher: &'a mut dyn Watcher,
}

impl StepRun<'_> {
    fn session(&self, name: &str) -> Result<&OpenSession, StepError> {
        let session = self.flow.sessions.get(name);
        session.ok_or_else(|| StepError::NoSession(name.into()))
    }

    /// Keeps what the step returned for later steps.
    fn set_output(
        &mut self,
        name: &str,
        shown: Json,
        secrets: BTreeMap<String, SecretString>,
    ) -> Result<(), StepError> {
        let kept = self.flow.outputs.set(name, shown, secrets);
        kept.map_err(|error| StepError::Output {
            output: name.into(),
            error,
        })
    }

    fn fill(
        &self,
        field: &str,
        template: &Template,
        escape: impl Fn(&str) -> String,
    ) -> Result<String, StepError> {
        template
            .fill(&self.runner.variables, &self.flow.outputs, escape)
            .map_err(|error| StepError::Template {
                field: field.into(),
                error,
            })
    }

    /// Reports why the last attempt failed, and waits for the next one.
    async fn wait<E>(&mut self, wait: Wait<'_, E>, reason: RetryReason<'_>) {
        self.watcher.on_event(Event::Waiting {
            step: self.step.number,
            tries: wait.tries,
            length: wait.length,
            reason,
        });
        sleep(wait.length).await;
    }

    /// The message for an error of an action, in the runner's language. The component may repeat in it what it was given.
    async fn explain(&mut self, action: &ActionRef, error: &CallError) -> String {
        let mut message = self.runner.explain(action, error).await;
        self.flow.redactor.redact_in(&mut message);
        message
    }

    async fn action_error(&mut self, action: &ActionRef, error: CallError) -> StepError {
        let message = self.explain(action, &error).await;
        StepError::Action {
            error: error.into(),
            message,
        }
    }
}
