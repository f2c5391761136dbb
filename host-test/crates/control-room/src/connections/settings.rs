//! What a connection is, as it is created, edited and listed.

use secrecy::SecretString;
use time::OffsetDateTime;

use super::ConnectionError;
use crate::name::Name;
use crate::oauth::revocation::RevocationError;
use crate::oauth::{Grant, Provider, Registration, Scopes};

/// What a connection is.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The client that it is to its provider.
    pub registration: Registration,
    /// *Save login credentials*: a token is kept that all share who may use the connection. Bots that
    /// nobody attends need one. With client credentials there is such a token in any case.
    pub save_login_credentials: bool,
}

impl Settings {
    pub(super) fn has_shared_token(&self) -> bool {
        self.save_login_credentials || self.grant() == Grant::ClientCredentials
    }

    pub(super) fn grant(&self) -> Grant {
        self.registration.grant()
    }

    /// Whether tokens of one are tokens of the other: of the same client, for the same.
    pub(super) fn is_same_client(&self, other: &Self) -> bool {
        let (one, other) = (&self.registration, &other.registration);
        one.provider() == other.provider()
            && one.grant() == other.grant()
            && one.client_id() == other.client_id()
            && one.scopes() == other.scopes()
    }
}

/// What is changed of a connection: what is none stays as it is.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Another name. Bots that use the connection must be changed.
    pub name: Option<Name>,
    /// Another provider.
    pub provider: Option<Provider>,
    /// Another way to get tokens.
    pub grant: Option<Grant>,
    /// Another client id.
    pub client_id: Option<String>,
    /// Another client secret; a blank one where there is none any more.
    pub client_secret: Option<SecretString>,
    /// Other scopes.
    pub scopes: Option<Scopes>,
    /// Whether a shared token is kept.
    pub save_login_credentials: Option<bool>,
}

impl Changes {
    /// What `settings` of the connection `name` are afterwards.
    pub(super) fn apply(
        &self,
        name: &Name,
        settings: &Settings,
    ) -> Result<Settings, ConnectionError> {
        let before = &settings.registration;
        let provider = self.provider.as_ref().unwrap_or(before.provider());
        // Or whoever may edit could have a secret sent to them that they do not know.
        let elsewhere = provider.token_origin() != before.provider().token_origin();
        if elsewhere && self.client_secret.is_none() && before.client_secret().is_some() {
            return Err(ConnectionError::SecretNeeded(name.clone()));
        }
        let registration = Registration::new(
            provider.clone(),
            self.grant.unwrap_or(before.grant()),
            self.client_id.as_deref().unwrap_or(before.client_id()),
            self.client_secret.as_ref().or(before.client_secret()),
            self.scopes.as_ref().unwrap_or(before.scopes()).clone(),
        )?;
        Ok(Settings {
            registration,
            save_login_credentials: self
                .save_login_credentials
                .unwrap_or(settings.save_login_credentials),
        })
    }
}

/// A connection, as it is listed.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Its name.
    pub name: Name,
    /// Whom tokens come from.
    pub provider: Provider,
    /// How tokens are come by.
    pub grant: Grant,
    /// The client's id.
    pub client_id: String,
    /// Whether the client has a secret.
    pub has_client_secret: bool,
    /// What is asked for.
    pub scopes: Scopes,
    /// Whether a shared token is kept.
    pub save_login_credentials: bool,
    /// The roles whose users may use it.
    pub roles: Vec<Name>,
    /// The shared token; none where none is kept.
    pub shared: Option<SignInState>,
    /// The users that have signed in for themselves.
    pub users: Vec<(Name, SignInState)>,
}

/// Whether there is a token, or what it takes to get one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignInState {
    /// It is fetched when a bot asks for it: nobody signs in.
    Fetched,
    /// Nobody has signed in yet.
    NotSignedIn,
    /// Somebody has signed in.
    SignedIn {
        /// When the access token ends, where that is known.
        expires_at: Option<OffsetDateTime>,
        /// Whether it is refreshed then; otherwise somebody has to sign in again.
        renewable: bool,
        /// The scopes that the provider says it granted, if it does.
        granted: Option<String>,
    },
    /// Somebody has to sign in again.
    SignInNeeded {
        /// Why.
        reason: String,
    },
}

/// What became of the tokens of a connection that was removed.
#[derive(Debug, Default)]
pub struct Removed {
    /// How many were ended at the provider, or dead already.
    pub ended: usize,
    /// How many may live on until they expire.
    pub alive: usize,
    /// Why the last of those could not be ended.
    pub because: Option<RevocationError>,
}

impl Removed {
    /// Counts tokens that may live on.
    pub(super) fn lives(&mut self, why: RevocationError) {
        self.alive += 1;
        self.because = Some(why);
    }
}
