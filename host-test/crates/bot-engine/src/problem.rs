//! Problems of a bot: where each is, what is wrong and what was expected, in English and German.

use std::fmt;

use http::Method;
use thiserror::Error;

use crate::bot_source::{BotSourceError, MAX_BOTS, MAX_DEPTH, MAX_STEPS_IN_ALL};
use crate::credential_path::PathError;
pub use crate::json::{JsonFault, JsonKind};
use crate::messages::{Language, escaped};
use crate::name::{NameError, code_point, invisible};
use crate::placeholder::{TemplateError, listed};
use crate::secrets::{ResolveError, ResolveErrorKind};
use crate::value::ValueError;
use crate::variables::{MAX_VARIABLES, VARIABLES, VariableType};

/// The longest name in a bot file, of a bot, a session or an output, in characters.
const MAX_NAME_IN_FILE: usize = 100;

/// The largest bot file, in bytes.
pub const MAX_FILE: usize = 1 << 20;

/// The most steps that a bot may have.
pub const MAX_STEPS: usize = 1000;

/// A problem that keeps a bot from running.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The step's number, counted from 1. `None` for a variable, and for the bot as a whole.
    pub step: Option<usize>,
    /// The step's action, if known.
    pub action: Option<String>,
    /// The number of the variable, counted from 1.
    pub variable: Option<usize>,
    /// The field.
    pub field: Option<String>,
    /// What is wrong.
    pub kind: ProblemKind,
}

/// The kind of a problem.
#[derive(Debug, Clone)]
pub enum ProblemKind {
    /// The file is larger than [`MAX_FILE`].
    FileTooLarge,
    /// The file is not UTF-8. The number of the first invalid byte, counted from 1.
    NotUtf8(usize),
    /// The file is not valid JSON.
    NotJson(JsonFault),
    /// The text of a field is not valid JSON.
    InvalidJson(JsonFault),
    /// Another kind of value was expected.
    Expected {
        /// The expected kind.
        expected: Expected,
        /// The kind of JSON value that was found. `None` if only its content is wrong.
        found: Option<JsonKind>,
    },
    /// A required field is missing.
    Missing(Expected),
    /// A field is empty.
    Empty,
    /// A text is longer than this, in bytes.
    TooLong(usize),
    /// The name of a bot, a session or an output has more than 100 characters.
    LongName,
    /// The name of a bot, a session or an output contains this invisible character.
    InvisibleInName(char),
    /// The value is not one of the options.
    NotAnOption {
        /// The options.
        options: Vec<String>,
        /// The value that was found.
        found: String,
    },
    /// The bot declares more variables than [`MAX_VARIABLES`].
    TooManyVariables(usize),
    /// The bot declares a variable of this name already.
    NameTaken(String),
    /// A value is given for a variable that is not an input.
    NotAnInput(String),
    /// A secret is given for an input that may be shown.
    SecretInput(String),
    /// The secret that is given for an input contains this invisible character.
    InvisibleInput(String, char),
    /// The value that is given for an input is not of its type.
    WrongInput(String, VariableType),
    /// A step that runs a bot cannot give this input a value, as it is a secret.
    SecretFromStep(String),
    /// An input has neither a value nor a default.
    NoInput(String, VariableType),
    /// The bot has no steps, or too many.
    StepCount(usize),
    /// There is no action with this name.
    NoAction {
        /// The name that was found.
        found: String,
        /// The names of all actions.
        actions: String,
    },
    /// The step has no such field.
    NoSuchField {
        /// The names of its fields.
        known: String,
        /// The one that was probably meant.
        similar: Option<String>,
    },
    /// A value has an unknown source.
    NoSource(String),
    /// A secret is plain text.
    PlainSecret,
    /// A credential's path is not valid.
    Path(PathError),
    /// A connection's name is not valid.
    Name(NameError),
    /// A template is not valid.
    Template(TemplateError),
    /// The path of an API request does not begin with `/api/`.
    NotAnApiPath,
    /// A request with this method has no body.
    NoBody(Method),
    /// A name that placeholders contain has braces, brackets or dots.
    ReservedCharacter,
    /// No earlier step opens the session.
    NoSession(String),
    /// There is no bot of this name, or it cannot be read.
    NoBot(String, BotSourceError),
    /// Bots run other bots more than [`MAX_DEPTH`] deep.
    TooDeep,
    /// The bot runs itself, perhaps through others.
    RunsItself(String),
    /// The bot runs more than [`MAX_BOTS`] different bots.
    TooManyBots,
    /// The bot has more than [`MAX_STEPS_IN_ALL`] steps with those of the bots that it runs.
    StepsInAll,
    /// The bot that a step runs has this problem.
    InBot(String, Box<Problem>),
    /// JSON is not an object.
    NotAnObject,
    /// There is no such variable.
    NoVariable {
        /// The name that was found.
        name: String,
        /// The variables and outputs that are there.
        known: Vec<String>,
    },
    /// The component could reach hosts that the session is not for.
    OutsideAudience {
        /// The session.
        session: String,
        /// The component.
        component: String,
    },
    /// The secret provider refuses the credential.
    Unresolved(ResolveError),
    /// The secret provider has no token of the connection.
    UnresolvedConnection(ResolveError),
    /// The action's message about the field, localized for the locale of the check.
    Action(String),
}

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// A text.
    Text,
    /// A list.
    List,
    /// An object.
    Object,
    /// A value that may be shown.
    Value,
    /// A value that is a secret.
    Secret,
    /// An OAuth connection.
    Connection,
    /// `true` or `false`.
    Boolean,
    /// JSON that is an object or a list.
    ObjectOrList,
    /// An object of headers.
    Headers,
    /// A number.
    Number,
    /// A credential.
    Credential,
}

