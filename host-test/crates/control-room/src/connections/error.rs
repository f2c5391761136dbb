//! Errors of connections. A message says what to do and who can do it, and has no secret or token in it.

use std::sync::Arc;

use thiserror::Error;

use super::SignInOwner;
use crate::name::Name;
use crate::oauth::{CallbackError, LoopbackError, ProviderError, RegistrationError, TokenError};
use crate::store::StoreError;
use crate::users::UserError;
use egress::SetupError;

/// Why a request to a connection fails.
#[derive(Debug, Clone, Error)]
pub enum ConnectionError {
    /// There is no such connection, or the user may not use it. The error does not say which.
    #[error(
        "there is no OAuth connection \"{0}\" that you may use; ask an administrator to create it, \
         or to allow one of your roles to use it"
    )]
    NoConnection(Name),
    /// A connection of this name already exists.
    #[error("the OAuth connection \"{0}\" already exists; choose another name")]
    Exists(Name),
    /// The connection has no shared token.
    #[error(
        "the OAuth connection \"{0}\" has no shared token; set the bot to use the user-specific one, or \
         ask an administrator to turn on \"save login credentials\""
    )]
    NotShared(Name),
    /// With client credentials, users have no tokens of their own.
    #[error("the OAuth connection \"{0}\" has only a shared token; set the bot to use that one")]
    NotUserSpecific(Name),
    /// With client credentials nobody signs in.
    #[error("nobody signs in to the OAuth connection \"{0}\", as it uses client credentials")]
    NoSignIn(Name),
    /// Nobody has signed in yet.
    #[error("nobody has signed in to the OAuth connection \"{name}\" yet; {owner} has to sign in")]
    NotSignedIn {
        /// The connection.
        name: Name,
        /// Whose sign-in it is.
        owner: SignInOwner,
    },
    /// The refresh token is no longer valid, or there was none.
    #[error(
        "the OAuth connection \"{name}\" needs a new sign-in; {owner} has to sign in again: {reason}"
    )]
    SignInNeeded {
        /// The connection.
        name: Name,
        /// Whose sign-in it is.
        owner: SignInOwner,
        /// Why.
        reason: String,
    },
    /// The provider issued no token. A refresh token, if there is one, is still stored.
    #[error("the OAuth connection \"{name}\" got no token: {error}; {}", advice(.error))]
    NoToken {
        /// The connection.
        name: Name,
        /// Why.
        error: Box<TokenError>,
    },
    /// There was no response in time.
    #[error("the OAuth connection \"{0}\" got no token in time; try again later")]
    TimedOut(Name),
    /// The connection was edited or removed while a token was requested. The token was revoked.
    #[error("the OAuth connection \"{0}\" was changed meanwhile; start again")]
    Changed(Name),
    /// The present client secret would be sent to another token host.
    #[error(
        "the client secret of the OAuth connection \"{0}\" was entered for another token host; enter it again"
    )]
    SecretNeeded(Name),
    /// The callback was not accepted.
    #[error("the sign-in did not succeed: {0}")]
    Callback(#[from] CallbackError),
    /// This machine cannot listen for the callback.
    #[error(transparent)]
    Loopback(#[from] LoopbackError),
    /// The client is not valid.
    #[error(transparent)]
    Registration(#[from] RegistrationError),
    /// The provider is not valid.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The HTTP client cannot be set up. The operator of this machine can help.
    #[error("the HTTP client cannot be set up: {0}; the operator of this machine can help")]
    Network(#[from] SetupError),
    /// A user or a role is not valid.
    #[error(transparent)]
    User(Arc<UserError>),
    /// The store cannot be read or written.
    #[error(transparent)]
    Store(Arc<StoreError>),
}

/// What can be done if there is no token, and by whom.
fn advice(error: &TokenError) -> &'static str {
    match error {
        TokenError::SignInNeeded(_) => "sign in again",
        TokenError::Refused(_) | TokenError::WrongGrant => {
            "an administrator has to correct the connection, or its OAuth client at the provider"
        }
        TokenError::Transient { .. } => "try again later",
        TokenError::Untrusted(_) | TokenError::NotPermitted(_) => {
            "the operator of this machine has to check its network and its certificates"
        }
        TokenError::Unexpected { .. } => "an administrator has to check the connection's token URL",
    }
}

impl From<StoreError> for ConnectionError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

impl From<sqlx::Error> for ConnectionError {
    fn from(error: sqlx::Error) -> Self {
        StoreError::from(error).into()
    }
}

impl From<UserError> for ConnectionError {
    fn from(error: UserError) -> Self {
        match error {
            UserError::Store(error) => error.into(),
            error => Self::User(Arc::new(error)),
        }
    }
}
