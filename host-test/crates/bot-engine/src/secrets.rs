//! The source of a bot's secrets: [`SecretProvider`]. It is implemented by the Control Room, by environment variables and
//! files, and by fakes in tests; a company could implement it for its own vault.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use secrecy::SecretString;

use crate::action::BorrowedToken;
use crate::credential_path::AttributePath;
use crate::messages::Language;
use crate::name::Name;

/// Provides the values of credentials and the tokens of connections, on behalf of one principal. A provider is created for
/// a run, with the run's principal.
#[async_trait]
pub trait SecretProvider: Send + Sync {
    /// Checks that a credential may be used in a field. This is not recorded as a use.
    ///
    /// # Errors
    ///
    /// The error that [`SecretProvider::credential`] would return.
    async fn check_credential(
        &self,
        path: &AttributePath,
        field_is_secret: bool,
    ) -> Result<(), ResolveError>;

    /// The value of a credential, for one step. Records the use.
    ///
    /// # Errors
    ///
    /// If the credential may not be used, or has no value.
    async fn credential(
        &self,
        path: &AttributePath,
        purpose: Purpose<'_>,
    ) -> Result<SecretString, ResolveError>;

    /// Checks that a connection has a token or can get one. This sends no request to the authorization server.
    ///
    /// # Errors
    ///
    /// The error that [`SecretProvider::token`] would return.
    async fn check_connection(&self, connection: &ConnectionRef) -> Result<(), ResolveError>;

    /// A token of a connection. If Genesys Cloud `refused` one, another token than that.
    ///
    /// # Errors
    ///
    /// If there is no token. The message says what to do, and who can do it.
    async fn token(
        &self,
        connection: &ConnectionRef,
        refused: Option<&SecretString>,
    ) -> Result<BorrowedToken, ResolveError>;
}

/// What a credential is used for.
#[derive(Debug, Clone, Copy)]
pub struct Purpose<'a> {
    /// The bot's name.
    pub bot: &'a str,
    /// The step, for the audit log.
    pub step: &'a str,
    /// Whether the field is never shown, so that it may contain a password.
    pub field_is_secret: bool,
}

/// Identifies an OAuth connection and one of its tokens.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ConnectionRef {
    /// The connection's name.
    pub name: Name,
    /// Whose token it is.
    pub owner: TokenOwner,
}

/// The owner of the token that a bot uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenOwner {
    /// All users of the connection.
    Shared,
    /// The user on whose behalf the bot runs.
    UserSpecific,
}

/// Why a provider has no value or token: what a person can do about it, and the provider's own error.
#[derive(Debug, Clone)]
pub struct ResolveError {
    kind: ResolveErrorKind,
    source: Arc<dyn Error + Send + Sync>,
}

/// What a person can do about a [`ResolveError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResolveErrorKind {
    /// The run has no principal: name a user.
    NoPrincipal,
    /// It does not exist, or the principal has no access: use another one, or get a role with access.
    NotFound,
    /// It has no value: a user or an owner of the locker has to set one.
    NoValue,
    /// It must not be used in this field: choose another credential.
    WrongField,
    /// A user has to sign in to the connection.
    SignInNeeded,
    /// Try again later.
    Unavailable,
    /// An administrator or the operator has to correct the connection.
    Misconfigured,
    /// The provider cannot be read or written: the operator has to fix it.
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

    /// The message for people: of a run without a principal in the language, otherwise as the provider words it.
    pub fn message(&self, language: Language) -> String {
        match self.kind {
            ResolveErrorKind::NoPrincipal => texts::no_principal(language).into(),
            _ => self.to_string(),
        }
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
    /// A stable name for a connection's error: `no-connection` if the bot or the principal's roles have to change,
    /// `sign-in-needed`, `connection-unavailable` if a later attempt may succeed, `control-room-failed` if the provider
    /// cannot be read or written, and `connection-failed` if an administrator or the operator has to correct the connection.
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

/// A provider without secrets, for runs without a principal.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSecrets;

impl NoSecrets {
    fn error() -> ResolveError {
        ResolveError::new(
            ResolveErrorKind::NoPrincipal,
            texts::no_principal(Language::English),
        )
    }
}

mod texts {
    crate::messages! {
        no_principal {
            en: "credentials and connections are used on a user's behalf; `run --as USER` names the user, and `--credentials DIR` or `--credentials-env` takes credentials from elsewhere",
            de: "Anmeldedaten und Verbindungen werden im Namen eines Benutzers verwendet; `run --as USER` nennt ihn, und `--credentials DIR` oder `--credentials-env` nimmt Anmeldedaten von anderswo",
        }
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
