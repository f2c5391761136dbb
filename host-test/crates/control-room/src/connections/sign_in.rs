//! A person signs in to a connection. Tokens are stored all at once, when the provider has issued them. A sign-in that
//! is refused or abandoned leaves nothing behind, and an earlier one stays.

use std::fmt;

use secrecy::SecretString;
use tokio::time::Instant;

use super::connection_table::{self, StoredConnection};
use super::refresh::TokenKey;
use super::token::{check_access, find};
use super::{ConnectionError, Connections, Shared, SignInOwner, sign_in_table};
use crate::audit_events::Action;
use crate::name::Name;
use crate::oauth::identity;
use crate::oauth::{
    After, Browser, CallbackUrl, Code, Expected, Grant, IdentityError, LoopbackError, SignIn,
    Subject, TokenEndpoint, TokenSet,
};
use crate::store::{StoreError, Tx};
use crate::users;

/// A sign-in that waits for its callback. Until it is dropped, browsers that request the callback again are shown the
/// same page again.
pub struct PendingSignIn {
    expected: Expected,
    target: Target,
}

/// A completed sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The seconds until the access token expires, if the provider says so.
    pub expires_in: Option<u32>,
    /// Whether the provider issued a refresh token. Without one, somebody has to sign in again when the access token
    /// expires.
    pub refreshable: bool,
    /// The granted scopes, if they differ from the requested ones.
    pub other_scopes: Option<String>,
    /// Who signed in; `None` if the provider has no known API that says so.
    pub person: Option<Person>,
}

/// Who signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Person {
    /// The name and the e-mail address at the provider, on one line without unprintable characters.
    Known(String),
    /// The provider did not say, for this reason.
    Unknown(IdentityError),
}

/// Where the tokens are stored.
#[derive(Clone)]
struct Target {
    connections: Connections,
    connection: StoredConnection,
    key: TokenKey,
}

impl Connections {
    /// Starts a sign-in. The person opens its page in a browser; the callback is received or pasted. Then the browser is
    /// shown how it ended.
    ///
    /// # Errors
    ///
    /// [`ConnectionError::NoConnection`], also if the user may not use it; [`ConnectionError::NoSignIn`].
    pub async fn sign_in(
        &self,
        name: &Name,
        owner: &SignInOwner,
    ) -> Result<PendingSignIn, ConnectionError> {
        self.sign_in_and_then(name, owner, After::Outcome).await
    }

    /// The same, with the choice of the page that the browser is shown after the callback.
    ///
    /// # Errors
    ///
    /// As [`sign_in`](Self::sign_in).
    pub async fn sign_in_and_then(
        &self,
        name: &Name,
        owner: &SignInOwner,
        after: After,
    ) -> Result<PendingSignIn, ConnectionError> {
        let callback_url = self.callback_url().await?;
        let mut tx = self.shared.store.read().await?;
        let found = find(&mut tx, name, owner).await?;
        drop(tx);
        let settings = &found.connection.settings;
        if settings.grant() == Grant::ClientCredentials {
            return Err(ConnectionError::NoSignIn(name.clone()));
        }
        let network = self.shared.network.clone();
        let endpoint = TokenEndpoint::new(settings.registration.clone(), network)?;
        let sign_in = SignIn::start(&endpoint, callback_url);
        let sign_in = sign_in.map_err(|error| ConnectionError::NoToken {
            name: name.clone(),
            error: error.into(),
        })?;
        let subject = Subject {
            connection: found.connection.name.clone(),
            user: match &found.key.owner {
                SignInOwner::Shared => None,
                SignInOwner::User(user) => Some(user.clone()),
            },
        };
        Ok(PendingSignIn {
            expected: self.shared.loopback.expect(sign_in, subject, after).await,
            target: Target {
                connections: self.clone(),
                connection: found.connection,
                key: found.key,
            },
        })
    }

    /// Records in the audit log that a sign-in ended without a token, or could not begin. A success is recorded with the
    /// token.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub async fn record_refused_sign_in(
        &self,
        name: &Name,
        owner: &SignInOwner,
    ) -> Result<(), StoreError> {
        let audit = self.shared.store.audit();
        audit
            .refused(&self.by, Action::ConnectionSignIn, &owner.subject(name))
            .await
    }
}

