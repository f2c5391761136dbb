//! Texts with placeholders: `{name}` and `{name.member}` are replaced by a variable or the output of an earlier step. `{{`
//! and `}}` are literal braces.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;

use secrecy::SecretString;
use serde_json::Value as Json;

use crate::messages::Language;
use crate::variables::{Variable, Variables};

/// A parsed text with placeholders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Placeholder { name: String, members: Vec<String> },
}

/// Why a text is not valid, or cannot be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateError {
    /// A brace has no counterpart.
    SingleBrace,
    /// A name between braces or dots is empty.
    EmptyName(String),
    /// The output of a step has no such member.
    NoMember(String),
    /// The value is a list or an object.
    NoText(String),
    /// The name is neither a variable nor an output.
    Unknown(String),
    /// The name is that of a credential variable.
    Credential(String),
    /// A secret output.
    Secret(String),
}

impl TemplateError {
    /// The message for people.
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::SingleBrace => texts::single_brace(language).into(),
            Self::EmptyName(name) => texts::empty_name(language, name.escape_debug()),
            Self::NoMember(name) => texts::no_member(language, name.escape_debug()),
            Self::NoText(name) => texts::no_text(language, name.escape_debug()),
            Self::Unknown(name) => texts::unknown(language, name.escape_debug()),
            Self::Credential(name) => texts::credential(language, name.escape_debug()),
            Self::Secret(name) => texts::secret(language, name.escape_debug()),
        }
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Language::English))
    }
}

impl Error for TemplateError {}

mod texts {
    crate::messages! {
        single_brace {
            en: "it has a single { or }; write {{ or }} for the brace itself",
            de: "eine geschweifte Klammer steht allein; schreiben Sie {{ oder }} für die Klammer selbst",
        }
        empty_name(name) {
            en: "{{{name}}} has an empty name; write {{name}} or {{name.member}}",
            de: "{{{name}}} enthält einen leeren Namen; schreiben Sie {{name}} oder {{name.member}}",
        }
        no_member(name) {
            en: "{{{name}}} does not exist: the output of the step has no such member",
            de: "{{{name}}} gibt es nicht: die Ausgabe des Schritts hat kein solches Element",
        }
        no_text(name) {
            en: "{{{name}}} is a list or an object; name one of its members",
            de: "{{{name}}} ist eine Liste oder ein Objekt; nennen Sie eines seiner Elemente",
        }
        unknown(name) {
            en: "{{{name}}} is neither a variable nor the output of an earlier step",
            de: "{{{name}}} ist weder eine Variable noch die Ausgabe eines früheren Schritts",
        }
        secret(name) {
            en: "{{{name}}} is a secret, and those are never shown",
            de: "{{{name}}} ist ein Geheimnis, und solche werden nie angezeigt",
        }
        credential(name) {
            en: "{{{name}}} is a credential variable, and those are never shown",
            de: "{{{name}}} ist eine Variable mit Anmeldedaten, und solche werden nie angezeigt",
        }
    }
}

/// The outputs of steps, by name.
#[derive(Debug, Default)]
pub struct Outputs {
    shown: BTreeMap<String, Json>,
    /// By the name of the output and of the member.
    secrets: BTreeMap<(String, String), SecretString>,
}

impl Outputs {
    /// Stores the output of a step.
    pub fn set(&mut self, name: impl Into<String>, output: Json) {
        let name = name.into();
        self.secrets.retain(|(other, _), _| *other != name);
        self.shown.insert(name, output);
    }

    /// Adds a secret member to an output. It can be the value of a field, and is never part of a text.
    pub fn set_secret(&mut self, name: &str, member: &str, secret: SecretString) {
        self.secrets.insert((name.into(), member.into()), secret);
    }

    /// Whether `name.member` is a secret.
    pub fn is_secret(&self, path: &str) -> bool {
        path.split_once('.')
            .is_some_and(|(name, member)| self.secrets.contains_key(&(name.into(), member.into())))
    }

    /// The value of `name` or `name.member`, if there is an output `name`.
    pub fn get(&self, path: &str) -> Option<Result<SecretString, TemplateError>> {
        let (name, member) = path.split_once('.').unwrap_or((path, ""));
        let output = self.shown.get(name)?;
        if let Some(secret) = self.secrets.get(&(name.into(), member.into())) {
            return Some(Ok(secret.clone()));
        }
        let members: Vec<_> = match member {
            "" => Vec::new(),
            member => member.split('.').map(str::to_owned).collect(),
        };
        Some(text(name, output, &members).map(Into::into))
    }
}

