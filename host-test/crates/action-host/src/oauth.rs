//! The interface of the OAuth action with types of its own, `genesys:authentication/oauth` (feature `oauth`), for hosts that
//! want types for its fields and errors. It leads to the same code as [`Component::run`].

use std::fmt;
use std::sync::Arc;

use action_types::Redactor;
use secrecy::zeroize::{Zeroize, Zeroizing};
use secrecy::{ExposeSecret, SecretString};

use super::bindings::typed::Typed;
use super::bindings::typed::exports::genesys::authentication::oauth as wit;
use super::component::{Component, check_types, words};
use super::convert;
use super::error::{ActionError, CallError, LoadError};

/// What the action reports, with what a host needs to act on it.
///
/// ```
/// use action_host::oauth::OauthError;
///
/// # fn example(error: &OauthError) {
/// match error {
///     OauthError::InvalidInput(it) => println!("correct {}: {}", it.field, it.reason),
///     OauthError::Rejected(it) => println!("{} refused: {}", it.host, it.code),
///     OauthError::Throttled(it) => println!("wait {:?} s", it.retry_after),
///     OauthError::Unavailable(it) => println!("{}: {}; try again", it.host, it.code),
///     other => println!("{other:?}"),
/// }
/// # }
/// ```
pub use wit::OauthError;
/// A part of [`OauthError`], which has an example.
pub use wit::{Failure, InvalidInput, Rejection, Throttling};

/// A component that exports `genesys:authentication/oauth`.
///
/// ```no_run
/// use action_host::oauth::{Credentials, Oauth, OauthError};
/// use action_host::{CallError, Component, Grant};
///
/// # async fn example(component: Component) -> Result<(), Box<dyn std::error::Error>> {
/// let action = Oauth::new(component.with_grant(Grant::genesys_oauth()))?;
/// let credentials = Credentials::ClientCredentials {
///     url: "https://apps.mypurecloud.de".into(),
///     client_id: "id".into(),
///     client_secret: "secret".into(),
/// };
/// match action.authenticate(&credentials, "Default").await {
///     Ok(session) => action.disconnect(&session).await?,
///     Err(CallError::Failed(OauthError::Throttled(it))) => println!("wait {:?} s", it.retry_after),
///     Err(CallError::Failed(error)) => println!("{}", action.explain(&error, "de").await?),
///     Err(stopped) => return Err(stopped.into()),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Oauth {
    component: Component,
    indices: Arc<wit::GuestIndices>,
}

impl Oauth {
    /// The typed interface of a component.
    ///
    /// # Errors
    ///
    /// [`LoadError::OtherContract`] if the component does not export it, or not with the same types.
    pub fn new(component: Component) -> Result<Self, LoadError> {
        let linked = &component.linked.instance;
        let indices = wit::GuestIndices::new(linked)
            .and_then(|indices| {
                check_types(&component.runtime, linked.component(), |store, instance| {
                    Typed::new(store, instance).map(drop)
                })?;
                Ok(indices)
            })
            .map_err(|error| LoadError::OtherContract(words(&error)))?;
        Ok(Self {
            component,
            indices: Arc::new(indices),
        })
    }

    /// The component.
    pub fn component(&self) -> &Component {
        &self.component
    }

    /// Opens a session with the name `session_name`.
    ///
    /// # Errors
    ///
    /// [`CallError::Failed`] if the action reports an error; any other [`CallError`] if the call was stopped or refused.
    pub async fn authenticate(
        &self,
        authentication: &Credentials,
        session_name: &str,
    ) -> Result<Session, CallError<OauthError>> {
        let redactor = authentication.redactor();
        let authentication = Zeroizing::new(authentication_type(authentication));
        let session = self
            .component
            .call(&redactor, async |_, instance, store| {
                let oauth = self.indices.load(&mut *store, instance)?;
                oauth
                    .call_authenticate(store, &authentication, session_name)
                    .await
            })
            .await?
            .map_err(|error| CallError::Failed(plain(error, &redactor)))?;
        Ok(opened(session, redactor))
    }

    /// Revokes the token of a session at Genesys Cloud, for everyone who has it.
    ///
    /// # Errors
    ///
    /// As [`Oauth::authenticate`].
    pub async fn disconnect(&self, session: &Session) -> Result<(), CallError<OauthError>> {
        let mut redactor = Redactor::default();
        redactor.add(&session.token);
        let session = Zeroizing::new(wit::Session {
            name: session.name.clone(),
            token: session.token.expose_secret().into(),
            token_type: session.token_type.clone(),
            expires_in: session.expires_in,
            api_url: session.api_url.clone(),
        });
        self.component
            .call(&redactor, async |_, instance, store| {
                let oauth = self.indices.load(&mut *store, instance)?;
                oauth.call_disconnect(store, &session).await
            })
            .await?
            .map_err(|error| CallError::Failed(plain(error, &redactor)))
    }

