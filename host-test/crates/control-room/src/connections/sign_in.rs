//! A person signs in to a connection. What is stored is stored whole, when the provider has given its
//! tokens; a sign-in that is refused or abandoned leaves nothing behind, and what was there stays.

use std::fmt;

use tokio::time::Instant;

use super::connection_table::Row;
use super::refresh::Subject;
use super::token::find;
use super::{ConnectionError, Connections, Holder, connection_table, sign_in_table};
use crate::name::Name;
use crate::oauth::{
    Browser, Callback, CallbackUrl, Code, Grant, Loopback, LoopbackError, SignIn, TokenEndpoint,
    TokenSet,
};

/// A sign-in that waits for its callback.
pub struct StartedSignIn {
    sign_in: SignIn,
    loopback: Result<Loopback, LoopbackError>,
    target: Target,
}

/// What came of a sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Seconds that the access token lives, where the provider says so.
    pub expires_in: Option<u32>,
    /// Whether the provider gave a refresh token. Without one, somebody has to sign in again when the
    /// access token ends.
    pub renewable: bool,
    /// The scopes that the provider says it granted, where they are others than were asked for.
    pub other_scopes: Option<String>,
}

/// Where the tokens go.
#[derive(Clone)]
struct Target {
    connections: Connections,
    row: Row,
    subject: Subject,
}

impl Connections {
    /// Starts a sign-in: its page is to be opened in the person's own browser, and the callback waited
    /// for or pasted.
    ///
    /// # Errors
    ///
    /// Where the connection is not there, this holder may not use it, or nobody signs in to it.
    pub async fn sign_in(
        &self,
        name: &Name,
        holder: &Holder,
    ) -> Result<StartedSignIn, ConnectionError> {
        let port = self.callback_port().await?;
        let mut tx = self.shared.store.read().await?;
        let found = find(&mut tx, name, holder).await?;
        drop(tx);
        let settings = &found.row.settings;
        if settings.grant() == Grant::ClientCredentials {
            return Err(ConnectionError::NoSignIn(name.clone()));
        }
        let network = self.shared.network.clone();
        let endpoint = TokenEndpoint::new(settings.registration.clone(), network)?;
        let sign_in = SignIn::start(&endpoint, CallbackUrl::on_loopback(port));
        Ok(StartedSignIn {
            sign_in: sign_in.map_err(|error| ConnectionError::NoToken {
                name: name.clone(),
                error: error.into(),
            })?,
            loopback: Loopback::bind(port).await,
            target: Target {
                connections: self.clone(),
                row: found.row,
                subject: found.subject,
            },
        })
    }
}

impl StartedSignIn {
    /// The page to open. It is for that person alone, and not for a log: it has the state in it.
    pub fn authorization_url(&self) -> &str {
        self.sign_in.authorization_url()
    }

    /// Where the provider sends the browser back to.
    pub fn callback_url(&self) -> &CallbackUrl {
        self.sign_in.callback_url()
    }

    /// When it ends by itself.
    pub fn expires(&self) -> Instant {
        self.sign_in.expires()
    }

    /// Whether no callback can be accepted any more.
    pub fn is_over(&self) -> bool {
        self.sign_in.is_over()
    }

    /// Whether the callback can be waited for.
    ///
    /// # Errors
    ///
    /// Why it can only be pasted.
    pub fn listens(&self) -> Result<(), LoopbackError> {
        self.loopback.as_ref().map(|_| ()).map_err(Clone::clone)
    }

    /// Waits for the callback. Where this future is dropped nothing is lost, and the callback can still come or
    /// be pasted; so this may be raced with something else, and what it gives is to be
    /// [finished](Arrived::finish) outside of the race.
    ///
    /// # Errors
    ///
    /// Why the sign-in is over without a token.
    pub async fn arrival(&mut self) -> Result<Arrived, ConnectionError> {
        let loopback = self.loopback.as_mut().map_err(|error| error.clone())?;
        let (code, browser) = loopback.wait(&mut self.sign_in).await?;
        let target = self.target.clone();
        Ok(Arrived {
            code,
            browser,
            target,
        })
    }

    /// Waits for the callback, and [finishes](Arrived::finish) the sign-in.
    ///
    /// # Errors
    ///
    /// As both.
    pub async fn wait(&mut self) -> Result<SignedIn, ConnectionError> {
        self.arrival().await?.finish().await
    }

    /// Takes the callback that a person copied from the browser, and stores the tokens.
    ///
    /// # Errors
    ///
    /// Why there is no token. Unless the sign-in [is over](Self::is_over), another callback may come.
    pub async fn paste(&mut self, text: &str) -> Result<SignedIn, ConnectionError> {
        let callback = Callback::pasted(text, self.sign_in.callback_url())?;
        let code = self.sign_in.accept(callback)?;
        self.target.finish(code, None).await
    }
}

/// A callback that was accepted, and the browser that brought it and waits for a page.
pub struct Arrived {
    code: Code,
    browser: Browser,
    target: Target,
}

impl Arrived {
    /// Stores the tokens; then the browser is told. That goes on where this future is dropped.
    ///
    /// # Errors
    ///
    /// Why there is no token.
    pub async fn finish(self) -> Result<SignedIn, ConnectionError> {
        self.target.finish(self.code, Some(self.browser)).await
    }
}

impl fmt::Debug for Arrived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arrived")
            .field("connection", &self.target.subject.name)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for StartedSignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StartedSignIn")
            .field("connection", &self.target.subject.name)
            .field("sign_in", &self.sign_in)
            .finish_non_exhaustive()
    }
}

impl Target {
    /// To its end: a code works once, and what it brings is not lost with whoever waits.
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
        let name = &self.subject.name;
        self.connections.to_its_end(name, finish).await
    }

    async fn store(&self, code: Code) -> Result<SignedIn, ConnectionError> {
        let name = &self.subject.name;
        let tokens = code.exchange().await;
        let tokens = tokens.map_err(|error| ConnectionError::NoToken {
            name: name.clone(),
            error: error.into(),
        })?;
        if let Err(error) = self.replace(&tokens).await {
            let provider = self.row.settings.registration.provider();
            self.connections.discard(name, provider, &tokens).await;
            return Err(error);
        }
        let granted = tokens.granted.filter(|_| tokens.scope_differs);
        Ok(SignedIn {
            expires_in: tokens.expires_in,
            renewable: tokens.refresh_token.is_some(),
            other_scopes: granted.map(|scopes| scopes.to_string()),
        })
    }

    async fn replace(&self, tokens: &TokenSet) -> Result<(), ConnectionError> {
        let Subject { name, user, .. } = &self.subject;
        let mut tx = self.connections.shared.store.write().await?;
        match connection_table::with_id(&mut tx, &self.row.id).await? {
            Some(now) if now.revision == self.row.revision => {
                if self.subject.holder == Holder::Shared && !now.settings.has_shared_token() {
                    return Err(ConnectionError::NotShared(name.clone()));
                }
            }
            _ => return Err(ConnectionError::Changed(name.clone())),
        }
        sign_in_table::replace(&mut tx, &self.row.id, user.as_deref(), tokens).await?;
        Ok(tx.commit().await?)
    }
}
