//! Refresh tokens (RFC 6749, section 6) with rotation (RFC 9700, section 4.14.2).
//!
//! A family is the sequence of refresh tokens of one grant. Only the latest is valid. If an earlier one is used, it may
//! have been stolen, and the grant is revoked.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use super::authorization_code::GrantId;
use super::client::OAuthClient;
use super::random::OpaqueToken;
use super::token_map::TokenMap;
use super::user::User;

/// The most families; one more evicts the oldest.
const MAX_FAMILIES: usize = 10_000;

pub(super) struct RefreshTokens {
    /// Genesys documents no maximum age \[unsure\].
    families: TokenMap<Family>,
}

struct Family {
    client_id: String,
    user: Arc<User>,
    grant: GrantId,
}

/// Why a refresh token gives no access token. The client gets `invalid_grant` for both.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RefreshError {
    /// Never issued, revoked, or issued to another client.
    Unknown,
    /// It was used before: the tokens of the grant must be revoked.
    Replayed(GrantId),
}

impl RefreshTokens {
    pub(super) fn new() -> Self {
        Self {
            families: TokenMap::new(Duration::MAX, MAX_FAMILIES),
        }
    }

    /// Issues the first token of a family.
    pub(super) fn issue(
        &mut self,
        client: &OAuthClient,
        user: Arc<User>,
        grant: GrantId,
        now: Duration,
    ) -> SecretString {
        let family = Family {
            client_id: client.id.clone(),
            user,
            grant,
        };
        self.families.insert(family, now)
    }

    /// Exchanges a token for the next one of its family, and returns the user and the grant as well.
    pub(super) fn rotate(
        &mut self,
        client: &OAuthClient,
        presented: &str,
        now: Duration,
    ) -> Result<(Arc<User>, GrantId, SecretString), RefreshError> {
        let presented = OpaqueToken::parse(presented).ok_or(RefreshError::Unknown)?;
        let entry = self
            .families
            .find(&presented, now)
            .filter(|entry| entry.value.client_id == client.id)
            .ok_or(RefreshError::Unknown)?;
        let (user, grant) = (Arc::clone(&entry.value.user), entry.value.grant);
        if !entry.matches(&presented) {
            return Err(RefreshError::Replayed(grant));
        }
        Ok((user, grant, entry.rotate()))
    }

    pub(super) fn revoke_grant(&mut self, grant: GrantId) {
        self.families.retain(|family| family.grant != grant);
    }

    pub(super) fn revoke_client(&mut self, client_id: &str) {
        self.families.retain(|family| family.client_id != client_id);
    }

    pub(super) fn revoke_user(&mut self, user_id: &str) {
        self.families.retain(|family| family.user.id != user_id);
    }
}
