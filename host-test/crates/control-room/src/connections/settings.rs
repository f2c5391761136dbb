//! Connections as they are created, edited and listed, and whose tokens they have.

use secrecy::SecretString;
use time::OffsetDateTime;

use super::{ConnectionError, LastFailure};
use crate::name::Name;
use crate::oauth::revocation::RevocationError;
use crate::oauth::{ClientAuthentication, Grant, Provider, Registration, Scopes};

/// The settings of a connection.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The OAuth client, as it is registered with the provider.
    pub registration: Registration,
    /// *Save login credentials*: there is a token that all users of the connection share. Unattended bots need
    /// one. With client credentials there is such a token in any case.
    pub save_login_credentials: bool,
}

impl Settings {
    pub(super) fn has_shared_token(&self) -> bool {
        self.save_login_credentials || self.grant() == Grant::ClientCredentials
    }

    pub(super) fn grant(&self) -> Grant {
        self.registration.grant()
    }

    /// Whether the tokens remain valid after a change to the other settings.
    pub(super) fn is_same_client(&self, other: &Self) -> bool {
        let (one, other) = (&self.registration, &other.registration);
        one.provider() == other.provider()
            && one.grant() == other.grant()
            && one.client_id() == other.client_id()
            && one.scopes() == other.scopes()
    }
}

/// Changes to a connection. A field that is `None` stays unchanged.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Another name. Bots that use the connection must be changed.
    pub name: Option<Name>,
    /// Another provider.
    pub provider: Option<Provider>,
    /// Another grant type.
    pub grant: Option<Grant>,
    /// Another client id.
    pub client_id: Option<String>,
    /// Another client secret; blank to remove it.
    pub client_secret: Option<SecretString>,
    /// Other scopes.
    pub scopes: Option<Scopes>,
    /// Another way in which the client authenticates itself.
    pub client_authentication: Option<ClientAuthentication>,
    /// Whether there is a shared token.
    pub save_login_credentials: Option<bool>,
}

impl Changes {
    /// The changed settings of the connection `name`.
    pub(super) fn apply(
        &self,
        name: &Name,
        settings: &Settings,
    ) -> Result<Settings, ConnectionError> {
        let before = &settings.registration;
        let provider = self.provider.as_ref().unwrap_or(before.provider());
        // Otherwise, somebody who may edit the connection but does not know its secret could have it sent to a host of
        // their own.
        let is_other_host = provider.token_origin() != before.provider().token_origin();
        if is_other_host && self.client_secret.is_none() && before.client_secret().is_some() {
            return Err(ConnectionError::SecretNeeded(name.clone()));
        }
        let registration = Registration::new(
            provider.clone(),
            self.grant.unwrap_or(before.grant()),
            self.client_id.as_deref().unwrap_or(before.client_id()),
            self.client_secret.as_ref().or(before.client_secret()),
            self.scopes.as_ref().unwrap_or(before.scopes()).clone(),
        )?;
        let authentication = self.client_authentication;
        let authentication = authentication.unwrap_or(before.client_authentication());
        Ok(Settings {
            registration: registration.with_client_authentication(authentication),
            save_login_credentials: self
                .save_login_credentials
                .unwrap_or(settings.save_login_credentials),
        })
    }
}

/// A connection without its secrets.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Its name.
    pub name: Name,
    /// The authorization server.
    pub provider: Provider,
    /// The grant type.
    pub grant: Grant,
    /// The client's id.
    pub client_id: String,
    /// Whether the client has a secret.
    pub has_client_secret: bool,
    /// The requested scopes.
    pub scopes: Scopes,
    /// How the client authenticates itself.
    pub client_authentication: ClientAuthentication,
    /// Whether there is a shared token.
    pub save_login_credentials: bool,
    /// The roles whose users may use it.
    pub roles: Vec<Name>,
    /// The shared token; `None` if there is none to share.
    pub shared: Option<SignInState>,
    /// The users with a token of their own.
    pub users: Vec<(Name, SignInState)>,
}

/// Whether there is a token, or what has to be done to get one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignInState {
    /// It is requested when a bot needs it; nobody signs in.
    Fetched,
    /// Nobody has signed in yet.
    NotSignedIn,
    /// Somebody has signed in.
    SignedIn {
        /// When the access token expires, if that is known.
        expires_at: Option<OffsetDateTime>,
        /// Whether it can be refreshed; otherwise somebody has to sign in again then.
        refreshable: bool,
        /// The granted scopes, if the provider names them.
        granted: Option<String>,
    },
    /// No token could be got when one was last needed. It is tried again at the next use.
    LastUseFailed(LastFailure),
    /// Somebody has to sign in again.
    SignInNeeded {
        /// Why.
        reason: String,
    },
}

/// What happened to the tokens of a removed connection.
#[derive(Debug, Default)]
pub struct RemovalOutcome {
    /// How many were revoked at the provider, or were no longer valid.
    pub revoked: usize,
    /// How many may be valid until they expire.
    pub still_valid: usize,
    /// Why the last of those could not be revoked.
    pub reason: Option<RevocationError>,
}

impl RemovalOutcome {
    /// Counts a token that may still be valid.
    pub(super) fn count_valid(&mut self, reason: RevocationError) {
        self.still_valid += 1;
        self.reason = Some(reason);
    }
}
