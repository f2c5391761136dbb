//! Sign-ins that have started and not ended, each bound to the browser that it started in.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::authorization_request::AuthorizationRequest;
use super::random::OpaqueToken;
use super::token_map::TokenMap;

/// How long a sign-in can take.
pub const SIGN_IN_TIMEOUT: Duration = Duration::from_mins(10);

/// The most pending sign-ins; one more evicts the oldest.
const MAX_PENDING: usize = 1000;

/// The cookie that identifies the browser.
const COOKIE: &str = "genesys-sign-in";

pub(super) struct PendingSignIns(TokenMap<SignIn>);

struct SignIn {
    request: AuthorizationRequest,
    browser: Browser,
}

/// A browser, identified by its cookie: the protection of the form against cross-site request forgery. A form sent by
/// another site comes without the cookie; a form that was loaded in another browser comes with the wrong one.
pub(super) struct Browser(OpaqueToken);

impl Browser {
    /// The browser of a request, by its `Cookie` headers (RFC 6265, section 4.2).
    pub(super) fn from_cookies<'a>(headers: impl Iterator<Item = &'a str>) -> Option<Self> {
        headers
            .flat_map(|header| header.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(name, value)| (name == COOKIE).then(|| OpaqueToken::parse(value))?)
            .map(Browser)
    }

    pub(super) fn new() -> Self {
        Self(OpaqueToken::random())
    }

    /// The `Set-Cookie` header. Concurrent sign-ins of one browser share the cookie.
    ///
    /// With `SameSite=Lax`, it is sent when a link of another site leads here, and not with a form of another site.
    /// `is_secure` if the connection uses TLS.
    pub(super) fn cookie(&self, is_secure: bool) -> SecretString {
        let (value, age) = (self.0.text(), SIGN_IN_TIMEOUT.as_secs());
        let secure = if is_secure { "; Secure" } else { "" };
        let value = value.expose_secret();
        format!("{COOKIE}={value}; Path=/oauth; Max-Age={age}; HttpOnly; SameSite=Lax{secure}")
            .into()
    }
}

impl PendingSignIns {
    pub(super) fn new() -> Self {
        Self(TokenMap::new(SIGN_IN_TIMEOUT, MAX_PENDING))
    }

    /// Starts a sign-in, and returns the token for its form.
    pub(super) fn start(
        &mut self,
        request: AuthorizationRequest,
        browser: Browser,
        now: Duration,
    ) -> SecretString {
        self.0.insert(SignIn { request, browser }, now)
    }

    /// The request that a form belongs to, if the form was loaded in the same browser.
    pub(super) fn find(
        &mut self,
        token: &str,
        browser: &Browser,
        now: Duration,
    ) -> Option<AuthorizationRequest> {
        let sign_in = &self.0.get(token, now)?.value;
        let request = &sign_in.request;
        sign_in
            .browser
            .0
            .is_same(&browser.0)
            .then(|| request.clone())
    }

    /// Ends a sign-in. Its form is no longer valid.
    pub(super) fn remove(&mut self, token: &str, now: Duration) {
        self.0.remove(token, now);
    }
}
