//! Placeholders in templates: parsing their paths, and the errors of filling them in.

use std::error::Error;
use std::fmt;

use crate::messages::{Language, escaped};

/// The longest text after its placeholders are filled in, in bytes.
pub const MAX_FILLED: usize = 64 << 10;

/// Why a text is not valid, or cannot be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateError {
    /// A brace has no counterpart.
    SingleBrace,
    /// A name between braces or dots is empty.
    EmptyName(String),
    /// What is between brackets is no number, or something follows them.
    BadIndex(String),
    /// The output of a step has no such member.
    NoMember {
        /// The names in the placeholder.
        path: String,
        /// The members that are there.
        members: Vec<String>,
    },
    /// The value is a list or an object.
    NoText {
        /// The names in the placeholder.
        path: String,
        /// Its members.
        members: Vec<String>,
    },
    /// The name is neither a variable nor an output.
    Unknown {
        /// The names in the placeholder.
        path: String,
        /// The variables and outputs that are there.
        known: Vec<String>,
    },
    /// The name is that of a credential variable.
    Credential(String),
    /// A secret output.
    Secret(String),
    /// The text is longer than [`MAX_FILLED`] with its placeholders filled in.
    TooLong,
    /// The text is not the value of a header of a request.
    NotAHeader,
}

impl TemplateError {
    /// The message for people.
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::SingleBrace => texts::single_brace(language).into(),
            Self::EmptyName(name) => texts::empty_name(language, escaped(name)),
            Self::BadIndex(name) => texts::bad_index(language, escaped(name)),
            Self::NoMember { path, members } => {
                texts::no_member(language, escaped(path), listed(members, language))
            }
            Self::NoText { path, members } => {
                texts::no_text(language, escaped(path), listed(members, language))
            }
            Self::Unknown { path, known } => {
                texts::unknown(language, escaped(path), listed(known, language))
            }
            Self::Credential(name) => texts::credential(language, escaped(name)),
            Self::Secret(name) => texts::secret(language, escaped(name)),
            Self::TooLong => texts::too_long(language, MAX_FILLED >> 10),
            Self::NotAHeader => texts::not_a_header(language).into(),
        }
    }
}

/// The most names that a message lists, and the most characters of each.
pub(crate) const MAX_LISTED: usize = 20;
const MAX_SHOWN: usize = 64;

/// The first names of a list, for a message: a bot may have many, and a problem for each of its texts.
pub(crate) fn first_names<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    names.take(MAX_LISTED).map(shortened).collect()
}

/// The beginning of a name, for a message.
pub(crate) fn shortened(name: &str) -> String {
    name.chars().take(MAX_SHOWN).collect()
}

/// Names for a message. They may come from a server.
pub fn listed(names: &[String], language: Language) -> String {
    if names.is_empty() {
        return texts::nothing(language).into();
    }
    let names = names.iter().map(|name| escaped(name));
    names.collect::<Vec<_>>().join(", ")
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
            en: "There is a single { or }. Write {{ or }} for the brace itself.",
            de: "Eine geschweifte Klammer steht allein. Schreiben Sie {{ oder }} für die Klammer selbst.",
        }
        empty_name(name) {
            en: "{{{name}}} has an empty name. There must be a name between {{ and }}, such as {{organization.name}}.",
            de: "{{{name}}} enthält einen leeren Namen. Zwischen {{ und }} muss ein Name stehen, etwa {{organization.name}}.",
        }
        bad_index(name) {
            en: "{{{name}}} has an index that is not a number. Write {{name.list[0]}} for the first item of a list.",
            de: "{{{name}}} hat einen Index, der keine Zahl ist. Schreiben Sie {{name.list[0]}} für das erste Element einer Liste.",
        }
        no_member(name, members) {
            en: "{{{name}}} does not exist: the output of the step has no such member. Available: {members}.",
            de: "{{{name}}} gibt es nicht: Die Ausgabe des Schritts hat kein solches Element. Verfügbar: {members}.",
        }
        no_text(name, members) {
            en: "{{{name}}} is a list or an object. Name one of its members. Available: {members}.",
            de: "{{{name}}} ist eine Liste oder ein Objekt. Nennen Sie eines der Elemente. Verfügbar: {members}.",
        }
        unknown(name, known) {
            en: "{{{name}}} is neither a variable nor the output of an earlier step. Available: {known}.",
            de: "{{{name}}} ist weder eine Variable noch die Ausgabe eines früheren Schritts. Verfügbar: {known}.",
        }
        /// What is available, if nothing is.
        nothing { en: "none", de: "keine" }
        too_long(kib) {
            en: "The text is longer than {kib} KiB with its placeholders filled in.",
            de: "Der Text ist mit den eingesetzten Werten länger als {kib} KiB.",
        }
        not_a_header {
            en: "The value of a header is one line of at most 1,024 printable ASCII characters, and each header is set once.",
            de: "Der Wert eines Headers ist eine Zeile aus höchstens 1.024 druckbaren ASCII-Zeichen, und jeder Header darf nur einmal vorkommen.",
        }
        secret(name) {
            en: "{{{name}}} is a secret, which can be used in secret fields only. Remove the placeholder.",
            de: "{{{name}}} ist ein Geheimnis und lässt sich nur in geheimen Feldern verwenden. Entfernen Sie den Platzhalter.",
        }
        credential(name) {
            en: "{{{name}}} is a credential variable, which cannot be part of a text. Remove the placeholder.",
            de: "{{{name}}} ist eine Anmeldedaten-Variable und darf nicht in einem Text stehen. Entfernen Sie den Platzhalter.",
        }
    }
}

/// The names in a path such as `name.list[0].member`; the items of a list are its members `0`, `1`, ….
pub(crate) fn names(path: &str) -> Result<Vec<String>, TemplateError> {
    let mut names = Vec::new();
    for part in path.split('.') {
        let (name, mut indices) = part.split_at(part.find('[').unwrap_or(part.len()));
        if name.trim().is_empty() {
            return Err(TemplateError::EmptyName(path.into()));
        }
        names.push(name.trim().into());
        while !indices.is_empty() {
            let index = indices.strip_prefix('[').and_then(|it| it.split_once(']'));
            let index = index.map(|(index, rest)| (index.trim(), rest.trim_end()));
            match index {
                Some((index, rest)) if index.parse::<usize>().is_ok() => {
                    names.push(index.into());
                    indices = rest;
                }
                _ => return Err(TemplateError::BadIndex(path.into())),
            }
        }
    }
    Ok(names)
}
