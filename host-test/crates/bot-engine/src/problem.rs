//! Problems of a bot: where each is, what is wrong and what was expected, in English and German.

use std::fmt;

use thiserror::Error;

use crate::credential_path::PathError;
pub use crate::json::JsonKind;
use crate::messages::Language;
use crate::name::NameError;
use crate::placeholder::{TemplateError, listed};
use crate::secrets::{ResolveError, ResolveErrorKind};

/// The largest bot file, in bytes.
pub const MAX_FILE: usize = 1 << 20;

/// The most steps that a bot may have.
pub const MAX_STEPS: usize = 1000;

/// A problem that keeps a bot from running.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The step's number, counted from 1. `None` for the bot as a whole.
    pub step: Option<usize>,
    /// The step's action, if known.
    pub action: Option<String>,
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
    /// The file is not JSON. The parser's message, in English.
    NotJson(String),
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
    /// A name is too long, or contains invisible characters.
    BadSessionName,
    /// The value is not one of the options.
    NotAnOption {
        /// The options.
        options: Vec<String>,
        /// The value that was found.
        found: String,
    },
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
    /// The name of an output contains braces, brackets or dots.
    OutputName,
    /// No earlier step opens the session.
    NoSession(String),
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
    /// The message for people.
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::FileTooLarge => texts::file_too_large(language, MAX_FILE >> 10),
            Self::NotUtf8(byte) => texts::not_utf8(language, byte),
            Self::NotJson(reason) => texts::not_json(language, reason),
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
            Self::BadSessionName => texts::bad_session_name(language).into(),
            Self::NotAnOption { options, found } => {
                let options: Vec<_> = options.iter().map(|word| format!("{word:?}")).collect();
                let options = options.join(texts::or(language));
                texts::not_an_option(language, options, found.escape_debug())
            }
            Self::StepCount(found) => texts::step_count(language, MAX_STEPS, found),
            Self::NoAction { found, actions } => {
                texts::no_action(language, found.escape_debug(), actions)
            }
            Self::NoSuchField {
                similar: Some(similar),
                ..
            } => texts::misspelt_field(language, similar),
            Self::NoSuchField { known, .. } => texts::no_such_field(language, known),
            Self::NoSource(source) => {
                let expected = Expected::Value.in_language(language);
                texts::no_source(language, source.escape_debug(), expected)
            }
            Self::PlainSecret => {
                texts::plain_secret(language, Expected::Secret.in_language(language))
            }
            Self::Path(error) => match language {
                Language::English => error.to_string(),
                Language::German => texts::bad_path(language).into(),
            },
            Self::Name(error) => match language {
                Language::English => error.to_string(),
                Language::German => texts::bad_name(language).into(),
            },
            Self::Template(error) => error.message(language),
            Self::NotAnApiPath => texts::not_an_api_path(language).into(),
            Self::OutputName => texts::output_name(language).into(),
            Self::NoSession(name) => texts::no_session(language, name.escape_debug()),
            Self::NoVariable { name, known } => {
                texts::no_variable(language, name.escape_debug(), listed(known, language))
            }
            Self::OutsideAudience { session, component } => {
                texts::outside_audience(language, session.escape_debug(), component)
            }
            Self::Unresolved(error) | Self::UnresolvedConnection(error) => error.message(language),
            Self::Action(message) => message.clone(),
        }
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
            field: None,
            kind,
        }
    }

    /// The message for people, without the location.
    pub fn message(&self, language: Language) -> String {
        self.kind.message(language)
    }

    /// The location, as a JSON pointer (RFC 6901) into the bot file.
    pub fn pointer(&self) -> String {
        let step = self
            .step
            .map(|step| format!("/steps/{}", step.saturating_sub(1)));
        let field = self.field.as_ref().map(|field| {
            let escaped = field.replace('~', "~0").replace('/', "~1");
            format!("/{escaped}")
        });
        step.unwrap_or_default() + &field.unwrap_or_default()
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
        if let Some(step) = self.step {
            write!(f, "step {step}")?;
            if let Some(action) = &self.action {
                write!(f, " ({action})")?;
            }
            f.write_str(": ")?;
        }
        if let Some(field) = &self.field {
            write!(f, "{}: ", field.escape_debug())?;
        }
        f.write_str(&self.kind.message(Language::English))
    }
}

/// All problems of a bot; at least one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// `None` if there are no problems.
    pub(crate) fn new(problems: Vec<Problem>) -> Option<Self> {
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
}

/// One problem per line.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, problem) in self.0.iter().enumerate() {
            if number > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

