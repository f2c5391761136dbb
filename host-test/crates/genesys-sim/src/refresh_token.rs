//! Refresh tokens (RFC 6749, section 6), which change with each use (RFC 9700, section 4.14.2).
//!
//! A family is all refresh tokens that came of one sign-in, one after the other. Only the latest
//! works; any earlier one is in the hands of two, so its use ends the family.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use super::authorization_code::GrantId;
use super::client::OAuthClient;
use super::random::OpaqueToken;
use super::token_map::Kept;
use super::user::User;

/// How many families are kept; with one more, the oldest ends.
const MAX_FAMILIES: usize = 10_000;

pub(super) struct RefreshTokens {
    /// No limit of Genesys to their age is known \[unsure\].
    families: Kept<Family>,
}

struct Family {
    client_id: String,
    user: Arc<User>,
    grant: GrantId,
}

/// Why a refresh token gives no access token. A client is told `invalid_grant` for both.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RefreshError {
    /// Never handed out, revoked, or another client's.
    Unknown,
    /// It was used before: all that came of the sign-in must end.
    Replayed(GrantId),
}

impl RefreshTokens {
    pub(super) fn new() -> RefreshTokens {
        RefreshTokens {
            families: Kept::new(Duration::MAX, MAX_FAMILIES),
        }
    }

    /// The first token of a family.
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
        self.families.add(family, now)
    }

    /// Exchanges a token for the next of its family, and tells whose it is.
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
        if !entry.is_proved_by(&presented) {
            return Err(RefreshError::Replayed(grant));
        }
        Ok((user, grant, entry.rotate()))
    }

    pub(super) fn end_grant(&mut self, grant: GrantId) {
        self.families.retain(|family| family.grant != grant);
    }

    pub(super) fn end_all_of_client(&mut self, client_id: &str) {
        self.families.retain(|family| family.client_id != client_id);
    }

    pub(super) fn end_all_of_user(&mut self, user_id: &str) {
        self.families.retain(|family| family.user.id != user_id);
    }
}
