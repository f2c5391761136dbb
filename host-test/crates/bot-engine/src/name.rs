//! Names of lockers, credentials, attributes, users and roles, and their descriptions.
//!
//! Names that look the same are equal, also if one has capitals and the other has not: they are compared in lower case and
//! normalized (Unicode normalization form C), and shown as they were typed. Invisible characters are not allowed in a name.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use action_types::is_unprintable;
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

use crate::messages::Language;

/// The longest name, in characters.
pub const MAX_NAME: usize = 50;

/// The longest description, in characters.
pub const MAX_DESCRIPTION: usize = 255;

/// A name. Two names are equal if they differ in capitals only.
#[derive(Clone)]
pub struct Name {
    comparable: String,
    /// As it was typed, if that is not the comparable form.
    typed: Option<String>,
}

/// Why a name is not valid. `Display` is the message in English.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
#[error("{}", self.message(Language::English))]
pub enum NameError {
    /// It is empty or blank.
    Empty,
    /// It has more than [`MAX_NAME`] characters.
    TooLong,
    /// It contains a slash, which separates names.
    Slash,
    /// It contains this invisible character.
    Invisible(char),
}

impl NameError {
    /// What is wrong, as part of a sentence.
    pub fn message(self, language: Language) -> String {
        match self {
            Self::Empty => texts::empty(language).into(),
            Self::TooLong => texts::too_long(language, MAX_NAME),
            Self::Slash => texts::slash(language).into(),
            Self::Invisible(character) => texts::invisible(language, code_point(character)),
        }
    }
}

/// The code point of a character, as messages show it: `U+200B`.
pub fn code_point(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}

mod texts {
    crate::messages! {
        empty { en: "a name must not be empty", de: "ein Name darf nicht leer sein" }
        too_long(most) {
            en: "a name has at most {most} characters",
            de: "ein Name hat höchstens {most} Zeichen",
        }
        slash {
            en: "a name must not contain `/`",
            de: "ein Name darf kein `/` enthalten",
        }
        invisible(code_point) {
            en: "a name must not contain the invisible character {code_point}",
            de: "ein Name darf das unsichtbare Zeichen {code_point} nicht enthalten",
        }
        long_description(most) {
            en: "a description has more than {most} characters",
            de: "eine Beschreibung hat mehr als {most} Zeichen",
        }
        bad_description {
            en: "a description contains an invisible character",
            de: "eine Beschreibung enthält ein unsichtbares Zeichen",
        }
    }
}

impl Name {
    /// The form that is compared, stored as a key and searched for: in lower case, and normalized.
    pub fn as_str(&self) -> &str {
        &self.comparable
    }

    /// The form that people see: as it was typed.
    pub fn shown(&self) -> &str {
        self.typed.as_deref().unwrap_or(&self.comparable)
    }

    /// The form that people see, if it is not the one that is compared.
    pub fn typed(&self) -> Option<&str> {
        self.typed.as_deref()
    }
}

/// The form of a text in which names are compared.
pub fn comparable(text: &str) -> String {
    // Conversion to lower case can decompose characters, so normalization is repeated.
    let lower: String = text.nfc().flat_map(char::to_lowercase).collect();
    lower.nfc().collect()
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let typed: String = text.trim().nfc().collect();
        let comparable = comparable(&typed);
        if comparable.is_empty() {
            return Err(NameError::Empty);
        }
        if comparable.contains('/') {
            return Err(NameError::Slash);
        }
        if let Some(character) = invisible(&typed).or_else(|| invisible(&comparable)) {
            return Err(NameError::Invisible(character));
        }
        if typed.chars().count().max(comparable.chars().count()) > MAX_NAME {
            return Err(NameError::TooLong);
        }
        Ok(Self {
            typed: (typed != comparable).then_some(typed),
            comparable,
        })
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shown())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Name").field(&self.shown()).finish()
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.comparable == other.comparable
    }
}

impl Eq for Name {}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        self.comparable.cmp(&other.comparable)
    }
}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.comparable.hash(state);
    }
}

/// The description of a locker, a credential or an attribute. It may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Description(String);

/// Why a description is not valid. `Display` is the message in English.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
#[error("{}", self.message(Language::English))]
pub enum DescriptionError {
    /// It has more than [`MAX_DESCRIPTION`] characters.
    TooLong,
    /// It contains an invisible character, such as a line break.
    BadCharacter,
}

impl DescriptionError {
    /// What is wrong, as part of a sentence.
    pub fn message(self, language: Language) -> String {
        match self {
            Self::TooLong => texts::long_description(language, MAX_DESCRIPTION),
            Self::BadCharacter => texts::bad_description(language).into(),
        }
    }
}

impl Description {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Description {
    type Err = DescriptionError;

