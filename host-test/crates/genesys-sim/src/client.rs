//! OAuth clients, as *Admin > Integrations > OAuth* has them, and who is one.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use super::random;
use super::rate_limit::{Minute, RetryAfter};
use super::redirect_uri;
use super::region::Region;
use super::token_request::Credentials;

/// The token durations that Genesys allows, in seconds.
pub const TOKEN_DURATIONS: RangeInclusive<u32> = 300..=172_800;

/// The token duration that Genesys proposes for a new client, in seconds.
pub const DEFAULT_TOKEN_DURATION: u32 = 86_400;

/// An OAuth client of the simulated organization.
#[derive(Clone, Debug)]
pub struct OAuthClient {
    /// Genesys makes UUIDs. Any other text that is not empty is taken as well, to try what a client
    /// does with characters that it has to encode.
    pub id: String,
    /// Any text that is not empty; empty where the client is [public](ClientType::Public).
    pub secret: SecretString,
    /// Whether it has a secret to keep.
    pub client_type: ClientType,
    /// The field *App Name*.
    pub app_name: String,
    /// The client, and its tokens, are known at this region's hosts only.
    pub region: Region,
    /// How long its tokens live, in seconds, within [`TOKEN_DURATIONS`].
    pub token_duration: u32,
    /// The grants that it may use.
    pub grant_types: Vec<GrantType>,
    /// The field *Authorized redirect URIs*: `https`, or `http` on loopback. Each is compared
    /// character by character.
    pub redirect_uris: Vec<String>,
    /// A disabled client gets no tokens.
    pub enabled: bool,
}

impl OAuthClient {
    /// A client with a made-up id and secret, tokens of the proposed duration, and the
    /// client-credentials grant.
    pub fn new(app_name: impl Into<String>, region: Region) -> OAuthClient {
        OAuthClient {
            id: random::uuid(),
            secret: random::client_secret(),
            client_type: ClientType::Confidential,
            app_name: app_name.into(),
            region,
            token_duration: DEFAULT_TOKEN_DURATION,
            grant_types: vec![GrantType::ClientCredentials],
            redirect_uris: Vec::new(),
            enabled: true,
        }
    }

    /// A client with a made-up id and no secret, that people sign in to with PKCE, such as an
    /// application on their own machine.
    pub fn public(app_name: impl Into<String>, region: Region) -> OAuthClient {
        OAuthClient {
            secret: SecretString::default(),
            client_type: ClientType::Public,
            grant_types: vec![GrantType::AuthorizationCode],
            ..OAuthClient::new(app_name, region)
        }
    }

    /// Lets people sign in to the client: adds a redirect URI, and the authorization-code grant.
    #[must_use]
    pub fn with_redirect_uri(mut self, uri: impl Into<String>) -> OAuthClient {
        self.redirect_uris.push(uri.into());
        if !self.grant_types.contains(&GrantType::AuthorizationCode) {
            self.grant_types.push(GrantType::AuthorizationCode);
        }
        self
    }

    fn check(&self) -> Result<(), AddClientError> {
        if self.id.is_empty() {
            return Err(AddClientError::EmptyId);
        }
        let has_secret = !self.secret.expose_secret().is_empty();
        match self.client_type {
            ClientType::Confidential if !has_secret => return Err(AddClientError::EmptySecret),
            ClientType::Public if has_secret => return Err(AddClientError::PublicSecret),
            ClientType::Public if self.grant_types.contains(&GrantType::ClientCredentials) => {
                return Err(AddClientError::PublicClientCredentials);
            }
            _ => {}
        }
        if !TOKEN_DURATIONS.contains(&self.token_duration) {
            return Err(AddClientError::TokenDuration(self.token_duration));
        }
        let mut redirect_uris = self.redirect_uris.iter();
        match redirect_uris.find(|uri| !redirect_uri::is_acceptable(uri)) {
            Some(uri) => Err(AddClientError::RedirectUri(uri.clone())),
            None => Ok(()),
        }
    }
}

/// Whether a client can prove who it is (RFC 6749, section 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientType {
    /// It has a secret.
    Confidential,
    /// It has none, and could not keep one. PKCE proves that who redeems a code is who asked for
    /// it.
    Public,
}

/// A way of getting a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GrantType {
    /// The application is its own user (RFC 6749, section 4.4).
    ClientCredentials,
    /// *Code Authorization*: a user signs in (RFC 6749, section 4.1). With a secret, the client
    /// gets refresh tokens as well.
    AuthorizationCode,
}

