//! The kinds of steps. Each is a type in a file of its own, which describes its form, parses its fields from a bot file,
//! checks them against the steps before it, runs, and reports the outcome.
//!
//! A new kind of step is a file here, a variant of [`StepKind`] with its arms below, and an entry in `CATALOGUE`.

pub mod api_request;
pub mod authenticate;
mod disconnect;
pub(crate) mod field_check;
mod log;
mod sessions;

use tokio::time::sleep;

use crate::action::{ActionForm, CallError};
use crate::check::Checking;
use crate::error::StepError;
use crate::fields::Fields;
use crate::file::{Bot, Step};
use crate::messages::Language;
use crate::report::{RetryReason, StepOutcome};
use crate::retry::Wait;
use crate::runner::Runner;
use crate::session::{OpenSession, Sessions};
use crate::template::{Outputs, Template};
use crate::watch::{Event, Watcher};
pub use api_request::ApiRequest;
pub use authenticate::Authenticate;
pub use disconnect::Disconnect;
pub use log::Log;

/// The field with the session name.
const SESSION_NAME: &str = "session-name";

/// The default session name.
const DEFAULT_SESSION: &str = "Default";

/// The field with a connection.
pub(crate) const CONNECTION: &str = authenticate::CONNECTION;

/// A kind of step, with its fields.
#[derive(Debug, Clone)]
pub enum StepKind {
    /// `genesys/oauth-authenticate`
    Authenticate(Authenticate),
    /// `genesys/disconnect`
    Disconnect(Disconnect),
    /// `genesys/api-request`
    ApiRequest(ApiRequest),
    /// `log`
    Log(Log),
}

/// The catalogue entry of a kind of step.
pub(crate) struct Description {
    /// The action's name in bot files.
    action: &'static str,
    /// Makes the form. `of_component` is the component's form for this action, if it has one.
    form: fn(Language, of_component: Option<ActionForm>) -> Option<ActionForm>,
    parse: Parser,
}

/// Parses the fields of a step.
pub(crate) type Parser = fn(&mut Fields<'_>) -> StepKind;

/// All kinds of steps, in the order to show them in.
pub(crate) const CATALOGUE: [Description; 4] = [
    authenticate::DESCRIPTION,
    disconnect::DESCRIPTION,
    api_request::DESCRIPTION,
    log::DESCRIPTION,
];

/// The forms of all kinds of steps, in one language. The editor, the JSON Schema and the reference are generated from them.
/// `of_component` are the component's own forms in that language.
pub fn forms(of_component: Vec<ActionForm>, language: Language) -> Vec<ActionForm> {
    let mut of_component = of_component;
    let mut take = |action: &str| {
        let at = of_component.iter().position(|form| form.name == action)?;
        Some(of_component.remove(at))
    };
    CATALOGUE
        .iter()
        .filter_map(|description| (description.form)(language, take(description.action)))
        .collect()
}

/// The behaviour of a kind of step.
trait StepType {
    /// Records problems, and the sessions and outputs that later steps can use.
    async fn check(&self, step: &Step, checking: &mut Checking<'_>);

    /// Runs the step, with retries, and returns what it did.
    async fn run(&self, run: &mut StepRun<'_>) -> Result<StepOutcome, StepError>;
}

impl StepKind {
    /// The action's name in the bot file.
    pub fn action(&self) -> &'static str {
        match self {
            Self::Authenticate(_) => authenticate::DESCRIPTION.action,
            Self::Disconnect(_) => disconnect::DESCRIPTION.action,
            Self::ApiRequest(_) => api_request::DESCRIPTION.action,
            Self::Log(_) => log::DESCRIPTION.action,
        }
    }

    pub(crate) fn actions() -> impl Iterator<Item = &'static str> {
        CATALOGUE.iter().map(|description| description.action)
    }

    pub(crate) fn parser(action: &str) -> Option<Parser> {
        let description = CATALOGUE.iter().find(|it| it.action == action)?;
        Some(description.parse)
    }

    pub(crate) fn uses_secrets(&self) -> bool {
        matches!(self, Self::Authenticate(step) if step.uses_secrets())
    }

    pub(crate) async fn check(&self, step: &Step, checking: &mut Checking<'_>) {
        match self {
            Self::Authenticate(kind) => kind.check(step, checking).await,
            Self::Disconnect(kind) => kind.check(step, checking).await,
            Self::ApiRequest(kind) => kind.check(step, checking).await,
            Self::Log(kind) => kind.check(step, checking).await,
        }
    }

    pub(crate) async fn run(&self, run: &mut StepRun<'_>) -> Result<StepOutcome, StepError> {
        match self {
            Self::Authenticate(kind) => kind.run(run).await,
            Self::Disconnect(kind) => kind.run(run).await,
            Self::ApiRequest(kind) => kind.run(run).await,
            Self::Log(kind) => kind.run(run).await,
        }
    }
}

/// The state that the steps of a running bot share.
#[derive(Default)]
pub(crate) struct Flow {
    pub(crate) sessions: Sessions,
    outputs: Outputs,
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

    fn fill(
        &self,
        field: &'static str,
        template: &Template,
        escape: impl Fn(&str) -> String,
    ) -> Result<String, StepError> {
        template
            .fill(&self.runner.variables, &self.flow.outputs, escape)
            .map_err(|error| StepError::Template { field, error })
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

    async fn action_error(&mut self, error: CallError) -> StepError {
        let runner = self.runner;
        let message = runner.actions.explain(&error, &runner.locale).await;
        StepError::Action { error, message }
    }
}

/// Parses the name of the session that a step opens, uses or closes.
fn session_name(fields: &mut Fields<'_>) -> String {
    fields.name(SESSION_NAME, DEFAULT_SESSION)
}
