//! What can be known to be wrong with a bot before it runs: in its file, in the order of its steps, in what it asks of
//! the secret provider, and in what the action says of its fields. One checker serves the command line and the pages.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::action::ActionRunner;
use crate::credential_path::AttributePath;
use crate::error::RunError;
use crate::file::{Bot, Place, Step};
use crate::problem::{Problem, ProblemKind, Problems};
use crate::secrets::{ConnectionRef, ResolveError, ResolveErrorKind, SecretProvider};
use crate::steps::field_check::{self, Typed};
use crate::template::{Template, TemplateError};
use crate::value::{Field, Value};
use crate::variables::{Variable, Variables};

/// How many different questions the action is asked about one bot, which bounds how long that takes. The rest is seen
/// when the bot runs; no bot authenticates in a hundred ways.
const MAX_QUESTIONS: usize = 100;

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

/// What bots are checked against.
pub struct Checker<'a> {
    /// What hands out their secrets.
    pub secrets: &'a dyn SecretProvider,
    /// Their variables.
    pub variables: &'a Variables,
    /// Runs the actions, with no way to any host, to ask them about their fields. Not asked if `None`.
    pub actions: Option<&'a dyn ActionRunner>,
    /// The language of the action's messages (BCP 47).
    pub locale: &'a str,
}

/// What a check found.
#[derive(Debug, Default)]
pub struct Checked {
    /// What keeps the bot from running, in the order of the steps; at most one problem for each field.
    pub problems: Vec<Problem>,
    /// What should not stay as it is.
    pub warnings: Vec<Warning>,
    /// Why the secret provider could not be asked. Then there may be more problems.
    pub provider_failed: Option<ResolveError>,
}

impl Checked {
    /// The warnings of a bot that may run.
    ///
    /// # Errors
    ///
    /// Why it may not.
    #[expect(clippy::result_large_err, reason = "once for each run of a bot")]
    pub fn into_result(self) -> Result<Vec<Warning>, RunError> {
        if let Some(error) = self.provider_failed {
            return Err(RunError::ControlRoom(error));
        }
        match Problems::new(self.problems) {
            Some(problems) => Err(RunError::Invalid(problems)),
            None => Ok(self.warnings),
        }
    }
}

impl Checker<'_> {
    /// Checks a bot that was read.
    pub async fn check(&self, bot: &Bot) -> Checked {
        self.check_draft(bot, Vec::new()).await
    }

    /// Checks a bot file, also one that is no bot yet.
    pub async fn check_file(&self, file: &[u8]) -> Checked {
        let (bot, problems) = Bot::draft(file);
        self.check_draft(&bot, problems).await
    }

    async fn check_draft(&self, bot: &Bot, problems: Vec<Problem>) -> Checked {
        let mut checking = Checking {
            checker: self,
            checked: Checked {
                problems,
                ..Checked::default()
            },
            sessions: BTreeSet::new(),
            outputs: BTreeSet::new(),
            credentials: BTreeMap::new(),
            connections: HashMap::new(),
            said: HashMap::new(),
        };
        for step in &bot.steps {
            step.kind.check(step, &mut checking).await;
        }
        let mut checked = checking.checked;
        let mut seen = BTreeSet::new();
        checked
            .problems
            .retain(|problem| seen.insert((problem.step, problem.field.clone())));
        checked.problems.sort_by_key(|problem| problem.step);
        checked
    }
}

/// A check that is under way.
pub(crate) struct Checking<'a> {
    checker: &'a Checker<'a>,
    checked: Checked,
    /// The sessions that are open at this step.
    pub(crate) sessions: BTreeSet<String>,
    /// The outputs that earlier steps set.
    pub(crate) outputs: BTreeSet<String>,
    // Most steps of a bot are alike: nothing is asked twice.
    credentials: BTreeMap<(AttributePath, bool), Option<ResolveError>>,
    connections: HashMap<ConnectionRef, Option<ResolveError>>,
    said: HashMap<Typed, Vec<(String, String)>>,
}

impl Checking<'_> {
    pub(crate) fn note(&mut self, step: &Step, field: &str, kind: ProblemKind) {
        let problem = Place::of(step).problem(Some(field), kind);
        self.checked.problems.push(problem);
    }

    fn unresolved(&mut self, step: &Step, field: &str, error: Option<ResolveError>) {
        match error {
            None => {}
            Some(error) if error.kind() == ResolveErrorKind::ProviderFailed => {
                self.checked.provider_failed = Some(error);
            }
            Some(error) => self.note(step, field, ProblemKind::Unresolved(error)),
        }
    }

    /// Whether there is a value that may go into the field.
    pub(crate) async fn value(&mut self, step: &Step, field: Field, value: &Value) {
        match value {
            Value::Text(_) | Value::Unreadable => {}
            Value::InsecureString(_) if field.is_secret => self.checked.warnings.push(Warning {
                step: step.number,
                field: field.name,
                advice: "an insecure string can be read by all who see the bot; keep the secret in a credential locker",
            }),
            Value::InsecureString(_) => {}
            Value::Variable(name) => {
                if name.is_empty() {
                    self.note(step, field.name, ProblemKind::Empty);
                } else if self.checker.variables.get(name).is_none() {
                    self.note(step, field.name, ProblemKind::NoVariable(name.clone()));
                }
            }
            Value::Credential(path) => {
                let key = (path.clone(), field.is_secret);
                if !self.credentials.contains_key(&key) {
                    let secrets = self.checker.secrets;
                    let checked = secrets.check_credential(path, field.is_secret).await;
                    self.credentials.insert(key.clone(), checked.err());
                }
                let error = self.credentials[&key].clone();
                self.unresolved(step, field.name, error);
            }
        }
    }

    /// Whether there is a token of the connection, or a way to one.
    pub(crate) async fn connection(&mut self, step: &Step, connection: &ConnectionRef) {
        if !self.connections.contains_key(connection) {
            let checked = self.checker.secrets.check_connection(connection).await;
            self.connections.insert(connection.clone(), checked.err());
        }
        let error = self.connections[connection].clone();
        self.unresolved(step, crate::steps::CONNECTION, error);
    }

    /// Asks the action about fields that have something typed.
    pub(crate) async fn ask_action(&mut self, step: &Step, typed: Typed) {
        let Some(actions) = self.checker.actions else {
            return;
        };
        if !self.said.contains_key(&typed) {
            if self.said.len() >= MAX_QUESTIONS {
                return;
            }
            let said = field_check::problems(actions, typed.clone(), self.checker.locale).await;
            self.said.insert(typed.clone(), said);
        }
        for (field, message) in self.said[&typed].clone() {
            self.note(step, &field, ProblemKind::Action(message));
        }
    }

    /// What a text names must be there by then.
    pub(crate) fn template(&mut self, step: &Step, field: &str, template: &Template) {
        let error = template
            .names()
            .find_map(|name| match self.checker.variables.get(name) {
                _ if self.outputs.contains(name) => None,
                Some(Variable::Text(_)) => None,
                Some(Variable::Credential(_)) => Some(TemplateError::Credential(name.into())),
                None => Some(TemplateError::Unknown(name.into())),
            });
        if let Some(error) = error {
            self.note(step, field, ProblemKind::Template(error));
        }
    }
}
