//! Where the value of a field comes from: the three tabs of a field in the product, and plain text
//! where a field is no secret.

use std::fmt;

use secrecy::SecretString;
use thiserror::Error;

use crate::credential_path::AttributePath;
use crate::secrets::{Purpose, ResolveError, SecretProvider};
use crate::variables::{Variable, Variables};

/// A field's value, before it is resolved.
#[derive(Clone)]
pub enum Value {
    /// Plain text, in fields that are no secret.
    Text(String),
    /// `{"credential": "locker/credential/attribute"}`
    Credential(AttributePath),
    /// `{"variable": "name"}`
    Variable(String),
    /// `{"insecure-string": "text"}`: it stands in the bot for all to read, and is hidden from here
    /// on.
    InsecureString(SecretString),
    /// What could not be read. No bot that runs has one.
    Unreadable,
}

/// A field that takes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name in the bot file.
    pub name: &'static str,
    /// Whether it is never shown, so that a password may go into it.
    pub is_secret: bool,
}

/// Why a value cannot be had.
#[derive(Debug, Error)]
pub enum ValueError {
    /// The provider does not hand it out.
    #[error(transparent)]
    Credential(#[from] ResolveError),
    /// The bot has no such variable.
    #[error("there is no variable {0:?}; `run --env NAME` makes one of an environment variable")]
    NoVariable(String),
    /// It could not be read from the bot file, and nobody looked.
    #[error("it could not be read")]
    Unreadable,
}

impl Value {
    /// The value itself. Values are resolved just before they are used, and hidden from then on,
    /// wherever they come from. That of a credential is recorded as used.
    ///
    /// # Errors
    ///
    /// What is missing, or not allowed.
    pub async fn resolve(
        &self,
        secrets: &dyn SecretProvider,
        variables: &Variables,
        purpose: Purpose<'_>,
    ) -> Result<SecretString, ValueError> {
        Ok(match self {
            Self::Text(text) => text.clone().into(),
            Self::Credential(path) => secrets.credential(path, purpose).await?,
            Self::Variable(name) => match variable(variables, name)? {
                Variable::Text(text) => text.clone().into(),
                Variable::Credential(secret) => secret.clone(),
            },
            Self::InsecureString(secret) => secret.clone(),
            Self::Unreadable => return Err(ValueError::Unreadable),
        })
    }
}

fn variable<'a>(variables: &'a Variables, name: &str) -> Result<&'a Variable, ValueError> {
    let found = variables.get(name);
    found.ok_or_else(|| ValueError::NoVariable(name.into()))
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({text:?})"),
            Self::Credential(path) => write!(f, "Credential({path})"),
            Self::Variable(name) => write!(f, "Variable({name:?})"),
            Self::InsecureString(_) => f.write_str("InsecureString(hidden)"),
            Self::Unreadable => f.write_str("Unreadable"),
        }
    }
}
