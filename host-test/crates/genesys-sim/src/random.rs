//! Identifiers, secrets and tokens from the system's random source.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use subtle::ConstantTimeEq;

/// Random bytes for keys and secrets.
///
/// # Panics
///
/// If the operating system's random source fails, without which nothing here is safe.
#[expect(
    clippy::expect_used,
    reason = "no input can cause it, and nothing can continue without randomness"
)]
pub(super) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// A random UUID (version 4, RFC 9562, section 5.4), the form of all identifiers of Genesys.
pub(super) fn uuid() -> String {
    let mut bytes: [u8; 16] = bytes();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// A client secret: 256 random bits in URL-safe base64, 43 characters, the length of Genesys' own
/// \[unsure\].
pub(super) fn client_secret() -> SecretString {
    URL_SAFE_NO_PAD.encode(bytes::<32>()).into()
}

/// An opaque token: 512 random bits in URL-safe base64, 86 characters,
/// the length of Genesys' own \[unsure\].
///
/// It is a split token: the selector is the key of a map, whose lookup time may depend on it; the proof is compared in
/// constant time.
pub(super) struct OpaqueToken {
    selector: Selector,
    proof: SecretBox<[u8; PROOF]>,
}

/// The public part of an [`OpaqueToken`], under which it is looked up.
pub(super) type Selector = [u8; SELECTOR];

const SELECTOR: usize = 16;
const PROOF: usize = 48;

impl OpaqueToken {
    pub(super) fn random() -> Self {
        Self {
            selector: bytes(),
            proof: SecretBox::new(Box::new(bytes())),
        }
    }

    /// A token with the same selector and another proof.
    pub(super) fn successor(&self) -> Self {
        Self {
            selector: self.selector,
            ..Self::random()
        }
    }

    /// Parses what [`text`](Self::text) returns; `None` if it is not such a text.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (selector, proof) = bytes.split_first_chunk()?;
        Some(Self {
            selector: *selector,
            proof: SecretBox::new(Box::new(proof.try_into().ok()?)),
        })
    }

    /// The token as it is sent to the client.
    pub(super) fn text(&self) -> SecretString {
        let bytes = [self.selector.as_slice(), self.proof.expose_secret()].concat();
        URL_SAFE_NO_PAD.encode(bytes).into()
    }

    pub(super) fn selector(&self) -> Selector {
        self.selector
    }

    /// Whether `other` is this token.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.selector == other.selector && self.matches(other)
    }

    /// Whether `presented`, looked up by its selector, is this token.
    pub(super) fn matches(&self, presented: &Self) -> bool {
        let (own, other) = (self.proof.expose_secret(), presented.proof.expose_secret());
        own.ct_eq(other).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_has_the_form_of_version_4() {
        let uuid = uuid();
        let lengths: Vec<usize> = uuid.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!(&uuid[14..15], "4");
        assert!(matches!(&uuid[19..20], "8" | "9" | "a" | "b"));
    }

    #[test]
    fn a_token_matches_its_text_and_no_other_proof() {
        let token = OpaqueToken::random();
        let presented = OpaqueToken::parse(token.text().expose_secret()).unwrap();
        assert_eq!(presented.selector(), token.selector());
        assert!(token.matches(&presented));

        let forged = OpaqueToken {
            selector: token.selector(),
            proof: SecretBox::new(Box::new(bytes())),
        };
        assert!(!token.matches(&forged));
    }

    #[test]
    fn text_that_is_not_a_token_is_not_parsed() {
        let cut_off = OpaqueToken::random().text().expose_secret()[..80].to_owned();
        for text in ["", "x", "näh", cut_off.as_str()] {
            assert!(OpaqueToken::parse(text).is_none(), "{text}");
        }
    }
}
