//! The context of a bot's validation: open sessions, earlier outputs, and the secrets and variables that it may use.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use secrecy::ExposeSecret;

use crate::action::{
    ActionRef, ActionRunner, Argument, ComponentInfo, Redactor, SessionUse, Value as ActionValue,
};
use crate::bot_variables::{BotVariable, DEFAULT, location};
use crate::catalogue::OUTPUT;
use crate::credential_path::AttributePath;
use crate::error::RunError;
use crate::location::Location;
use crate::name::comparable;
use crate::placeholder::{TemplateError, first_names, names};
use crate::problem::{Problem, ProblemKind, Problems};
use crate::secrets::{ConnectionRef, ResolveError, ResolveErrorKind, SecretProvider};
use crate::template::{Template, known};
use crate::value::Value;
use crate::variables::{Variable, Variables};
use crate::warning::{Warning, WarningKind};

/// How often the action validates fields of one bot, which bounds the duration of a check. A realistic bot needs far
/// fewer; errors beyond the limit are reported when the bot runs.
const MAX_ACTION_CHECKS: usize = 100;

/// What bots are checked against.
pub struct Checker<'a> {
    /// Provides their secrets.
    pub secrets: &'a dyn SecretProvider,
    /// The variables of the host.
    pub variables: &'a Variables,
    /// The actions, which validate their fields without network access. With `None`, fields are not validated by actions.
    pub actions: Option<&'a dyn ActionRunner>,
    /// The language of the action's messages (BCP 47).
    pub locale: &'a str,
}

/// The result of a check.
#[derive(Debug, Default)]
pub struct Checked {
    /// What keeps the bot from running, in the order of the steps; at most one problem for each field.
    pub problems: Vec<Problem>,
    /// Problems that do not keep it from running.
    pub warnings: Vec<Warning>,
    /// The secret provider's failure, if it failed. There may be more problems then.
    pub provider_failed: Option<ResolveError>,
}

impl Checked {
    /// The warnings, if the bot can run.
    ///
    /// # Errors
    ///
    /// Why it cannot run.
    pub fn into_result(self) -> Result<Vec<Warning>, RunError> {
        if let Some(error) = self.provider_failed {
            return Err(RunError::SecretProvider(error));
        }
        match Problems::new(self.problems) {
            Some(problems) => Err(RunError::Invalid(problems)),
            None => Ok(self.warnings),
        }
    }
}

/// A check in progress.
pub(crate) struct Checking<'a> {
    pub(crate) checker: &'a Checker<'a>,
    checked: Checked,
    variables: Variables,
    /// The places that have a problem already: a text with a thousand wrong placeholders is reported once.
    noted: HashSet<(Option<usize>, Option<usize>, Option<String>)>,
    /// The sessions that are open at this step, by the comparable form of their names, with the components that opened
    /// them.
    sessions: BTreeMap<String, Arc<ComponentInfo>>,
    /// The outputs that earlier steps set.
    pub(crate) outputs: BTreeSet<String>,
    // Caches, as most steps of a bot use the same values.
    credentials: BTreeMap<(AttributePath, bool), Option<ResolveError>>,
    connections: HashMap<ConnectionRef, Option<ResolveError>>,
    action_checks: HashMap<KnownValues, Vec<(String, String)>>,
}

impl<'a> Checking<'a> {
    /// Begins a check of a bot with these variables and problems.
    pub(crate) fn new(
        checker: &'a Checker<'a>,
        variables: Variables,
        problems: Vec<Problem>,
    ) -> Self {
        let mut checking = Self {
            checker,
            variables,
            checked: Checked::default(),
            noted: HashSet::new(),
            sessions: BTreeMap::new(),
            outputs: BTreeSet::new(),
            credentials: BTreeMap::new(),
            connections: HashMap::new(),
            action_checks: HashMap::new(),
        };
        for problem in problems {
            checking.push(problem);
        }
        checking
    }

    /// What was found, in the order of the steps.
    pub(crate) fn finish(self) -> Checked {
        let mut checked = self.checked;
        checked.problems.sort_by_key(|problem| problem.step);
        checked
    }

    /// Notes a problem, if the field has none yet.
    pub(crate) fn note(&mut self, at: &Location, field: &str, kind: ProblemKind) {
        self.push(at.problem(Some(field), kind));
    }

    fn push(&mut self, problem: Problem) {
        let place = (problem.step, problem.variable, problem.field.clone());
        if self.noted.insert(place) {
            self.checked.problems.push(problem);
        }
    }

    fn warn(&mut self, at: &Location, field: &str, kind: WarningKind) {
        self.checked.warnings.push(Warning {
            step: at.step.unwrap_or_default(),
            field: field.into(),
            kind,
        });
    }

