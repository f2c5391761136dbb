//! A person signs in to a connection. Tokens are stored all at once, when the provider has issued them. A sign-in that
//! is refused or abandoned leaves nothing behind, and an earlier one stays.

use std::fmt;

use tokio::time::Instant;

use super::connection_table::{self, StoredConnection};
use super::refresh::TokenKey;
use super::token::find;
use super::{ConnectionError, Connections, SignInOwner, sign_in_table};
use crate::name::Name;
use crate::oauth::{
    Browser, Callback, CallbackUrl, Code, Grant, Loopback, LoopbackError, SignIn, TokenEndpoint,
    TokenSet,
};

/// A sign-in that waits for its callback.
pub struct PendingSignIn {
    sign_in: SignIn,
    loopback: Result<Loopback, LoopbackError>,
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
}

/// Where the tokens are stored.
#[derive(Clone)]
struct Target {
    connections: Connections,
    connection: StoredConnection,
    key: TokenKey,
}

impl Connections {
    /// Starts a sign-in. The person opens its page in a browser; the callback is received or pasted.
    ///
    /// # Errors
    ///
    /// [`ConnectionError::NoConnection`], also if the user may not use it; [`ConnectionError::NoSignIn`].
    pub async fn sign_in(
        &self,
        name: &Name,
        owner: &SignInOwner,
    ) -> Result<PendingSignIn, ConnectionError> {
        let port = self.callback_port().await?;
        let mut tx = self.shared.store.read().await?;
        let found = find(&mut tx, name, owner).await?;
        drop(tx);
        let settings = &found.connection.settings;
        if settings.grant() == Grant::ClientCredentials {
            return Err(ConnectionError::NoSignIn(name.clone()));
        }
        let network = self.shared.network.clone();
        let endpoint = TokenEndpoint::new(settings.registration.clone(), network)?;
        let sign_in = SignIn::start(&endpoint, CallbackUrl::on_loopback(port));
        Ok(PendingSignIn {
            sign_in: sign_in.map_err(|error| ConnectionError::NoToken {
                name: name.clone(),
                error: error.into(),
            })?,
            loopback: Loopback::bind(port).await,
            target: Target {
                connections: self.clone(),
                connection: found.connection,
                key: found.key,
            },
        })
    }
}

impl PendingSignIn {
    /// The page to open. It contains the state, so it is for that person alone, and must not be logged.
    pub fn authorization_url(&self) -> &str {
        self.sign_in.authorization_url()
    }

    /// Where the provider redirects the browser to.
    pub fn callback_url(&self) -> &CallbackUrl {
        self.sign_in.callback_url()
    }

    /// When it expires.
    pub fn expires(&self) -> Instant {
        self.sign_in.expires()
    }

    /// Whether no callback can be accepted any more.
    pub fn is_over(&self) -> bool {
        self.sign_in.is_over()
    }

    /// Whether this machine listens for the callback.
    ///
    /// # Errors
    ///
    /// Why the callback can only be pasted.
    pub fn listening(&self) -> Result<(), LoopbackError> {
        self.loopback.as_ref().map(|_| ()).map_err(Clone::clone)
    }

    /// Waits for the callback. This future can be dropped, as in a `select!`: the callback can still arrive or be
    /// pasted. What it returns has to be [finished](ReceivedCallback::finish), which must not be part of the
    /// `select!`.
    ///
    /// # Errors
    ///
    /// Why the sign-in is over without a token.
    pub async fn callback(&mut self) -> Result<ReceivedCallback, ConnectionError> {
        let loopback = self.loopback.as_mut().map_err(|error| error.clone())?;
        let (code, browser) = loopback.wait(&mut self.sign_in).await?;
        let target = self.target.clone();
        Ok(ReceivedCallback {
            code,
            browser,
            target,
        })
    }

    /// Waits for the callback, and [finishes](ReceivedCallback::finish) the sign-in.
    ///
    /// # Errors
    ///
    /// As [`PendingSignIn::callback`] and [`ReceivedCallback::finish`].
    pub async fn wait(&mut self) -> Result<SignedIn, ConnectionError> {
        self.callback().await?.finish().await
    }

    /// Accepts the callback that a person copied from the browser, and stores the tokens.
    ///
    /// # Errors
    ///
    /// Why there is no token. Unless the sign-in [is over](Self::is_over), another callback may be pasted.
    pub async fn paste(&mut self, text: &str) -> Result<SignedIn, ConnectionError> {
        let callback = Callback::pasted(text, self.sign_in.callback_url())?;
        let code = self.sign_in.accept(callback)?;
        self.target.finish(code, None).await
    }
}

/// An accepted callback, and the browser that sent it and waits for a page.
pub struct ReceivedCallback {
    code: Code,
    browser: Browser,
    target: Target,
}

impl ReceivedCallback {
    /// Stores the tokens, then responds to the browser. This continues if the future is dropped.
    ///
    /// # Errors
    ///
    /// Why there is no token.
    pub async fn finish(self) -> Result<SignedIn, ConnectionError> {
        self.target.finish(self.code, Some(self.browser)).await
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
            .field("sign_in", &self.sign_in)
            .finish_non_exhaustive()
    }
}

impl Target {
    /// Detached: a code works once, and its tokens must not be lost with the caller.
    async fn finish(
        &self,
        code: Code,
        browser: Option<Browser>,
    ) -> Result<SignedIn, ConnectionError> {
        let target = self.clone();
        let finish = async move {
            let signed_in = target.store(code).await;
            if let Some(browser) = browser {
                browser.show(signed_in.is_ok()).await;
            }
            signed_in
        };
        let name = &self.key.name;
        self.connections.run_detached(name, finish).await
    }

    async fn store(&self, code: Code) -> Result<SignedIn, ConnectionError> {
        let name = &self.key.name;
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
        Ok(SignedIn {
            expires_in: tokens.expires_in,
            refreshable: tokens.refresh_token.is_some(),
            other_scopes: granted.map(|scopes| scopes.to_string()),
        })
    }

    async fn replace(&self, tokens: &TokenSet) -> Result<(), ConnectionError> {
        let TokenKey { name, user_id, .. } = &self.key;
        let mut tx = self.connections.shared.store.write().await?;
        match connection_table::with_id(&mut tx, &self.connection.id).await? {
            Some(current) if current.revision == self.connection.revision => {
                if self.key.owner == SignInOwner::Shared && !current.settings.has_shared_token() {
                    return Err(ConnectionError::NotShared(name.clone()));
                }
            }
            _ => return Err(ConnectionError::Changed(name.clone())),
        }
        sign_in_table::replace(&mut tx, &self.connection.id, user_id.as_deref(), tokens).await?;
        Ok(tx.commit().await?)
    }
}