impl Template {
    /// Parses a text.
    ///
    /// # Errors
    ///
    /// If a placeholder is not valid.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, brace) = rest.split_at(at);
            plain.push_str(before);
            if let Some(after) = brace
                .strip_prefix("{{")
                .or_else(|| brace.strip_prefix("}}"))
            {
                plain.push_str(&brace[..1]);
                rest = after;
                continue;
            }
            let inside = brace.strip_prefix('{').ok_or(TemplateError::SingleBrace)?;
            let (path, after) = inside.split_once('}').ok_or(TemplateError::SingleBrace)?;
            let mut names = path.split('.').map(|name| name.trim().to_owned());
            if path.contains('{') {
                return Err(TemplateError::SingleBrace);
            }
            if names.clone().any(|name| name.is_empty()) {
                return Err(TemplateError::EmptyName(path.into()));
            }
            parts.push(Part::Text(std::mem::take(&mut plain)));
            let name = names.next().unwrap_or_default();
            parts.push(Part::Placeholder {
                name,
                members: names.collect(),
            });
            rest = after;
        }
        plain.push_str(rest);
        parts.push(Part::Text(plain));
        Ok(Self(parts))
    }

    /// The names of the variables and outputs in its placeholders, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Placeholder { name, .. } => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The text before the first placeholder.
    pub fn beginning(&self) -> &str {
        match self.0.first() {
            Some(Part::Text(text)) => text,
            _ => "",
        }
    }

    /// The text with each placeholder replaced by its value, which `escape` escapes.
    ///
    /// # Errors
    ///
    /// If a placeholder has no value that can be shown.
    pub fn fill(
        &self,
        variables: &Variables,
        outputs: &Outputs,
        escape: impl Fn(&str) -> String,
    ) -> Result<String, TemplateError> {
        let mut filled = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Placeholder { name, members } => {
                    filled.push_str(&escape(&look_up(name, members, variables, outputs)?));
                }
            }
        }
        Ok(filled)
    }
}

fn look_up(
    name: &str,
    members: &[String],
    variables: &Variables,
    outputs: &Outputs,
) -> Result<String, TemplateError> {
    let path = || [&[name.to_owned()], members].concat().join(".");
    if let Some(output) = outputs.shown.get(name) {
        if let [member] = members
            && outputs.secrets.contains_key(&(name.into(), member.clone()))
        {
            return Err(TemplateError::Secret(path()));
        }
        return text(name, output, members);
    }
    match variables.get(name) {
        Some(Variable::Text(text)) if members.is_empty() => Ok(text.clone()),
        Some(Variable::Text(_)) => Err(TemplateError::NoMember(path())),
        Some(Variable::Credential(_)) => Err(TemplateError::Credential(path())),
        None => Err(TemplateError::Unknown(path())),
    }
}

/// The text of an output's member. The items of a list are its members `0`, `1`, ….
fn text(name: &str, output: &Json, members: &[String]) -> Result<String, TemplateError> {
    let path = || [&[name.to_owned()], members].concat().join(".");
    let mut value = output;
    for member in members {
        let found = match value {
            Json::Array(items) => member.parse().ok().and_then(|at: usize| items.get(at)),
            other => other.get(member),
        };
        value = found.ok_or_else(|| TemplateError::NoMember(path()))?;
    }
    match value {
        Json::String(text) => Ok(text.clone()),
        Json::Object(_) | Json::Array(_) => Err(TemplateError::NoText(path())),
        other => Ok(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fill(text: &str) -> Result<String, TemplateError> {
        let mut variables = Variables::default();
        variables.set("greeting", Variable::Text("Hello".into()));
        variables.set("secret", Variable::Credential("canary".into()));
        let mut outputs = Outputs::default();
        outputs.set(
            "org",
            json!({"name": "Acme", "size": 3, "open": true, "home": {"city": "Ulm"}, "tags": []}),
        );
        Template::parse(text)?.fill(&variables, &outputs, str::to_owned)
    }

    #[test]
    fn placeholders_are_replaced_by_variables_and_outputs() {
        for (text, expected) in [
            ("", ""),
            ("plain", "plain"),
            ("{greeting}, {org.name}!", "Hello, Acme!"),
            ("{ org . home . city }", "Ulm"),
            ("{org.size} {org.open}", "3 true"),
            ("{{greeting}} {{{greeting}}}", "{greeting} {Hello}"),
        ] {
            assert_eq!(fill(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn invalid_placeholders_are_errors() {
        for (text, expected) in [
            ("{", TemplateError::SingleBrace),
            ("}", TemplateError::SingleBrace),
            ("{greeting", TemplateError::SingleBrace),
            ("{a{b}}", TemplateError::SingleBrace),
            ("{}", TemplateError::EmptyName(String::new())),
            ("{a..b}", TemplateError::EmptyName("a..b".into())),
            ("{nobody}", TemplateError::Unknown("nobody".into())),
            (
                "{org.missing}",
                TemplateError::NoMember("org.missing".into()),
            ),
            ("{greeting.x}", TemplateError::NoMember("greeting.x".into())),
            ("{org}", TemplateError::NoText("org".into())),
            ("{org.tags}", TemplateError::NoText("org.tags".into())),
            ("{secret}", TemplateError::Credential("secret".into())),
        ] {
            assert_eq!(fill(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn only_values_are_escaped() {
        let mut outputs = Outputs::default();
        outputs.set("id", json!("a/b"));
        let template = Template::parse("/api/{id}/x").unwrap();
        let filled = template.fill(&Variables::default(), &outputs, |value| {
            value.replace('/', "%2F")
        });
        assert_eq!(filled.as_deref(), Ok("/api/a%2Fb/x"));
    }
}
