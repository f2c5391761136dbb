//! Unguessable tokens for cookies and links: 256 random bits in base64.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

const BYTES: usize = 32;

/// The length of a token's text.
const LENGTH: usize = 43;

/// A random token.
#[derive(Clone)]
pub(super) struct Token(SecretString);

impl Token {
    /// # Panics
    ///
    /// If the operating system provides no random bytes, without which nothing can continue.
    #[expect(
        clippy::expect_used,
        reason = "no input can cause it, and nothing can continue without randomness"
    )]
    pub(super) fn random() -> Self {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes).expect("the operating system provides random bytes");
        Self(URL_SAFE_NO_PAD.encode(bytes).into())
    }

    /// Parses a token; `None` if the text is not one.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let right = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
        let is_one = text.len() == LENGTH && text.bytes().all(right);
        is_one.then(|| Self(text.into()))
    }

    pub(super) fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Its hash, which is what is stored.
    pub(super) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.expose().as_bytes()).into()
    }

    pub(super) fn is(&self, other: &str) -> bool {
        self.expose().as_bytes().ct_eq(other.as_bytes()).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_round_trips_and_is_hidden_in_debug_output() {
        let token = Token::random();
        assert!(Token::parse(token.expose()).unwrap().is(token.expose()));
        assert!(!token.is(Token::random().expose()));
        assert!(!format!("{token:?}").contains(token.expose()));
        for text in [
            "",
            "a",
            &"a".repeat(44),
            &"\u{e9}".repeat(43),
            &"=".repeat(43),
        ] {
            assert!(Token::parse(text).is_none(), "{text}");
        }
    }
}
