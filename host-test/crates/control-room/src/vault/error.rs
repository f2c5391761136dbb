//! Errors of the vault. A message names what is missing, and never something that exists but may not be used.

use bot_engine::{Language, ProviderError};
use thiserror::Error;

use super::{AttributePath, CredentialPath};
use crate::name::Name;
use crate::store::StoreError;
use crate::users::UserError;

/// The most attributes that a credential may have.
pub const MAX_ATTRIBUTES: usize = 50;

/// Why a request to the vault fails.
#[derive(Debug, Error)]
#[error("{}", self.message(Language::English))]
pub enum VaultError {
    /// There is no such locker, or the user may not use it. The error does not say which.
    NoLocker(Name),
    /// No such credential in the locker.
    NoCredential(CredentialPath),
    /// No such attribute in the credential.
    NoAttribute(AttributePath),
    /// A standard attribute without a value.
    NoValue(AttributePath),
    /// A user-provided attribute for which this user has set no value.
    NoOwnValue {
        /// The attribute.
        path: AttributePath,
        /// The user.
        user: Name,
    },
    /// The value may only go into a secret field, and the field is not secret.
    PasswordOnly(AttributePath),
    /// A user who does not own the locker sets a standard value.
    NotOwner(Name),
    /// A user-provided attribute has no standard value to set.
    UserRequired(AttributePath),
    /// A text is not a valid value.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// A locker of this name already exists.
    LockerExists(Name),
    /// A credential of this name already exists.
    CredentialExists(CredentialPath),
    /// An attribute of this name already exists.
    AttributeExists(AttributePath),
    /// The credential already has [`MAX_ATTRIBUTES`].
    TooManyAttributes(CredentialPath),
    /// A named user or role does not exist.
    #[error(transparent)]
    User(UserError),
    /// The store cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a text is not a valid value.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
#[error("{}", self.message(Language::English))]
pub enum ValueError {
    /// It has no characters but white space around it.
    Empty,
    /// It contains an invisible character.
    InvisibleCharacter(char),
}

impl ValueError {
    /// What is wrong with the value.
    pub fn message(self, language: Language) -> String {
        match self {
            Self::Empty => texts::empty(language).into(),
            Self::InvisibleCharacter(character) => {
                texts::invisible(language, format_args!("{:04X}", u32::from(character)))
            }
        }
    }
}

/// For designers. What only an operator can do something about has its details in `Display`, for the log.
impl ProviderError for VaultError {
    fn message(&self, language: Language) -> String {
        match self {
            Self::NoLocker(locker) => texts::no_locker(language, locker),
            Self::NoCredential(CredentialPath { locker, credential }) => {
                texts::no_credential(language, locker, credential)
            }
            Self::NoAttribute(path) => {
                let CredentialPath { locker, credential } = &path.credential;
                texts::no_attribute(language, locker, credential, &path.attribute)
            }
            Self::NoValue(path) => texts::no_value(language, path),
            Self::NoOwnValue { path, user } => texts::no_own_value(language, path, user),
            Self::PasswordOnly(path) => texts::password_only(language, path),
            Self::User(error) => error.message(language),
            Self::Store(_) => StoreError::for_designers(language).into(),
            Self::NotOwner(locker) => texts::not_owner(language, locker),
            Self::UserRequired(path) => texts::user_required(language, path),
            Self::Value(error) => error.message(language),
            Self::LockerExists(locker) => texts::locker_exists(language, locker),
            Self::CredentialExists(path) => texts::credential_exists(language, path),
            Self::AttributeExists(path) => texts::attribute_exists(language, path),
            Self::TooManyAttributes(path) => texts::too_many(language, path, MAX_ATTRIBUTES),
        }
    }
}

mod texts {
    bot_engine::messages! {
        no_locker(name) {
            en: "There is no locker “{name}” that you may use. Ask an administrator, or choose another one.",
            de: "Es gibt keinen Locker „{name}“, den Sie verwenden dürfen. Fragen Sie einen Administrator, oder wählen Sie einen anderen.",
        }
        no_credential(locker, name) {
            en: "The locker “{locker}” has no credential “{name}”. Choose another one, or ask an owner of the locker.",
            de: "Der Locker „{locker}“ hat keine Anmeldedaten „{name}“. Wählen Sie andere, oder fragen Sie einen Besitzer des Lockers.",
        }
        no_attribute(locker, credential, name) {
            en: "The credential “{credential}” in the locker “{locker}” has no attribute “{name}”. Choose another one, or ask an owner of the locker.",
            de: "Die Anmeldedaten „{credential}“ im Locker „{locker}“ haben kein Attribut „{name}“. Wählen Sie ein anderes, oder fragen Sie einen Besitzer des Lockers.",
        }
        no_value(path) {
            en: "{path} has no value yet. An owner of the locker sets it.",
            de: "{path} hat noch keinen Wert. Den setzt ein Besitzer des Lockers.",
        }
        no_own_value(path, user) {
            en: "{user} has set no value for {path} yet. Each user sets their own.",
            de: "{user} hat noch keinen Wert für {path} gesetzt. Jeder Benutzer setzt seinen eigenen.",
        }
        password_only(path) {
            en: "{path} may only go into a secret field.",
            de: "{path} darf nur in ein geheimes Feld eingesetzt werden.",
        }
        not_owner(locker) {
            en: "only an owner of the locker \"{locker}\" may set this value",
            de: "nur ein Besitzer des Lockers „{locker}“ darf diesen Wert setzen",
        }
        user_required(path) {
            en: "each user sets their own value for {path}; specify the user",
            de: "jeder Benutzer setzt seinen eigenen Wert für {path}; geben Sie den Benutzer an",
        }
        empty { en: "a value has at least one character", de: "ein Wert hat mindestens ein Zeichen" }
        invisible(code) {
            en: "the value contains the invisible character U+{code}; remove it",
            de: "der Wert enthält das unsichtbare Zeichen U+{code}; entfernen Sie es",
        }
        locker_exists(locker) {
            en: "the locker \"{locker}\" already exists",
            de: "den Locker „{locker}“ gibt es schon",
        }
        credential_exists(path) {
            en: "the credential {path} already exists",
            de: "die Anmeldedaten {path} gibt es schon",
        }
        attribute_exists(path) {
            en: "the attribute {path} already exists",
            de: "das Attribut {path} gibt es schon",
        }
        too_many(path, most) {
            en: "the credential {path} already has {most} attributes, which is the maximum",
            de: "die Anmeldedaten {path} haben schon {most} Attribute, mehr sind nicht möglich",
        }
    }
}

impl From<UserError> for VaultError {
    fn from(error: UserError) -> Self {
        match error {
            UserError::Store(error) => Self::Store(error),
            other => Self::User(other),
        }
    }
}

impl From<sqlx::Error> for VaultError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_is_said_in_both_languages() {
        let path = || -> AttributePath { "genesys/bot/secret".parse().unwrap() };
        for error in [
            VaultError::NoLocker("genesys".parse().unwrap()),
            VaultError::NoCredential(path().credential),
            VaultError::NoAttribute(path()),
            VaultError::NoValue(path()),
            VaultError::NoOwnValue {
                path: path(),
                user: "ada".parse().unwrap(),
            },
            VaultError::PasswordOnly(path()),
            VaultError::NotOwner("genesys".parse().unwrap()),
            VaultError::UserRequired(path()),
            ValueError::Empty.into(),
            ValueError::InvisibleCharacter('\u{200b}').into(),
            VaultError::LockerExists("genesys".parse().unwrap()),
            VaultError::CredentialExists(path().credential),
            VaultError::AttributeExists(path()),
            VaultError::TooManyAttributes(path().credential),
        ] {
            let [english, german] = Language::ALL.map(|language| error.message(language));
            assert_ne!(english, german);
            assert_eq!(english, error.to_string());
        }
        let full = VaultError::Store(StoreError::Full);
        let [english, german] = Language::ALL.map(|language| full.message(language));
        assert_ne!(english, german);
        // The details are for the log.
        assert!(!english.contains(&full.to_string()), "{english}");
    }
}
