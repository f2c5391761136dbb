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

/// An error of a [`SecretProvider`], which is worded by the provider.
///
/// ```
/// use bot_engine::Language;
/// use bot_engine::secrets::ProviderError;
///
/// #[derive(Debug, thiserror::Error)]
/// #[error("{}", self.message(Language::English))]
/// struct NoSuchEntry(String);
///
/// impl ProviderError for NoSuchEntry {
///     fn message(&self, language: Language) -> String {
///         match language {
///             Language::English => format!("There is no entry “{}”. Ask your operator.", self.0),
///             Language::German => format!("Es gibt keinen Eintrag „{}“. Fragen Sie Ihren Betreiber.", self.0),
///         }
///     }
/// }
/// ```
pub trait ProviderError: Error + Send + Sync + 'static {
    /// The message for a designer: what is missing, what to do and who can do it.
    fn message(&self, language: Language) -> String;
}

/// Why a provider has no value or token: what a person can do about it, and the provider's own error, which is the source.
/// `Display` is the message in English.
#[derive(Debug, Clone)]
pub struct ResolveError {
    kind: ResolveErrorKind,
    source: Arc<dyn ProviderError>,
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
    pub fn new(kind: ResolveErrorKind, source: impl ProviderError) -> Self {
        Self {
            kind,
            source: Arc::new(source),
        }
    }

    /// What a person can do about it.
    pub fn kind(&self) -> ResolveErrorKind {
        self.kind
    }

    /// The message for people, as the provider words it.
    pub fn message(&self, language: Language) -> String {
        self.source.message(language)
    }
}

impl fmt::Display for ResolveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Language::English))
    }
}

impl Error for ResolveError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
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
    pub(crate) fn error() -> ResolveError {
        ResolveError::new(ResolveErrorKind::NoPrincipal, NoPrincipal)
    }
}

/// The run has no principal.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message(Language::English))]
struct NoPrincipal;

impl ProviderError for NoPrincipal {
    fn message(&self, language: Language) -> String {
        texts::no_principal(language).into()
    }
}

mod texts {
    crate::messages! {
        no_principal {
            en: "Credentials and connections are used on a user's behalf. Name the user with `run --as USER`, or take credentials from a folder (`--credentials DIR`) or from environment variables (`--credentials-env`).",
            de: "Anmeldedaten und Verbindungen werden im Namen eines Benutzers verwendet. Nennen Sie ihn mit `run --as USER`, oder nehmen Sie Anmeldedaten aus einem Ordner (`--credentials DIR`) oder aus Umgebungsvariablen (`--credentials-env`).",
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
