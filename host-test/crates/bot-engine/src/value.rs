//! Where the value of a field comes from: the three tabs of a field in the product, and plain text
//! where a field is no secret.

use std::fmt;

use secrecy::SecretString;
use thiserror::Error;

use super::file::{Bot, Step};
use control_room::vault::{Use, VaultError};
use control_room::{Access, AttributePath, ControlRoom, Variable};

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

/// What a value is resolved for.
#[derive(Debug, Clone, Copy)]
pub struct Purpose<'a> {
    /// The bot that runs.
    pub bot: &'a Bot,
    /// Its step that asks.
    pub step: &'a Step,
    /// The step's field that it goes into.
    pub field: Field,
}

/// Why a value cannot be had.
#[derive(Debug, Error)]
pub enum ValueError {
    /// The vault does not hand it over.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// What the Control Room keeps is used on somebody's behalf, and nobody is named.
    #[error(
        "credentials and connections are used on a user's behalf; `run --as USER` names the user"
    )]
    NoUser,
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
    pub async fn check(&self, control_room: &ControlRoom, field: Field) -> Result<(), ValueError> {
        match self {
            Self::Text(_) | Self::InsecureString(_) => {}
            Self::Credential(path) => {
                let Access {
                    store, consumer, ..
                } = access(control_room)?;
                let vault = store.vault();
                vault.check(path, consumer, field.is_secret).await?;
            }
            Self::Variable(name) => {
                variable(control_room, name)?;
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
        control_room: &ControlRoom,
        purpose: &Purpose<'_>,
    ) -> Result<SecretString, ValueError> {
        Ok(match self {
            Self::Text(text) => text.clone().into(),
            Self::Credential(path) => {
                let Access {
                    store, consumer, ..
                } = access(control_room)?;
                let used = Use {
                    consumer,
                    bot: &purpose.bot.name,
                    step: &purpose.step.to_string(),
                    field_is_secret: purpose.field.is_secret,
                };
                store.vault().value(path, &used).await?
            }
            Self::Variable(name) => match variable(control_room, name)? {
                Variable::Text(text) => text.clone().into(),
                Variable::Credential(secret) => secret.clone(),
            },
            Self::InsecureString(secret) => secret.clone(),
        })
    }
}

/// The store, as the user may use it for whom the bot runs.
pub(super) fn access(control_room: &ControlRoom) -> Result<&Access, ValueError> {
    control_room.access.as_ref().ok_or(ValueError::NoUser)
}

fn variable<'a>(control_room: &'a ControlRoom, name: &str) -> Result<&'a Variable, ValueError> {
    let found = control_room.variables.get(name);
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
