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
    /// Any text that is not empty.
    pub secret: SecretString,
    /// The field *App Name*.
    pub app_name: String,
    /// The client, and its tokens, are known at this region's hosts only.
    pub region: Region,
    /// How long its tokens live, in seconds, within [`TOKEN_DURATIONS`].
    pub token_duration: u32,
    /// The grants that it may use.
    pub grant_types: Vec<GrantType>,
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
            app_name: app_name.into(),
            region,
            token_duration: DEFAULT_TOKEN_DURATION,
            grant_types: vec![GrantType::ClientCredentials],
            enabled: true,
        }
    }

    fn check(&self) -> Result<(), AddClientError> {
        if self.id.is_empty() {
            return Err(AddClientError::EmptyId);
        }
        if self.secret.expose_secret().is_empty() {
            return Err(AddClientError::EmptySecret);
        }
        if !TOKEN_DURATIONS.contains(&self.token_duration) {
            return Err(AddClientError::TokenDuration(self.token_duration));
        }
        Ok(())
    }
}

/// A way of getting a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GrantType {
    /// The application is its own user (RFC 6749, section 4.4).
    ClientCredentials,
}

impl GrantType {
    /// Reads the `grant_type` parameter of a token request.
    pub(super) fn from_parameter(value: &str) -> Option<GrantType> {
        match value {
            "client_credentials" => Some(GrantType::ClientCredentials),
            _ => None,
        }
    }
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

    /// Disables a client; false where there is none with this id.
    pub(super) fn disable(&mut self, id: &str) -> bool {
        let Some(registered) = self.clients.get_mut(id) else {
            return false;
        };
        Arc::make_mut(&mut registered.client).enabled = false;
        true
    }

    /// Finds the client that `credentials` belong to and proves it at the login host of `region`,
    /// or at any where that is none.
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
        let proved = credentials
            .readings()
            .map(|(_, secret)| expected.ct_eq(secret.expose_secret().as_bytes()))
            .fold(false, |proved, equal| proved | bool::from(equal));
        let known_here = region.is_none_or(|region| region == client.region);
        if proved && known_here && client.enabled {
            Ok(Arc::clone(client))
        } else {
            Err(AuthenticationError::Failed)
        }
    }

    /// Counts a token against the client's limit per minute.
    pub(super) fn count_token(&mut self, id: &str, now: Duration) -> Result<(), RetryAfter> {
        match self.clients.get_mut(id) {
            Some(registered) => registered
                .token_requests
                .count(self.token_requests_per_minute, now),
            None => Ok(()),
        }
    }
}
