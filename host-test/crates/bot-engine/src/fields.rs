//! Parses the fields of an object in a bot file one by one. Every problem is recorded, and a placeholder replaces each
//! value that is not valid, so that all problems are found in one pass.

use crate::json::{Json, JsonFault};
use crate::json_template::JsonTemplate;
use crate::location::Location;
use crate::name::Name;
use crate::placeholder::{MAX_FILLED, shortened};
use crate::problem::{Expected, Problem, ProblemKind};
use crate::template::Template;
use crate::value::Value;

/// The name of a step, for people.
pub(crate) const NAME: &str = "step-name";
/// A remark about a step.
pub(crate) const COMMENT: &str = "comment";
/// Whether a step is left out when the bot runs.
pub(crate) const DISABLED: &str = "disabled";

/// How many unknown fields are reported per object: a file may have a hundred thousand.
const MAX_UNKNOWN: usize = 10;

/// The longest text in a field, in bytes.
pub(crate) const MAX_TEXT: usize = 10_000;

/// The members of an object in a bot file.
pub(crate) struct Fields<'a> {
    members: Vec<(String, Json)>,
    known: Vec<String>,
    location: Location,
    problems: &'a mut Vec<Problem>,
}

impl<'a> Fields<'a> {
    /// `None`, with a problem recorded, if `json` is not an object.
    pub(crate) fn new(
        json: Json,
        location: Location,
        problems: &'a mut Vec<Problem>,
    ) -> Option<Self> {
        match json {
            Json::Object(members) => Some(Self {
                members,
                known: Vec::new(),
                location,
                problems,
            }),
            other => {
                problems.push(location.problem(None, wrong_kind(Expected::Object, &other)));
                None
            }
        }
    }

    /// Sets the action that all further problems refer to.
    pub(crate) fn set_action(&mut self, action: &str) {
        self.location.action = Some(action.into());
    }

    /// Records a problem.
    pub(crate) fn note(&mut self, field: &str, kind: ProblemKind) {
        self.problems.push(self.location.problem(Some(field), kind));
    }

    fn take(&mut self, name: &str) -> Option<Json> {
        self.known.push(name.into());
        let at = self.members.iter().position(|(other, _)| other == name)?;
        Some(self.members.remove(at).1)
    }

    /// A text. `None` if the field is absent or not valid.
    pub(crate) fn optional_text(&mut self, name: &str) -> Option<String> {
        match self.take(name)? {
            Json::Text(text) if text.len() > MAX_TEXT => {
                self.note(name, ProblemKind::TooLong(MAX_TEXT));
            }
            Json::Text(text) if text.trim().is_empty() => self.note(name, ProblemKind::Empty),
            Json::Text(text) => return Some(text),
            other => self.note(name, wrong_kind(Expected::Text, &other)),
        }
        None
    }

    /// Whether the field is there and `true`.
    pub(crate) fn is_true(&self, name: &str) -> bool {
        let is_it =
            |(other, value): &(String, Json)| other == name && *value == Json::Boolean(true);
        self.members.iter().any(is_it)
    }

