//! Authorization codes (RFC 6749, section 4.1.2): issued after a sign-in, redeemed once.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use super::client::{ClientType, OAuthClient};
use super::pkce::Challenge;
use super::token_map::TokenMap;
use super::user::User;

/// How long a code can be redeemed. RFC 6749 allows at most ten minutes; Genesys' own lifetime is not
/// public \[unsure\].
pub const CODE_LIFETIME: Duration = Duration::from_mins(1);

/// How long a code is retained, so that a replay is noticed.
const RETENTION: Duration = Duration::from_hours(1);

/// The most codes that are retained; one more evicts the oldest.
const MAX_CODES: usize = 10_000;

/// Identifies what a user granted a client at one sign-in. All tokens of one code have the same id, and are revoked
/// together if the code or a refresh token is replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct GrantId(u64);

pub(super) struct AuthorizationCodes {
    codes: TokenMap<Code>,
    grants: u64,
}

/// What was granted with a code.
struct Code {
    client_id: String,
    user: Arc<User>,
    redirect_uri: String,
    challenge: Option<Challenge>,
    grant: GrantId,
    used: bool,
}

/// What a client sends to redeem a code (RFC 6749, section 4.1.3; RFC 7636, section 4.5).
pub(super) struct Redemption<'a> {
    pub(super) code: &'a str,
    pub(super) redirect_uri: Option<&'a str>,
    pub(super) verifier: Option<&'a str>,
}

/// Why a code gives no token. The client gets `invalid_grant` for all of them.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum CodeError {
    /// Never issued, evicted, or issued to another client.
    Unknown,
    Expired,
    /// It was redeemed before: the tokens of the grant must be revoked (RFC 6749, section 4.1.2).
    Replayed(GrantId),
    RedirectUri,
    Verifier,
}

impl AuthorizationCodes {
    pub(super) fn new() -> Self {
        Self {
            codes: TokenMap::new(RETENTION, MAX_CODES),
            grants: 0,
        }
    }

    pub(super) fn issue(
        &mut self,
        client: &OAuthClient,
        user: Arc<User>,
        redirect_uri: &str,
        challenge: Option<Challenge>,
        now: Duration,
    ) -> SecretString {
        self.grants += 1;
        let code = Code {
            client_id: client.id.clone(),
            user,
            redirect_uri: redirect_uri.to_owned(),
            challenge,
            grant: GrantId(self.grants),
            used: false,
        };
        self.codes.insert(code, now)
    }

    /// Consumes a code. Another client cannot consume it; its own client has one attempt, as a second one with another
    /// verifier is a guess.
    pub(super) fn redeem(
        &mut self,
        client: &OAuthClient,
        redemption: &Redemption<'_>,
        now: Duration,
    ) -> Result<(Arc<User>, GrantId), CodeError> {
        let entry = self
            .codes
            .get(redemption.code, now)
            .ok_or(CodeError::Unknown)?;
        let age = entry.age(now);
        let code = &mut entry.value;
        if code.client_id != client.id {
            return Err(CodeError::Unknown);
        }
        if code.used {
            return Err(CodeError::Replayed(code.grant));
        }
        code.used = true;
        if age >= CODE_LIFETIME {
            return Err(CodeError::Expired);
        }
        if redemption.redirect_uri != Some(&code.redirect_uri) {
            return Err(CodeError::RedirectUri);
        }
        let verified = match (&code.challenge, redemption.verifier) {
            (Some(challenge), Some(verifier)) => challenge.verify(verifier),
            (None, None) => client.client_type == ClientType::Confidential,
            // A verifier for a code without a challenge is a downgrade attack (RFC 9700, section 4.8.2).
            _ => false,
        };
        if !verified {
            return Err(CodeError::Verifier);
        }
        Ok((Arc::clone(&code.user), code.grant))
    }

    pub(super) fn revoke_client(&mut self, client_id: &str) {
        self.codes.retain(|code| code.client_id != client_id);
    }

    pub(super) fn revoke_user(&mut self, user_id: &str) {
        self.codes.retain(|code| code.user.id != user_id);
    }
}