/// Why a client was not added.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddClientError {
    /// The id is empty.
    #[error("the client id is empty")]
    EmptyId,
    /// The secret is empty.
    #[error("the client secret is empty")]
    EmptySecret,
    /// The client is public and has a secret.
    #[error("a public client has no secret")]
    PublicSecret,
    /// The client is public and has the client-credentials grant, which needs a secret.
    #[error("a public client cannot have the client-credentials grant")]
    PublicClientCredentials,
    /// The redirect URI is neither `https` nor `http` on loopback, or is malformed.
    #[error("{0} is no redirect URI: it must be https, or http on loopback, without a fragment")]
    RedirectUri(String),
    /// The token duration, in seconds, is outside [`TOKEN_DURATIONS`].
    #[error(
        "a token duration of {0} s is not between {min} s and {max} s",
        min = TOKEN_DURATIONS.start(),
        max = TOKEN_DURATIONS.end()
    )]
    TokenDuration(u32),
    /// There is a client with this id.
    #[error("there is a client with the id {0} already")]
    IdTaken(String),
}

/// The clients of all regions, by id.
pub(super) struct Clients {
    clients: HashMap<String, Registered>,
    token_requests_per_minute: Option<u32>,
}

struct Registered {
    client: Arc<OAuthClient>,
    token_requests: Minute,
}

/// Why a client was not recognized.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum AuthenticationError {
    /// Nobody has this id.
    UnknownClient,
    /// The secret is wrong, or the client may not log in here.
    Failed,
}

impl Clients {
    pub(super) fn new(token_requests_per_minute: Option<u32>) -> Clients {
        Clients {
            clients: HashMap::new(),
            token_requests_per_minute,
        }
    }

    pub(super) fn add(&mut self, client: OAuthClient) -> Result<(), AddClientError> {
        client.check()?;
        match self.clients.entry(client.id.clone()) {
            Entry::Occupied(taken) => Err(AddClientError::IdTaken(taken.key().clone())),
            Entry::Vacant(free) => {
                free.insert(Registered {
                    client: Arc::new(client),
                    token_requests: Minute::default(),
                });
                Ok(())
            }
        }
    }

    /// All of them, in the order of app name and id.
    pub(super) fn list(&self) -> Vec<OAuthClient> {
        let clients = self.clients.values();
        let mut clients: Vec<_> = clients
            .map(|known| OAuthClient::clone(&known.client))
            .collect();
        clients.sort_by(|a, b| (&a.app_name, &a.id).cmp(&(&b.app_name, &b.id)));
        clients
    }

    /// Enables or disables a client; false where there is none with this id.
    pub(super) fn set_enabled(&mut self, id: &str, enabled: bool) -> bool {
        let Some(registered) = self.clients.get_mut(id) else {
            return false;
        };
        Arc::make_mut(&mut registered.client).enabled = enabled;
        true
    }

    /// Removes a client; false where there is none with this id.
    pub(super) fn remove(&mut self, id: &str) -> bool {
        self.clients.remove(id).is_some()
    }

    /// The client with this id, as the login host of `region` knows it, or any where that is none.
    pub(super) fn find(&self, id: &str, region: Option<Region>) -> Option<Arc<OAuthClient>> {
        let client = &self.clients.get(id)?.client;
        let known_here = region.is_none_or(|region| region == client.region);
        known_here.then(|| Arc::clone(client))
    }

    /// Finds the client that `credentials` belong to and proves it at the login host of `region`,
    /// or at any where that is none. A public client has nothing to prove, and must not try.
    ///
    /// A client of another region fails as one with a wrong secret does. What Genesys answers to a
    /// disabled client is not known; the same is assumed \[unsure\].
    pub(super) fn authenticate(
        &self,
        credentials: &Credentials,
        region: Option<Region>,
    ) -> Result<Arc<OAuthClient>, AuthenticationError> {
        let client = credentials
            .readings()
            .find_map(|(id, _)| self.clients.get(id))
            .map(|registered| &registered.client)
            .ok_or(AuthenticationError::UnknownClient)?;
        let expected = client.secret.expose_secret().as_bytes();
        let has_secret = credentials
            .readings()
            .filter_map(|(_, secret)| Some(expected.ct_eq(secret?.expose_secret().as_bytes())))
            .fold(false, |proved, equal| proved | bool::from(equal));
        let proved = match client.client_type {
            ClientType::Confidential => has_secret,
            ClientType::Public => credentials.readings().all(|(_, secret)| secret.is_none()),
        };
        let known_here = region.is_none_or(|region| region == client.region);
        if proved && known_here && client.enabled {
            Ok(Arc::clone(client))
        } else {
            Err(AuthenticationError::Failed)
        }
    }

    /// Whether the client may have one more token in this minute.
    pub(super) fn check_limit(&mut self, id: &str, now: Duration) -> Result<(), RetryAfter> {
        let limit = self.token_requests_per_minute;
        let registered = self.clients.get_mut(id);
        registered.map_or(Ok(()), |known| known.token_requests.check(limit, now))
    }

    /// Counts a token against the client's limit per minute.
    pub(super) fn count_token(&mut self, id: &str, now: Duration) -> Result<(), RetryAfter> {
        let limit = self.token_requests_per_minute;
        let registered = self.clients.get_mut(id);
        registered.map_or(Ok(()), |known| known.token_requests.count(limit, now))
    }
}
