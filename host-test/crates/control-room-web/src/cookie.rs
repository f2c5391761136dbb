//! The cookies for the session token, for the users that a browser is known for, and for the language.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};

use super::language;
use super::token::Token;
use bot_engine::Language;

const LANGUAGE: &str = "control-room-language";

/// One year, in seconds.
const YEAR: u32 = 365 * 24 * 60 * 60;

/// The cookies of one Control Room. Cookies are not isolated by port (RFC 6265, section 8.5): the name of the session
/// cookie contains the port, so that two Control Rooms on a machine do not sign each other's users out.
pub(super) struct Cookies {
    session: String,
    known: String,
    secure: bool,
}

impl Cookies {
    pub(super) fn new(port: u16, secure: bool) -> Self {
        // With TLS, the prefix stops other hosts from setting the cookie (RFC 6265bis, section 4.1.3.2).
        let prefix = if secure { "__Host-" } else { "" };
        Self {
            session: format!("{prefix}control-room-{port}"),
            known: format!("{prefix}control-room-{port}-known"),
            secure,
        }
    }

    /// The browser's session token.
    pub(super) fn session(&self, headers: &HeaderMap) -> Option<Token> {
        find(headers, &self.session).and_then(Token::parse)
    }

    /// The header that sets the session token: a session cookie that scripts cannot read and that cross-site requests do
    /// not carry.
    pub(super) fn set_session(&self, token: &Token) -> Option<HeaderValue> {
        let (name, token, secure) = (&self.session, token.expose(), self.is_secure());
        let mut value = HeaderValue::try_from(format!(
            "{name}={token}; Path=/; HttpOnly; SameSite=Strict{secure}"
        ))
        .ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// The users that the browser is [known](super::known_browsers) for.
    pub(super) fn known<'a>(&self, headers: &'a HeaderMap) -> &'a str {
        find(headers, &self.known).unwrap_or_default()
    }

    /// The header that sets the users that the browser is known for.
    pub(super) fn set_known(&self, users: &str) -> Option<HeaderValue> {
        let (name, secure) = (&self.known, self.is_secure());
        let mut value = HeaderValue::try_from(format!(
            "{name}={users}; Path=/; Max-Age={YEAR}; HttpOnly; SameSite=Strict{secure}"
        ))
        .ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    pub(super) fn set_language(&self, language: Language) -> Option<HeaderValue> {
        let (code, secure) = (language.tag(), self.is_secure());
        HeaderValue::try_from(format!(
            "{LANGUAGE}={code}; Path=/; Max-Age={YEAR}; HttpOnly; SameSite=Strict{secure}"
        ))
        .ok()
    }

    fn is_secure(&self) -> &'static str {
        if self.secure { "; Secure" } else { "" }
    }
}

/// The language that the user chose.
pub(super) fn language(headers: &HeaderMap) -> Option<Language> {
    find(headers, LANGUAGE).and_then(language::with_tag)
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