    fn note_unresolved(
        &mut self,
        at: &Location,
        field: &str,
        error: Option<ResolveError>,
        problem: fn(ResolveError) -> ProblemKind,
    ) {
        match error {
            None => {}
            Some(error) if error.kind() == ResolveErrorKind::ProviderFailed => {
                self.checked.provider_failed = Some(error);
            }
            Some(error) => self.note(at, field, problem(error)),
        }
    }

    /// Whether a session of this name is open at this step.
    pub(crate) fn has_session(&self, name: &str) -> bool {
        self.sessions.contains_key(&comparable(name))
    }

    /// Checks that the session of a step is open and may be handed to the component, and records what the step does with it.
    pub(crate) fn session(
        &mut self,
        at: &Location,
        session: &str,
        field: &str,
        use_: SessionUse,
        component: &Arc<ComponentInfo>,
    ) {
        if use_ == SessionUse::Opens {
            let opener = Arc::clone(component);
            self.sessions.insert(comparable(session), opener);
            return;
        }
        let problem = match self.sessions.get(&comparable(session)) {
            None => ProblemKind::NoSession(session.to_owned()),
            Some(opener) if !opener.hosts.covers(&component.hosts) => {
                ProblemKind::OutsideAudience {
                    session: session.to_owned(),
                    component: component.name.to_string(),
                }
            }
            Some(_) => {
                if use_ == SessionUse::Closes {
                    self.sessions.remove(&comparable(session));
                }
                return;
            }
        };
        self.note(at, field, problem);
    }

    /// Checks that the credentials of a bot's variables may be used.
    pub(crate) async fn variables(&mut self, variables: &[BotVariable]) {
        for variable in variables {
            if let Some(Variable::Stored(path)) = &variable.default {
                let at = location(variable.number);
                self.credential(&at, DEFAULT, path, true).await;
            }
        }
    }

    /// Checks that a step does not give its output the name of a variable of the bot.
    pub(crate) fn output_is_no_variable(&mut self, at: &Location, variables: &[BotVariable]) {
        for variable in variables {
            if self.outputs.remove(&variable.name) {
                let kind = ProblemKind::NameTaken(variable.name.clone());
                self.note(at, OUTPUT, kind);
            }
        }
    }

    /// Begins to check a bot that a step runs, with one of the sessions that are open here.
    pub(crate) fn begin_nested(&mut self, variables: Variables, session: Option<&str>) -> Self {
        let mut nested = Self::new(self.checker, variables, Vec::new());
        nested.take_caches(self);
        nested.take_session(self, session);
        nested
    }

    /// Ends the check of the bot of this name, and notes its first problem.
    pub(crate) fn end_nested(
        &mut self,
        at: &Location,
        field: &str,
        name: &str,
        mut nested: Self,
        session: Option<&str>,
    ) {
        // It may have been closed, or replaced.
        self.take_session(&mut nested, session);
        self.take_caches(&mut nested);
        let checked = nested.finish();
        let kinds: BTreeSet<_> = checked.warnings.iter().map(|it| it.kind).collect();
        for kind in kinds {
            self.warn(at, field, kind);
        }
        if let Some(error) = checked.provider_failed {
            self.checked.provider_failed = Some(error);
        }
        if let Some(problem) = checked.problems.into_iter().next() {
            let kind = ProblemKind::InBot(name.into(), problem.into());
            self.note(at, field, kind);
        }
    }

    fn take_session(&mut self, other: &mut Self, name: Option<&str>) {
        if let Some(name) = name.map(comparable)
            && let Some(opener) = other.sessions.remove(&name)
        {
            self.sessions.insert(name, opener);
        }
    }

    /// Takes over what `other` has found out, so that nothing is asked twice.
    fn take_caches(&mut self, other: &mut Self) {
        self.credentials = std::mem::take(&mut other.credentials);
        self.connections = std::mem::take(&mut other.connections);
        self.action_checks = std::mem::take(&mut other.action_checks);
    }

    /// Checks that the value exists and may be used in the field.
    pub(crate) async fn value(
        &mut self,
        at: &Location,
        field: &str,
        value: &Value,
        is_secret: bool,
    ) {
        match value {
            Value::InsecureString(_) if is_secret => {
                self.warn(at, field, WarningKind::InsecureString);
            }
            Value::Text(_) | Value::Unreadable | Value::InsecureString(_) => {}
            Value::Variable(name) => {
                match self.variables.get(name) {
                    _ if name.is_empty() => self.note(at, field, ProblemKind::Empty),
                    // Whether it may be used at all is checked with the variable.
                    Some(Variable::Stored(path)) if !is_secret => {
                        let path = path.clone();
                        self.credential(at, field, &path, is_secret).await;
                    }
                    Some(variable) if is_secret && !variable.is_credential() => {
                        self.warn(at, field, WarningKind::PlainVariable);
                    }
                    None if !self.is_output(name) => {
                        let variables = self.variables.names();
                        let outputs = self.outputs.iter().map(String::as_str);
                        let known = first_names(variables.chain(outputs));
                        let name = name.clone();
                        self.note(at, field, ProblemKind::NoVariable { name, known });
                    }
                    _ => {}
                }
            }
            Value::Credential(path) => self.credential(at, field, path, is_secret).await,
        }
    }