    /// The action's message for an error, localized for `locale` (BCP 47).
    ///
    /// # Errors
    ///
    /// A [`CallError`] if the call was stopped or refused, never [`CallError::Failed`].
    pub async fn explain(
        &self,
        error: &OauthError,
        locale: &str,
    ) -> Result<String, CallError<OauthError>> {
        let message = self
            .component
            .call_offline(async |_, instance, store| {
                let oauth = self.indices.load(&mut *store, instance)?;
                oauth.call_explain(store, error, locale).await
            })
            .await?;
        Ok(convert::message(&message))
    }
}

impl ActionError for OauthError {
    fn code(&self) -> &str {
        match self {
            Self::InvalidInput(_) => "invalid-input",
            Self::Rejected(_) => "rejected",
            Self::Throttled(_) => "throttled",
            Self::Unavailable(_) => "unavailable",
            Self::UntrustedServer(_) => "untrusted-server",
            Self::NotPermitted(_) => "not-permitted",
            Self::UnexpectedResponse(_) => "unexpected-response",
            Self::Other(_) => "other",
        }
    }
}

/// How to authenticate: `authentication-type` of the contract, with every field resolved to its value.
///
/// ```
/// use action_host::oauth::Credentials;
///
/// let credentials = Credentials::ClientCredentials {
///     url: "eu-central-1".into(),
///     client_id: "id".into(),
///     client_secret: "hush".into(),
/// };
/// assert!(!format!("{credentials:?}").contains("hush"));
/// ```
#[derive(Debug, Clone)]
pub enum Credentials {
    /// OAuth2 – client credentials (RFC 6749, section 4.4).
    ClientCredentials {
        /// The Genesys Cloud environment, as the designer typed it.
        url: String,
        /// The client id. Not a secret, but it may come from a locker, so it is not shown either.
        client_id: SecretString,
        /// The client secret.
        client_secret: SecretString,
    },
    /// An access token of an OAuth connection, which its owner keeps fresh.
    ControlRoomConnection(ConnectionToken),
}

/// An access token of an OAuth connection.
///
/// ```
/// use action_host::oauth::{ConnectionToken, Credentials};
///
/// let credentials = Credentials::ControlRoomConnection(ConnectionToken {
///     url: "https://apps.mypurecloud.de".into(),
///     access_token: "hush".into(),
///     token_type: "bearer".into(),
///     expires_in: Some(3600),
/// });
/// assert!(!format!("{credentials:?}").contains("hush"));
/// ```
#[derive(Debug, Clone)]
pub struct ConnectionToken {
    /// The Genesys Cloud environment that the connection belongs to.
    pub url: String,
    /// The access token.
    pub access_token: SecretString,
    /// The token type, as the authorization server returned it.
    pub token_type: String,
    /// Remaining lifetime in seconds, if known.
    pub expires_in: Option<u32>,
}

/// An open session. A caller who has it can act as the client. [`Oauth`] has an example.
#[derive(Clone)]
pub struct Session {
    /// The name that later steps refer to it by.
    pub name: String,
    /// The access token.
    pub token: SecretString,
    /// Always `Bearer`.
    pub token_type: String,
    /// Lifetime in seconds from when the request was sent, if the server returned it.
    pub expires_in: Option<u32>,
    /// The base URL of the API for later steps, such as `https://api.mypurecloud.de`.
    pub api_url: String,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("name", &self.name)
            .field("expires_in", &self.expires_in)
            .field("api_url", &self.api_url)
            .finish_non_exhaustive()
    }
}

// What is handed to wasmtime is plain text: its secrets are zeroed when the call is over, however it
// ends.

impl Zeroize for wit::AuthenticationType {
    fn zeroize(&mut self) {
        match self {
            Self::ClientCredentials(credentials) => {
                credentials.client_id.zeroize();
                credentials.client_secret.zeroize();
            }
            Self::ControlRoomConnection(connection) => connection.access_token.zeroize(),
        }
    }
}

impl Zeroize for wit::Session {
    fn zeroize(&mut self) {
        self.token.zeroize();
    }
}

fn authentication_type(authentication: &Credentials) -> wit::AuthenticationType {
    let exposed = |secret: &SecretString| String::from(secret.expose_secret());
    match authentication {
        Credentials::ClientCredentials {
            url,
            client_id,
            client_secret,
        } => wit::AuthenticationType::ClientCredentials(wit::ClientCredentials {
            url: url.clone(),
            client_id: exposed(client_id),
            client_secret: exposed(client_secret),
        }),
        Credentials::ControlRoomConnection(connection) => {
            wit::AuthenticationType::ControlRoomConnection(wit::Connection {
                url: connection.url.clone(),
                access_token: exposed(&connection.access_token),
                token_type: connection.token_type.clone(),
                expires_in: connection.expires_in,
            })
        }
    }
}

impl Credentials {
    /// Redacts the client secret or the access token.
    fn redactor(&self) -> Redactor {
        let mut redactor = Redactor::default();
        redactor.add(match self {
            Self::ClientCredentials { client_secret, .. } => client_secret,
            Self::ControlRoomConnection(connection) => &connection.access_token,
        });
        redactor
    }
}

/// The session with its texts redacted: they contain neither the secrets that the action was given nor the new token.
fn opened(session: wit::Session, mut redactor: Redactor) -> Session {
    let token = session.token.into();
    redactor.add(&token);
    let shown = |text: String| redactor.redact(&text).into_owned();
    Session {
        name: shown(session.name),
        token,
        token_type: shown(session.token_type),
        expires_in: session.expires_in,
        api_url: shown(session.api_url),
    }
}

