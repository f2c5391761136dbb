//! Scopes (RFC 6749, section 3.3): requested, and granted.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use bot_engine::Language;
use oauth_authentication::refusal::printable;
use thiserror::Error;

/// The longest list of scopes, in bytes: it has to fit into a URL.
const MAX_LENGTH: usize = 1024;

/// How many scopes of a response are kept, and how many characters of each.
const MAX_GRANTED: (usize, usize) = (256, 256);

/// A set of scopes in the order in which they were written. None, by default.
#[derive(Debug, Clone, Default)]
pub struct Scopes(Vec<String>);

/// Why a list of scopes is not valid. `Display` is the message in English.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", self.message(Language::English))]
pub enum ScopeError {
    /// Longer than fits into a URL.
    TooLong,
    /// A scope has a character that is not allowed.
    Malformed(String),
}

impl ScopeError {
    /// The message for operators.
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::TooLong => texts::too_long(language, MAX_LENGTH),
            Self::Malformed(scope) => texts::malformed(language, scope.escape_debug()),
        }
    }
}

mod texts {
    bot_engine::messages! {
        too_long(most) {
            en: "the scopes have more than {most} characters",
            de: "die Bereiche haben mehr als {most} Zeichen",
        }
        malformed(scope) { en: "\"{scope}\" is not a scope", de: "„{scope}“ ist kein Bereich" }
    }
}

impl FromStr for Scopes {
    type Err = ScopeError;

    /// Reads scopes that are separated by commas or white space.
    fn from_str(text: &str) -> Result<Self, ScopeError> {
        if text.len() > MAX_LENGTH {
            return Err(ScopeError::TooLong);
        }
        let scopes = Self::split(text);
        let is_scope = |b: u8| b.is_ascii_graphic() && b != b'"' && b != b'\\';
        match scopes.0.iter().find(|scope| !scope.bytes().all(is_scope)) {
            Some(scope) => Err(ScopeError::Malformed(scope.clone())),
            None => Ok(scopes),
        }
    }
}

impl Scopes {
    /// Parses and sanitizes the scopes of a response. Some servers separate them by commas.
    pub(super) fn granted(text: &str) -> Self {
        let (most, longest) = MAX_GRANTED;
        let scopes = Self::split(text).0.into_iter().take(most);
        Self(scopes.map(|scope| printable(&scope, longest)).collect())
    }

    fn split(text: &str) -> Self {
        let mut scopes = Vec::new();
        for scope in text.split(|c: char| c == ',' || c.is_whitespace()) {
            if !scope.is_empty() && !scopes.iter().any(|known| known == scope) {
                scopes.push(scope.to_owned());
            }
        }
        Self(scopes)
    }

    /// The scopes, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Their order does not matter (RFC 6749, section 3.3).
impl PartialEq for Scopes {
    fn eq(&self, other: &Self) -> bool {
        let set = |scopes: &Self| scopes.0.iter().cloned().collect::<BTreeSet<_>>();
        set(self) == set(other)
    }
}

impl Eq for Scopes {}

/// Separated by spaces, as in a request.
impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_separated_by_commas_or_spaces() {
        for text in ["a b:c", "a,b:c", " a ,  b:c,, a", "a\nb:c"] {
            assert_eq!(text.parse::<Scopes>().unwrap().to_string(), "a b:c");
        }
        assert!(" , ".parse::<Scopes>().unwrap().is_empty());
    }

    #[test]
    fn scopes_with_quotes_control_or_non_ascii_characters_are_rejected() {
        for scope in ["a\"b", "a\\b", "a\u{1}b", "größe"] {
            let error = format!("x {scope}").parse::<Scopes>().unwrap_err();
            assert_eq!(error, ScopeError::Malformed(scope.into()));
        }
        let long = "x".repeat(MAX_LENGTH + 1);
        assert_eq!(long.parse::<Scopes>(), Err(ScopeError::TooLong));
    }

    #[test]
    fn the_order_of_scopes_does_not_matter() {
        let requested: Scopes = "a b".parse().unwrap();
        assert_eq!(requested, Scopes::granted("b,a"));
        assert_ne!(requested, Scopes::granted("a"));
        assert_ne!(requested, Scopes::granted("a b\u{1b}[31m"));
    }

    #[test]
    fn granted_scopes_are_truncated_and_sanitized() {
        let hostile = format!("a\u{1b}b {} {}", "x".repeat(1000), "y ".repeat(1000));
        let granted = Scopes::granted(&hostile);
        assert!(granted.to_string().chars().count() < 300, "{granted}");
        assert!(!granted.to_string().contains('\u{1b}'));
    }
}
