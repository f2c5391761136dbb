//! What stands between the braces of a text, and why it cannot be filled in.

use std::error::Error;
use std::fmt;

use crate::messages::Language;

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
}

impl TemplateError {
    /// The message for people.
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::SingleBrace => texts::single_brace(language).into(),
            Self::EmptyName(name) => texts::empty_name(language, name.escape_debug()),
            Self::BadIndex(name) => texts::bad_index(language, name.escape_debug()),
            Self::NoMember { path, members } => {
                texts::no_member(language, path.escape_debug(), listed(members, language))
            }
            Self::NoText { path, members } => {
                texts::no_text(language, path.escape_debug(), listed(members, language))
            }
            Self::Unknown { path, known } => {
                texts::unknown(language, path.escape_debug(), listed(known, language))
            }
            Self::Credential(name) => texts::credential(language, name.escape_debug()),
            Self::Secret(name) => texts::secret(language, name.escape_debug()),
            Self::TooLong => texts::too_long(language, MAX_FILLED >> 10),
        }
    }
}

/// Names for a message. They may come from a server.
pub fn listed(names: &[String], language: Language) -> String {
    if names.is_empty() {
        return texts::nothing(language).into();
    }
    let names = names.iter().map(|name| name.escape_debug().to_string());
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
            en: "it has a single { or }; write {{ or }} for the brace itself",
            de: "eine geschweifte Klammer steht allein; schreiben Sie {{ oder }} für die Klammer selbst",
        }
        empty_name(name) {
            en: "{{{name}}} has an empty name; write {{name}} or {{name.member}}",
            de: "{{{name}}} enthält einen leeren Namen; schreiben Sie {{name}} oder {{name.member}}",
        }
        bad_index(name) {
            en: "{{{name}}} has an index that is not a number; write {{name.list[0]}} for the first item of a list",
            de: "{{{name}}} hat einen Index, der keine Zahl ist; schreiben Sie {{name.list[0]}} für das erste Element einer Liste",
        }
        no_member(name, members) {
            en: "{{{name}}} does not exist: the output of the step has no such member; available: {members}",
            de: "{{{name}}} gibt es nicht: die Ausgabe des Schritts hat kein solches Element; verfügbar: {members}",
        }
        no_text(name, members) {
            en: "{{{name}}} is a list or an object; name one of its members (available: {members})",
            de: "{{{name}}} ist eine Liste oder ein Objekt; nennen Sie eines der Elemente (verfügbar: {members})",
        }
        unknown(name, known) {
            en: "{{{name}}} is neither a variable nor the output of an earlier step; available: {known}",
            de: "{{{name}}} ist weder eine Variable noch die Ausgabe eines früheren Schritts; verfügbar: {known}",
        }
        /// What is available, if nothing is.
        nothing { en: "none", de: "keine" }
        too_long(kib) {
            en: "the text is longer than {kib} KiB with its placeholders filled in",
            de: "der Text ist mit den eingesetzten Werten länger als {kib} KiB",
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
