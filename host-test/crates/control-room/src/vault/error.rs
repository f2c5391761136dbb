//! Why the vault does not do what was asked. A message names what is missing and nothing that is there.

use thiserror::Error;

use super::{AttributePath, CredentialPath, MAX_ATTRIBUTES};
use crate::name::Name;
use crate::store::StoreError;
use crate::users::UserError;

/// Why the vault does not do what was asked.
#[derive(Debug, Error)]
pub enum VaultError {
    /// No such locker, or none that this user may use: who may not use it does not learn which.
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
    /// An attribute for everybody, which nobody has given a value.
    #[error("{0} has no value yet; an owner of the locker sets it")]
    NoValue(AttributePath),
    /// An attribute that each user gives a value of their own, and this user has not.
    #[error("\"{user}\" has set no value for {path} yet; each user sets their own")]
    NoOwnValue {
        /// The attribute.
        path: AttributePath,
        /// Who has no value.
        user: Name,
    },
    /// A password would go into a field that shows it.
    #[error("{0} may only go into a field that is secret")]
    PasswordOnly(AttributePath),
    /// The one value for everybody is set by others.
    #[error("only an owner of the locker \"{0}\" may set this value")]
    NotOwner(Name),
    /// There is no value for everybody to set.
    #[error("each user sets their own value for {0}; say whose it is")]
    EachTheirOwn(AttributePath),
    /// There is such a locker already.
    #[error("there is a locker \"{0}\" already")]
    LockerExists(Name),
    /// There is such a credential already.
    #[error("there is a credential {0} already")]
    CredentialExists(CredentialPath),
    /// There is such an attribute already.
    #[error("there is an attribute {0} already")]
    AttributeExists(AttributePath),
    /// A credential has all the attributes that it may have.
    #[error("the credential {0} has {MAX_ATTRIBUTES} attributes, and may not have more")]
    TooManyAttributes(CredentialPath),
    /// A user or role that is named is not there.
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
