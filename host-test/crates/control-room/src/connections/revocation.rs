//! How tokens are ended at the provider that nobody is to use any more: those of a connection that is removed,
//! and those that came when there was no place for them any more.

use secrecy::SecretString;

use super::lifetime::Life;
use super::{Connections, Removed};
use crate::name::Name;
use crate::oauth::revocation::{self, Ended, RevocationError};
use crate::oauth::{Provider, Registration, TokenEndpoint, TokenError, TokenSet};
use crate::timestamp::Moment;

/// The tokens of a sign-in to a connection that is gone.
pub(super) struct Leftover {
    pub(super) access_token: SecretString,
    pub(super) refresh_token: Option<SecretString>,
    pub(super) life: Life,
}

impl Connections {
    /// Ends what is left of a connection, as far as it opens.
    pub(super) async fn end_all(
        &self,
        registration: &Registration,
        leftovers: Vec<Option<Leftover>>,
    ) -> Removed {
        let mut removed = Removed::default();
        for leftover in leftovers {
            let ended = match leftover {
                Some(leftover) => self.end_leftover(registration, leftover).await,
                None => Err(RevocationError::Unreadable),
            };
            match ended {
                Ok(()) => removed.ended += 1,
                Err(why) => removed.lives(why),
            }
        }
        removed
    }

    /// An access token that is over ends no refresh token: where that lives, a new one does.
    async fn end_leftover(
        &self,
        registration: &Registration,
        leftover: Leftover,
    ) -> Result<(), RevocationError> {
        let provider = registration.provider();
        let Some(refresh_token) = leftover.refresh_token else {
            return self
                .end_token(provider, &leftover.access_token)
                .await
                .map(|_| ());
        };
        if provider.api_host().is_none() {
            return Err(RevocationError::NotOffered);
        }
        if !leftover.life.is_over(Moment::now())
            && self.end_token(provider, &leftover.access_token).await? == Ended::Now
        {
            return Ok(());
        }
        let network = self.shared.network.clone();
        let endpoint = TokenEndpoint::new(registration.clone(), network)?;
        match endpoint.refresh(&refresh_token).await {
            Ok(tokens) => match self.end_token(provider, &tokens.access_token).await? {
                Ended::Now => Ok(()),
                // It was never alive there, whatever its refresh token is.
                Ended::Before => Err(RevocationError::Unknown),
            },
            Err(TokenError::SignInNeeded(_)) => Ok(()),
            Err(error) => Err(RevocationError::NotRefreshed(error.into())),
        }
    }

    /// Ends tokens that came when the connection or the sign-in that they are for was gone. Where that does not
    /// work, the log says so.
    pub(super) async fn discard(&self, name: &Name, provider: &Provider, tokens: &TokenSet) {
        match self.end_token(provider, &tokens.access_token).await {
            Ok(_) => tracing::info!(connection = %name, "ended a token that came too late"),
            Err(why) => {
                tracing::error!(connection = %name, %why, "a token that came too late may live on");
            }
        }
    }

    async fn end_token(
        &self,
        provider: &Provider,
        token: &SecretString,
    ) -> Result<Ended, RevocationError> {
        revocation::end(provider, token, self.shared.network.clone()).await
    }
}
