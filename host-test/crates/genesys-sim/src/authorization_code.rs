//! Authorization codes (RFC 6749, section 4.1.2): handed out at the sign-in page, redeemed once.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use super::client::{ClientType, OAuthClient};
use super::pkce::Challenge;
use super::token_map::Kept;
use super::user::User;

/// How long a code can be redeemed. RFC 6749 allows ten minutes at most; Genesys' own time is not
/// public \[unsure\].
pub const CODE_LIFETIME: Duration = Duration::from_secs(60);

/// How long a code is remembered, so that its second use is noticed.
const REMEMBERED: Duration = Duration::from_secs(60 * 60);

/// How many codes are remembered; with one more, the oldest is forgotten.
const MAX_CODES: usize = 10_000;

/// What a user let a client do, from the sign-in on: all tokens that came of one code have this
/// number, and end together when one of them is shown by a thief.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct GrantId(u64);

pub(super) struct AuthorizationCodes {
    codes: Kept<Code>,
    grants: u64,
}

/// What a code stands for.
struct Code {
    client_id: String,
    user: Arc<User>,
    redirect_uri: String,
    challenge: Option<Challenge>,
    grant: GrantId,
    used: bool,
}

/// What a client shows to redeem a code.
pub(super) struct Redemption<'a> {
    pub(super) code: &'a str,
    pub(super) redirect_uri: Option<&'a str>,
    pub(super) verifier: Option<&'a str>,
}

/// Why a code gives no token. A client is told `invalid_grant` for all of them.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum CodeError {
    /// Never handed out, forgotten, or another client's.
    Unknown,
    Expired,
    /// It was redeemed before: what it gave must end (RFC 6749, section 4.1.2).
    Replayed(GrantId),
    RedirectUri,
    Verifier,
}

impl AuthorizationCodes {
    pub(super) fn new() -> AuthorizationCodes {
        AuthorizationCodes {
            codes: Kept::new(REMEMBERED, MAX_CODES),
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
        self.codes.add(code, now)
    }

    /// Exchanges a code for what it stands for. Another client cannot use it up; its own client
    /// has one try, since a second with another verifier is a guess.
    pub(super) fn redeem(
        &mut self,
        client: &OAuthClient,
        shown: &Redemption<'_>,
        now: Duration,
    ) -> Result<(Arc<User>, GrantId), CodeError> {
        let entry = self.codes.get(shown.code, now).ok_or(CodeError::Unknown)?;
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
        if shown.redirect_uri != Some(&code.redirect_uri) {
            return Err(CodeError::RedirectUri);
        }
        let verified = match (&code.challenge, shown.verifier) {
            (Some(challenge), Some(verifier)) => challenge.is_met_by(verifier),
            (None, None) => client.client_type == ClientType::Confidential,
            // A verifier for a code that was asked for without a challenge is a downgrade
            // (RFC 9700, section 4.8.2).
            _ => false,
        };
        if !verified {
            return Err(CodeError::Verifier);
        }
        Ok((Arc::clone(&code.user), code.grant))
    }

    pub(super) fn end_all_of_client(&mut self, client_id: &str) {
        self.codes.retain(|code| code.client_id != client_id);
    }

    pub(super) fn end_all_of_user(&mut self, user_id: &str) {
        self.codes.retain(|code| code.user.id != user_id);
    }
}
