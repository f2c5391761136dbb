//! The Control Room as a bot's [`SecretProvider`].

use async_trait::async_trait;
use bot_engine::{
    AttributePath, BorrowedToken, ConnectionRef, Name, Purpose, ResolveError, ResolveErrorKind,
    SecretProvider, TokenOwner,
};
use secrecy::SecretString;

use crate::audit_events::Action;
use crate::connections::{ConnectionError, Connections};
use crate::oauth::TokenError;
use crate::principal::Principal;
use crate::store::Store;
use crate::vault::VaultError;

/// The credentials and connections of a Control Room, as one user may use them.
#[derive(Debug, Clone)]
pub struct Secrets {
    /// The store.
    pub store: Store,
    /// Its connections, the same for all bots: concurrent callers share one refresh.
    pub connections: Connections,
    /// The user on whose behalf bots run.
    pub user: Name,
    /// The id of the run, if it is in the [history](crate::runs).
    pub run: Option<String>,
}

#[async_trait]
impl SecretProvider for Secrets {
    async fn check_credential(
        &self,
        path: &AttributePath,
        field_is_secret: bool,
    ) -> Result<(), ResolveError> {
        let vault = self.store.vault();
        Ok(vault.check(path, &self.user, field_is_secret).await?)
    }

    async fn credential(
        &self,
        path: &AttributePath,
        purpose: Purpose<'_>,
    ) -> Result<SecretString, ResolveError> {
        let (vault, run) = (self.store.vault(), self.run.as_deref());
        Ok(vault.value(path, &self.user, run, purpose).await?)
    }

    async fn check_connection(&self, connection: &ConnectionRef) -> Result<(), ResolveError> {
        let ConnectionRef { name, owner } = connection;
        let checked = self.connections.check(name, &self.user, *owner).await;
        Ok(checked?)
    }

    async fn token(
        &self,
        connection: &ConnectionRef,
        refused: Option<&SecretString>,
    ) -> Result<BorrowedToken, ResolveError> {
        let ConnectionRef { name, owner } = connection;
        let (connections, user) = (&self.connections, &self.user);
        let token = match refused {
            Some(refused) => {
                let token = connections.token_instead_of(refused, name, user, *owner);
                token.await
            }
            None => connections.token(name, user, *owner).await,
        };
        let (audit, by) = (self.store.audit(), Principal::User(self.user.clone()));
        let owner = match owner {
            TokenOwner::Shared => "shared",
            TokenOwner::UserSpecific => "user-specific",
        };
        let subject = match &self.run {
            Some(run) => format!("{name}: {owner}, run {run}"),
            None => format!("{name}: {owner}"),
        };
        let action = Action::ConnectionUsed;
        let noted = match &token {
            Ok(_) => audit.done(&by, action, &subject).await,
            Err(_) => audit.refused(&by, action, &subject).await,
        };
        // A token is lent only if that is recorded.
        noted.map_err(ConnectionError::from)?;
        Ok(token?)
    }
}

impl From<VaultError> for ResolveError {
    fn from(error: VaultError) -> Self {
        let kind = match &error {
            VaultError::NoValue(_) | VaultError::NoOwnValue { .. } => ResolveErrorKind::NoValue,
            VaultError::PasswordOnly(_) => ResolveErrorKind::WrongField,
            VaultError::Store(error) => {
                tracing::error!(%error, "a credential cannot be read");
                ResolveErrorKind::ProviderFailed
            }
            _ => ResolveErrorKind::NotFound,
        };
        Self::new(kind, error)
    }
}

impl From<ConnectionError> for ResolveError {
    fn from(error: ConnectionError) -> Self {
        if let ConnectionError::Store(error) = &error {
            tracing::error!(%error, "a connection cannot be read");
        }
        Self::new(error.kind(), error)
    }
}

impl ConnectionError {
    /// What a person can do about it.
    pub fn kind(&self) -> ResolveErrorKind {
        match self {
            Self::NoConnection(_)
            | Self::NotShared(_)
            | Self::NotUserSpecific(_)
            | Self::User(_) => ResolveErrorKind::NotFound,
            Self::NotSignedIn { .. } | Self::SignInNeeded { .. } => ResolveErrorKind::SignInNeeded,
            Self::NoToken { error, .. } => match **error {
                TokenError::Transient { .. } => ResolveErrorKind::Unavailable,
                TokenError::SignInNeeded(_) => ResolveErrorKind::SignInNeeded,
                _ => ResolveErrorKind::Misconfigured,
            },
            Self::TimedOut(_) | Self::Changed(_) => ResolveErrorKind::Unavailable,
            Self::Store(_) => ResolveErrorKind::ProviderFailed,
            _ => ResolveErrorKind::Misconfigured,
        }
    }
}
