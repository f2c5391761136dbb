//! A person signs in (RFC 6749, section 4.1): the state between the authorization request and the callback, and the
//! checks of the callback.

use std::fmt;
use std::time::Duration;

use oauth2::{CsrfToken, PkceCodeChallenge, Scope};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use tokio::time::Instant;

use super::callback::{Callback, CallbackError, CallbackUrl};
use super::error::TokenError;
use super::registration::Grant;
use super::token_endpoint::TokenEndpoint;
use super::token_response::TokenSet;

/// The random bytes in a state: 256 bits, twice what RFC 6749, section 10.10, recommends.
const STATE: u32 = 32;

/// A sign-in that waits for its callback.
pub struct SignIn {
    endpoint: TokenEndpoint,
    callback_url: CallbackUrl,
    authorization_url: String,
    state: SecretString,
    /// Whether a callback was accepted or refused already.
    used: bool,
    verifier: Option<SecretString>,
    expires: Instant,
}

impl SignIn {
    /// How long a person has to sign in.
    pub const LIFETIME: Duration = Duration::from_mins(10);

    /// Begins a sign-in with a fresh state, and a fresh verifier if the grant has PKCE (RFC 7636,
    /// section 4.1: 256 random bits, 43 characters, method S256).
    ///
    /// # Errors
    ///
    /// [`TokenError::WrongGrant`] with client credentials, for which nobody signs in; [`TokenError::NotPermitted`] if the
    /// proxy settings would stop the exchange of the code.
    pub fn start(endpoint: &TokenEndpoint, callback_url: CallbackUrl) -> Result<Self, TokenError> {
        endpoint.check_route()?;
        let registration = endpoint.registration();
        let (challenge, verifier) = match registration.grant() {
            Grant::ClientCredentials => return Err(TokenError::WrongGrant),
            Grant::AuthorizationCode => (None, None),
            Grant::AuthorizationCodePkce => {
                let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
                let verifier = SecretString::from(verifier.into_secret());
                (Some(challenge), Some(verifier))
            }
        };
        let protocol = endpoint.protocol(Some(&callback_url))?;
        let scopes = registration.scopes().iter();
        let mut request = protocol
            .authorize_url(|| CsrfToken::new_random_len(STATE))
            .add_scopes(scopes.map(|scope| Scope::new(scope.to_owned())));
        if let Some(challenge) = challenge {
            request = request.set_pkce_challenge(challenge);
        }
        let (authorization_url, state) = request.url();
        Ok(Self {
            endpoint: endpoint.clone(),
            callback_url,
            authorization_url: authorization_url.into(),
            state: state.into_secret().into(),
            used: false,
            verifier,
            expires: Instant::now() + Self::LIFETIME,
        })
    }

    /// The page to open in the person's own browser (RFC 8252, section 4). It is for that person alone and must not be
    /// logged, as it contains the state.
    pub fn authorization_url(&self) -> &str {
        &self.authorization_url
    }

    /// Where the provider redirects the browser to.
    pub fn callback_url(&self) -> &CallbackUrl {
        &self.callback_url
    }

    /// When it expires.
    pub fn expires(&self) -> Instant {
        self.expires
    }

    /// Whether no callback can be accepted any more.
    pub fn is_over(&self) -> bool {
        self.used || Instant::now() >= self.expires
    }

    /// Whether a callback belongs to this sign-in, also to one that is over.
    pub(super) fn is_of(&self, callback: &Callback) -> bool {
        callback.state.as_ref().is_some_and(|presented| {
            let (own, presented) = (self.state.expose_secret(), presented.expose_secret());
            own.as_bytes().ct_eq(presented.as_bytes()).into()
        })
    }

    /// Checks a callback: first the state, which is used up by this, then the issuer (RFC 9207, section 2.4), then the
    /// code or the error.
    ///
    /// # Errors
    ///
    /// See [`CallbackError`], and which of them [end the sign-in](CallbackError::ends_sign_in).
    pub fn accept(&mut self, callback: Callback) -> Result<Code, CallbackError> {
        if self.used {
            return Err(CallbackError::Over);
        }
        if Instant::now() >= self.expires {
            return Err(CallbackError::Expired);
        }
        if !self.is_of(&callback) {
            return Err(CallbackError::WrongState);
        }
        self.used = true;
        let provider = self.endpoint.registration().provider();
        if callback.iss.is_some_and(|iss| !provider.is_issuer(&iss)) {
            return Err(CallbackError::WrongIssuer);
        }
        match (callback.code, callback.error) {
            (Some(code), None) => Ok(Code {
                endpoint: self.endpoint.clone(),
                callback_url: self.callback_url.clone(),
                code,
                verifier: self.verifier.take(),
            }),
            (None, Some(refused)) => Err(CallbackError::Refused(refused)),
            _ => Err(CallbackError::NoCode),
        }
    }
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn")
            .field("callback_url", &self.callback_url)
            .finish_non_exhaustive()
    }
}

/// An authorization code, with what it takes to exchange it. It is sent only to the token endpoint of its own sign-in,
/// and only once: it cannot be cloned.
pub struct Code {
    endpoint: TokenEndpoint,
    callback_url: CallbackUrl,
    code: SecretString,
    verifier: Option<SecretString>,
}

impl Code {
    /// Exchanges it for tokens (RFC 6749, section 4.1.3). It is used up, however this ends: a second request with it
    /// could make the provider revoke the tokens of the first (section 4.1.2).
    ///
    /// # Errors
    ///
    /// See [`TokenError`]. A retry needs a new sign-in in any case.
    pub async fn exchange(self) -> Result<TokenSet, TokenError> {
        self.endpoint
            .exchange(self.code, self.verifier, &self.callback_url)
            .await
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Code").finish_non_exhaustive()
    }
}
