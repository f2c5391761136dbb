//! Revokes at the provider what is no longer used: the tokens of a connection that is removed, and those that
//! arrive when their connection or sign-in is gone.

use secrecy::SecretString;

use super::sign_in_table::OrphanedTokens;
use super::{Connections, RemovalOutcome};
use crate::name::Name;
use crate::oauth::revocation::{self, RevocationError, Revoked};
use crate::oauth::{Provider, Registration, TokenEndpoint, TokenError, TokenSet};
use crate::timestamp::Timestamp;

impl Connections {
    /// Revokes the tokens of a removed connection. `None` stands for tokens that could not be decrypted.
    pub(super) async fn revoke_all(
        &self,
        registration: &Registration,
        orphans: Vec<Option<OrphanedTokens>>,
    ) -> RemovalOutcome {
        let mut outcome = RemovalOutcome::default();
        for orphan in orphans {
            let revoked = match orphan {
                Some(tokens) => self.revoke_orphaned(registration, tokens).await,
                None => Err(RevocationError::Unreadable),
            };
            match revoked {
                Ok(()) => outcome.revoked += 1,
                Err(reason) => outcome.count_valid(reason),
            }
        }
        outcome
    }

    /// An expired access token does not revoke its refresh token. If that is still valid, it is exchanged for an
    /// access token that does.
    async fn revoke_orphaned(
        &self,
        registration: &Registration,
        tokens: OrphanedTokens,
    ) -> Result<(), RevocationError> {
        let provider = registration.provider();
        let Some(refresh_token) = tokens.refresh_token else {
            let revoked = self.revoke(provider, &tokens.access_token).await;
            return revoked.map(|_| ());
        };
        if provider.api_host().is_none() {
            return Err(RevocationError::NotOffered);
        }
        if !tokens.lifetime.is_expired(Timestamp::now())
            && self.revoke(provider, &tokens.access_token).await? == Revoked::Now
        {
            return Ok(());
        }
        let network = self.shared.network.clone();
        let endpoint = TokenEndpoint::new(registration.clone(), network)?;
        match endpoint.refresh(&refresh_token).await {
            Ok(tokens) => match self.revoke(provider, &tokens.access_token).await? {
                Revoked::Now => Ok(()),
                // The API does not know this token, so the state of its refresh token is unknown.
                Revoked::Already => Err(RevocationError::Unknown),
            },
            Err(TokenError::SignInNeeded(_)) => Ok(()),
            Err(error) => Err(RevocationError::NotRefreshed(error.into())),
        }
    }

    /// Revokes tokens that arrived when the connection or the sign-in that they are for was gone. A failure is
    /// logged.
    pub(super) async fn revoke_late(&self, name: &Name, provider: &Provider, tokens: &TokenSet) {
        match self.revoke(provider, &tokens.access_token).await {
            Ok(_) => tracing::info!(connection = %name, "revoked a token that arrived too late"),
            Err(reason) => {
                tracing::error!(connection = %name, %reason, "a token that arrived too late may still be valid");
            }
        }
    }

    async fn revoke(
        &self,
        provider: &Provider,
        token: &SecretString,
    ) -> Result<Revoked, RevocationError> {
        revocation::revoke(provider, token, self.shared.network.clone()).await
    }
}
