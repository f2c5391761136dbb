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
}

impl Value {
    /// Whether there is a value that may go into the field. This is no use of a credential, and is not
    /// recorded as one.
    ///
    /// # Errors
    ///
    /// What is missing, or not allowed.
    pub async fn check(
        &self,
        secrets: &dyn SecretProvider,
        variables: &Variables,
        field: Field,
    ) -> Result<(), ValueError> {
        match self {
            Self::Text(_) | Self::InsecureString(_) => {}
            Self::Credential(path) => {
                secrets.check_credential(path, field.is_secret).await?;
            }
            Self::Variable(name) => {
                variable(variables, name)?;
            }
        }
        Ok(())
    }

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
        }
    }
}
