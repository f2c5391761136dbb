//! Where a bot's secrets come from: [`SecretProvider`]. A Control Room is one; so are environment variables and
//! files, a fake of ten lines in a test, or a company's own vault.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use secrecy::SecretString;

use crate::action::BorrowedToken;
use crate::credential_path::AttributePath;
use crate::name::Name;

/// Hands out the values of credentials and the tokens of connections, on behalf of one principal. A provider is
/// made for a run, and knows for whom it is.
#[async_trait]
pub trait SecretProvider: Send + Sync {
    /// Whether a credential may go into a field. That is no use of it, and is not recorded as one.
    ///
    /// # Errors
    ///
    /// What [`SecretProvider::credential`] would say.
    async fn check_credential(
        &self,
        path: &AttributePath,
        field_is_secret: bool,
    ) -> Result<(), ResolveError>;

    /// The value of a credential, for one step. The use is recorded.
    ///
    /// # Errors
    ///
    /// Why it may not be used, or that it has no value.
    async fn credential(
        &self,
        path: &AttributePath,
        purpose: Purpose<'_>,
    ) -> Result<SecretString, ResolveError>;

    /// Whether a connection has a token, or a way to one. Its provider is not asked, so this costs no request.
    ///
    /// # Errors
    ///
    /// What [`SecretProvider::token`] would say.
    async fn check_connection(&self, connection: &ConnectionRef) -> Result<(), ResolveError>;

    /// A token of a connection, other than the one that Genesys Cloud `refused`, if it refused one.
    ///
    /// # Errors
    ///
    /// Why there is none. The message says what to do and who can.
    async fn token(
        &self,
        connection: &ConnectionRef,
        refused: Option<&SecretString>,
    ) -> Result<BorrowedToken, ResolveError>;
}

/// What a value is used for.
#[derive(Debug, Clone, Copy)]
pub struct Purpose<'a> {
    /// The bot's name.
    pub bot: &'a str,
    /// The step, for the audit log.
    pub step: &'a str,
    /// Whether the field is never shown, so that a password may go into it.
    pub field_is_secret: bool,
}

/// Names an OAuth connection, and one of its tokens.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ConnectionRef {
    /// The connection's name.
    pub name: Name,
    /// Whose token it is.
    pub owner: TokenOwner,
}

/// Whose token of a connection a bot uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenOwner {
    /// The one that all users share.
    Shared,
    /// The one of the user for whom the bot runs.
    UserSpecific,
}

/// Why a provider hands out nothing: what a person can do about it, and the provider's own error.
#[derive(Debug, Clone)]
pub struct ResolveError {
    kind: ResolveErrorKind,
    source: Arc<dyn Error + Send + Sync>,
}

/// What a person can do about a [`ResolveError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResolveErrorKind {
    /// Bots run on behalf of nobody: name a user.
    NoPrincipal,
    /// Not there, or not for this principal: name another one, or get the role for it.
    NotFound,
    /// There, but empty: somebody has to give it a value.
    NoValue,
    /// Not for this field: choose another credential.
    WrongField,
    /// Somebody has to sign in.
    SignInNeeded,
    /// Try again later.
    Unavailable,
    /// An administrator or the operator has to correct the connection.
    Misconfigured,
    /// The provider cannot be read or written: the operator has to look.
    ProviderFailed,
}

impl ResolveError {
    /// An error of a provider.
    pub fn new(kind: ResolveErrorKind, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            kind,
            source: source.into().into(),
        }
    }

    /// What a person can do about it.
    pub fn kind(&self) -> ResolveErrorKind {
        self.kind
    }

    /// The provider's own error, if it is an `E`.
    pub fn downcast_ref<E: Error + 'static>(&self) -> Option<&E> {
        self.source.downcast_ref()
    }
}

impl fmt::Display for ResolveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

impl Error for ResolveError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.source()
    }
}

impl ResolveErrorKind {
    /// The stable name of a connection's error: `no-connection` if the bot or its roles have to change,
    /// `sign-in-needed`, `connection-unavailable` if trying again later may help, `control-room-failed` if the store
    /// cannot be read or written, `connection-failed` if an administrator or the operator has to look.
    pub(crate) fn of_connection(self) -> &'static str {
        match self {
            Self::NoPrincipal | Self::NotFound | Self::WrongField => "no-connection",
            Self::NoValue | Self::SignInNeeded => "sign-in-needed",
            Self::Unavailable => "connection-unavailable",
            Self::Misconfigured => "connection-failed",
            Self::ProviderFailed => "control-room-failed",
        }
    }
}

/// Hands out nothing, as bots run on behalf of nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSecrets;

impl NoSecrets {
    fn error() -> ResolveError {
        ResolveError::new(
            ResolveErrorKind::NoPrincipal,
            "credentials and connections are used on a user's behalf; `run --as USER` names the user, and \
             `--credentials DIR` or `--credentials-env` takes credentials from elsewhere",
        )
    }
}

#[async_trait]
impl SecretProvider for NoSecrets {
    async fn check_credential(&self, _: &AttributePath, _: bool) -> Result<(), ResolveError> {
        Err(Self::error())
    }

    async fn credential(
        &self,
        _: &AttributePath,
        _: Purpose<'_>,
    ) -> Result<SecretString, ResolveError> {
        Err(Self::error())
    }

    async fn check_connection(&self, _: &ConnectionRef) -> Result<(), ResolveError> {
        Err(Self::error())
    }

    async fn token(
        &self,
        _: &ConnectionRef,
        _: Option<&SecretString>,
    ) -> Result<BorrowedToken, ResolveError> {
        Err(Self::error())
    }
}