mod texts {
    crate::messages! {
        /// What a switch takes.
        boolean_value { en: "true or false", de: "true oder false" }
        /// A kind of JSON value.
        text { en: "a text", de: "ein Text" }
        /// A kind of JSON value.
        list { en: "a list", de: "eine Liste" }
        /// A kind of JSON value.
        object { en: "an object", de: "ein Objekt" }
        /// A kind of JSON value.
        number { en: "a number", de: "eine Zahl" }
        /// A kind of JSON value.
        boolean { en: "true or false", de: "true oder false" }
        /// The separator of options.
        or { en: " or ", de: " oder " }
        /// A value that may be shown.
        value {
            en: "a text, a credential, a variable or an insecure string",
            de: "ein Text, eine Anmeldeinformation, eine Variable oder eine unsichere Zeichenfolge",
        }
        /// A secret value.
        secret {
            en: "{\"credential\": \"locker/credential/attribute\"}, {\"variable\": \"name\"} or {\"insecure-string\": \"text\"}",
            de: "{\"credential\": \"locker/credential/attribute\"}, {\"variable\": \"name\"} oder {\"insecure-string\": \"text\"}",
        }
        file_too_large(kib) {
            en: "the file is larger than {kib} KiB",
            de: "die Datei ist größer als {kib} KiB",
        }
        not_utf8(byte) {
            en: "the file is not UTF-8: byte {byte} is invalid",
            de: "die Datei ist nicht in UTF-8: Byte {byte} ist ungültig",
        }
        not_json(reason) {
            en: "the file is not JSON: {reason}",
            de: "die Datei ist kein JSON: {reason}",
        }
        expected(expected) { en: "expected {expected}", de: "erwartet wird {expected}" }
        expected_and_found(expected, found) {
            en: "expected {expected}, found {found}",
            de: "erwartet wird {expected}, gefunden wurde: {found}",
        }
        missing(expected) {
            en: "is missing; expected {expected}",
            de: "fehlt; erwartet wird {expected}",
        }
        empty { en: "is empty", de: "ist leer" }
        too_long(bytes) {
            en: "is longer than {bytes} bytes",
            de: "ist länger als {bytes} Byte",
        }
        bad_session_name {
            en: "must have at most 100 characters, and no line breaks or invisible characters",
            de: "darf höchstens 100 Zeichen und weder Zeilenumbrüche noch unsichtbare Zeichen haben",
        }
        not_an_option(options, found) {
            en: "expected {options}, found \"{found}\"",
            de: "erwartet wird {options}, gefunden wurde \"{found}\"",
        }
        step_count(most, found) {
            en: "expected 1 to {most} steps, found {found}",
            de: "erwartet werden 1 bis {most} Schritte, gefunden wurden {found}",
        }
        no_action(found, actions) {
            en: "there is no action \"{found}\"; expected {actions}",
            de: "es gibt keine Aktion \"{found}\"; erwartet wird {actions}",
        }
        misspelt_field(similar) {
            en: "there is no such field here; did you mean {similar}?",
            de: "ein solches Feld gibt es hier nicht; meinten Sie {similar}?",
        }
        no_such_field(known) {
            en: "there is no such field here; expected {known}",
            de: "ein solches Feld gibt es hier nicht; erwartet wird {known}",
        }
        no_source(source, expected) {
            en: "\"{source}\" is not a source of values; expected {expected}",
            de: "\"{source}\" ist keine Quelle für Werte; erwartet wird {expected}",
        }
        plain_secret(expected) {
            en: "a secret must not be plain text; expected {expected}",
            de: "ein Geheimnis darf kein einfacher Text sein; erwartet wird {expected}",
        }
        bad_path {
            en: "the path of a credential must be locker/credential/attribute",
            de: "der Pfad einer Anmeldeinformation muss locker/credential/attribute sein",
        }
        bad_name {
            en: "this is not a valid name",
            de: "das ist kein gültiger Name",
        }
        not_an_api_path {
            en: "expected a path that begins with /api/ and has no empty segment, no . and no .., such as /api/v2/users/me",
            de: "erwartet wird ein Pfad, der mit /api/ beginnt und keinen leeren Teil, kein . und kein .. hat, etwa /api/v2/users/me",
        }
        output_name {
            en: "a name must not contain braces, brackets or dots",
            de: "ein Name darf weder Klammern noch Punkte enthalten",
        }
        no_session(name) {
            en: "no earlier step opens the session \"{name}\"; authenticate first",
            de: "kein Schritt davor öffnet die Sitzung \"{name}\"; authentifizieren Sie sich zuerst",
        }
        outside_audience(session, component) {
            en: "the component {component} must not get the session \"{session}\": it can reach hosts that the session is not for; the operator can restrict what the component may reach",
            de: "die Komponente {component} darf die Sitzung \"{session}\" nicht bekommen: sie kann Hosts erreichen, für die die Sitzung nicht gilt; der Betreiber kann einschränken, was die Komponente erreichen darf",
        }
        no_variable(name, known) {
            en: "there is no variable \"{name}\"; available: {known}; `run --env NAME` defines one from an environment variable",
            de: "es gibt keine Variable \"{name}\"; verfügbar: {known}; `run --env NAME` legt eine aus einer Umgebungsvariablen an",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_in_both_languages() {
        use crate::name::NameError;
        let template = [
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
            TemplateError::Credential("secret".into()),
            TemplateError::Secret("new.password".into()),
        ];
        let expected = [
            Expected::Text,
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
            ProblemKind::NotJson("expected value at line 2".into()),
            ProblemKind::Expected {
                expected: Expected::Text,
                found: Some(JsonKind::Number),
            },
            ProblemKind::Empty,
            ProblemKind::TooLong(10_000),
            ProblemKind::BadSessionName,
            ProblemKind::NotAnOption {
                options: vec!["shared".into(), "own".into()],
                found: "mine".into(),
            },
            ProblemKind::StepCount(0),
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
            ProblemKind::Name(NameError::Empty),
            ProblemKind::NotAnApiPath,
            ProblemKind::OutputName,
            ProblemKind::NoSession("Default".into()),
            ProblemKind::NoVariable {
                name: "name".into(),
                known: vec!["SECRET".into(), "new".into()],
            },
            ProblemKind::OutsideAudience {
                session: "Default".into(),
                component: "acme".into(),
            },
        ];
        kinds.extend(template.map(ProblemKind::Template));
        kinds.extend(expected.map(ProblemKind::Missing));
        let mut messages = String::new();
        for kind in kinds {
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
    }
}
