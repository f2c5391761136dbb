//! The sources of a field's value: a credential, a variable or an insecure string, as the three tabs of a field in the
//! product, and plain text if the field is not a secret.

use std::fmt;

use secrecy::SecretString;
use thiserror::Error;

use crate::credential_path::AttributePath;
use crate::messages::{Language, escaped};
use crate::secrets::{Purpose, ResolveError, SecretProvider};
use crate::template::TemplateError;
use crate::variables::{Variable, Variables};

/// A field's value, before it is resolved.
#[derive(Clone)]
pub enum Value {
    /// Plain text, in fields that are not secret.
    Text(String),
    /// `{"credential": "locker/credential/attribute"}`
    Credential(AttributePath),
    /// `{"variable": "name"}`
    Variable(String),
    /// `{"insecure-string": "text"}`: anyone who can open the bot can read it. From here on it is treated as a secret.
    InsecureString(SecretString),
    /// A value that is not valid. A bot that passes the check has none.
    Unreadable,
}

/// Why a value is not available. `Display` is the message in English.
#[derive(Debug, Error)]
#[error("{}", self.message(Language::English))]
pub enum ValueError {
    /// The secret provider refuses the credential.
    Credential(#[from] ResolveError),
    /// The bot has no such variable.
    NoVariable(String),
    /// The output of an earlier step is not usable.
    Output(#[from] TemplateError),
    /// The value is not valid, and the bot was run without a check.
    Unreadable,
}

impl ValueError {
    /// The message for people.
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::Credential(error) => error.message(language),
            Self::NoVariable(name) => texts::no_variable(language, escaped(name)),
            Self::Output(error) => error.message(language),
            Self::Unreadable => texts::unreadable(language).into(),
        }
    }
}

mod texts {
    crate::messages! {
        no_variable(name) {
            en: "There is no variable “{name}”. Add it to the bot; at the command line, `--env NAME` makes one from an environment variable.",
            de: "Es gibt keine Variable „{name}“. Legen Sie sie im Bot an; in der Befehlszeile macht `--env NAME` eine aus einer Umgebungsvariablen.",
        }
        unreadable {
            en: "The value in the bot file is not valid.",
            de: "Der Wert in der Bot-Datei ist nicht gültig.",
        }
    }
}

impl Value {
    /// Resolves the value, just before it is used. The result is treated as a secret, whatever its source. The use of a
    /// credential is recorded.
    ///
    /// # Errors
    ///
    /// See [`ValueError`].
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
                Variable::Credential(secret) => secret.clone(),
                Variable::Stored(path) => secrets.credential(path, purpose).await?,
                shown => shown.text().unwrap_or_default().into(),
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
