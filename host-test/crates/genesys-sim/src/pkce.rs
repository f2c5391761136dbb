//! Proof Key for Code Exchange (RFC 7636).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::token_request::Malformed;

/// The challenge of an authorization request. The only accepted method is `S256`: with `plain`, anyone who sees the
/// request knows the verifier.
#[derive(Clone)]
pub(super) struct Challenge([u8; 32]);

impl Challenge {
    /// Parses the parameters `code_challenge` and `code_challenge_method`; `None` if both are absent. A challenge
    /// without a method would be `plain` (section 4.3).
    pub(super) fn parse(
        challenge: Option<&str>,
        method: Option<&str>,
    ) -> Result<Option<Self>, Malformed> {
        let Some(challenge) = challenge else {
            return match method {
                Some(_) => Err(Malformed("the parameter code_challenge is missing")),
                None => Ok(None),
            };
        };
        if method != Some("S256") {
            return Err(Malformed("the code_challenge_method must be S256"));
        }
        let hash = URL_SAFE_NO_PAD.decode(challenge).ok();
        hash.and_then(|hash| hash.try_into().ok())
            .map(|hash| Some(Self(hash)))
            .ok_or(Malformed(
                "the code_challenge is not a SHA-256 hash in base64url",
            ))
    }

    /// Whether `verifier` is well-formed (section 4.1) and matches the challenge (section 4.6).
    pub(super) fn verify(&self, verifier: &str) -> bool {
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let well_formed = (43..=128).contains(&verifier.len()) && verifier.bytes().all(unreserved);
        let hash = Sha256::digest(verifier.as_bytes());
        well_formed && bool::from(self.0.as_slice().ct_eq(hash.as_slice()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn challenge_of(verifier: &str) -> Challenge {
        Challenge(Sha256::digest(verifier.as_bytes()).into())
    }

    #[test]
    fn the_example_of_the_rfc_is_verified() {
        let challenge = Challenge::parse(Some(CHALLENGE), Some("S256"));
        let challenge = challenge.ok().flatten().unwrap();
        assert!(challenge.verify(VERIFIER));
        assert!(!challenge.verify(&VERIFIER.replace('d', "e")));
        assert!(!challenge.verify(CHALLENGE));
    }

    #[test]
    fn only_s256_is_accepted() {
        for method in [None, Some("plain"), Some("s256"), Some("S512")] {
            assert!(Challenge::parse(Some(CHALLENGE), method).is_err());
        }
        assert!(Challenge::parse(None, Some("S256")).is_err());
        assert!(matches!(Challenge::parse(None, None), Ok(None)));
    }

    #[test]
    fn a_challenge_is_a_whole_hash() {
        let longer = format!("{CHALLENGE}A");
        for challenge in ["x", &CHALLENGE[1..], &longer, &CHALLENGE.replace('-', "+")] {
            assert!(Challenge::parse(Some(challenge), Some("S256")).is_err());
        }
    }

    #[test]
    fn a_verifier_has_43_to_128_unreserved_characters() {
        for (verifier, accepted) in [
            ("x".repeat(42), false),
            ("~".repeat(43), true),
            ("x".repeat(128), true),
            ("x".repeat(129), false),
            ("+".repeat(43), false),
        ] {
            assert_eq!(challenge_of(&verifier).verify(&verifier), accepted);
        }
    }
}
