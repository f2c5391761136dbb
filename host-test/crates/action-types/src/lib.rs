//! The types of the contract `bot:action` (`wit/deps/bot-action`) in Rust, for both sides of a call: hosts that run
//! components, and engines that know nothing of WebAssembly.
//!
//! Unlike types that are generated from the contract, these keep secrets in types that do not show them in `Debug` and
//! zero them when they are dropped. [`form`] describes actions; what is here runs them.

pub mod form;
mod redactor;

use std::fmt;

pub use redactor::{MIN_SECRET, REDACTED, Redactor};
use secrecy::SecretString;

/// Whether a character of an untrusted text must not be shown: control characters, and those that are invisible or reorder
/// the text around them.
///
/// ```
/// use action_types::is_unprintable;
///
/// let from_a_server = "bad\u{202e} request\n";
/// let shown: String = from_a_server.chars().filter(|&c| !is_unprintable(c)).collect();
/// assert_eq!(shown, "bad request");
/// ```
pub fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        )
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        || matches!(c, '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A field with its value, as the engine resolved it.
///
/// ```
/// use action_types::Argument;
///
/// let arguments = [
///     Argument::text("url", "https://apps.mypurecloud.de"),
///     Argument::secret("client-secret", "hush"),
/// ];
/// assert!(!format!("{arguments:?}").contains("hush"));
/// ```
#[derive(Debug, Clone)]
pub struct Argument {
    /// The name of the field in the action's form.
    pub name: String,
    /// Its value.
    pub value: Value,
}

impl Argument {
    /// A text that may be shown.
    pub fn text(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: Value::Text(value.into()),
        }
    }

    /// A secret.
    pub fn secret(name: impl Into<String>, value: impl Into<SecretString>) -> Self {
        Self {
            name: name.into(),
            value: Value::Secret(value.into()),
        }
    }

    /// An open session.
    pub fn session(name: impl Into<String>, session: Session) -> Self {
        Self {
            name: name.into(),
            value: Value::Session(session),
        }
    }

    /// The token of an OAuth connection.
    pub fn token(name: impl Into<String>, token: BorrowedToken) -> Self {
        Self {
            name: name.into(),
            value: Value::Token(token),
        }
    }
}

/// The value of a field.
///
/// ```
/// use action_types::{REDACTED, Value};
///
/// let shown = |value: &Value| match value {
///     Value::Text(text) => text.clone(),
///     Value::Session(session) => session.base_url.clone(),
///     Value::Secret(_) | Value::Token(_) => REDACTED.into(),
/// };
/// assert_eq!(shown(&Value::Secret("hush".into())), "***");
/// ```
#[derive(Debug, Clone)]
pub enum Value {
    /// For fields of the kinds `text` and `choice`, and for the `session-name` of an action that opens a session.
    Text(String),
    /// For fields of the kinds `credential` and `secret`.
    Secret(SecretString),
    /// For fields of the kind `oauth-connection`.
    Token(BorrowedToken),
    /// For the `session-name` of an action that uses or closes a session.
    Session(Session),
}

/// An access token that the engine borrows from an OAuth connection. Others use it too.
///
/// ```
/// use action_types::{Argument, BorrowedToken};
///
/// let token = BorrowedToken {
///     url: "https://apps.mypurecloud.de".into(),
///     access_token: "hush".into(),
///     token_type: "bearer".into(),
///     expires_in: Some(3600),
/// };
/// let argument = Argument::token("connection", token);
/// ```
#[derive(Debug, Clone)]
pub struct BorrowedToken {
    /// The environment that the connection belongs to, as its owner typed it.
    pub url: String,
    /// The access token.
    pub access_token: SecretString,
    /// Its type, as the authorization server named it (RFC 6749, section 7.1).
    pub token_type: String,
    /// The remaining lifetime in seconds, if it is known.
    pub expires_in: Option<u32>,
}