    async fn credential(
        &mut self,
        at: &Location,
        field: &str,
        path: &AttributePath,
        is_secret: bool,
    ) {
        let key = (path.clone(), is_secret);
        if !self.credentials.contains_key(&key) {
            let secrets = self.checker.secrets;
            let checked = secrets.check_credential(path, is_secret).await;
            self.credentials.insert(key.clone(), checked.err());
        }
        let error = self.credentials[&key].clone();
        self.note_unresolved(at, field, error, ProblemKind::Unresolved);
    }

    /// Checks that the connection has a token or can get one.
    pub(crate) async fn connection(
        &mut self,
        at: &Location,
        field: &str,
        connection: &ConnectionRef,
    ) {
        if !self.connections.contains_key(connection) {
            let checked = self.checker.secrets.check_connection(connection).await;
            self.connections.insert(connection.clone(), checked.err());
        }
        let error = self.connections[connection].clone();
        self.note_unresolved(at, field, error, ProblemKind::UnresolvedConnection);
    }

    /// Checks that a variable may be shown.
    pub(crate) fn not_a_credential(&mut self, at: &Location, field: &str, name: &str) {
        if (self.variables.get(name)).is_some_and(Variable::is_credential) {
            let error = TemplateError::Credential(name.into());
            self.note(at, field, ProblemKind::Template(error));
        }
    }

    /// Lets the action validate the fields whose values are known.
    pub(crate) async fn validate_by_action(
        &mut self,
        at: &Location,
        action: &ActionRef,
        known: Vec<Argument>,
    ) {
        let Some(actions) = self.checker.actions else {
            return;
        };
        let values = KnownValues::new(action, &known);
        if !self.action_checks.contains_key(&values) {
            if self.action_checks.len() >= MAX_ACTION_CHECKS {
                return;
            }
            // An insecure string is a secret, too.
            let redactor = Redactor::of(&known);
            let mut found = Vec::new();
            // If the action is stopped, it is stopped again when the bot runs, which reports it.
            for failure in actions.check(action, &known).await.unwrap_or_default() {
                // One problem is shown for each field; a component may return any number.
                let field = failure.field.clone().unwrap_or_default();
                if found.iter().any(|(other, _)| *other == field) || found.len() >= known.len() {
                    continue;
                }
                let message = actions.explain(action, &failure, self.checker.locale).await;
                let message = message.unwrap_or_else(|_| failure.message.clone());
                found.push((field, redactor.redact(&message).into_owned()));
            }
            self.action_checks.insert(values.clone(), found);
        }
        for (field, message) in self.action_checks[&values].clone() {
            self.note(at, &field, ProblemKind::Action(message));
        }
    }

    fn known_names(&self) -> Vec<String> {
        let outputs = self.outputs.iter().map(String::as_str);
        known(&self.variables, outputs)
    }

    fn is_output(&self, path: &str) -> bool {
        let names = names(path).unwrap_or_default();
        names
            .first()
            .is_some_and(|name| self.outputs.contains(name))
    }

    /// Checks that every placeholder names a variable or the output of an earlier step.
    pub(crate) fn template(&mut self, at: &Location, field: &str, template: &Template) {
        let error = |path: &[String]| {
            let (name, members) = path.split_first()?;
            match self.variables.get(name) {
                _ if self.outputs.contains(name) => None,
                Some(variable) if variable.is_credential() => {
                    Some(TemplateError::Credential(name.clone()))
                }
                Some(_) if members.is_empty() => None,
                Some(_) => Some(TemplateError::NoMember {
                    path: path.join("."),
                    members: Vec::new(),
                }),
                None => Some(TemplateError::Unknown {
                    path: name.clone(),
                    known: self.known_names(),
                }),
            }
        };
        let found = template.paths().find_map(error);
        if let Some(error) = found {
            self.note(at, field, ProblemKind::Template(error));
        }
    }
}

/// The values that an action was asked about. A type of its own without `Debug`, as an insecure string may be among them.
#[derive(Clone, PartialEq, Eq, Hash)]
struct KnownValues(ActionRef, Vec<(String, String)>);

impl KnownValues {
    fn new(action: &ActionRef, known: &[Argument]) -> Self {
        let text = |value: &ActionValue| match value {
            ActionValue::Text(text) => text.clone(),
            ActionValue::Secret(secret) => secret.expose_secret().into(),
            ActionValue::Token(_) | ActionValue::Session(_) => String::new(),
        };
        let values = known.iter().map(|it| (it.name.clone(), text(&it.value)));
        Self(action.clone(), values.collect())
    }
}
