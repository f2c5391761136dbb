//! All that can be known to be wrong with a bot while it is made, each mistake at its step and field, in the
//! designer's language.
//!
//! The bot file's own reader has the last word, and the component the first about its fields. In between is
//! what both leave to others: which session is open, what the user may use of the vault, what a text names.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;
use serde_json::Value;

use super::actions::{
    API_REQUEST, AUTHENTICATE, DISCONNECT, LOG, TOKEN_TYPE, USER_SPECIFIC, is_shown,
};
use super::app::App;
use super::component_check::{self, Typed};
use super::in_words;
use super::messages;
use bot_engine::Bot;
use bot_engine::Language;
use bot_engine::action::{ActionForm, FieldKind, FormField};
use bot_engine::template::{Template, TemplateError};
use control_room::passwords::Account;
use control_room::{AttributePath, Name, TokenOwner};

/// How many different questions the component is asked about one bot, which bounds how long that takes. The rest
/// is seen when the bot runs; no bot authenticates in a hundred ways.
const MAX_QUESTIONS: usize = 100;

/// Something that is wrong, or should not stay so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Problem {
    /// The first step is 1; none for the bot as a whole.
    pub(super) step: Option<usize>,
    pub(super) field: Option<String>,
    pub(super) message: String,
    /// The bot runs all the same.
    pub(super) warning: bool,
}

/// Looks at a bot for somebody.
pub(super) struct Checker<'a> {
    app: &'a App,
    user: Name,
    language: Language,
    problems: Vec<Problem>,
    sessions: BTreeSet<String>,
    outputs: BTreeSet<String>,
    /// What the vault has said already.
    asked: BTreeMap<(AttributePath, bool), Option<String>>,
    /// What was said of connections already: of the user's own token, or of the shared one.
    asked_of_connections: HashMap<(Name, bool), Option<String>>,
    /// What the component has said already: most of a bot's steps are alike.
    said: HashMap<Typed, Vec<(String, String)>>,
}

impl<'a> Checker<'a> {
    pub(super) fn new(app: &'a App, account: &Account, language: Language) -> Self {
        Checker {
            app,
            user: account.name.clone(),
            language,
            problems: Vec::new(),
            sessions: BTreeSet::new(),
            outputs: BTreeSet::new(),
            asked: BTreeMap::new(),
            asked_of_connections: HashMap::new(),
            said: HashMap::new(),
        }
    }

    /// Everything that is wrong with a bot file.
    pub(super) async fn check(mut self, file: &str) -> Vec<Problem> {
        let json: Value = serde_json::from_str(file).unwrap_or_default();
        let steps = json.get("steps").and_then(Value::as_array);
        let steps = steps.map_or(&[][..], Vec::as_slice);
        if steps.is_empty() {
            self.problem(None, None, messages::no_steps_yet(self.language));
        }
        for (step, number) in steps.iter().zip(1..) {
            self.step(step, number).await;
        }
        if self.problems.iter().all(|problem| problem.warning)
            && let Err(error) = Bot::parse(file.as_bytes())
        {
            self.problem(error.step, error.field.as_deref(), error.problem);
        }
        self.problems
    }

    fn problem(&mut self, step: Option<usize>, field: Option<&str>, message: impl Into<String>) {
        self.problems.push(Problem {
            step,
            field: field.map(Into::into),
            message: message.into(),
            warning: false,
        });
    }

    async fn step(&mut self, step: &Value, number: usize) {
        let name = step
            .get("action")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let forms = self.app.forms.in_language(self.language);
        let Some(form) = forms.iter().find(|form| form.name == name) else {
            return self.problem(
                Some(number),
                Some("action"),
                messages::unknown_action(self.language),
            );
        };
        let shown: Vec<_> = form
            .fields
            .iter()
            .filter(|it| is_shown(it, form, step))
            .collect();
        for field in &shown {
            self.field(step, number, form, field).await;
        }
        if let AUTHENTICATE | DISCONNECT = name {
            self.ask_component(step, number, &shown).await;
        }
        self.session(step, number, name);
        match name {
            API_REQUEST => {
                self.template(step, number, "path");
                self.path_and_output(step, number);
            }
            LOG => self.template(step, number, "message"),
            _ => {}
        }
    }

    async fn field(&mut self, step: &Value, number: usize, form: &ActionForm, field: &FormField) {
        let value = step.get(&field.name);
        let is_of_component = matches!(form.name.as_str(), AUTHENTICATE | DISCONNECT);
        // The component itself tells of a text that is empty, but takes no connection by its name.
        let is_left_to_it = is_of_component && !matches!(field.kind, FieldKind::OauthConnection);
        if is_empty(value) {
            let has_default = value.is_none() && field.default.is_some();
            if field.required && !has_default && !is_left_to_it {
                let message = messages::field_empty(self.language, &field.label);
                self.problem(Some(number), Some(&field.name), message);
            }
            return;
        }
        let is_secret = matches!(field.kind, FieldKind::Secret);
        match source(value) {
            Some(("credential", path)) => {
                let message = match path.parse::<AttributePath>() {
                    Ok(path) => self.credential(path, is_secret).await,
                    Err(_) => Some(messages::incomplete_credential(self.language).into()),
                };
                if let Some(message) = message {
                    self.problem(Some(number), Some(&field.name), message);
                }
            }
            Some(("oauth-connection", name)) => {
                let message = match name.parse() {
                    Ok(name) => self.connection(name, step).await,
                    Err(_) => Some(messages::bad_name(self.language).into()),
                };
                if let Some(message) = message {
                    self.problem(Some(number), Some(&field.name), message);
                }
            }
            Some(("variable", name)) if !self.app.variables.iter().any(|it| it == name) => {
                let message = messages::no_variable(self.language, name);
                self.problem(Some(number), Some(&field.name), message);
            }
            Some(("insecure-string", _)) if is_secret => self.problems.push(Problem {
                step: Some(number),
                field: Some(field.name.clone()),
                message: messages::insecure(self.language).into(),
                warning: true,
            }),
            _ => {}
        }
    }

