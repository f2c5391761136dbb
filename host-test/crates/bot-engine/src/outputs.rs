//! What the steps of a running bot returned, by name. Its size is limited: a few steps that each double a text would
//! otherwise fill the memory.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::io;

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::Value as Json;

use crate::messages::Language;
use crate::placeholder::{MAX_LISTED, TemplateError, first_names, names};
use crate::problem::MAX_STEPS;

/// The largest output of a step, in bytes of JSON: as much as an action may return, or the API may respond with.
pub const MAX_OUTPUT: usize = 1 << 20;

/// The most that a bot keeps of all outputs together, in bytes of JSON. An output replaces one of the same name.
pub const MAX_OUTPUTS: usize = 8 << 20;

/// The outputs of steps, by name.
#[derive(Debug, Clone, Default)]
pub struct Outputs(BTreeMap<String, Output>);

#[derive(Debug, Clone)]
struct Output {
    shown: Json,
    secrets: BTreeMap<String, SecretString>,
    /// In bytes.
    size: usize,
}

/// Why an output cannot be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputError {
    /// It is larger than [`MAX_OUTPUT`].
    TooLarge,
    /// With it, all outputs together would be larger than [`MAX_OUTPUTS`].
    TooLargeTogether,
    /// There are more than a bot has steps.
    TooMany,
}

impl OutputError {
    /// The message for people.
    pub fn message(self, language: Language) -> String {
        match self {
            Self::TooLarge => texts::too_large(language, MAX_OUTPUT >> 10),
            Self::TooLargeTogether => texts::too_large_together(language, MAX_OUTPUTS >> 10),
            Self::TooMany => texts::too_many(language, MAX_STEPS),
        }
    }
}

impl fmt::Display for OutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Language::English))
    }
}

impl Error for OutputError {}

mod texts {
    crate::messages! {
        too_large(kib) {
            en: "What the step returned is larger than {kib} KiB. Request less: a smaller pageSize in the path or, with “All pages”, a filter.",
            de: "Was der Schritt zurückgegeben hat, ist größer als {kib} KiB. Fragen Sie weniger ab: mit einem kleineren pageSize im Pfad oder, bei „Alle Seiten“, mit einem Filter.",
        }
        too_many(most) { en: "There are more than {most} outputs.", de: "Es sind mehr als {most} Ausgaben." }
        too_large_together(kib) {
            en: "The outputs of all steps together are larger than {kib} KiB. Give the output of a later step the name of one that is no longer needed; it replaces that one.",
            de: "Die Ausgaben aller Schritte zusammen sind größer als {kib} KiB. Geben Sie einer späteren Ausgabe den Namen einer nicht mehr benötigten; sie ersetzt diese.",
        }
    }
}

impl Outputs {
    /// Keeps the output of a step, in the place of one with the same name. Secret members can be the values of fields, and
    /// are never part of a text.
    ///
    /// # Errors
    ///
    /// See [`OutputError`].
    pub fn set(
        &mut self,
        name: impl Into<String>,
        shown: Json,
        secrets: BTreeMap<String, SecretString>,
    ) -> Result<(), OutputError> {
        let name = name.into();
        let hidden: usize = secrets.values().map(|it| it.expose_secret().len()).sum();
        let size = size(&shown).saturating_add(hidden);
        if size > MAX_OUTPUT {
            return Err(OutputError::TooLarge);
        }
        let others = self.0.iter().filter(|(other, _)| **other != name);
        let others: usize = others.map(|(_, output)| output.size).sum();
        if others + size > MAX_OUTPUTS {
            return Err(OutputError::TooLargeTogether);
        }
        let output = Output {
            shown,
            secrets,
            size,
        };
        self.0.insert(name, output);
        Ok(())
    }

    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether `name.member` is a secret.
    pub fn is_secret(&self, path: &str) -> bool {
        self.secret(&names(path).unwrap_or_default()).is_some()
    }

    fn secret(&self, path: &[String]) -> Option<&SecretString> {
        match path {
            [name, member] => self.0.get(name)?.secrets.get(member),
            _ => None,
        }
    }

