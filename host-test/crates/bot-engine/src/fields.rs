//! The fields of a step, taken one by one; what is left over at the end is a mistake.

use super::file::BotFileError;
use super::json::Json;
use super::template::Template;
use super::value::Value;

/// The longest text in a field, in bytes.
const MAX_TEXT: usize = 10_000;

/// The members of an object in a bot file.
pub(super) struct Fields {
    members: Vec<(String, Json)>,
    known: Vec<&'static str>,
    place: BotFileError,
}

impl Fields {
    /// `place` says where the object stands; errors are made from it.
    pub(super) fn new(json: Json, place: BotFileError) -> Result<Self, BotFileError> {
        match json {
            Json::Object(members) => Ok(Self {
                members,
                known: Vec::new(),
                place,
            }),
            other => Err(place.because(format!("expected an object, found {}", other.kind()))),
        }
    }

    /// Names the action in all errors from now on.
    pub(super) fn of_action(&mut self, action: &str) {
        self.place.action = Some(action.into());
    }

    pub(super) fn error(&self, field: &str, problem: impl Into<String>) -> BotFileError {
        BotFileError {
            field: Some(field.into()),
            ..self.place.clone()
        }
        .because(problem)
    }

    fn take(&mut self, name: &'static str) -> Option<Json> {
        self.known.push(name);
        let at = self.members.iter().position(|(other, _)| other == name)?;
        Some(self.members.remove(at).1)
    }

    fn missing(&self, name: &str, expected: &str) -> BotFileError {
        self.error(name, format!("is missing; expected {expected}"))
    }

    /// A text, where the field is there.
    pub(super) fn optional_text(
        &mut self,
        name: &'static str,
    ) -> Result<Option<String>, BotFileError> {
        match self.take(name) {
            None => Ok(None),
            Some(Json::Text(text)) if text.len() > MAX_TEXT => {
                Err(self.error(name, format!("is longer than {MAX_TEXT} bytes")))
            }
            Some(Json::Text(text)) if text.trim().is_empty() => Err(self.error(name, "is empty")),
            Some(Json::Text(text)) => Ok(Some(text)),
            Some(other) => {
                Err(self.error(name, format!("expected a text, found {}", other.kind())))
            }
        }
    }

    pub(super) fn text(&mut self, name: &'static str) -> Result<String, BotFileError> {
        self.optional_text(name)?
            .ok_or_else(|| self.missing(name, "a text"))
    }

    /// A name: a short text without control characters.
    pub(super) fn name(
        &mut self,
        name: &'static str,
        default: &str,
    ) -> Result<String, BotFileError> {
        let text = self.optional_text(name)?.unwrap_or_else(|| default.into());
        let text = text.trim();
        if text.chars().count() > 100 || text.chars().any(char::is_control) {
            return Err(self.error(name, "must have at most 100 characters and no line breaks"));
        }
        Ok(text.into())
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(
        &mut self,
        name: &'static str,
        default: T,
        options: &[(&str, T)],
    ) -> Result<T, BotFileError> {
        let Some(chosen) = self.optional_text(name)? else {
            return Ok(default);
        };
        let option = options.iter().find(|(word, _)| *word == chosen);
        option.map(|(_, option)| *option).ok_or_else(|| {
            let words: Vec<_> = options
                .iter()
                .map(|(word, _)| format!("{word:?}"))
                .collect();
            self.error(
                name,
                format!("expected {}, found {chosen:?}", words.join(" or ")),
            )
        })
    }

    /// A text with placeholders.
    pub(super) fn template(&mut self, name: &'static str) -> Result<Template, BotFileError> {
        let text = self.text(name)?;
        Template::parse(&text).map_err(|error| self.error(name, error.to_string()))
    }

    /// A list.
    pub(super) fn list(&mut self, name: &'static str) -> Result<Vec<Json>, BotFileError> {
        match self.take(name) {
            Some(Json::List(values)) => Ok(values),
            Some(other) => {
                Err(self.error(name, format!("expected a list, found {}", other.kind())))
            }
            None => Err(self.missing(name, "a list")),
        }
    }

    /// A value that may be shown.
    pub(super) fn value(&mut self, name: &'static str) -> Result<Value, BotFileError> {
        const EXPECTED: &str = "a text, a credential, a variable or an insecure string";
        match self.take(name) {
            Some(Json::Text(text)) => self.checked(name, text).map(Value::Text),
            Some(json) => self.sourced(name, json, EXPECTED),
            None => Err(self.missing(name, EXPECTED)),
        }
    }

    /// A value that is a secret, for which plain text is not accepted.
    pub(super) fn secret(&mut self, name: &'static str) -> Result<Value, BotFileError> {
        const EXPECTED: &str = "{\"credential\": \"locker/credential/attribute\"}, \
                                {\"variable\": \"name\"} or {\"insecure-string\": \"text\"}";
        match self.take(name) {
            Some(Json::Text(_)) => Err(self.error(
                name,
                format!("a secret must not be plain text; expected {EXPECTED}"),
            )),
            Some(json) => self.sourced(name, json, EXPECTED),
            None => Err(self.missing(name, EXPECTED)),
        }
    }

    fn checked(&self, name: &str, text: String) -> Result<String, BotFileError> {
        if text.len() > MAX_TEXT {
            return Err(self.error(name, format!("is longer than {MAX_TEXT} bytes")));
        }
        Ok(text)
    }

    fn sourced(&self, field: &str, json: Json, expected: &str) -> Result<Value, BotFileError> {
        let found = json.kind();
        let mut members = match json {
            Json::Object(members) => members,
            _ => return Err(self.error(field, format!("expected {expected}, found {found}"))),
        };
        match (members.pop(), members.is_empty()) {
            (Some((source, Json::Text(text))), true) => {
                let text = self.checked(field, text)?;
                match source.as_str() {
                    "credential" => text
                        .parse()
                        .map(Value::Credential)
                        .map_err(|error| self.error(field, format!("{error}"))),
                    "variable" => Ok(Value::Variable(text)),
                    "insecure-string" => Ok(Value::InsecureString(text.into())),
                    _ => Err(self.error(
                        field,
                        format!("{source:?} is no source of values; expected {expected}"),
                    )),
                }
            }
            _ => Err(self.error(field, format!("expected {expected}"))),
        }
    }

    /// The single text of an object such as `{"oauth-connection": "name"}`.
    pub(super) fn named(
        &mut self,
        name: &'static str,
        source: &str,
    ) -> Result<String, BotFileError> {
        let expected = format!("{{\"{source}\": \"name\"}}");
        match self.take(name) {
            None => Err(self.missing(name, &expected)),
            Some(Json::Object(members)) => match <[(String, Json); 1]>::try_from(members) {
                Ok([(found, Json::Text(text))]) if found == source && !text.trim().is_empty() => {
                    Ok(text.trim().into())
                }
                _ => Err(self.error(name, format!("expected {expected}"))),
            },
            Some(other) => {
                Err(self.error(name, format!("expected {expected}, found {}", other.kind())))
            }
        }
    }

    /// Nothing may be left.
    pub(super) fn finish(self) -> Result<(), BotFileError> {
        match self.members.first() {
            None => Ok(()),
            // It may be anything, and is shown on a terminal.
            Some((name, _)) => Err(self.error(
                &name.escape_debug().to_string(),
                format!(
                    "there is no such field here; expected {}",
                    self.known.join(", ")
                ),
            )),
        }
    }
}