    fn from_str(text: &str) -> Result<Self, DescriptionError> {
        let text = text.trim();
        if has_invisible(text) {
            return Err(DescriptionError::BadCharacter);
        }
        if text.chars().count() > MAX_DESCRIPTION {
            return Err(DescriptionError::TooLong);
        }
        Ok(Self(text.to_owned()))
    }
}

/// Whether a name contains a character that is [`invisible`].
pub fn has_invisible(name: &str) -> bool {
    invisible(name).is_some()
}

/// The first control character of a text, or character that nobody sees: it changes the direction of text, or makes two
/// texts look alike. A joiner is allowed after a character of a script that needs it, from Arabic on, and in an emoji.
pub fn invisible(text: &str) -> Option<char> {
    let mut before = '\0';
    text.chars().find(|&c| {
        let joins = matches!(c, '\u{200c}' | '\u{200d}') && before >= '\u{600}';
        before = c;
        !joins && is_unprintable(c)
    })
}

/// A text from a file, without the byte order mark with which editors of Windows begin one.
pub fn without_byte_order_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// A pasted secret, without the byte order mark, no-break spaces and line ends around it. It may have several lines, such as a
/// key in PEM.
///
/// # Errors
///
/// The first character that nobody sees, and nobody meant.
pub fn pasted(text: &str) -> Result<&str, char> {
    let text = without_byte_order_mark(text);
    let text = text.trim_matches(['\u{a0}', '\r', '\n']);
    match text.split(['\t', '\r', '\n']).find_map(invisible) {
        None => Ok(text),
        Some(character) => Err(character),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    #[test]
    fn names_that_look_the_same_are_equal() {
        assert_eq!(name(" Hello-Bot ").as_str(), "hello-bot");
        assert_eq!(name("Stra\u{df}e"), name("STRA\u{1e9e}E"));
        let composed = name("CAF\u{c9}");
        assert_eq!(composed, name("cafe\u{301}"));
        assert_eq!(composed.as_str(), "caf\u{e9}");
    }

    #[test]
    fn names_are_shown_as_they_were_typed() {
        let typed = name("  Sales Bot ");
        assert_eq!(typed.to_string(), "Sales Bot");
        assert_eq!(typed.typed(), Some("Sales Bot"));
        assert_eq!(typed, name("SALES bot"));
        assert_eq!(name("sales bot").typed(), None);
        assert_eq!(name("CAFE\u{301}").shown(), "CAF\u{c9}");
        let names: std::collections::HashSet<_> = [typed, name("sales BOT")].into();
        assert_eq!(names.len(), 1);
    }

    #[test]
    fn invalid_names_are_rejected() {
        let longest = "\u{e9}".repeat(MAX_NAME);
        assert!(longest.parse::<Name>().is_ok());
        // The limit applies to the normalized name.
        assert!("e\u{301}".repeat(MAX_NAME).parse::<Name>().is_ok());
        for (text, expected) in [
            ("", NameError::Empty),
            (" \t", NameError::Empty),
            ("a/b", NameError::Slash),
            ("a\nb", NameError::Invisible('\n')),
            ("a\u{202e}b", NameError::Invisible('\u{202e}')),
            ("a\u{200b}b", NameError::Invisible('\u{200b}')),
            ("a\u{200d}b", NameError::Invisible('\u{200d}')),
            ("a\u{ad}b", NameError::Invisible('\u{ad}')),
            ("\u{feff}ab", NameError::Invisible('\u{feff}')),
            ("a\u{e0041}b", NameError::Invisible('\u{e0041}')),
            (&format!("{longest}x"), NameError::TooLong),
        ] {
            assert_eq!(text.parse::<Name>(), Err(expected), "{text:?}");
        }
    }

    #[test]
    fn joiners_are_allowed_where_a_script_needs_them() {
        for text in [
            "\u{1f469}\u{200d}\u{1f4bb}",
            "\u{645}\u{6cc}\u{200c}\u{62e}",
        ] {
            assert_eq!(name(text).as_str(), text);
        }
    }

    #[test]
    fn invalid_descriptions_are_rejected() {
        let longest = "x".repeat(MAX_DESCRIPTION);
        for text in ["", "Of the test client.", &longest] {
            assert!(text.parse::<Description>().is_ok(), "{text:?}");
        }
        for (text, expected) in [
            ("a\nb", DescriptionError::BadCharacter),
            (&format!("{longest}x"), DescriptionError::TooLong),
        ] {
            assert_eq!(text.parse::<Description>(), Err(expected), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn normalization_is_idempotent(text in any::<String>()) {
            if let Ok(name) = text.parse::<Name>() {
                prop_assert_eq!(name.as_str().parse::<Name>(), Ok(name.clone()));
                let shown = name.shown().parse::<Name>().map(|it| it.shown().to_owned());
                prop_assert_eq!(shown, Ok(name.shown().to_owned()));
            }
        }
    }
}
