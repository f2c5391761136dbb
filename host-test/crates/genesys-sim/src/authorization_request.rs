//! Parses and checks an authorization request (RFC 6749, section 4.1.1).

use std::sync::Arc;

use super::client::{ClientType, GrantType, OAuthClient};
use super::pkce::Challenge;
use super::redirect_uri::ClientRedirect;
use super::token_request::Malformed;

/// A valid request, for which a user can sign in.
#[derive(Clone)]
pub(super) struct AuthorizationRequest {
    pub(super) client: Arc<OAuthClient>,
    pub(super) redirect: ClientRedirect,
    pub(super) challenge: Option<Challenge>,
}

/// Why a request is rejected.
pub(super) enum AuthorizationError {
    /// Shown to the user, with the reason. A redirect URI that is not registered may be an attacker's, so it is never
    /// redirected to (RFC 6749, section 4.1.2.1).
    Page(&'static str),
    /// Sent to the client: error code and description (RFC 6749, section 4.1.2.1).
    Redirect(ClientRedirect, &'static str, &'static str),
}

impl AuthorizationRequest {
    /// Parses `query`; `find` looks up a client by its id.
    ///
    /// Genesys requires the redirect URI even if only one is registered \[unsure\]. Unknown parameters, such as
    /// `scope`, are ignored (section 3.1).
    pub(super) fn parse(
        query: &str,
        find: impl FnOnce(&str) -> Option<Arc<OAuthClient>>,
    ) -> Result<Self, AuthorizationError> {
        let query = Query(
            form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        );
        let client = query
            .only("client_id")
            .and_then(find)
            .ok_or(AuthorizationError::Page(
                "This OAuth client does not exist.",
            ))?;
        let redirect_uri = query
            .only("redirect_uri")
            .filter(|uri| client.redirect_uris.iter().any(|known| known == uri))
            .ok_or(AuthorizationError::Page(
                "The redirect URI is not authorized for this OAuth client.",
            ))?;
        let redirect = ClientRedirect {
            redirect_uri: redirect_uri.to_owned(),
            state: query.only("state").map(str::to_owned),
            issuer: format!("https://{}", client.region.login_host()),
        };
        match query.check(&client) {
            Ok(challenge) => Ok(Self {
                client,
                redirect,
                challenge,
            }),
            Err((error, description)) => {
                Err(AuthorizationError::Redirect(redirect, error, description))
            }
        }
    }
}

/// The parameters in the order of the query.
struct Query(Vec<(String, String)>);

impl Query {
    /// The value of a parameter that occurs exactly once and is not empty.
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

    /// The checks whose failure is sent to the client, once its redirect URI is known to be valid.
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
