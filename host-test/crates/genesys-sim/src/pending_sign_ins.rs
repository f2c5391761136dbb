//! The sign-ins that somebody is in the middle of, each bound to the browser that it began in.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::authorization_request::AuthorizationRequest;
use super::random::OpaqueToken;
use super::token_map::Kept;

/// How long a sign-in may take.
pub const SIGN_IN_TIME: Duration = Duration::from_secs(10 * 60);

/// How many sign-ins are waited for; with one more, the oldest is forgotten.
const MAX_SIGN_INS: usize = 1000;

/// The cookie that says which browser it is.
const COOKIE: &str = "genesys-sign-in";

pub(super) struct SignIns(Kept<SignIn>);

struct SignIn {
    request: AuthorizationRequest,
    browser: Browser,
}

/// A browser, known by its cookie. A form that another site makes it send comes without the cookie,
/// and a form that another browser was given comes with the wrong one.
pub(super) struct Browser(OpaqueToken);

impl Browser {
    /// Finds the browser in `Cookie` headers (RFC 6265, section 4.2).
    pub(super) fn known<'a>(headers: impl Iterator<Item = &'a str>) -> Option<Browser> {
        headers
            .flat_map(|header| header.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(name, value)| (name == COOKIE).then(|| OpaqueToken::parse(value))?)
            .map(Browser)
    }

    pub(super) fn new() -> Browser {
        Browser(OpaqueToken::random())
    }

    /// The `Set-Cookie` header. Sign-ins that run side by side in one browser share the cookie.
    ///
    /// It is sent when the Control Room's page leads here, and not with a form of another site:
    /// that is `SameSite=Lax`. `secure` is for where TLS is spoken.
    pub(super) fn cookie(&self, secure: bool) -> SecretString {
        let (value, age) = (self.0.text(), SIGN_IN_TIME.as_secs());
        let secure = if secure { "; Secure" } else { "" };
        let value = value.expose_secret();
        format!("{COOKIE}={value}; Path=/oauth; Max-Age={age}; HttpOnly; SameSite=Lax{secure}")
            .into()
    }

    fn is(&self, other: &Browser) -> bool {
        self.0.selector() == other.0.selector() && self.0.is_proved_by(&other.0)
    }
}

impl SignIns {
    pub(super) fn new() -> SignIns {
        SignIns(Kept::new(SIGN_IN_TIME, MAX_SIGN_INS))
    }

    /// Begins one. The token goes into its form.
    pub(super) fn begin(
        &mut self,
        request: AuthorizationRequest,
        browser: Browser,
        now: Duration,
    ) -> SecretString {
        self.0.add(SignIn { request, browser }, now)
    }

    /// The request that a form belongs to, if it comes from the browser that was given it.
    pub(super) fn find(
        &mut self,
        token: &str,
        browser: &Browser,
        now: Duration,
    ) -> Option<AuthorizationRequest> {
        let sign_in = &self.0.get(token, now)?.value;
        let request = &sign_in.request;
        sign_in.browser.is(browser).then(|| request.clone())
    }

    /// Ends one; its form is worth nothing from now on.
    pub(super) fn end(&mut self, token: &str, now: Duration) {
        self.0.take(token, now);
    }
}
