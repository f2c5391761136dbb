//! Clients, users, codes and tokens, and the rules between them.
//!
//! Callers pass the time; nothing here depends on HTTP.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use super::Options;
use super::access_token::{Access, AccessTokens, Owner};
use super::authorization_code::{AuthorizationCodes, CodeError, GrantId, Redemption};
use super::client::{ClientType, Clients, OAuthClient};
use super::pending_sign_ins::PendingSignIns;
use super::rate_limit::RetryAfter;
use super::refresh_token::{RefreshError, RefreshTokens};
use super::user::{User, Users};

pub(super) struct Accounts {
    pub(super) clients: Clients,
    pub(super) users: Users,
    pub(super) sign_ins: PendingSignIns,
    pub(super) codes: AuthorizationCodes,
    pub(super) access_tokens: AccessTokens,
    pub(super) refresh_tokens: RefreshTokens,
}

/// The tokens of a successful token request.
pub(super) struct Granted {
    pub(super) access_token: SecretString,
    pub(super) refresh_token: Option<SecretString>,
}

/// Why an authenticated client gets no token.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum GrantError {
    /// The code or the refresh token is not valid (`invalid_grant`, RFC 6749, section 5.2), with the reason in words.
    Invalid(&'static str),
    TooManyTokens(RetryAfter),
}

impl Accounts {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            clients: Clients::new(options.token_requests_per_minute),
            users: Users::default(),
            sign_ins: PendingSignIns::new(),
            codes: AuthorizationCodes::new(),
            access_tokens: AccessTokens::new(options.api_requests_per_minute),
            refresh_tokens: RefreshTokens::new(),
        }
    }

    /// Client-credentials grant (RFC 6749, section 4.4).
    pub(super) fn grant_client(
        &mut self,
        client: &Arc<OAuthClient>,
        now: Duration,
    ) -> Result<Granted, GrantError> {
        Ok(Granted {
            access_token: self.issue(client, Owner::Client, now)?,
            refresh_token: None,
        })
    }

    /// Authorization-code grant (RFC 6749, section 4.1.3). The rate limit is checked before the code is consumed, so
    /// that the client can try again.
    pub(super) fn redeem_code(
        &mut self,
        client: &Arc<OAuthClient>,
        redemption: &Redemption<'_>,
        now: Duration,
    ) -> Result<Granted, GrantError> {
        self.clients.check_limit(&client.id, now)?;
        let (user, grant) = self
            .codes
            .redeem(client, redemption, now)
            .map_err(|error| {
                if let CodeError::Replayed(grant) = error {
                    self.revoke_grant(client, grant);
                }
                GrantError::from(error)
            })?;
        let refresh_token = (client.client_type == ClientType::Confidential).then(|| {
            let user = Arc::clone(&user);
            self.refresh_tokens.issue(client, user, grant, now)
        });
        let owner = Owner::User { user, grant };
        Ok(Granted {
            access_token: self.issue(client, owner, now)?,
            refresh_token,
        })
    }

    /// Refresh (RFC 6749, section 6). The rate limit is checked before the refresh token is consumed.
    pub(super) fn refresh(
        &mut self,
        client: &Arc<OAuthClient>,
        presented: &str,
        now: Duration,
    ) -> Result<Granted, GrantError> {
        self.clients.check_limit(&client.id, now)?;
        let rotated = self.refresh_tokens.rotate(client, presented, now);
        let (user, grant, next) = rotated.map_err(|error| {
            if let RefreshError::Replayed(grant) = error {
                self.revoke_grant(client, grant);
            }
            GrantError::from(error)
        })?;
        let owner = Owner::User { user, grant };
        Ok(Granted {
            access_token: self.issue(client, owner, now)?,
            refresh_token: Some(next),
        })
    }

    fn issue(
        &mut self,
        client: &Arc<OAuthClient>,
        owner: Owner,
        now: Duration,
    ) -> Result<SecretString, GrantError> {
        self.clients.count_token(&client.id, now)?;
        Ok(self.access_tokens.issue(client, owner, now))
    }

    /// Revokes a token, and the refresh token of the same grant.
    pub(super) fn revoke_token(&mut self, access: &Access) {
        self.access_tokens.revoke(access);
        if let Owner::User { grant, .. } = access.owner {
            self.refresh_tokens.revoke_grant(grant);
        }
    }

    /// Revokes all tokens of a grant.
    fn revoke_grant(&mut self, client: &OAuthClient, grant: GrantId) {
        self.access_tokens.revoke_grant(&client.id, grant);
        self.refresh_tokens.revoke_grant(grant);
    }

    /// Revokes all codes and tokens of a client.
    pub(super) fn revoke_client(&mut self, client_id: &str) {
        self.codes.revoke_client(client_id);
        self.access_tokens.revoke_client(client_id);
        self.refresh_tokens.revoke_client(client_id);
    }

    /// Revokes all codes and tokens that clients have on behalf of a user.
    pub(super) fn revoke_user(&mut self, user: &User) {
        self.codes.revoke_user(&user.id);
        self.access_tokens.revoke_user(&user.id);
        self.refresh_tokens.revoke_user(&user.id);
    }
}

/// What an administrator can change. Methods return `false` if there is no such client or user.
impl Accounts {
    pub(super) fn enable_client(&mut self, id: &str) -> bool {
        self.clients.set_enabled(id, true)
    }

    /// Disables a client, and revokes its codes and tokens.
    pub(super) fn disable_client(&mut self, id: &str) -> bool {
        self.revoke_client(id);
        self.clients.set_enabled(id, false)
    }

    /// Removes a client, and revokes its codes and tokens.
    pub(super) fn remove_client(&mut self, id: &str) -> bool {
        self.revoke_client(id);
        self.clients.remove(id)
    }

    /// Makes the access tokens of a client expire at `now`.
    pub(super) fn expire_client_tokens(&mut self, id: &str, now: Duration) -> bool {
        self.access_tokens.expire_client(id, now);
        self.clients.find(id, None).is_some()
    }

    /// Removes a user, and revokes the codes and tokens that clients have on their behalf.
    pub(super) fn remove_user(&mut self, username: &str) -> bool {
        let removed = self.users.remove(username);
        if let Some(user) = &removed {
            self.revoke_user(user);
        }
        removed.is_some()
    }
}

impl From<RetryAfter> for GrantError {
    fn from(retry_after: RetryAfter) -> Self {
        Self::TooManyTokens(retry_after)
    }
}

impl From<CodeError> for GrantError {
    fn from(error: CodeError) -> Self {
        Self::Invalid(match error {
            CodeError::Unknown => "the authorization code is not known",
            CodeError::Expired => "the authorization code has expired",
            CodeError::Replayed(_) => "the authorization code was already used",
            CodeError::RedirectUri => "the redirect_uri is not that of the authorization request",
            CodeError::Verifier => "the code_verifier is not that of the authorization request",
        })
    }
}

impl From<RefreshError> for GrantError {
    fn from(error: RefreshError) -> Self {
        Self::Invalid(match error {
            RefreshError::Unknown => "the refresh token is not known",
            RefreshError::Replayed(_) => "the refresh token was already used",
        })
    }
}
