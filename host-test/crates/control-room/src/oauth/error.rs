//! Why there is no token: one case for each thing that can be done about it. Of a response it contains only a code and
//! a description, both truncated and sanitized.

use std::fmt;
use std::time::Duration;

use thiserror::Error;

/// Why there is no token.
///
/// Only [`SignInNeeded`](Self::SignInNeeded) invalidates a refresh token. After every other error it must be kept: the
/// provider may not have seen the request, or may still accept the token.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TokenError {
    /// The code or the refresh token is not valid, or no longer valid (`invalid_grant`). Somebody has to sign in.
    #[error("somebody has to sign in again: {0}")]
    SignInNeeded(Refusal),
    /// The provider refused the client, its secret, its scopes or the request. Only a change of the
    /// connection, or of the client at the provider, helps.
    #[error("{0}")]
    Refused(Refusal),
    /// A transient fault; a retry may help. Whether the provider acted on the request is not known, so a code must not
    /// be sent again, and a refresh token may have been rotated.
    #[error("{fault}{}", in_seconds(*.retry_after))]
    Transient {
        /// What happened.
        fault: Fault,
        /// How long to wait, if the provider said so.
        retry_after: Option<Duration>,
    },
    /// The server's certificate is not the provider's. Nothing was sent.
    #[error("{0}")]
    Untrusted(egress::Error),
    /// This machine's network rules do not permit the request. Nothing was sent.
    #[error("{0}")]
    NotPermitted(egress::Error),
    /// The response is neither a token nor a refusal.
    #[error("the response of {host} is not a token: {what}")]
    Unexpected {
        /// The token host.
        host: String,
        /// What is wrong with it.
        what: Unexpected,
    },
    /// The connection's grant has no such request; nothing was sent.
    #[error("the connection is of another grant type")]
    WrongGrant,
}

impl TokenError {
    /// Whether the refresh token, if there was one, is now invalid (RFC 6749, section 5.2).
    pub fn ends_sign_in(&self) -> bool {
        matches!(self, Self::SignInNeeded(_))
    }
}

fn in_seconds(retry_after: Option<Duration>) -> String {
    retry_after.map_or_else(String::new, |wait| {
        format!("; it asks you to wait {} s", wait.as_secs())
    })
}

/// A refusal of a provider (RFC 6749, section 5.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The token host.
    pub host: String,
    /// Its code, such as `invalid_client`; `http-401` and the like if it has none.
    pub code: String,
    /// Its description, sanitized. It is text, never markup.
    pub description: Option<String>,
    /// `ININ-Correlation-Id`, which Genesys' support asks for.
    pub correlation_id: Option<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} refused with {:?}", self.host, self.code)?;
        if let Some(description) = &self.description {
            write!(f, ": {description}")?;
        }
        if let Some(id) = &self.correlation_id {
            write!(f, " (correlation id {id})")?;
        }
        Ok(())
    }
}

/// A transient fault.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// Too many requests.
    #[error("{host} limits the number of requests")]
    Throttled {
        /// The token host.
        host: String,
    },
    /// Status 5xx or 408.
    #[error("{host} is not available, status {status}")]
    Server {
        /// The token host.
        host: String,
        /// The status.
        status: u16,
    },
    /// The response was not complete in time.
    #[error("{host} took too long")]
    TooSlow {
        /// The token host.
        host: String,
    },
    /// The network connection failed.
    #[error("{0}")]
    Network(egress::Error),
}

/// What is wrong with a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unexpected {
    /// It is larger than the limit.
    #[error("it is too large")]
    TooLarge,
    /// It is not valid HTTP.
    #[error("it is not valid HTTP")]
    NotHttp,
    /// A redirect, which is not followed.
    #[error("it is a redirect, status {0}, which is not followed")]
    Redirect(u16),
    /// A status that is neither success nor a refusal.
    #[error("it has the status {0}")]
    Status(u16),
    /// Another content type, or a body that is not JSON.
    #[error("it is not JSON")]
    NotJson,
    /// JSON with a missing, duplicate or mistyped member (RFC 6749, section 5.1).
    #[error("it has no access token, or not in the form that RFC 6749 requires")]
    Malformed,
    /// A token that is empty, too long, or has characters that a header may not have.
    #[error("its access token cannot be used")]
    UnusableToken,
    /// An unknown type of token (RFC 6749, section 7.1).
    #[error("its token is not of the type Bearer")]
    TokenType,
}

impl From<egress::Error> for TokenError {
    fn from(error: egress::Error) -> Self {
        use egress::Error as E;
        let unexpected = |host: &str, what| Self::Unexpected {
            host: host.to_owned(),
            what,
        };
        match &error {
            E::NotHttps
            | E::InvalidRequest(_)
            | E::HostNotAllowed { .. }
            | E::AddressNotAllowed { .. }
            | E::ProxyNotSupported { .. } => Self::NotPermitted(error),
            // A proxy that requires credentials or forbids the host. Any other status may be transient.
            E::ProxyRefused { status, .. } if status.is_client_error() => Self::NotPermitted(error),
            E::Certificate { .. } => Self::Untrusted(error),
            E::Protocol { host } => unexpected(host, Unexpected::NotHttp),
            E::HeadTooLarge { host } | E::BodyTooLarge { host, .. } => {
                unexpected(host, Unexpected::TooLarge)
            }
            _ => Self::Transient {
                fault: Fault::Network(error),
                retry_after: None,
            },
        }
    }
}
