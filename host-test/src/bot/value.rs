//! Where the value of a field comes from: the three tabs of a field in the product, and plain text
//! where a field is no secret.

use std::fmt;

use secrecy::SecretString;
use thiserror::Error;

use crate::control_room::{AttributePath, ControlRoom, Variable, in_memory::VaultError};

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
}

/// Why a value cannot be had.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ValueError {
    /// The vault has no such attribute.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The bot has no such variable.
    #[error("there is no variable {0:?}; `run --env NAME` makes one of an environment variable")]
    NoVariable(String),
}

impl Value {
    /// The value itself. Values are resolved just before they are used, and hidden from then on,
    /// wherever they come from.
    ///
    /// # Errors
    ///
    /// What is missing.
    pub fn resolve(&self, control_room: &ControlRoom) -> Result<SecretString, ValueError> {
        Ok(match self {
            Self::Text(text) => text.clone().into(),
            Self::Credential(path) => control_room.vault.get(path)?.clone(),
            Self::Variable(name) => match control_room.variables.get(name) {
                Some(Variable::Text(text)) => text.clone().into(),
                Some(Variable::Credential(secret)) => secret.clone(),
                None => return Err(ValueError::NoVariable(name.clone())),
            },
            Self::InsecureString(secret) => secret.clone(),
        })
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({text:?})"),
            Self::Credential(path) => write!(f, "Credential({path})"),
            Self::Variable(name) => write!(f, "Variable({name:?})"),
            Self::InsecureString(_) => f.write_str("InsecureString(hidden)"),
        }
    }
}
