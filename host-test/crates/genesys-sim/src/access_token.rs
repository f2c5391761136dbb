//! Access tokens: issued, admitted, revoked, expired, evicted.
//!
//! Callers pass the time and the client; nothing here depends on HTTP.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use super::authorization_code::GrantId;
use super::client::OAuthClient;
use super::random::{OpaqueToken, Selector};
use super::rate_limit::{FixedWindow, RetryAfter};
use super::region::Region;
use super::user::User;

/// The most access tokens of one client; one more evicts the oldest. This bounds the memory that a client in a
/// loop can use. The real limit is not public \[unsure\].
pub const MAX_TOKENS_PER_CLIENT: usize = 1000;

/// How long an expired token is retained, so that it is rejected as expired and not as unknown.
const EXPIRED_RETENTION: Duration = Duration::from_hours(1);

pub(super) struct AccessTokens {
    tokens: HashMap<Selector, AccessToken>,
    /// The tokens by client id, oldest first. All tokens of a client have the same duration, so this is also the
    /// order of expiry.
    by_client: HashMap<String, VecDeque<Selector>>,
    api_requests_per_minute: Option<u32>,
}

struct AccessToken {
    token: OpaqueToken,
    client: Arc<OAuthClient>,
    owner: Owner,
    expires_at: Duration,
    api_requests: FixedWindow,
}

/// The principal that a token acts for.
#[derive(Clone, Debug)]
pub(super) enum Owner {
    /// The client itself, without a user (RFC 6749, section 4.4).
    Client,
    /// The user who signed in, and the grant that the sign-in gave (RFC 6749, section 4.1).
    User { user: Arc<User>, grant: GrantId },
}

/// What a token gives access to.
#[derive(Debug)]
pub(super) struct Access {
    pub(super) token: Selector,
    pub(super) client: Arc<OAuthClient>,
    pub(super) owner: Owner,
}

/// Why a token is rejected.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum TokenError {
    /// Never issued, revoked, evicted, or of another region.
    Unknown,
    Expired,
    TooManyRequests(RetryAfter),
}

impl AccessTokens {
    pub(super) fn new(api_requests_per_minute: Option<u32>) -> Self {
        Self {
            tokens: HashMap::new(),
            by_client: HashMap::new(),
            api_requests_per_minute,
        }
    }

    /// Issues a token that is valid from `now` for the client's token duration.
    pub(super) fn issue(
        &mut self,
        client: &Arc<OAuthClient>,
        owner: Owner,
        now: Duration,
    ) -> SecretString {
        self.evict_expired(now);
        let token = OpaqueToken::random();
        let (selector, text) = (token.selector(), token.text());
        let lifetime = Duration::from_secs(client.token_duration.into());
        self.tokens.insert(
            selector,
            AccessToken {
                token,
                client: Arc::clone(client),
                owner,
                expires_at: now + lifetime,
                api_requests: FixedWindow::default(),
            },
        );
        let of_client = self.by_client.entry(client.id.clone()).or_default();
        of_client.push_back(selector);
        if of_client.len() > MAX_TOKENS_PER_CLIENT
            && let Some(oldest) = of_client.pop_front()
        {
            self.tokens.remove(&oldest);
        }
        text
    }

    /// Checks and counts a request with the token `presented` at the API host of `region`; with `None`, at a gateway,
    /// where tokens of all regions are valid.
    pub(super) fn admit(
        &mut self,
        presented: &str,
        region: Option<Region>,
        now: Duration,
    ) -> Result<Access, TokenError> {
        let presented = OpaqueToken::parse(presented).ok_or(TokenError::Unknown)?;
        let known = self
            .tokens
            .get_mut(&presented.selector())
            .filter(|known| known.token.matches(&presented))
            .filter(|known| region.is_none_or(|region| region == known.client.region))
            .ok_or(TokenError::Unknown)?;
        if now >= known.expires_at {
            return Err(TokenError::Expired);
        }
        known
            .api_requests
            .count(self.api_requests_per_minute, now)
            .map_err(TokenError::TooManyRequests)?;
        Ok(Access {
            token: presented.selector(),
            client: Arc::clone(&known.client),
            owner: known.owner.clone(),
        })
    }

    /// Revokes a token.
    pub(super) fn revoke(&mut self, access: &Access) {
        self.tokens.remove(&access.token);
        if let Some(of_client) = self.by_client.get_mut(&access.client.id) {
            of_client.retain(|selector| *selector != access.token);
        }
    }

    /// Revokes all tokens of a client.
    pub(super) fn revoke_client(&mut self, client_id: &str) {
        for selector in self.by_client.remove(client_id).unwrap_or_default() {
            self.tokens.remove(&selector);
        }
    }

