//! Values for a single run, by the paths of the vault.

use std::collections::BTreeMap;

use secrecy::SecretString;
use thiserror::Error;

use super::vault::AttributePath;

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
        let locker = path.credential.locker.to_string();
        let credential = path.credential.credential.to_string();
        let mut in_locker = self
            .values
            .keys()
            .filter(|other| other.credential.locker == path.credential.locker)
            .peekable();
        Err(if in_locker.peek().is_none() {
            VaultError::NoLocker(locker)
        } else if in_locker.all(|other| other.credential != path.credential) {
            VaultError::NoCredential { locker, credential }
        } else {
            VaultError::NoAttribute {
                locker,
                credential,
                attribute: path.attribute.to_string(),
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
