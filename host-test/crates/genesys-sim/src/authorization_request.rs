//! Reads an authorization request (RFC 6749, section 4.1.1): a query in, a request or a refusal
//! out. It knows neither sockets nor pages.

use std::sync::Arc;

use super::client::ClientType;
use super::client::{GrantType, OAuthClient};
use super::pkce::Challenge;
use super::redirect_uri::WayBack;
use super::token_request::Malformed;

/// A request that somebody may be asked to sign in for.
#[derive(Clone)]
pub(super) struct AuthorizationRequest {
    pub(super) client: Arc<OAuthClient>,
    pub(super) way_back: WayBack,
    pub(super) challenge: Option<Challenge>,
}

/// Why nobody is asked to sign in.
pub(super) enum Refusal {
    /// Nobody can be told but the person at the browser: an address that is not registered may be
    /// an attacker's, so it is never redirected to (RFC 6749, section 4.1.2.1). With the reason.
    Untrusted(&'static str),
    /// The client is told, with an error code and the reason for people.
    Told(WayBack, &'static str, &'static str),
}

impl AuthorizationRequest {
    /// Reads `query`; `find` knows the clients by their id.
    ///
    /// Genesys always wants the redirect URI, also where only one is registered \[unsure\].
    /// Parameters that are not known, such as `scope`, are ignored (section 3.1).
    pub(super) fn parse(
        query: &str,
        find: impl FnOnce(&str) -> Option<Arc<OAuthClient>>,
    ) -> Result<AuthorizationRequest, Refusal> {
        let query = Query(
            form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        );
        let client = query
            .only("client_id")
            .and_then(find)
            .ok_or(Refusal::Untrusted("There is no such OAuth client here."))?;
        let redirect_uri = query
            .only("redirect_uri")
            .filter(|uri| client.redirect_uris.iter().any(|known| known == uri))
            .ok_or(Refusal::Untrusted(
                "The redirect URI is none of those that are authorized for this OAuth client.",
            ))?;
        let way_back = WayBack {
            redirect_uri: redirect_uri.to_owned(),
            state: query.only("state").map(str::to_owned),
            issuer: format!("https://{}", client.region.login_host()),
        };
        match query.check(&client) {
            Ok(challenge) => Ok(AuthorizationRequest {
                client,
                way_back,
                challenge,
            }),
            Err((error, description)) => Err(Refusal::Told(way_back, error, description)),
        }
    }
}

/// The parameters as they came.
struct Query(Vec<(String, String)>);

impl Query {
    /// A parameter that stands once and has a value.
    fn only(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(known, _)| known == name);
        match (values.next(), values.next()) {
            (Some((_, value)), None) if !value.is_empty() => Some(value),
            _ => None,
        }
    }

    fn has_repeated(&self) -> bool {
        let earlier = |index: usize| self.0.iter().take(index);
        let mut names = self.0.iter().enumerate();
        names.any(|(index, (name, _))| earlier(index).any(|(known, _)| known == name))
    }

    /// What the client is told about, once it is known where it can be told.
    fn check(
        &self,
        client: &OAuthClient,
    ) -> Result<Option<Challenge>, (&'static str, &'static str)> {
        let invalid = |reason| ("invalid_request", reason);
        if self.has_repeated() {
            return Err(invalid("a parameter is repeated"));
        }
        match self.only("response_type") {
            Some("code") => {}
            Some(_) => {
                return Err((
                    "unsupported_response_type",
                    "the response_type must be code",
                ));
            }
            None => return Err(invalid("the parameter response_type is missing")),
        }
        if !client.enabled || !client.grant_types.contains(&GrantType::AuthorizationCode) {
            return Err((
                "unauthorized_client",
                "the client may not use this grant type",
            ));
        }
        let challenge = Challenge::parse(
            self.only("code_challenge"),
            self.only("code_challenge_method"),
        )
        .map_err(|Malformed(reason)| invalid(reason))?;
        if challenge.is_none() && client.client_type == ClientType::Public {
            return Err(invalid("a client without a secret must use PKCE"));
        }
        Ok(challenge)
    }
}
