//! OAuth clients, as *Admin > Integrations > OAuth* shows them, and their authentication.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use super::random;
use super::rate_limit::{FixedWindow, RetryAfter};
use super::redirect_uri;
use super::region::Region;
use super::token_request::Credentials;

/// The token durations that Genesys allows, in seconds.
pub const TOKEN_DURATIONS: RangeInclusive<u32> = 300..=172_800;

/// The default token duration of a new client, in seconds.
pub const DEFAULT_TOKEN_DURATION: u32 = 86_400;

/// An OAuth client of the simulated organization.
#[derive(Clone, Debug)]
pub struct OAuthClient {
    /// Genesys uses UUIDs. Any text that is not empty is accepted, to test how a client encodes other characters.
    pub id: String,
    /// Any text that is not empty; empty if the client is [public](ClientType::Public).
    pub secret: SecretString,
    /// Whether it has a secret.
    pub client_type: ClientType,
    /// The field *App Name*.
    pub app_name: String,
    /// The client and its tokens are valid at this region's hosts only.
    pub region: Region,
    /// The lifetime of its access tokens in seconds, within [`TOKEN_DURATIONS`].
    pub token_duration: u32,
    /// The grants that it can use.
    pub grant_types: Vec<GrantType>,
    /// The field *Authorized redirect URIs*: `https`, or `http` on loopback. They are compared as strings (RFC 9700,
    /// section 2.1).
    pub redirect_uris: Vec<String>,
    /// A disabled client gets no tokens.
    pub enabled: bool,
}

impl OAuthClient {
    /// A client with a generated id and secret, the default token duration, and the client-credentials grant.
    pub fn new(app_name: impl Into<String>, region: Region) -> Self {
        Self {
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

    /// A client with a generated id and no secret, which users sign in to with PKCE, such as a native application.
    pub fn public(app_name: impl Into<String>, region: Region) -> Self {
        Self {
            secret: SecretString::default(),
            client_type: ClientType::Public,
            grant_types: vec![GrantType::AuthorizationCode],
            ..Self::new(app_name, region)
        }
    }

    /// Adds a redirect URI, and the authorization-code grant.
    #[must_use]
    pub fn with_redirect_uri(mut self, uri: impl Into<String>) -> Self {
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
        match redirect_uris.find(|uri| !redirect_uri::is_valid(uri)) {
            Some(uri) => Err(AddClientError::RedirectUri(uri.clone())),
            None => Ok(()),
        }
    }
}

/// Whether a client can authenticate (RFC 6749, section 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientType {
    /// It has a secret.
    Confidential,
    /// It has no secret. PKCE proves that the client that redeems a code is the one that requested it.
    Public,
}

/// A way of getting a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GrantType {
    /// The application acts for itself (RFC 6749, section 4.4).
    ClientCredentials,
    /// *Code Authorization*: a user signs in (RFC 6749, section 4.1). A confidential client also gets refresh tokens.
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
    #[error(
        "{0} is not a valid redirect URI: it must be https, or http on loopback, without a fragment"
    )]
    RedirectUri(String),
    /// The token duration, in seconds, is outside [`TOKEN_DURATIONS`].
    #[error(
        "a token duration of {0} s is not between {min} s and {max} s",
        min = TOKEN_DURATIONS.start(),
        max = TOKEN_DURATIONS.end()
    )]
    TokenDuration(u32),
    /// There is a client with this id.
    #[error("there is already a client with the id {0}")]
    IdTaken(String),
}