    /// Revokes all tokens of a user.
    pub(super) fn revoke_user(&mut self, user_id: &str) {
        let of_user =
            |owner: &Owner| matches!(owner, Owner::User { user, .. } if user.id == user_id);
        self.tokens.retain(|_, token| !of_user(&token.owner));
        for of_client in self.by_client.values_mut() {
            of_client.retain(|selector| self.tokens.contains_key(selector));
        }
    }

    /// Revokes all tokens that a client has from one grant.
    pub(super) fn revoke_grant(&mut self, client_id: &str, revoked: GrantId) {
        let Some(of_client) = self.by_client.get_mut(client_id) else {
            return;
        };
        let tokens = &mut self.tokens;
        of_client.retain(|selector| {
            let owner = tokens.get(selector).map(|token| &token.owner);
            let is_revoked = matches!(owner, Some(Owner::User { grant, .. }) if *grant == revoked);
            if is_revoked {
                tokens.remove(selector);
            }
            !is_revoked
        });
    }

    /// Makes all tokens of a client expire now.
    pub(super) fn expire_client(&mut self, client_id: &str, now: Duration) {
        for selector in self.by_client.get(client_id).into_iter().flatten() {
            if let Some(token) = self.tokens.get_mut(selector) {
                token.expires_at = token.expires_at.min(now);
            }
        }
    }

    /// How many tokens of a client are valid.
    pub(super) fn count_valid(&self, client_id: &str, now: Duration) -> usize {
        let of_client = self.by_client.get(client_id).into_iter().flatten();
        of_client
            .filter_map(|selector| self.tokens.get(selector))
            .filter(|token| now < token.expires_at)
            .count()
    }

    fn evict_expired(&mut self, now: Duration) {
        let tokens = &mut self.tokens;
        for of_client in self.by_client.values_mut() {
            while let Some(oldest) = of_client.front()
                && tokens
                    .get(oldest)
                    .is_none_or(|token| now >= token.expires_at + EXPIRED_RETENTION)
            {
                tokens.remove(oldest);
                of_client.pop_front();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    const NOW: Duration = Duration::ZERO;

    fn client() -> Arc<OAuthClient> {
        Arc::new(OAuthClient::new("test", Region::ALL[0]))
    }

    fn admit(tokens: &mut AccessTokens, token: &SecretString, at: Duration) -> Option<TokenError> {
        tokens.admit(token.expose_secret(), None, at).err()
    }

    #[test]
    fn one_token_over_the_limit_evicts_the_oldest() {
        let (mut tokens, client) = (AccessTokens::new(None), client());
        let issued: Vec<_> = (0..=MAX_TOKENS_PER_CLIENT)
            .map(|_| tokens.issue(&client, Owner::Client, NOW))
            .collect();
        assert_eq!(
            admit(&mut tokens, &issued[0], NOW),
            Some(TokenError::Unknown)
        );
        assert_eq!(admit(&mut tokens, &issued[1], NOW), None);
        assert_eq!(tokens.tokens.len(), MAX_TOKENS_PER_CLIENT);
    }

    #[test]
    fn revoked_tokens_do_not_count_towards_the_limit() {
        let (mut tokens, client) = (AccessTokens::new(None), client());
        let first = tokens.issue(&client, Owner::Client, NOW);
        for _ in 0..=MAX_TOKENS_PER_CLIENT {
            let token = tokens.issue(&client, Owner::Client, NOW);
            let access = tokens.admit(token.expose_secret(), None, NOW).unwrap();
            tokens.revoke(&access);
        }
        assert_eq!(admit(&mut tokens, &first, NOW), None);
    }

    #[test]
    fn an_expired_token_is_evicted_after_an_hour() {
        let (mut tokens, client) = (AccessTokens::new(None), client());
        let token = tokens.issue(&client, Owner::Client, NOW);
        let end = Duration::from_secs(client.token_duration.into());

        tokens.issue(&client, Owner::Client, end);
        assert_eq!(admit(&mut tokens, &token, end), Some(TokenError::Expired));

        let later = end + EXPIRED_RETENTION;
        tokens.issue(&client, Owner::Client, later);
        assert_eq!(admit(&mut tokens, &token, later), Some(TokenError::Unknown));
        assert_eq!(tokens.tokens.len(), 2);
    }

    #[test]
    fn a_request_with_an_expired_token_counts_against_no_limit() {
        let (mut tokens, client) = (AccessTokens::new(Some(1)), client());
        let token = tokens.issue(&client, Owner::Client, NOW);
        let end = Duration::from_secs(client.token_duration.into());
        for _ in 0..3 {
            assert_eq!(admit(&mut tokens, &token, end), Some(TokenError::Expired));
        }
    }
}
