//! Form tokens (CSRF protection).
//!
//! A page's form token is a keyed hash of the session token: another site can read neither, and a page from before the
//! sign-in is not valid afterwards.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;

use super::token::Token;

/// The form field with the token.
pub(super) const FIELD: &str = "form-token";

/// The header with the token, for scripts.
pub(super) const HEADER: &str = "x-form-token";

/// The key of form tokens, new with every start, as the sessions are.
pub(super) struct FormKey(hmac::Key);

impl FormKey {
    /// # Panics
    ///
    /// As [`Token::random`].
    pub(super) fn random() -> Self {
        let key = Token::random();
        Self(hmac::Key::new(hmac::HMAC_SHA256, key.expose().as_bytes()))
    }

    /// The form token of a session.
    pub(super) fn token(&self, session: &Token) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.0, session.expose().as_bytes()))
    }

    /// Whether `token` is the form token of a session.
    pub(super) fn verify(&self, session: &Token, token: &str) -> bool {
        URL_SAFE_NO_PAD
            .decode(token)
            .is_ok_and(|token| hmac::verify(&self.0, session.expose().as_bytes(), &token).is_ok())
    }
}
