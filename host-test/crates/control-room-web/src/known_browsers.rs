//! Browsers in which a user has signed in before.
//!
//! A sign-in leaves an entry in a cookie: a random number with a keyed hash of it and of the user. The key follows from the
//! hash of the password, so that nothing has to be stored, and a new password makes all entries invalid. An entry signs
//! nobody in: it lets the attempts of this browser be counted apart from those of strangers.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;

use super::token::Token;
use control_room::passwords::Account;

/// How many users a browser is known for; one more replaces the oldest.
const MAX_ENTRIES: usize = 4;

/// The length of a random number and of a hash: 256 bits in base64.
const ENCODED_LENGTH: usize = 43;

/// Separates entries. It is not part of base64url, and may be in a cookie.
const SEPARATOR: char = '.';

/// The random number of this user's entry in a cookie, if there is a valid one.
pub(super) fn recognize(cookie: &str, account: &Account) -> Option<String> {
    entries(cookie)
        .find(|(number, hash)| verify(number, hash, account))
        .map(|(number, _)| number.to_owned())
}

/// The cookie with an entry of this user, and those of other users.
pub(super) fn remember(cookie: &str, account: &Account) -> String {
    let number = Token::random();
    let hash = hmac::sign(&key(account), &text(number.expose(), account));
    let new = format!("{}-{}", number.expose(), URL_SAFE_NO_PAD.encode(hash));
    let others = entries(cookie).filter(|(number, hash)| !verify(number, hash, account));
    let others = others.map(|(number, hash)| format!("{number}-{hash}"));
    let entries: Vec<String> = std::iter::once(new)
        .chain(others.take(MAX_ENTRIES - 1))
        .collect();
    entries.join(&SEPARATOR.to_string())
}

/// Entries with their two parts, which both have a fixed length.
fn entries(cookie: &str) -> impl Iterator<Item = (&str, &str)> {
    cookie.split(SEPARATOR).filter_map(|entry| {
        let (number, hash) = entry.split_at_checked(ENCODED_LENGTH)?;
        let hash = hash.strip_prefix('-')?;
        (Token::parse(number).is_some() && Token::parse(hash).is_some()).then_some((number, hash))
    })
}

fn verify(number: &str, hash: &str, account: &Account) -> bool {
    URL_SAFE_NO_PAD
        .decode(hash)
        .is_ok_and(|hash| hmac::verify(&key(account), &text(number, account), &hash).is_ok())
}

fn key(account: &Account) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, &account.stamp())
}

fn text(number: &str, account: &Account) -> Vec<u8> {
    format!("known browser\n{}\n{number}", account.id).into_bytes()
}