impl Expected {
    fn in_language(self, language: Language) -> String {
        match self {
            Self::Text => texts::text(language).into(),
            Self::List => texts::list(language).into(),
            Self::Object => texts::object(language).into(),
            Self::Value => texts::value(language).into(),
            Self::Secret => texts::secret(language).into(),
            Self::Connection => "{\"oauth-connection\": \"name\"}".into(),
            Self::Boolean => texts::boolean_value(language).into(),
            Self::ObjectOrList => texts::object_or_list(language).into(),
            Self::Headers => "{\"Accept-Language\": \"de\"}".into(),
            Self::Number => texts::number(language).into(),
            Self::Credential => "{\"credential\": \"locker/credential/attribute\"}".into(),
        }
    }
}

impl JsonKind {
    fn in_language(self, language: Language) -> &'static str {
        match self {
            Self::Object => texts::object(language),
            Self::List => texts::list(language),
            Self::Text => texts::text(language),
            Self::Number => texts::number(language),
            Self::Boolean => texts::boolean(language),
            Self::Null => "null",
        }
    }
}

impl ProblemKind {
    /// What is wrong with the name of a bot, a session or an output.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        let is_long = name.chars().count() > MAX_NAME_IN_FILE;
        let invisible = invisible(name).map(Self::InvisibleInName);
        invisible.or_else(|| is_long.then_some(Self::LongName))
    }

    /// The message for people.
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::FileTooLarge => texts::file_too_large(language, MAX_FILE >> 10),
            Self::NotUtf8(byte) => texts::not_utf8(language, byte),
            Self::NotJson(reason) => texts::not_json(language, reason.message(language)),
            Self::InvalidJson(reason) => texts::invalid_json(language, reason.message(language)),
            Self::Expected { expected, found } => {
                let expected = expected.in_language(language);
                match found {
                    Some(found) => {
                        texts::expected_and_found(language, expected, found.in_language(language))
                    }
                    None => texts::expected(language, expected),
                }
            }
            Self::Missing(expected) => texts::missing(language, expected.in_language(language)),
            Self::Empty => texts::empty(language).into(),
            Self::TooLong(bytes) => texts::too_long(language, bytes),
            Self::LongName => texts::long_name(language, MAX_NAME_IN_FILE),
            Self::InvisibleInName(it) => texts::invisible_in_name(language, code_point(*it)),
            Self::NotAnOption { options, found } => {
                let options: Vec<_> = options.iter().map(|word| format!("{word:?}")).collect();
                let options = options.join(texts::or(language));
                texts::not_an_option(language, options, escaped(found))
            }
            Self::TooManyVariables(found) => {
                texts::too_many_variables(language, MAX_VARIABLES, found)
            }
            Self::NameTaken(name) => texts::name_taken(language, escaped(name)),
            Self::NotAnInput(name) => texts::not_an_input(language, escaped(name)),
            Self::SecretFromStep(name) => texts::secret_from_step(language, escaped(name)),
            Self::SecretInput(name) => texts::secret_input(language, escaped(name)),
            Self::InvisibleInput(name, character) => {
                texts::invisible_input(language, escaped(name), code_point(*character))
            }
            Self::WrongInput(name, variable_type) => wrong_input(language, name, *variable_type),
            Self::NoInput(name, VariableType::Credential) => {
                texts::no_credential_input(language, escaped(name))
            }
            Self::NoInput(name, _) => texts::no_input(language, escaped(name)),
            Self::StepCount(0) => texts::no_steps(language).into(),
            Self::StepCount(found) => texts::step_count(language, MAX_STEPS, found),
            Self::NoAction { found, actions } => {
                texts::no_action(language, escaped(found), actions)
            }
            Self::NoSuchField {
                similar: Some(similar),
                ..
            } => texts::misspelt_field(language, similar),
            Self::NoSuchField { known, .. } => texts::no_such_field(language, known),
            Self::NoSource(source) => {
                let expected = Expected::Value.in_language(language);
                texts::no_source(language, escaped(source), expected)
            }
            Self::PlainSecret => {
                texts::plain_secret(language, Expected::Secret.in_language(language))
            }
            Self::Path(PathError::BadName(error)) | Self::Name(error) => {
                texts::bad_name(language, error.message(language))
            }
            Self::Path(_) => texts::bad_path(language).into(),
            Self::Template(error) => error.message(language),
            Self::NotAnApiPath => texts::not_an_api_path(language).into(),
            Self::NoBody(method) => texts::no_body(language, method),
            Self::ReservedCharacter => texts::reserved_character(language).into(),
            Self::NoSession(name) => texts::no_session(language, escaped(name)),
            Self::NoBot(name, BotSourceError::None) => texts::no_bot(language, escaped(name)),
            Self::NoBot(name, BotSourceError::Several) => {
                texts::several_bots(language, escaped(name))
            }
            Self::NoBot(name, BotSourceError::Failed) => {
                texts::bot_not_read(language, escaped(name))
            }
            Self::TooDeep => texts::too_deep(language, MAX_DEPTH),
            Self::RunsItself(name) => texts::runs_itself(language, escaped(name)),
            Self::TooManyBots => texts::too_many_bots(language, MAX_BOTS),
            Self::StepsInAll => texts::steps_in_all(language, MAX_STEPS_IN_ALL),
            Self::InBot(name, problem) => texts::in_bot(
                language,
                escaped(name),
                problem.message_with_place(language),
            ),
            Self::NotAnObject => texts::not_an_object(language).into(),
            Self::NoVariable { name, known } => {
                let missing = ValueError::NoVariable(name.clone()).message(language);
                let known = texts::known_names(language, listed(known, language));
                format!("{missing} {known}")
            }
            Self::OutsideAudience { session, component } => {
                texts::outside_audience(language, escaped(session), component)
            }
            Self::Unresolved(error) | Self::UnresolvedConnection(error) => error.message(language),
            Self::Action(message) => message.clone(),
        }
    }
}