impl PendingSignIn {
    /// The page to open. It contains the state, so it is for that person alone, and must not be logged.
    pub fn authorization_url(&self) -> String {
        self.expected.authorization_url()
    }

    /// Where the provider redirects the browser to.
    pub fn callback_url(&self) -> CallbackUrl {
        self.expected.callback_url()
    }

    /// When it expires.
    pub fn expires(&self) -> Instant {
        self.expected.expires()
    }

    /// Whether no callback can be accepted any more.
    pub fn is_over(&self) -> bool {
        self.expected.is_over()
    }

    /// As [`Connections::record_refused_sign_in`].
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub async fn record_refused_sign_in(&self) -> Result<(), StoreError> {
        let Target {
            connections, key, ..
        } = &self.target;
        connections
            .record_refused_sign_in(&key.name, &key.owner)
            .await
    }

    /// Whether this machine listens for the callback now.
    ///
    /// # Errors
    ///
    /// Why the callback can only be pasted, until the port is free.
    pub fn listening(&self) -> Result<(), LoopbackError> {
        self.expected.listening()
    }

    /// Waits for the callback. This future can be dropped at any time, as in a `select!`: what has arrived is returned by
    /// the next call. What it returns has to be [finished](ReceivedCallback::finish), which must not be part of the
    /// `select!`.
    ///
    /// # Errors
    ///
    /// Why the sign-in is over without a token.
    pub async fn callback(&mut self) -> Result<ReceivedCallback, ConnectionError> {
        let code = self.expected.arrival().await?;
        Ok(ReceivedCallback {
            code,
            browser: self.expected.browser().clone(),
            target: self.target.clone(),
        })
    }

    /// See [`Browser::ticket`].
    pub fn ticket(&self) -> Option<String> {
        self.expected.browser().ticket()
    }

    /// Waits for the callback, and [finishes](ReceivedCallback::finish) the sign-in.
    ///
    /// # Errors
    ///
    /// As [`PendingSignIn::callback`] and [`ReceivedCallback::finish`].
    pub async fn wait(&mut self) -> Result<SignedIn, ConnectionError> {
        match self.callback().await {
            Ok(received) => received.finish().await,
            Err(error) => {
                self.finish().await;
                Err(error)
            }
        }
    }

    /// Accepts the callback that a person copied from the browser, and stores the tokens.
    ///
    /// # Errors
    ///
    /// Why there is no token. Unless the error [ends the sign-in](ConnectionError::ends_sign_in), another callback may
    /// be pasted or arrive; [`CallbackError::Over`](crate::oauth::CallbackError::Over) says that one has arrived.
    pub async fn paste(&mut self, text: &str) -> Result<SignedIn, ConnectionError> {
        let code = self.expected.paste(text)?;
        let browser = self.expected.browser().clone();
        self.target.finish(code, browser).await
    }

    /// Returns when the browsers that requested the callback have read their page, or after some seconds.
    pub async fn finish(&self) {
        self.expected.browser().finish().await;
    }
}

impl ConnectionError {
    /// Whether a sign-in is over with this error. Otherwise another callback may come.
    pub fn ends_sign_in(&self) -> bool {
        !matches!(self, Self::Callback(error) if !error.ends_sign_in())
    }
}

/// An accepted callback.
pub struct ReceivedCallback {
    code: Code,
    browser: Browser,
    target: Target,
}

impl ReceivedCallback {
    /// Stores the tokens, then responds to the browser that waits for a page. This continues if the future is dropped.
    ///
    /// # Errors
    ///
    /// Why there is no token.
    pub async fn finish(self) -> Result<SignedIn, ConnectionError> {
        self.target.finish(self.code, self.browser).await
    }
}

impl fmt::Debug for ReceivedCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceivedCallback")
            .field("connection", &self.target.key.name)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for PendingSignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingSignIn")
            .field("connection", &self.target.key.name)
            .field("expected", &self.expected)
            .finish_non_exhaustive()
    }
}

