//! Why a connection does not do what was asked: what to do about it, and who can. No message holds a
//! secret or a token.

use std::sync::Arc;

use thiserror::Error;

use super::Holder;
use crate::name::Name;
use crate::oauth::{CallbackError, LoopbackError, ProviderError, RegistrationError, TokenError};
use crate::store::StoreError;
use crate::users::UserError;
use egress::SetupError;

/// Why a connection does not do what was asked.
#[derive(Debug, Clone, Error)]
pub enum ConnectionError {
    /// No such connection, or none that this user may use: who may not use it does not learn which.
    #[error(
        "there is no OAuth connection \"{0}\" that you may use; an administrator creates it, or allows it \
         to one of your roles"
    )]
    NoConnection(Name),
    /// There is such a connection already.
    #[error("there is an OAuth connection \"{0}\" already; choose another name")]
    Exists(Name),
    /// The connection has no token for everybody.
    #[error(
        "the OAuth connection \"{0}\" keeps no shared token; let the bot ask for the user-specific one, or \
         an administrator switches on \"save login credentials\""
    )]
    NotShared(Name),
    /// With client credentials there is no user.
    #[error(
        "the OAuth connection \"{0}\" has a token of its own and none for each user; let the bot ask for \
         the shared one"
    )]
    NotUserSpecific(Name),
    /// With client credentials nobody signs in.
    #[error("nobody signs in to the OAuth connection \"{0}\": it gets its tokens by itself")]
    NoSignIn(Name),
    /// Nobody has signed in yet.
    #[error("nobody has signed in to the OAuth connection \"{name}\" yet; {holder} has to sign in")]
    NotSignedIn {
        /// The connection.
        name: Name,
        /// Who can.
        holder: Holder,
    },
    /// The sign-in is over: the refresh token is worth nothing, or there was none.
    #[error(
        "the OAuth connection \"{name}\" needs a new sign-in; {holder} has to sign in again: {reason}"
    )]
    SignInNeeded {
        /// The connection.
        name: Name,
        /// Who can.
        holder: Holder,
        /// Why.
        reason: String,
    },
    /// The provider gave no token. What it takes to try again is kept.
    #[error("the OAuth connection \"{name}\" got no token: {error}; {}", advice(.error))]
    NoToken {
        /// The connection.
        name: Name,
        /// Why.
        error: Box<TokenError>,
    },
    /// A request did not come to its end in time.
    #[error("the OAuth connection \"{0}\" got no token in time; try again later")]
    OutOfTime(Name),
    /// It was edited or removed while a token was asked for; the token was ended.
    #[error("the OAuth connection \"{0}\" was changed meanwhile; start again")]
    Changed(Name),
    /// Another token host would be sent a secret that was given for the present one.
    #[error(
        "the client secret of the OAuth connection \"{0}\" was given for another token host; enter it again"
    )]
    SecretNeeded(Name),
    /// The callback was not accepted.
    #[error("the sign-in did not succeed: {0}")]
    Callback(#[from] CallbackError),
    /// The callback cannot be waited for.
    #[error(transparent)]
    Loopback(#[from] LoopbackError),
    /// There can be no such client.
    #[error(transparent)]
    Registration(#[from] RegistrationError),
    /// There can be no such provider.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The way to the network cannot be set up. The operator of this machine can help.
    #[error("the way to the network cannot be set up: {0}; the operator of this machine can help")]
    Network(#[from] SetupError),
    /// A user or a role is not as it has to be.
    #[error(transparent)]
    User(Arc<UserError>),
    /// The store cannot be read or written.
    #[error(transparent)]
    Store(Arc<StoreError>),
}

/// What to do about a token that was not given, and who can.
fn advice(error: &TokenError) -> &'static str {
    match error {
        TokenError::SignInNeeded(_) => "sign in again",
        TokenError::Refused(_) | TokenError::WrongGrant => {
            "an administrator has to correct the connection, or its OAuth client at the provider"
        }
        TokenError::Passing { .. } => "try again later",
        TokenError::Untrusted(_) | TokenError::NotPermitted(_) => {
            "the operator of this machine has to look at its network and its certificates"
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