/// The message for an input whose value is not of this type.
fn wrong_input(language: Language, name: &str, variable_type: VariableType) -> String {
    let name = escaped(name);
    match variable_type {
        VariableType::Text => texts::secret_input(language, name),
        VariableType::Number => texts::input_number(language, name),
        VariableType::Boolean => texts::input_boolean(language, name),
        VariableType::Credential => texts::input_credential(language, name),
    }
}

/// Compares the messages: two problems are equal if people cannot tell them apart.
impl PartialEq for ProblemKind {
    fn eq(&self, other: &Self) -> bool {
        self.message(Language::English) == other.message(Language::English)
    }
}

impl Eq for ProblemKind {}

impl Problem {
    /// A problem of the bot as a whole.
    pub(crate) fn of_bot(kind: ProblemKind) -> Self {
        Self {
            step: None,
            action: None,
            variable: None,
            field: None,
            kind,
        }
    }

    /// The message for people, without the location.
    pub fn message(&self, language: Language) -> String {
        self.kind.message(language)
    }

    /// The message for people, with the location: the step, its action and the field, as far as they are known.
    pub fn message_with_place(&self, language: Language) -> String {
        let mut message = String::new();
        if let Some(step) = self.step {
            message += &match &self.action {
                Some(action) => texts::at_action(language, step, escaped(action)),
                None => texts::at_step(language, step),
            };
        }
        if let Some(variable) = self.variable {
            message += &texts::at_variable(language, variable);
        }
        if let Some(field) = &self.field {
            message += &format!("{}: ", escaped(field));
        }
        message + &self.message(language)
    }

