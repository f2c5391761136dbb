//! Errors of the vault. A message names what is missing, and never something that exists but may not be used.

use thiserror::Error;

use super::{AttributePath, CredentialPath, MAX_ATTRIBUTES};
use crate::name::Name;
use crate::store::StoreError;
use crate::users::UserError;

/// Why a request to the vault fails.
#[derive(Debug, Error)]
pub enum VaultError {
    /// There is no such locker, or the user may not use it. The error does not say which.
    #[error("there is no locker \"{0}\" that you may use")]
    NoLocker(Name),
    /// No such credential in the locker.
    #[error("the locker \"{}\" has no credential \"{}\"", .0.locker, .0.credential)]
    NoCredential(CredentialPath),
    /// No such attribute in the credential.
    #[error(
        "the credential \"{}\" in the locker \"{}\" has no attribute \"{}\"",
        .0.credential.credential, .0.credential.locker, .0.attribute
    )]
    NoAttribute(AttributePath),
    /// A standard attribute without a value.
    #[error("{0} has no value yet; an owner of the locker sets it")]
    NoValue(AttributePath),
    /// A user-provided attribute for which this user has set no value.
    #[error("\"{user}\" has set no value for {path} yet; each user sets their own")]
    NoOwnValue {
        /// The attribute.
        path: AttributePath,
        /// The user.
        user: Name,
    },
    /// The value may only go into a secret field, and the field is not secret.
    #[error("{0} may only go into a field that is secret")]
    PasswordOnly(AttributePath),
    /// A user who does not own the locker sets a standard value.
    #[error("only an owner of the locker \"{0}\" may set this value")]
    NotOwner(Name),
    /// A user-provided attribute has no standard value to set.
    #[error("each user sets their own value for {0}; specify the user")]
    UserRequired(AttributePath),
    /// A value has no characters but white space around it.
    #[error("a value has at least one character")]
    EmptyValue,
    /// A value contains a character that nobody sees.
    #[error("the value contains the invisible character U+{:04X}; remove it", u32::from(*.0))]
    InvisibleCharacter(char),
    /// A locker of this name already exists.
    #[error("the locker \"{0}\" already exists")]
    LockerExists(Name),
    /// A credential of this name already exists.
    #[error("the credential {0} already exists")]
    CredentialExists(CredentialPath),
    /// An attribute of this name already exists.
    #[error("the attribute {0} already exists")]
    AttributeExists(AttributePath),
    /// The credential already has [`MAX_ATTRIBUTES`].
    #[error("the credential {0} already has {MAX_ATTRIBUTES} attributes, which is the maximum")]
    TooManyAttributes(CredentialPath),
    /// A named user or role does not exist.
    #[error(transparent)]
    User(UserError),
    /// The store cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
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