    /// The value of `name` or `name.member`, if there is an output `name`.
    pub fn get(&self, path: &str) -> Option<Result<SecretString, TemplateError>> {
        let names = names(path).ok()?;
        match self.secret(&names) {
            Some(secret) => Some(Ok(secret.clone())),
            None => Some(self.text(&names)?.map(Into::into)),
        }
    }

    /// A member that may be shown, if there is such an output. The items of a list are its members `0`, `1`, ….
    pub(crate) fn json(&self, path: &[String]) -> Option<Result<&Json, TemplateError>> {
        let (name, members) = path.split_first()?;
        let output = self.0.get(name)?;
        if self.secret(path).is_some() {
            return Some(Err(TemplateError::Secret(path.join("."))));
        }
        let mut value = &output.shown;
        for member in members {
            let found = match value {
                Json::Array(items) => member.parse().ok().and_then(|at: usize| items.get(at)),
                other => other.get(member),
            };
            let Some(found) = found else {
                return Some(Err(TemplateError::NoMember {
                    path: path.join("."),
                    members: members_of(value),
                }));
            };
            value = found;
        }
        Some(Ok(value))
    }

    /// The same as a text.
    pub(crate) fn text(&self, path: &[String]) -> Option<Result<String, TemplateError>> {
        Some(self.json(path)?.and_then(|value| match value {
            Json::String(text) => Ok(text.clone()),
            Json::Object(_) | Json::Array(_) => Err(TemplateError::NoText {
                path: path.join("."),
                members: members_of(value),
            }),
            other => Ok(other.to_string()),
        }))
    }
}

/// The first names of members, which may be a server's.
fn members_of(value: &Json) -> Vec<String> {
    match value {
        Json::Object(members) => first_names(members.keys().map(String::as_str)),
        Json::Array(items) => (0..items.len().min(MAX_LISTED))
            .map(|at| at.to_string())
            .collect(),
        _ => Vec::new(),
    }
}

/// The size of a value as JSON.
pub(crate) fn size(value: &(impl Serialize + ?Sized)) -> usize {
    struct Count(usize);
    impl io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    match serde_json::to_writer(&mut count, value) {
        Ok(()) => count.0,
        // Neither the counter nor JSON without other keys than texts fails.
        Err(_) => usize::MAX,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(bytes: usize) -> Json {
        // With its quotes.
        json!("x".repeat(bytes - 2))
    }

    #[test]
    fn an_output_is_limited() {
        let mut outputs = Outputs::default();
        outputs.set("a", text(MAX_OUTPUT), BTreeMap::new()).unwrap();
        let refused = outputs.set("b", text(MAX_OUTPUT + 1), BTreeMap::new());
        assert_eq!(refused, Err(OutputError::TooLarge));
        let secrets = BTreeMap::from([("s".into(), "x".repeat(MAX_OUTPUT).into())]);
        let refused = outputs.set("b", json!({}), secrets);
        assert_eq!(refused, Err(OutputError::TooLarge));
    }

    #[test]
    fn all_outputs_together_are_limited_and_one_replaces_another_of_the_same_name() {
        let mut outputs = Outputs::default();
        let most = MAX_OUTPUTS / MAX_OUTPUT;
        for name in 0..most {
            let name = name.to_string();
            outputs
                .set(name, text(MAX_OUTPUT), BTreeMap::new())
                .unwrap();
        }
        let refused = outputs.set("another", text(3), BTreeMap::new());
        assert_eq!(refused, Err(OutputError::TooLargeTogether));
        outputs
            .set("0", text(MAX_OUTPUT - 3), BTreeMap::new())
            .unwrap();
        outputs.set("another", text(3), BTreeMap::new()).unwrap();
    }

    #[test]
    fn errors_name_the_limit_in_both_languages() {
        for language in Language::ALL {
            assert!(OutputError::TooLarge.message(language).contains("1024 KiB"));
            let together = OutputError::TooLargeTogether.message(language);
            assert!(together.contains("8192 KiB"), "{together}");
        }
    }
}