/// The error with its texts redacted and sanitized, so that a terminal or a log may show them.
fn plain(mut error: OauthError, redactor: &Redactor) -> OauthError {
    let fact = |text: &mut String| *text = convert::fact(&redactor.redact(text));
    let message = |text: &mut String| *text = convert::message(&redactor.redact(text));
    let (subject, correlation_id) = match &mut error {
        OauthError::InvalidInput(it) => {
            fact(&mut it.code);
            message(&mut it.reason);
            (&mut it.field, None)
        }
        OauthError::Rejected(it) => {
            fact(&mut it.code);
            it.description.iter_mut().for_each(fact);
            (&mut it.host, it.correlation_id.as_mut())
        }
        OauthError::Throttled(it) => (&mut it.host, it.correlation_id.as_mut()),
        OauthError::Unavailable(it)
        | OauthError::UntrustedServer(it)
        | OauthError::NotPermitted(it)
        | OauthError::UnexpectedResponse(it)
        | OauthError::Other(it) => {
            fact(&mut it.code);
            message(&mut it.reason);
            (&mut it.host, it.correlation_id.as_mut())
        }
    };
    fact(subject);
    correlation_id.into_iter().for_each(fact);
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every error, with this text wherever there is one.
    fn errors(text: &str) -> [OauthError; 8] {
        let text = || String::from(text);
        let failure = || Failure {
            host: text(),
            code: text(),
            reason: text() + &"x".repeat(1 << 14),
            status: Some(503),
            retry_after: Some(7),
            correlation_id: Some(text()),
        };
        [
            OauthError::InvalidInput(InvalidInput {
                field: text(),
                code: text(),
                reason: text(),
            }),
            OauthError::Rejected(Rejection {
                host: text(),
                code: text(),
                description: Some(text()),
                correlation_id: Some(text()),
            }),
            OauthError::Throttled(Throttling {
                host: text(),
                retry_after: Some(7),
                correlation_id: Some(text()),
            }),
            OauthError::Unavailable(failure()),
            OauthError::UntrustedServer(failure()),
            OauthError::NotPermitted(failure()),
            OauthError::UnexpectedResponse(failure()),
            OauthError::Other(failure()),
        ]
    }

    /// Each way to authenticate, with this secret.
    fn credentials(secret: &str) -> [Credentials; 2] {
        [
            Credentials::ClientCredentials {
                url: "eu-central-1".into(),
                client_id: "id".into(),
                client_secret: secret.into(),
            },
            Credentials::ControlRoomConnection(ConnectionToken {
                url: "eu-central-1".into(),
                access_token: secret.into(),
                token_type: "bearer".into(),
                expires_in: None,
            }),
        ]
    }

    #[test]
    fn an_error_does_not_repeat_what_the_action_was_given() {
        for given in credentials("c4nary/x") {
            for echo in ["c4nary/x", "c4nary%2Fx", "aWQ6YzRuYXJ5L3g="] {
                for error in errors(echo) {
                    let error = plain(error, &given.redactor());
                    let shown = format!("{error:?}");
                    assert!(shown.contains("***"), "{echo}: {shown}");
                    for part in ["c4nary", "YzRuYXJ5"] {
                        assert!(!shown.contains(part), "{echo}: {shown}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_session_shows_neither_what_the_action_was_given_nor_its_own_token() {
        for given in credentials("c4nary") {
            for echo in ["c4nary", "t0ken"] {
                let text = || format!("Bearer {echo}");
                let session = wit::Session {
                    name: text(),
                    token: "t0ken".into(),
                    token_type: text(),
                    expires_in: None,
                    api_url: text(),
                };
                let session = opened(session, given.redactor());
                for shown in [session.name, session.token_type, session.api_url] {
                    assert_eq!(shown, "Bearer ***");
                }
                assert_eq!(session.token.expose_secret(), "t0ken");
            }
        }
    }

    #[test]
    fn an_error_has_no_control_characters() {
        for error in errors("a\u{1b}[31mb\n\u{202e}c") {
            let code = error.code().to_owned();
            let error = plain(error, &Redactor::default());
            assert_eq!(error.code(), code);
            // `Debug` escapes what is left.
            let shown = format!("{error:?}");
            assert!(shown.contains("a [31mb  c"), "{shown}");
            assert!(!shown.contains('\\'), "{shown}");
            assert!(shown.len() < 3000, "{shown}");
        }
    }

    #[test]
    fn debug_shows_neither_secrets_nor_tokens() {
        let given = credentials("canary");
        let session = Session {
            name: "Default".into(),
            token: "canary".into(),
            token_type: "Bearer".into(),
            expires_in: None,
            api_url: "https://api.mypurecloud.de".into(),
        };
        let shown = format!("{given:?} {session:?}");
        assert!(!shown.contains("canary"), "{shown}");
        assert!(
            shown.contains("eu-central-1") && shown.contains("Default"),
            "{shown}"
        );
    }
}