    /// The location, as a JSON pointer (RFC 6901) into the bot file.
    pub fn pointer(&self) -> String {
        let item = |list: &str, number: usize| format!("/{list}/{}", number.saturating_sub(1));
        let step = self.step.map(|step| item("steps", step));
        let variable = self.variable.map(|variable| item(VARIABLES, variable));
        let field = self.field.as_ref().map(|field| {
            let escaped = field.replace('~', "~0").replace('/', "~1");
            format!("/{escaped}")
        });
        step.or(variable).unwrap_or_default() + &field.unwrap_or_default()
    }

    /// A stable name for the problem: `invalid-bot`, or one that says what is wrong with a connection.
    pub fn code(&self) -> &'static str {
        match &self.kind {
            ProblemKind::UnresolvedConnection(error)
                if error.kind() != ResolveErrorKind::NoPrincipal =>
            {
                error.kind().of_connection()
            }
            _ => "invalid-bot",
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message_with_place(Language::English))
    }
}

/// All problems of a bot; at least one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// `None` if there are no problems.
    pub fn new(problems: Vec<Problem>) -> Option<Self> {
        (!problems.is_empty()).then_some(Self(problems))
    }

    /// The first one.
    pub fn first(&self) -> &Problem {
        &self.0[0]
    }

    /// All of them, in the order of the file.
    pub fn all(&self) -> &[Problem] {
        &self.0
    }

    /// The messages for people, with the locations: one problem per line.
    pub fn message(&self, language: Language) -> String {
        let problems = self.0.iter().map(|it| it.message_with_place(language));
        problems.collect::<Vec<_>>().join("\n")
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Language::English))
    }
}

