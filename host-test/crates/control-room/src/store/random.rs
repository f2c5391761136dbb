//! Unpredictable values from the operating system's random source.

use std::fmt::Write;

/// Random bytes.
///
/// # Panics
///
/// If the operating system has no random source, without which nothing can work.
#[expect(
    clippy::expect_used,
    reason = "no input can cause it, and nothing can continue without randomness"
)]
pub(super) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system provides random bytes");
    bytes
}

/// The id of a new row: 128 random bits in hexadecimal.
pub(crate) fn row_id() -> String {
    hex(&bytes::<16>())
}

/// The salt of a password's hash.
pub(crate) fn salt() -> [u8; 16] {
    bytes()
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