/// An open session. Anyone who has it can act in its name.
///
/// ```
/// use action_types::Session;
/// use secrecy::ExposeSecret;
///
/// # fn example(session: &Session) {
/// // A request to the API in the name of the session.
/// let url = format!("{}/api/v2/users/me", session.base_url);
/// let authorization = format!("{} {}", session.token_type, session.token.expose_secret());
/// # }
/// ```
#[derive(Clone)]
pub struct Session {
    /// The access token.
    pub token: SecretString,
    /// The type of the token, such as `Bearer`.
    pub token_type: String,
    /// The base URL for requests with this session, such as `https://api.mypurecloud.de`.
    pub base_url: String,
    /// The lifetime in seconds, counted from when the call began, if it is known.
    pub expires_in: Option<u32>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("base_url", &self.base_url)
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

/// What an action did.
///
/// ```
/// use action_types::{SessionChange, Success};
///
/// # fn example(success: Success) {
/// for (name, _) in &success.outputs {
///     println!("{name} has a value"); // which may be a secret
/// }
/// if let SessionChange::Opened(session) = success.session {
///     println!("a session at {}, for {:?} s", session.base_url, session.expires_in);
/// }
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Success {
    /// The outputs that its form names, in any order. One that has no value is left out. Whether one is a secret is in the
    /// form, so all are hidden.
    pub outputs: Vec<(String, SecretString)>,
    /// What became of the session.
    pub session: SessionChange,
}

/// What became of the session that an action is for.
///
/// ```
/// use action_types::{Session, SessionChange};
///
/// // The session that the next step of a flow gets.
/// let next = |before: Option<Session>, change| match change {
///     SessionChange::Unchanged => before,
///     SessionChange::Opened(session) | SessionChange::Replaced(session) => Some(session),
///     SessionChange::Closed => None,
/// };
/// assert!(next(None, SessionChange::Closed).is_none());
/// ```
#[derive(Debug, Clone)]
pub enum SessionChange {
    /// Nothing, or there is none.
    Unchanged,
    /// It was opened.
    Opened(Session),
    /// It goes on as this one. The old one is not valid any more.
    Replaced(Session),
    /// It was closed.
    Closed,
}

/// What to do about an error. Another call is advised only if it does not have the action's effect a second time.
///
/// ```
/// use action_types::Retry;
///
/// let wait = |retry| match retry {
///     Retry::Never => None,
///     Retry::NewToken => Some(0), // once there is one
///     Retry::Backoff => Some(5),
///     Retry::After(seconds) => Some(seconds),
/// };
/// assert_eq!(wait(Retry::After(30)), Some(30));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Do not call again: someone has to change something first, or to look.
    Never,
    /// Another call may help, after a backoff.
    Backoff,
    /// Another call may help, but not before this many seconds.
    After(u32),
    /// The server does not accept the session or the borrowed token. With a new one, call again.
    NewToken,
}

/// Why an action failed, in its own words. It has no secrets.
///
/// ```
/// use action_types::{Failure, Retry};
///
/// # fn example(failure: &Failure) {
/// match (&failure.field, failure.retry) {
///     (Some(field), _) => println!("correct {field}: {}", failure.message),
///     (None, Retry::Never) => println!("{}: {:?}", failure.code, failure.detail("correlation-id")),
///     (None, retry) => println!("call again: {retry:?}"),
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What kind of error it is, such as `throttled`.
    pub code: String,
    /// The field that must be corrected, if the error is in one.
    pub field: Option<String>,
    /// Whether another call can help.
    pub retry: Retry,
    /// What happened, in English, for a log.
    pub message: String,
    /// Facts for programs and for support by name, such as `host` or `correlation-id`.
    pub details: Vec<(String, String)>,
}

impl Failure {
    /// The fact of this name.
    pub fn detail(&self, name: &str) -> Option<&str> {
        let found = self.details.iter().find(|(other, _)| other == name)?;
        Some(&found.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_secrets_nor_tokens() {
        let session = Session {
            token: "canary".into(),
            token_type: "Bearer".into(),
            base_url: "https://api.mypurecloud.de".into(),
            expires_in: None,
        };
        let token = BorrowedToken {
            url: "eu-central-1".into(),
            access_token: "canary".into(),
            token_type: "bearer".into(),
            expires_in: None,
        };
        let success = Success {
            outputs: vec![("secret".into(), "canary".into())],
            session: SessionChange::Opened(session.clone()),
        };
        let arguments = [
            Argument::text("url", "eu-central-1"),
            Argument::secret("client-secret", "canary"),
            Argument::token("connection", token),
            Argument::session("session-name", session),
        ];
        let shown = format!("{arguments:?} {success:?}");
        assert!(!shown.contains("canary"), "{shown}");
        assert!(shown.contains("eu-central-1"), "{shown}");
        assert!(shown.contains("https://api.mypurecloud.de"), "{shown}");
    }
}