    /// `true` or `false`. `false` if the field is absent or not valid.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        match self.take(name) {
            None => false,
            Some(Json::Boolean(value)) => value,
            Some(other) => {
                self.note(name, wrong_kind(Expected::Boolean, &other));
                false
            }
        }
    }

    /// A required text. `None` if it is missing or not valid.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        if !self.has(name) {
            self.known.push(name.into());
            self.note(name, ProblemKind::Missing(Expected::Text));
            return None;
        }
        self.optional_text(name)
    }

    /// A text, number or other value of JSON, which may be empty. `None` if the field is absent or too long.
    pub(crate) fn plain(&mut self, name: &str) -> Option<Json> {
        match self.take(name)? {
            Json::Text(text) => self.checked(name, text).map(Json::Text),
            other => Some(other),
        }
    }

    /// Whether the field is there.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.members.iter().any(|(other, _)| other == name)
    }

    /// A name: a short text without invisible characters.
    pub(crate) fn name(&mut self, name: &str, default: &str) -> String {
        let text = self.optional_text(name).unwrap_or_else(|| default.into());
        let text = text.trim();
        if let Some(problem) = ProblemKind::of_name(text) {
            self.note(name, problem);
            return default.into();
        }
        text.into()
    }

    /// One of a few words. The default if the field is absent or not valid.
    pub(crate) fn choice<T: Copy>(&mut self, name: &str, default: T, options: &[(&str, T)]) -> T {
        self.try_choice(name, default, options).unwrap_or(default)
    }

    /// One of a few words. The default if the field is absent, and `None` if it is not valid.
    pub(crate) fn try_choice<T: Copy>(
        &mut self,
        name: &str,
        default: T,
        options: &[(&str, T)],
    ) -> Option<T> {
        if !self.has(name) {
            self.known.push(name.into());
            return Some(default);
        }
        let chosen = self.optional_text(name)?;
        if let Some((_, option)) = options.iter().find(|(word, _)| *word == chosen) {
            return Some(*option);
        }
        let options = options.iter().map(|(word, _)| (*word).into()).collect();
        self.note(
            name,
            ProblemKind::NotAnOption {
                options,
                found: chosen,
            },
        );
        None
    }

    /// Accepts a field, whatever its value is, if it is there.
    pub(crate) fn skip(&mut self, name: &str) {
        self.take(name);
    }

    /// The name of an output.
    pub(crate) fn output_name(&mut self, name: &str) -> Option<String> {
        let output = self.optional_text(name)?.trim().to_owned();
        self.check_placeable(name, &output);
        Some(output)
    }

    /// Checks that a name can be part of a placeholder; whether it can.
    pub(crate) fn check_placeable(&mut self, field: &str, name: &str) -> bool {
        let is_reserved = name.contains(['{', '}', '[', ']', '.']);
        let reserved = is_reserved.then_some(ProblemKind::ReservedCharacter);
        let problem = reserved.or_else(|| ProblemKind::of_name(name));
        let Some(problem) = problem else {
            return true;
        };
        self.note(field, problem);
        false
    }

    /// A text with placeholders.
    pub(crate) fn template(&mut self, name: &str) -> Template {
        let parsed = self.text(name).map(|text| Template::parse(&text));
        match parsed {
            None => Template::default(),
            Some(Ok(template)) => template,
            Some(Err(error)) => {
                self.note(name, ProblemKind::Template(error));
                Template::default()
            }
        }
    }

    /// An object or a list, with placeholders in its texts. `None` if the field is absent or not valid.
    pub(crate) fn json_template(&mut self, name: &str) -> Option<JsonTemplate> {
        let json = self.take(name)?;
        if !matches!(json, Json::Object(_) | Json::List(_)) {
            self.note(name, not_an_object_or_list(&json));
            return None;
        }
        match JsonTemplate::parse(json) {
            Ok(template) if template.size() > MAX_FILLED => {
                self.note(name, ProblemKind::TooLong(MAX_FILLED));
                None
            }
            Ok(template) => Some(template),
            Err(error) => {
                self.note(name, ProblemKind::Template(error));
                None
            }
        }
    }

    /// A list that may be absent.
    pub(crate) fn optional_list(&mut self, name: &str) -> Vec<Json> {
        if self.has(name) {
            return self.list(name).unwrap_or_default();
        }
        self.skip(name);
        Vec::new()
    }

    /// A list.
    pub(crate) fn list(&mut self, name: &str) -> Option<Vec<Json>> {
        match self.take(name) {
            Some(Json::List(values)) => return Some(values),
            Some(other) => self.note(name, wrong_kind(Expected::List, &other)),
            None => self.note(name, ProblemKind::Missing(Expected::List)),
        }
        None
    }

    /// A value that may be shown.
    pub(crate) fn value(&mut self, name: &str) -> Value {
        let value = match self.take(name) {
            Some(Json::Text(text)) => self.checked(name, text).map(Value::Text),
            Some(json) => self.sourced(name, json, Expected::Value),
            None => {
                self.note(name, ProblemKind::Missing(Expected::Value));
                None
            }
        };
        value.unwrap_or(Value::Unreadable)
    }

    /// A secret value, for which plain text is not accepted.
    pub(crate) fn secret(&mut self, name: &str) -> Value {
        let value = match self.take(name) {
            Some(Json::Text(_)) => {
                self.note(name, ProblemKind::PlainSecret);
                None
            }
            Some(json) => self.sourced(name, json, Expected::Secret),
            None => {
                self.note(name, ProblemKind::Missing(Expected::Secret));
                None
            }
        };
        value.unwrap_or(Value::Unreadable)
    }

    fn checked(&mut self, name: &str, text: String) -> Option<String> {
        if text.len() > MAX_TEXT {
            self.note(name, ProblemKind::TooLong(MAX_TEXT));
            return None;
        }
        Some(text)
    }

    fn sourced(&mut self, field: &str, json: Json, expected: Expected) -> Option<Value> {
        let Json::Object(mut members) = json else {
            self.note(field, wrong_kind(expected, &json));
            return None;
        };
        let (Some((source, Json::Text(text))), true) = (members.pop(), members.is_empty()) else {
            let found = None;
            self.note(field, ProblemKind::Expected { expected, found });
            return None;
        };
        let text = self.checked(field, text)?;
        match source.as_str() {
            "credential" => match text.parse() {
                Ok(path) => Some(Value::Credential(path)),
                Err(error) => {
                    self.note(field, ProblemKind::Path(error));
                    None
                }
            },
            "variable" => Some(Value::Variable(text)),
            "insecure-string" => Some(Value::InsecureString(text.into())),
            _ => {
                self.note(field, ProblemKind::NoSource(source));
                None
            }
        }
    }

    /// The name in `{"oauth-connection": "name"}`.
    pub(crate) fn connection(&mut self, field: &str) -> Option<Name> {
        let expected = Expected::Connection;
        let kind = match self.take(field) {
            None => ProblemKind::Missing(expected),
            Some(Json::Object(members)) => match <[(String, Json); 1]>::try_from(members) {
                Ok([(found, Json::Text(text))])
                    if found == "oauth-connection" && !text.trim().is_empty() =>
                {
                    match text.parse() {
                        Ok(name) => return Some(name),
                        Err(error) => ProblemKind::Name(error),
                    }
                }
                _ => ProblemKind::Expected {
                    expected,
                    found: None,
                },
            },
            Some(other) => wrong_kind(expected, &other),
        };
        self.note(field, kind);
        None
    }

    /// Records all remaining fields as unknown.
    pub(crate) fn finish(mut self) {
        let known = self.known.join(", ");
        let names = std::mem::take(&mut self.known);
        for (name, _) in std::mem::take(&mut self.members)
            .into_iter()
            .take(MAX_UNKNOWN)
        {
            let known = known.clone();
            let similar = similar(&name, &names);
            self.note(
                &shortened(&name),
                ProblemKind::NoSuchField { known, similar },
            );
        }
    }
}

/// The name that was probably meant: one that differs in two letters at most, or in its case and separators only.
fn similar(name: &str, names: &[String]) -> Option<String> {
    // The distance takes quadratic time.
    if name.len() > 64 {
        return None;
    }
    let letters = |name: &str| -> String {
        let letters = name.chars().filter(|c| c.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    let name = letters(name);
    let distance = |other: &String| strsim::damerau_levenshtein(&name, &letters(other));
    let most = if name.len() < 5 { 1 } else { 2 };
    let closest = names.iter().min_by_key(|other| distance(other))?;
    (distance(closest) <= most).then(|| closest.clone())
}

/// Of a text that was meant as JSON, says where it is not.
fn not_an_object_or_list(found: &Json) -> ProblemKind {
    if let Json::Text(text) = found
        && let Err(error) = serde_json::from_str::<Json>(text)
    {
        return ProblemKind::InvalidJson(JsonFault::of(&error));
    }
    wrong_kind(Expected::ObjectOrList, found)
}

fn wrong_kind(expected: Expected, found: &Json) -> ProblemKind {
    ProblemKind::Expected {
        expected,
        found: Some(found.kind()),
    }
}