impl AddClientError {
    /// The error in German. `Display` is in English.
    pub fn in_german(&self) -> String {
        match self {
            Self::EmptyId => "die Client-ID ist leer".into(),
            Self::EmptySecret => "der geheime Clientschlüssel ist leer".into(),
            Self::PublicSecret => {
                "ein öffentlicher Client hat keinen geheimen Clientschlüssel".into()
            }
            Self::PublicClientCredentials => {
                "ein öffentlicher Client kann den Gewährungstyp Client-Anmeldedaten nicht haben"
                    .into()
            }
            Self::RedirectUri(uri) => format!(
                "{uri} ist keine gültige Umleitungs-URI: sie beginnt mit https, oder für diesen Rechner mit http, und \
                 hat kein Fragment"
            ),
            Self::TokenDuration(seconds) => format!(
                "eine Token-Dauer von {seconds} s liegt nicht zwischen {} s und {} s",
                TOKEN_DURATIONS.start(),
                TOKEN_DURATIONS.end()
            ),
            Self::IdTaken(id) => format!("es gibt schon einen Client mit der ID {id}"),
        }
    }
}

/// The clients of all regions, by id.
pub(super) struct Clients {
    clients: HashMap<String, Registered>,
    token_requests_per_minute: Option<u32>,
}

struct Registered {
    client: Arc<OAuthClient>,
    token_requests: FixedWindow,
}

/// Why a client was not authenticated.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum AuthenticationError {
    /// There is no client with this id.
    UnknownClient,
    /// The secret is wrong, the client is disabled, or it belongs to another region.
    Failed,
}

impl Clients {
    pub(super) fn new(token_requests_per_minute: Option<u32>) -> Self {
        Self {
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
                    token_requests: FixedWindow::default(),
                });
                Ok(())
            }
        }
    }

    /// All clients, by app name and id.
    pub(super) fn list(&self) -> Vec<OAuthClient> {
        let clients = self.clients.values();
        let mut clients: Vec<_> = clients
            .map(|known| OAuthClient::clone(&known.client))
            .collect();
        clients.sort_by(|a, b| (&a.app_name, &a.id).cmp(&(&b.app_name, &b.id)));
        clients
    }

    /// Enables or disables a client; `false` if there is none with this id.
    pub(super) fn set_enabled(&mut self, id: &str, enabled: bool) -> bool {
        let Some(registered) = self.clients.get_mut(id) else {
            return false;
        };
        Arc::make_mut(&mut registered.client).enabled = enabled;
        true
    }

    /// Removes a client; `false` if there is none with this id.
    pub(super) fn remove(&mut self, id: &str) -> bool {
        self.clients.remove(id).is_some()
    }

    /// The client with this id at the login host of `region`; with `None`, of any region.
    pub(super) fn find(&self, id: &str, region: Option<Region>) -> Option<Arc<OAuthClient>> {
        let client = &self.clients.get(id)?.client;
        let is_in_region = region.is_none_or(|region| region == client.region);
        is_in_region.then(|| Arc::clone(client))
    }

    /// Authenticates a client at the login host of `region`; with `None`, of any region. A public client must not send
    /// a secret.
    ///
    /// A client of another region fails like one with a wrong secret. What Genesys answers to a disabled client is not
    /// known; the same is assumed \[unsure\].
    pub(super) fn authenticate(
        &self,
        credentials: &Credentials,
        region: Option<Region>,
    ) -> Result<Arc<OAuthClient>, AuthenticationError> {
        let client = credentials
            .interpretations()
            .find_map(|(id, _)| self.clients.get(id))
            .map(|registered| &registered.client)
            .ok_or(AuthenticationError::UnknownClient)?;
        let expected = client.secret.expose_secret().as_bytes();
        let has_secret = credentials
            .interpretations()
            .filter_map(|(_, secret)| Some(expected.ct_eq(secret?.expose_secret().as_bytes())))
            .fold(false, |found, equal| found | bool::from(equal));
        let is_authenticated = match client.client_type {
            ClientType::Confidential => has_secret,
            ClientType::Public => credentials
                .interpretations()
                .all(|(_, secret)| secret.is_none()),
        };
        let is_in_region = region.is_none_or(|region| region == client.region);
        if is_authenticated && is_in_region && client.enabled {
            Ok(Arc::clone(client))
        } else {
            Err(AuthenticationError::Failed)
        }
    }

    /// Checks that the client has not reached its limit per minute.
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