    /// Why the user may not use a credential.
    async fn credential(&mut self, path: AttributePath, is_secret: bool) -> Option<String> {
        let key = (path, is_secret);
        if let Some(answer) = self.asked.get(&key) {
            return answer.clone();
        }
        let checked = self
            .app
            .store
            .vault()
            .check(&key.0, &self.user, is_secret)
            .await;
        let answer = checked
            .err()
            .and_then(|error| in_words::vault_error(&error, self.language));
        self.asked.insert(key, answer.clone());
        answer
    }

    /// Why the user's bots get no token of a connection.
    async fn connection(&mut self, name: Name, step: &Value) -> Option<String> {
        let is_own = step.get(TOKEN_TYPE).and_then(Value::as_str) == Some(USER_SPECIFIC);
        let key = (name, is_own);
        if let Some(answer) = self.asked_of_connections.get(&key) {
            return answer.clone();
        }
        let token_type = match is_own {
            true => TokenOwner::UserSpecific,
            false => TokenOwner::Shared,
        };
        let connections = &self.app.connections;
        let checked = connections.check(&key.0, &self.user, token_type).await;
        let answer = checked
            .err()
            .and_then(|error| in_words::connection_error(&error, self.language));
        self.asked_of_connections.insert(key, answer.clone());
        answer
    }

    async fn ask_component(&mut self, step: &Value, number: usize, shown: &[&FormField]) {
        let typed = |name: &str| {
            let field = shown.iter().find(|field| field.name == name)?;
            let value = step.get(name);
            match source(value) {
                Some(("insecure-string", text)) => Some(text.to_owned()),
                // A source with nothing chosen is as good as nothing.
                Some((_, "")) => Some(String::new()),
                Some(_) => None,
                None => match value {
                    Some(value) => Some(value.as_str()?.to_owned()),
                    None => Some(field.default.clone().unwrap_or_default()),
                },
            }
        };
        let typed = Typed {
            url: typed("url"),
            client_id: typed("client-id"),
            client_secret: typed("client-secret"),
            session_name: typed("session-name"),
        };
        if !self.said.contains_key(&typed) {
            if self.said.len() >= MAX_QUESTIONS {
                return;
            }
            let said =
                component_check::problems(&*self.app.actions, typed.clone(), self.language).await;
            self.said.insert(typed.clone(), said);
        }
        for (field, message) in self.said[&typed].clone() {
            self.problem(Some(number), Some(&field), message);
        }
    }

    fn session(&mut self, step: &Value, number: usize, action: &str) {
        let name = match step.get("session-name") {
            Some(name) => name.as_str().unwrap_or_default().trim(),
            None => "Default",
        };
        let is_open = match action {
            AUTHENTICATE => {
                self.sessions.insert(name.into());
                true
            }
            DISCONNECT => self.sessions.remove(name),
            API_REQUEST => self.sessions.contains(name),
            _ => return,
        };
        if !is_open && !name.is_empty() {
            let message = messages::session_not_open(self.language, name);
            self.problem(Some(number), Some("session-name"), message);
        }
    }

    /// What a text names must be there by then.
    fn template(&mut self, step: &Value, number: usize, field: &str) {
        let Some(text) = step.get(field).and_then(Value::as_str) else {
            return;
        };
        let error = match Template::parse(text) {
            Err(error) => Some(error),
            Ok(template) => template
                .names()
                .filter(|name| !self.outputs.contains(*name))
                .map(
                    |name| match self.app.variables.iter().any(|it| it == name) {
                        true => TemplateError::Credential(name.into()),
                        false => TemplateError::Unknown(name.into()),
                    },
                )
                .next(),
        };
        if let Some(error) = error {
            let message = in_words::template_error(&error, self.language);
            self.problem(Some(number), Some(field), message);
        }
    }

    fn path_and_output(&mut self, step: &Value, number: usize) {
        let text = |field: &str| step.get(field).and_then(Value::as_str).map(str::trim);
        if text("path").is_some_and(|path| !path.is_empty() && !path.starts_with("/api/")) {
            self.problem(
                Some(number),
                Some("path"),
                messages::path_begins(self.language),
            );
        }
        if let Some(output) = text("output") {
            if output.contains(['{', '}', '.']) {
                self.problem(
                    Some(number),
                    Some("output"),
                    messages::output_name(self.language),
                );
            }
            self.outputs.insert(output.into());
        }
    }
}

/// The source of a value and what it names, as in `{"variable": "name"}`.
fn source(value: Option<&Value>) -> Option<(&str, &str)> {
    let members = value?.as_object()?;
    let (source, text) = members.iter().next().filter(|_| members.len() == 1)?;
    Some((source, text.as_str()?))
}

fn is_empty(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(Value::Object(_)) => source(value).is_some_and(|(_, text)| text.trim().is_empty()),
        Some(_) => false,
    }
}
