//! The cookies: which session a browser is in, and in which language.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};

use super::language::Language;
use super::token::Token;

/// With TLS, the prefix keeps every other host from setting it (RFC 6265bis, section 4.1.3.2).
fn session_name(secure: bool) -> &'static str {
    match secure {
        true => "__Host-control-room",
        false => "control-room",
    }
}

const LANGUAGE: &str = "control-room-language";

/// A year.
const LANGUAGE_SECONDS: u32 = 365 * 24 * 60 * 60;

/// The token that the browser has.
pub(super) fn session(headers: &HeaderMap, secure: bool) -> Option<Token> {
    find(headers, session_name(secure)).and_then(Token::parse)
}

/// Gives the browser a token. It goes with the browser's session, and no script can read it; requests that
/// another site causes come without.
pub(super) fn set_session(token: &Token, secure: bool) -> Option<HeaderValue> {
    let name = session_name(secure);
    let secure = if secure { "; Secure" } else { "" };
    let token = token.expose();
    let mut value = HeaderValue::try_from(format!(
        "{name}={token}; Path=/; HttpOnly; SameSite=Strict{secure}"
    ))
    .ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The language that was chosen.
pub(super) fn language(headers: &HeaderMap) -> Option<Language> {
    find(headers, LANGUAGE).and_then(Language::named)
}

pub(super) fn set_language(language: Language, secure: bool) -> Option<HeaderValue> {
    let (code, secure) = (language.code(), if secure { "; Secure" } else { "" });
    HeaderValue::try_from(format!(
        "{LANGUAGE}={code}; Path=/; Max-Age={LANGUAGE_SECONDS}; HttpOnly; SameSite=Strict{secure}"
    ))
    .ok()
}

/// The cookie of this name (RFC 6265, section 4.2).
fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(other, value)| (other == name).then_some(value))
}