pub(crate) mod texts {
    crate::messages! {
        /// What a switch takes.
        boolean_value { en: "true or false", de: "true oder false" }
        /// A kind of JSON value.
        text { en: "a text", de: "ein Text" }
        /// A kind of JSON value.
        list { en: "a list", de: "eine Liste" }
        /// A kind of JSON value.
        object { en: "an object", de: "ein Objekt" }
        /// The body of a request.
        object_or_list {
            en: "JSON that is an object or a list, such as {\"name\": \"Ada\"}",
            de: "JSON, das ein Objekt oder eine Liste ist, etwa {\"name\": \"Ada\"}",
        }
        /// A kind of JSON value.
        number { en: "a number", de: "eine Zahl" }
        /// A kind of JSON value.
        boolean { en: "true or false", de: "true oder false" }
        /// The separator of options.
        or { en: " or ", de: " oder " }
        /// A value that may be shown.
        value {
            en: "a text, a credential, a variable or an insecure string",
            de: "ein Text, Anmeldedaten, eine Variable oder eine unsichere Zeichenfolge",
        }
        /// A secret value.
        secret {
            en: "{\"credential\": \"locker/credential/attribute\"}, {\"variable\": \"name\"} or {\"insecure-string\": \"text\"}",
            de: "{\"credential\": \"locker/credential/attribute\"}, {\"variable\": \"name\"} oder {\"insecure-string\": \"text\"}",
        }
        at_step(step) { en: "step {step}: ", de: "Schritt {step}: " }
        at_variable(variable) { en: "variable {variable}: ", de: "Variable {variable}: " }
        at_action(step, action) { en: "step {step} ({action}): ", de: "Schritt {step} ({action}): " }
        file_too_large(kib) {
            en: "The file is larger than {kib} KiB.",
            de: "Die Datei ist größer als {kib} KiB.",
        }
        not_utf8(byte) {
            en: "The file is not UTF-8: byte {byte} is invalid.",
            de: "Die Datei ist nicht in UTF-8: Byte {byte} ist ungültig.",
        }
        not_json(reason) {
            en: "The file is not JSON: {reason}.",
            de: "Die Datei ist kein JSON: {reason}.",
        }
        invalid_json(reason) { en: "This is not JSON: {reason}.", de: "Das ist kein JSON: {reason}." }
        expected(expected) { en: "Expected {expected}.", de: "Erwartet wird {expected}." }
        expected_and_found(expected, found) {
            en: "Expected {expected}, found {found}.",
            de: "Erwartet wird {expected}, gefunden wurde: {found}.",
        }
        missing(expected) {
            en: "The field is missing. Expected {expected}.",
            de: "Das Feld fehlt. Erwartet wird {expected}.",
        }
        empty { en: "The field is empty.", de: "Das Feld ist leer." }
        too_long(bytes) {
            en: "The text is longer than {bytes} bytes.",
            de: "Der Text ist länger als {bytes} Bytes.",
        }
        long_name(most) {
            en: "The name must have at most {most} characters.",
            de: "Der Name darf höchstens {most} Zeichen haben.",
        }
        invisible_in_name(code_point) {
            en: "The name contains an invisible character ({code_point}). Type the name, or copy it again.",
            de: "Der Name enthält ein unsichtbares Zeichen ({code_point}). Tippen Sie den Namen ein, oder kopieren Sie ihn noch einmal.",
        }
        not_an_option(options, found) {
            en: "Expected {options}, found \"{found}\".",
            de: "Erwartet wird {options}, gefunden wurde \"{found}\".",
        }
        too_many_variables(most, found) {
            en: "Expected at most {most} variables, found {found}.",
            de: "Erwartet werden höchstens {most} Variablen, gefunden wurden {found}.",
        }
        name_taken(name) {
            en: "The bot already has a variable “{name}”. Choose another name.",
            de: "Der Bot hat bereits eine Variable „{name}“. Wählen Sie einen anderen Namen.",
        }
        not_an_input(name) {
            en: "“{name}” is not an input of the bot. Leave its value out, or make it an input.",
            de: "„{name}“ ist keine Eingabe des Bots. Lassen Sie den Wert weg, oder machen Sie die Variable zu einer Eingabe.",
        }
        no_input(name) {
            en: "The input “{name}” has no value. Enter one; at the command line: `--variable {name}=VALUE`.",
            de: "Die Eingabe „{name}“ hat keinen Wert. Geben Sie einen ein; in der Befehlszeile: `--variable {name}=WERT`.",
        }
        no_credential_input(name) {
            en: "The secret input “{name}” has no value. Enter one; at the command line, `--env {name}` takes it from an environment variable.",
            de: "Die geheime Eingabe „{name}“ hat keinen Wert. Geben Sie einen ein; in der Befehlszeile übernimmt `--env {name}` ihn aus einer Umgebungsvariablen.",
        }
        secret_input(name) {
            en: "The input “{name}” is not a secret. Pass it with `--variable {name}=VALUE` instead of `--env`.",
            de: "Die Eingabe „{name}“ ist nicht geheim. Übergeben Sie sie mit `--variable {name}=WERT` statt mit `--env`.",
        }
        secret_from_step(name) {
            en: "A step cannot give the secret input “{name}” a value. Give it a credential in the bot that this step runs.",
            de: "Ein Schritt kann der geheimen Eingabe „{name}“ keinen Wert geben. Legen Sie in dem Bot, den der Schritt ausführt, Anmeldedaten dafür fest.",
        }
        invisible_input(name, code_point) {
            en: "The value of “{name}” contains an invisible character ({code_point}). Type the value, or copy it again.",
            de: "Der Wert von „{name}“ enthält ein unsichtbares Zeichen ({code_point}). Tippen Sie den Wert ein, oder kopieren Sie ihn noch einmal.",
        }
        input_number(name) {
            en: "The input “{name}” must be a number, such as 25 or 0.5.",
            de: "Die Eingabe „{name}“ muss eine Zahl sein, etwa 25 oder 0.5.",
        }
        input_boolean(name) {
            en: "The input “{name}” must be true or false.",
            de: "Die Eingabe „{name}“ muss true oder false sein.",
        }
        input_credential(name) {
            en: "The input “{name}” is a secret. At the command line, `--env {name}` takes it from an environment variable.",
            de: "Die Eingabe „{name}“ ist ein Geheimnis. In der Befehlszeile übernimmt `--env {name}` es aus einer Umgebungsvariablen.",
        }
        no_steps { en: "The bot has no steps yet.", de: "Der Bot hat noch keine Schritte." }
        step_count(most, found) {
            en: "Expected 1 to {most} steps, found {found}.",
            de: "Erwartet werden 1 bis {most} Schritte, gefunden wurden {found}.",
        }
        no_action(found, actions) {
            en: "There is no action “{found}” here. Expected {actions}.",
            de: "Es gibt hier keine Aktion „{found}“. Erwartet wird {actions}.",
        }
        no_body(method) {
            en: "A {method} request has no body. Remove it, or choose POST, PUT or PATCH.",
            de: "Eine Anfrage mit {method} hat keinen Body. Entfernen Sie ihn, oder wählen Sie POST, PUT oder PATCH.",
        }
        misspelt_field(similar) {
            en: "There is no such field here. Did you mean {similar}?",
            de: "Ein solches Feld gibt es hier nicht. Meinten Sie {similar}?",
        }
        no_such_field(known) {
            en: "There is no such field here. Expected {known}.",
            de: "Ein solches Feld gibt es hier nicht. Erwartet wird {known}.",
        }
        no_source(source, expected) {
            en: "“{source}” is not a source of values. Expected {expected}.",
            de: "„{source}“ ist keine Quelle für Werte. Erwartet wird {expected}.",
        }
        plain_secret(expected) {
            en: "A secret must not be plain text. Expected {expected}.",
            de: "Ein Geheimnis darf kein einfacher Text sein. Erwartet wird {expected}.",
        }
        bad_path {
            en: "The path of a credential must have the form locker/credential/attribute.",
            de: "Der Pfad von Anmeldedaten muss die Form locker/credential/attribute haben.",
        }
        bad_name(reason) {
            en: "This is not a valid name: {reason}.",
            de: "Das ist kein gültiger Name: {reason}.",
        }
        no_bot(name) {
            en: "There is no bot “{name}”. At the command line, it must be in the file {name}.json beside this one.",
            de: "Es gibt keinen Bot „{name}“. In der Befehlszeile muss er in der Datei {name}.json neben dieser stehen.",
        }
        several_bots(name) {
            en: "Several of your bots are called “{name}”. Rename all but one.",
            de: "Mehrere Ihrer Bots heißen „{name}“. Benennen Sie alle bis auf einen um.",
        }
        bot_not_read(name) {
            en: "The bot “{name}” cannot be read now. Try again later.",
            de: "Der Bot „{name}“ lässt sich gerade nicht lesen. Versuchen Sie es später noch einmal.",
        }
        too_deep(most) {
            en: "Bots can run other bots at most {most} levels deep. Run the innermost bots from a bot at a higher level.",
            de: "Bots können andere Bots höchstens {most} Ebenen tief ausführen. Lassen Sie die innersten Bots von einem Bot auf einer höheren Ebene ausführen.",
        }
        runs_itself(name) {
            en: "The bot “{name}” would run itself again and again.",
            de: "Der Bot „{name}“ würde sich immer wieder selbst ausführen.",
        }
        too_many_bots(most) {
            en: "The bot runs more than {most} different bots, directly or through others. Remove some.",
            de: "Der Bot führt direkt oder über andere mehr als {most} verschiedene Bots aus. Entfernen Sie einige.",
        }
        steps_in_all(most) {
            en: "Together with the bots that it runs, the bot has more than {most} steps. Remove some.",
            de: "Zusammen mit den Bots, die er ausführt, hat der Bot mehr als {most} Schritte. Entfernen Sie einige.",
        }
        in_bot(name, problem) {
            en: "The bot “{name}” has a mistake: {problem}",
            de: "Der Bot „{name}“ hat einen Fehler: {problem}",
        }
        not_an_object {
            en: "Expected an object, such as {\"name\": \"Ada\"}.",
            de: "Erwartet wird ein Objekt, etwa {\"name\": \"Ada\"}.",
        }
        not_an_api_path {
            en: "The path must begin with /api/, such as /api/v2/users/me. Empty segments, the segments . and .., #, spaces and non-ASCII characters are not allowed (write %20 for a space and %C3%A4 for ä).",
            de: "Der Pfad muss mit /api/ beginnen, etwa /api/v2/users/me. Nicht erlaubt sind leere Abschnitte, die Abschnitte . und .., #, Leerzeichen und Zeichen außerhalb von ASCII (schreiben Sie %20 für ein Leerzeichen und %C3%A4 für ä).",
        }
        reserved_character {
            en: "A name must not contain braces, brackets or dots.",
            de: "Ein Name darf weder Klammern noch Punkte enthalten.",
        }
        no_session(name) {
            en: "No earlier step opens the session “{name}”. Add a step before this one that opens it, such as a sign-in.",
            de: "Kein früherer Schritt öffnet die Sitzung „{name}“. Fügen Sie davor einen Schritt ein, der sie öffnet, etwa eine Anmeldung.",
        }
        outside_audience(session, component) {
            en: "The component {component} must not get the session “{session}”, as it can reach hosts that the session is not for. The operator can restrict what the component may reach.",
            de: "Die Komponente {component} darf die Sitzung „{session}“ nicht bekommen, denn sie kann Hosts erreichen, für die die Sitzung nicht gilt. Der Betreiber kann einschränken, was die Komponente erreichen darf.",
        }
        known_names(known) { en: "The known names are: {known}.", de: "Bekannt sind: {known}." }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Json;

    fn of_templates() -> [TemplateError; 10] {
        [
            TemplateError::SingleBrace,
            TemplateError::EmptyName("a..b".into()),
            TemplateError::BadIndex("a[x]".into()),
            TemplateError::NoMember {
                path: "org.missing".into(),
                members: vec!["name".into()],
            },
            TemplateError::NoText {
                path: "org.tags".into(),
                members: vec!["0".into(), "1".into()],
            },
            TemplateError::Unknown {
                path: "nobody".into(),
                known: vec![],
            },
            TemplateError::TooLong,
            TemplateError::NotAHeader,
            TemplateError::Credential("secret".into()),
            TemplateError::Secret("new.password".into()),
        ]
    }

    #[test]
    fn messages_in_both_languages() {
        use crate::name::NameError;
        let expected = [
            Expected::Text,
            Expected::Number,
            Expected::Credential,
            Expected::List,
            Expected::Object,
            Expected::Value,
            Expected::Secret,
            Expected::Connection,
            Expected::Boolean,
        ];
        let mut kinds = vec![
            ProblemKind::FileTooLarge,
            ProblemKind::NotUtf8(11),
            ProblemKind::NotJson(JsonFault::of(
                &serde_json::from_str::<bool>("x").unwrap_err(),
            )),
            ProblemKind::InvalidJson(JsonFault::of(
                &serde_json::from_str::<Json>("[1,\n]").unwrap_err(),
            )),
            ProblemKind::Expected {
                expected: Expected::Text,
                found: Some(JsonKind::Number),
            },
            ProblemKind::Empty,
            ProblemKind::TooLong(10_000),
            ProblemKind::LongName,
            ProblemKind::InvisibleInName('\u{202e}'),
            ProblemKind::NotAnOption {
                options: vec!["shared".into(), "own".into()],
                found: "mine".into(),
            },
            ProblemKind::TooManyVariables(101),
            ProblemKind::NameTaken("region".into()),
            ProblemKind::NotAnInput("region".into()),
            ProblemKind::SecretInput("region".into()),
            ProblemKind::SecretFromStep("secret".into()),
            ProblemKind::InvisibleInput("secret".into(), '\u{200b}'),
            ProblemKind::StepCount(0),
            ProblemKind::StepCount(1001),
            ProblemKind::NoAction {
                found: "logg".into(),
                actions: "genesys/api-request, log".into(),
            },
            ProblemKind::NoSuchField {
                known: "action, message".into(),
                similar: None,
            },
            ProblemKind::NoSuchField {
                known: "action, message".into(),
                similar: Some("message".into()),
            },
            ProblemKind::NoSource("password".into()),
            ProblemKind::PlainSecret,
            ProblemKind::Path(PathError::NotThreeNames),
            ProblemKind::Path(PathError::BadName(NameError::TooLong)),
            ProblemKind::Name(NameError::Slash),
            ProblemKind::Name(NameError::Invisible('\u{202e}')),
            ProblemKind::Name(NameError::Empty),
            ProblemKind::NotAnApiPath,
            ProblemKind::NoBody(Method::GET),
            ProblemKind::ReservedCharacter,
            ProblemKind::NoSession("Default".into()),
            ProblemKind::NoVariable {
                name: "name".into(),
                known: vec!["SECRET".into(), "new".into()],
            },
            ProblemKind::OutsideAudience {
                session: "Default".into(),
                component: "acme".into(),
            },
            ProblemKind::NoBot("Orders".into(), BotSourceError::None),
            ProblemKind::NoBot("Orders".into(), BotSourceError::Several),
            ProblemKind::NoBot("Orders".into(), BotSourceError::Failed),
            ProblemKind::TooDeep,
            ProblemKind::RunsItself("Orders".into()),
            ProblemKind::TooManyBots,
            ProblemKind::StepsInAll,
            ProblemKind::InBot("Orders".into(), Problem::of_bot(ProblemKind::Empty).into()),
            ProblemKind::NotAnObject,
        ];
        for (_, variable_type) in VariableType::ALL {
            kinds.push(ProblemKind::WrongInput("count".into(), variable_type));
            kinds.push(ProblemKind::NoInput("count".into(), variable_type));
        }
        kinds.extend(of_templates().map(ProblemKind::Template));
        kinds.extend(expected.map(ProblemKind::Missing));
        let mut messages = String::new();
        for kind in kinds {
            let [english, german] = Language::ALL.map(|language| kind.message(language));
            assert_ne!(english, german);
            for language in Language::ALL {
                messages += &format!("{}  {}\n", language.tag(), kind.message(language));
            }
        }
        insta::assert_snapshot!(messages);
    }

    #[test]
    fn a_problem_has_a_pointer_into_the_file() {
        let mut problem = Problem::of_bot(ProblemKind::Empty);
        assert_eq!(problem.pointer(), "");
        problem.field = Some("name".into());
        assert_eq!(problem.pointer(), "/name");
        problem.step = Some(2);
        problem.field = Some("a/b~c".into());
        assert_eq!(problem.pointer(), "/steps/1/a~1b~0c");
        (problem.step, problem.variable) = (None, Some(3));
        assert_eq!(problem.pointer(), "/variables/2/a~1b~0c");
    }
}