impl Target {
    /// Detached: a code works once, and its tokens must not be lost with the caller.
    async fn finish(&self, code: Code, browser: Browser) -> Result<SignedIn, ConnectionError> {
        let target = self.clone();
        let finish = async move {
            let stored = target.store(code).await;
            browser.show(stored.is_ok());
            let signed_in = match stored {
                Ok((signed_in, token)) => Ok(SignedIn {
                    person: target.person(&token).await,
                    ..signed_in
                }),
                Err(error) => Err(error),
            };
            browser.finish().await;
            signed_in
        };
        let name = &self.key.name;
        self.connections.run_detached(name, finish).await
    }

    /// Stores the tokens, and returns the access token.
    async fn store(&self, code: Code) -> Result<(SignedIn, SecretString), ConnectionError> {
        let name = &self.key.name;
        let mut tx = self.connections.shared.store.read().await?;
        self.check_permission(&mut tx).await?;
        drop(tx);
        let tokens = code.exchange().await;
        let tokens = tokens.map_err(|error| ConnectionError::NoToken {
            name: name.clone(),
            error: error.into(),
        })?;
        if let Err(error) = self.replace(&tokens).await {
            let provider = self.connection.settings.registration.provider();
            self.connections.revoke_late(name, provider, &tokens).await;
            return Err(error);
        }
        let granted = tokens.granted.filter(|_| tokens.scope_differs);
        let signed_in = SignedIn {
            expires_in: tokens.expires_in,
            refreshable: tokens.refresh_token.is_some(),
            other_scopes: granted.map(|scopes| scopes.to_string()),
            person: None,
        };
        Ok((signed_in, tokens.access_token))
    }

    /// Whose token it is. The sign-in has succeeded, whether that is known or not.
    async fn person(&self, token: &SecretString) -> Option<Person> {
        let Shared {
            network, finishing, ..
        } = &*self.connections.shared;
        let provider = self.connection.settings.registration.provider();
        let person = tokio::select! {
            person = identity::person(provider, token, network.clone()) => person,
            () = finishing.cancelled() => return None,
        };
        match person {
            Ok(person) => person.map(Person::Known),
            Err(error) => Some(Person::Unknown(error)),
        }
    }

    /// Checks that the sign-in is still permitted: since it began, a role may have been revoked, or the user removed. Nor is a
    /// user's own token stored for another user who now has the same name.
    async fn check_permission(&self, tx: &mut Tx) -> Result<(), ConnectionError> {
        let TokenKey {
            name,
            owner,
            user_id,
            ..
        } = &self.key;
        let is_permitted = match (owner, self.connections.by.user()) {
            (SignInOwner::User(user), _) => {
                check_access(tx, (name, &self.connection), user).await?;
                Some(users::user_id(tx, user).await?) == *user_id
            }
            (SignInOwner::Shared, Some(by)) => users::is_administrator(tx, by).await?,
            (SignInOwner::Shared, None) => true,
        };
        if is_permitted {
            Ok(())
        } else {
            Err(ConnectionError::NoConnection(name.clone()))
        }
    }

    async fn replace(&self, tokens: &TokenSet) -> Result<(), ConnectionError> {
        let TokenKey { name, user_id, .. } = &self.key;
        let mut tx = self.connections.shared.store.write().await?;
        self.check_permission(&mut tx).await?;
        match connection_table::with_id(&mut tx, &self.connection.id).await? {
            Some(current) if current.revision == self.connection.revision => {
                if self.key.owner == SignInOwner::Shared && !current.settings.has_shared_token() {
                    return Err(ConnectionError::NotShared(name.clone()));
                }
            }
            _ => return Err(ConnectionError::Changed(name.clone())),
        }
        sign_in_table::replace(&mut tx, &self.connection.id, user_id.as_deref(), tokens).await?;
        let subject = self.key.owner.subject(name);
        self.connections
            .commit(tx, Action::ConnectionSignIn, &subject)
            .await
    }
}
