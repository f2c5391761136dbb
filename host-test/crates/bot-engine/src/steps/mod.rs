//! The kinds of steps. Each is a type in a file of its own, which parses its fields from a bot file, checks them against
//! the steps before it, runs, and reports the outcome.
//!
//! A new action of a component needs nothing here. A new action of the engine's own is a file here, a variant of
//! [`StepKind`] with its arms below, and its form in [`Catalogue::load`].

mod action;
pub mod api_request;
mod bot;
mod link;
pub(crate) mod log;
pub mod run_bot;
mod sessions;

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::future::pending;

use secrecy::SecretString;
use serde_json::Value as Json;
use tokio::sync::Notify;
use tokio::time::sleep;

use crate::action::{ActionForm, ActionRef, CallError, Redactor};
use crate::catalogue::Catalogue;
use crate::checking::Checking;
use crate::error::StepError;
use crate::fields::Fields;
use crate::json_template::JsonTemplate;
use crate::location::Location;
use crate::outputs::Outputs;
use crate::report::{RetryReason, StepOutcome};
use crate::retry::Wait;
use crate::runner::Runner;
use crate::session::{FlowId, OpenSession, Sessions};
use crate::template::Template;
use crate::variables::Variables;
use crate::watch::{Event, Watcher};
pub use action::{ActionStep, FieldValue, SessionField, Sharing};
pub use api_request::ApiRequest;
pub use bot::Bot;
pub use link::LinkedBot;
pub use log::Log;
pub use run_bot::RunBot;

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

impl Step {
    pub(crate) fn location(&self) -> Location {
        Location {
            step: Some(self.number),
            action: Some(self.kind.action().into()),
            variable: None,
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
    /// `run-bot`
    RunBot(RunBot),
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
            (None, run_bot::ACTION) => Self::RunBot(RunBot::parse(fields)),
            (None, _) => return None,
        })
    }

    /// The action's name in the bot file.
    pub fn action(&self) -> &str {
        match self {
            Self::Action(step) => &step.form.name,
            Self::ApiRequest(_) => api_request::ACTION,
            Self::Log(_) => log::ACTION,
            Self::RunBot(_) => run_bot::ACTION,
            Self::Disabled { action } => action,
        }
    }

    /// Whether it may change something at the server, so that a run must not begin again after it has begun. An API request
    /// does unless it is a GET; for an action of a component, see [`ActionForm::changes_something`].
    ///
    /// [`ActionForm::changes_something`]: crate::action::ActionForm::changes_something
    pub fn changes_something(&self) -> bool {
        match self {
            Self::Action(step) => step.form.changes_something(),
            Self::ApiRequest(request) => !request.method.is_safe(),
            Self::RunBot(_) => self.linked().is_some_and(|linked| {
                let mut steps = linked.bot.steps.iter();
                steps.any(|step| step.kind.changes_something())
            }),
            Self::Log(_) | Self::Disabled { .. } => false,
        }
    }

    pub(crate) fn uses_secrets(&self) -> bool {
        match self {
            Self::Action(step) => step.uses_secrets(),
            Self::RunBot(_) => self
                .linked()
                .is_some_and(|linked| linked.bot.uses_secrets()),
            Self::ApiRequest(_) | Self::Log(_) | Self::Disabled { .. } => false,
        }
    }

    /// The bot that it runs.
    pub fn linked(&self) -> Option<&LinkedBot> {
        match self {
            Self::RunBot(run) => run.linked.as_deref(),
            _ => None,
        }
    }

    pub(crate) async fn check(&self, at: &Location, checking: &mut Checking<'_>) {
        match self {
            Self::Action(kind) => kind.check(at, checking).await,
            Self::ApiRequest(kind) => kind.check(at, checking).await,
            Self::Log(kind) => kind.check(at, checking).await,
            Self::RunBot(kind) => kind.check(at, checking).await,
            Self::Disabled { .. } => {}
        }
    }

    pub(crate) async fn run(&self, run: &mut StepRun<'_>) -> Result<StepOutcome, StepError> {
        match self {
            Self::Action(kind) => kind.run(run).await,
            Self::ApiRequest(kind) => kind.run(run).await,
            Self::Log(kind) => kind.run(run).await,
            Self::RunBot(kind) => kind.run(run).await,
            Self::Disabled { .. } => Ok(StepOutcome::Disabled),
        }
    }
}

/// Whether a step with this action may change something at the server. `None` if that depends on what is filled in.
pub fn may_change(form: &ActionForm) -> Option<bool> {
    match (&form.component, &*form.name) {
        (None, api_request::ACTION | run_bot::ACTION) => None,
        _ => Some(form.changes_something()),
    }
}

/// The state that the steps of a running bot share.
pub(crate) struct Flow {
    pub(crate) id: FlowId,
    /// The variables of the host and of the bot, with its inputs.
    pub(crate) variables: Variables,
    pub(crate) sessions: Sessions,
    /// The sessions that were left open, here or by another bot, and are not released yet.
    pub(crate) unreleased: VecDeque<OpenSession>,
    pub(crate) outputs: Outputs,
    /// The secrets that the steps have been given so far. What they return and report is redacted with it.
    redactor: Redactor,
    /// Whether an action is requesting a new token, which an interruption may leave behind.
    pub(crate) is_requesting_token: bool,
}

impl Flow {
    pub(crate) fn new(variables: Variables) -> Self {
        Self {
            id: FlowId::next(),
            variables,
            sessions: Sessions::default(),
            unreleased: VecDeque::new(),
            outputs: Outputs::default(),
            redactor: Redactor::default(),
            is_requesting_token: false,
        }
    }
}

/// A step that is running.
pub(crate) struct StepRun<'a> {
    pub(crate) runner: &'a Runner,
    pub(crate) bot: &'a Bot,
    pub(crate) step: &'a Step,
    pub(crate) flow: &'a mut Flow,
    pub(crate) watcher: &'a mut dyn Watcher,
    /// Notified if the bot is interrupted between two attempts, or before a step of another bot.
    pub(crate) between_attempts: &'a Notify,
}

impl StepRun<'_> {
    fn session(&self, name: &str) -> Result<&OpenSession, StepError> {
        let session = self.flow.sessions.get(name);
        session.ok_or_else(|| StepError::NoSession(name.into()))
    }

    /// Reports what the step returned, and keeps it for later steps if it has a name.
    fn set_output(
        &mut self,
        name: Option<&str>,
        shown: Json,
        secrets: BTreeMap<String, SecretString>,
    ) -> Result<(), StepError> {
        self.watcher.on_event(Event::Returned {
            step: self.step.number,
            output: &shown,
        });
        let Some(name) = name else {
            return Ok(());
        };
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
            .fill(&self.flow.variables, &self.flow.outputs, escape)
            .map_err(|error| StepError::Template {
                field: field.into(),
                error,
            })
    }

    /// The same for JSON, as it is sent.
    fn fill_json(&self, field: &str, template: &JsonTemplate) -> Result<Vec<u8>, StepError> {
        template
            .fill(&self.flow.variables, &self.flow.outputs)
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
        tokio::select! {
            () = sleep(wait.length) => {}
            () = self.runner.interrupt.requested() => self.interrupted().await,
        }
    }

    /// Ends the step at once: the bot was interrupted, and nothing is left to complete.
    async fn interrupted<T>(&mut self) -> T {
        self.between_attempts.notify_one();
        pending().await
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
