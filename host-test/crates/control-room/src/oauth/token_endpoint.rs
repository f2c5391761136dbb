//! The client of a provider's token endpoint (RFC 6749, section 3.2). Each request is sent once.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
};
use oauth2::{
    AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, PkceCodeVerifier, RedirectUrl, RefreshToken,
    RequestTokenError, Scope, StandardRevocableToken, TokenUrl,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use tokio::time::timeout;

use super::callback::CallbackUrl;
use super::error::{Fault, TokenError, Unexpected};
use super::error_response;
use super::registration::{ClientAuthentication, Grant, Registration};
use super::token_response::{Response, TokenSet};
use bot_engine::action::Redactor;
use egress::{Client, Options, SetupError, Timeouts};

/// The longest that an exchange may take from the DNS look-up to the last byte. The time-outs of `egress` limit single
/// steps, and a server that sends a byte now and then would never exceed them.
const LONGEST: Duration = Duration::from_mins(1);

/// `oauth2`'s client with our parser of a successful response.
pub(super) type Protocol = oauth2::Client<
    BasicErrorResponse,
    Response,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// `oauth2`'s error for a response that it cannot use.
type Failure = RequestTokenError<TokenError, BasicErrorResponse>;

/// The token endpoint of one registered client; clones share its connections.
#[derive(Clone)]
pub struct TokenEndpoint {
    shared: Arc<Shared>,
}

struct Shared {
    registration: Registration,
    client: Client,
}

impl TokenEndpoint {
    /// The token endpoint of `registration`, reached with an HTTP client of its own. That client follows
    /// `options` in all but the allow-list, which is the provider's token host.
    ///
    /// # Errors
    ///
    /// Those of [`Client::new`].
    pub fn new(registration: Registration, options: Options) -> Result<Self, SetupError> {
        let allow = registration.provider().allow_list();
        let client = Client::new(Options { allow, ..options })?;
        Ok(Self {
            shared: Arc::new(Shared {
                registration,
                client,
            }),
        })
    }

    /// The registered client.
    pub fn registration(&self) -> &Registration {
        &self.shared.registration
    }

    /// Checks whether the endpoint can be reached with the proxy settings, as far as can be known before a request. Nothing is
    /// resolved or sent.
    ///
    /// # Errors
    ///
    /// [`TokenError::NotPermitted`]
    pub(super) fn check_route(&self) -> Result<(), TokenError> {
        let url = self.registration().provider().token_endpoint();
        self.shared
            .client
            .route(url.host_str().unwrap_or_default())?;
        Ok(())
    }

    /// A token for the client itself (RFC 6749, section 4.4).
    ///
    /// # Errors
    ///
    /// See [`TokenError`].
    pub async fn client_credentials(&self) -> Result<TokenSet, TokenError> {
        let registration = self.registration();
        if registration.grant() != Grant::ClientCredentials {
            return Err(TokenError::WrongGrant);
        }
        let protocol = self.protocol(None)?;
        let scopes = registration.scopes().iter();
        let request = protocol
            .exchange_client_credentials()
            .add_scopes(scopes.map(|scope| Scope::new(scope.to_owned())));
        let http = Exchange {
            endpoint: self,
            presented: &[],
        };
        self.tokens(request.request_async(&http), &[], None).await
    }

    /// A new access token for `refresh_token` (RFC 6749, section 6). No scopes are requested, which means those that
    /// were granted before. Two refreshes of one connection must never run concurrently, and
    /// [`TokenSet::refresh_token`] must be stored before the access token is used.
    ///
    /// # Errors
    ///
    /// See [`TokenError`]: only [`SignInNeeded`](TokenError::SignInNeeded) invalidates the refresh token.
    pub async fn refresh(&self, refresh_token: &SecretString) -> Result<TokenSet, TokenError> {
        if self.registration().grant() == Grant::ClientCredentials {
            return Err(TokenError::WrongGrant);
        }
        let protocol = self.protocol(None)?;
        let token = RefreshToken::new(refresh_token.expose_secret().to_owned());
        let request = protocol.exchange_refresh_token(&token);
        let presented = &[refresh_token];
        let http = Exchange {
            endpoint: self,
            presented,
        };
        let request = request.request_async(&http);
        self.tokens(request, presented, Some(refresh_token)).await
    }

    /// Exchanges a code (RFC 6749, section 4.1.3), with the callback URL exactly as in the authorization
    /// request, and the verifier if there was a challenge (RFC 7636, section 4.5).
    pub(super) async fn exchange(
        &self,
        code: SecretString,
        verifier: Option<SecretString>,
        callback_url: &CallbackUrl,
    ) -> Result<TokenSet, TokenError> {
        let protocol = self.protocol(Some(callback_url))?;
        let grant = AuthorizationCode::new(code.expose_secret().to_owned());
        let mut request = protocol.exchange_code(grant);
        let mut presented = vec![&code];
        if let Some(verifier) = &verifier {
            let text = verifier.expose_secret().to_owned();
            request = request.set_pkce_verifier(PkceCodeVerifier::new(text));
            presented.push(verifier);
        }
        let http = Exchange {
            endpoint: self,
            presented: &presented,
        };
        self.tokens(request.request_async(&http), &presented, None)
            .await
    }

    /// The protocol for one request, so that the secret is exposed no longer than that. The client authenticates itself
    /// in the header or in the form, and never in both (RFC 6749, section 2.3).
    pub(super) fn protocol(
        &self,
        callback_url: Option<&CallbackUrl>,
    ) -> Result<Protocol, TokenError> {
        let registration = self.registration();
        let provider = registration.provider();
        let mut protocol = oauth2::Client::new(ClientId::new(registration.client_id().to_owned()))
            .set_auth_type(match registration.client_authentication() {
                ClientAuthentication::Header => AuthType::BasicAuth,
                ClientAuthentication::Form => AuthType::RequestBody,
            })
            .set_auth_uri(AuthUrl::from_url(provider.authorization_endpoint().clone()))
            .set_token_uri(TokenUrl::from_url(provider.token_request_url()));
        if let Some(secret) = registration.client_secret() {
            let secret = ClientSecret::new(secret.expose_secret().to_owned());
            protocol = protocol.set_client_secret(secret);
        }
        if let Some(url) = callback_url {
            let url = RedirectUrl::new(url.to_string());
            let malformed = egress::Error::InvalidRequest("the callback URL is malformed");
            protocol =
                protocol.set_redirect_uri(url.map_err(|_| TokenError::NotPermitted(malformed))?);
        }
        Ok(protocol)
    }

    /// Sends `request` and notes the time before. `oauth2`'s errors are not returned, as they contain the raw
    /// response.
    async fn tokens(
        &self,
        request: impl Future<Output = Result<Response, Failure>>,
        presented: &[&SecretString],
        used: Option<&SecretString>,
    ) -> Result<TokenSet, TokenError> {
        let requested_at = SystemTime::now();
        let answer = match timeout(LONGEST, request).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(RequestTokenError::Request(error))) => return Err(error),
            Ok(Err(_)) => return Err(self.unexpected(Unexpected::Malformed)),
            Err(_) => {
                return Err(TokenError::Transient {
                    fault: Fault::TooSlow { host: self.host() },
                    retry_after: None,
                });
            }
        };
        let redactor = self.redactor(presented);
        answer
            .into_tokens(self.registration().scopes(), requested_at, used, redactor)
            .map_err(|what| self.unexpected(what))
    }

    /// Sends a request of `oauth2`'s, and returns only successful responses: error responses are read here, with the
    /// headers, which `oauth2` does not pass on. `presented` are the secrets in the form.
    async fn send(
        &self,
        request: HttpRequest,
        presented: &[&SecretString],
    ) -> Result<HttpResponse, TokenError> {
        let client = &self.shared.client;
        let request = request.map(|form| Full::new(self.with_parameters(form)));
        let (head, body) = client
            .send(request, Timeouts::default())
            .await?
            .into_parts();
        let status = head.status.as_u16();
        let answer = |body| error_response::response(status, &head.headers, body);
        let refused = |answer| {
            let redactor = self.redactor(presented);
            error_response::read(&self.host(), &answer, !presented.is_empty(), &redactor)
        };
        // The bodies of these do not matter, and may be endless.
        if matches!(status, 408 | 429 | 500..=599) {
            return Err(refused(answer(Vec::new())));
        }
        let answer = answer(body.collect().await?.to_bytes().into());
        if status != 200 {
            return Err(refused(answer));
        }
        let body = answer.body.as_deref().unwrap_or_default();
        // A single object and nothing after it, which `oauth2` does not insist on.
        let members: Map<String, Value> = match serde_json::from_slice(body) {
            Ok(members) if answer.is_json() => members,
            _ => return Err(self.unexpected(Unexpected::NotJson)),
        };
        // Genesys can refuse with a 200 as well.
        let error = members.get("error");
        if error.is_some_and(|error| !error.is_null() && error != "") {
            return Err(refused(answer));
        }
        Ok(HttpResponse::new(answer.body.unwrap_or_default()))
    }

    /// A form with what the provider's token URL has for it.
    fn with_parameters(&self, form: Vec<u8>) -> Bytes {
        let parameters = self.registration().provider().token_parameters();
        let parameters = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(parameters)
            .finish();
        match parameters.as_str() {
            "" => form.into(),
            parameters => [&form, &b"&"[..], parameters.as_bytes()].concat().into(),
        }
    }

    /// For the client secret, and the secrets in the form of a request.
    fn redactor(&self, presented: &[&SecretString]) -> Redactor {
        let mut redactor = Redactor::default();
        let client_secret = self.registration().client_secret();
        let secrets = presented.iter().copied().chain(client_secret);
        secrets.for_each(|secret| redactor.add(secret));
        redactor
    }

    fn unexpected(&self, what: Unexpected) -> TokenError {
        TokenError::Unexpected {
            host: self.host(),
            what,
        }
    }

    fn host(&self) -> String {
        let host = self.registration().provider().token_endpoint().host_str();
        host.unwrap_or_default().to_owned()
    }
}

/// The HTTP client that `oauth2` borrows for one request.
struct Exchange<'a> {
    endpoint: &'a TokenEndpoint,
    presented: &'a [&'a SecretString],
}

impl<'c> AsyncHttpClient<'c> for Exchange<'_> {
    type Error = TokenError;
    // With a closure, the compiler cannot prove that its future is `Send`.
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, TokenError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.endpoint.send(request, self.presented))
    }
}

impl fmt::Debug for TokenEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenEndpoint")
            .field("registration", self.registration())
            .finish_non_exhaustive()
    }
}
