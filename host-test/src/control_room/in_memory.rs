//! The credential vault: locker → credential → attribute → value.
//!
//! Names follow the product's rules: they are compared without regard to case and kept in lower
//! case. A value is handed over when a step asks for it, and never shown.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use secrecy::SecretString;
use thiserror::Error;

/// The longest name of a locker, a credential or an attribute, in characters.
pub const MAX_NAME: usize = 50;

/// Names an attribute: `locker/credential/attribute`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AttributePath {
    locker: String,
    credential: String,
    attribute: String,
}

/// What is wrong with the path of an attribute.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum PathError {
    /// Not three names.
    #[error("a credential is named as locker/credential/attribute")]
    NotThreeNames,
    /// A name is empty, too long, or has control characters.
    #[error(
        "a name in it is empty, longer than {MAX_NAME} characters, or contains control characters"
    )]
    BadName,
}

impl FromStr for AttributePath {
    type Err = PathError;

    fn from_str(path: &str) -> Result<Self, PathError> {
        let names: Vec<_> = path
            .split('/')
            .map(|name| name.trim().to_lowercase())
            .collect();
        let is_name = |name: &String| {
            (1..=MAX_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control)
        };
        let all_names = names.iter().all(is_name);
        match <[String; 3]>::try_from(names) {
            Err(_) => Err(PathError::NotThreeNames),
            Ok(_) if !all_names => Err(PathError::BadName),
            Ok([locker, credential, attribute]) => Ok(Self {
                locker,
                credential,
                attribute,
            }),
        }
    }
}

impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.locker, self.credential, self.attribute)
    }
}

/// The values of attributes.
#[derive(Debug, Default)]
pub struct Vault {
    values: BTreeMap<AttributePath, SecretString>,
}

/// Why there is no value. The message names what is missing and nothing that is there.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum VaultError {
    /// No such locker.
    #[error("there is no locker {0:?} that you may use")]
    NoLocker(String),
    /// No such credential in the locker.
    #[error("the locker {locker:?} has no credential {credential:?}")]
    NoCredential {
        /// The locker.
        locker: String,
        /// The credential that is missing.
        credential: String,
    },
    /// No such attribute in the credential.
    #[error(
        "the credential {credential:?} in the locker {locker:?} has no attribute {attribute:?}"
    )]
    NoAttribute {
        /// The locker.
        locker: String,
        /// The credential.
        credential: String,
        /// The attribute that is missing.
        attribute: String,
    },
}

impl Vault {
    /// Sets the value of an attribute, with its locker and credential where they do not exist.
    pub fn set(&mut self, path: AttributePath, value: SecretString) {
        self.values.insert(path, value);
    }

    /// The value of an attribute.
    ///
    /// # Errors
    ///
    /// Which part of the path does not exist.
    pub fn get(&self, path: &AttributePath) -> Result<&SecretString, VaultError> {
        if let Some(value) = self.values.get(path) {
            return Ok(value);
        }
        let AttributePath {
            locker,
            credential,
            attribute,
        } = path.clone();
        let mut in_locker = self
            .values
            .keys()
            .filter(|other| other.locker == locker)
            .peekable();
        Err(if in_locker.peek().is_none() {
            VaultError::NoLocker(locker)
        } else if in_locker.all(|other| other.credential != credential) {
            VaultError::NoCredential { locker, credential }
        } else {
            VaultError::NoAttribute {
                locker,
                credential,
                attribute,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn path(path: &str) -> AttributePath {
        path.parse().unwrap()
    }

    #[test]
    fn names_are_compared_without_regard_to_case() {
        let mut vault = Vault::default();
        vault.set(path("Genesys/Hello-Bot/Client-ID"), "id".into());
        let value = vault.get(&path(" genesys / hello-bot/CLIENT-ID")).unwrap();
        assert_eq!(value.expose_secret(), "id");
        assert_eq!(path("A/B/C").to_string(), "a/b/c");
    }

    #[test]
    fn a_path_is_three_names() {
        let longest = "x".repeat(MAX_NAME);
        assert!(format!("{longest}/b/c").parse::<AttributePath>().is_ok());
        for (text, expected) in [
            ("", PathError::NotThreeNames),
            ("a/b", PathError::NotThreeNames),
            ("a/b/c/d", PathError::NotThreeNames),
            ("a//c", PathError::BadName),
            ("a/ /c", PathError::BadName),
            ("a/b\n b/c", PathError::BadName),
            (&format!("{longest}x/b/c"), PathError::BadName),
        ] {
            assert_eq!(text.parse::<AttributePath>(), Err(expected), "{text:?}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let mut vault = Vault::default();
        vault.set(path("a/b/c"), "canary".into());
        for (missing, message) in [
            ("x/b/c", "there is no locker \"x\" that you may use"),
            ("a/x/c", "the locker \"a\" has no credential \"x\""),
            (
                "a/b/x",
                "the credential \"b\" in the locker \"a\" has no attribute \"x\"",
            ),
        ] {
            assert_eq!(vault.get(&path(missing)).unwrap_err().to_string(), message);
        }
        assert!(!format!("{vault:?}").contains("canary"));
    }
}
