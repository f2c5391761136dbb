//! Ends a token that nobody is to use any more. Genesys Cloud has no endpoint of RFC 7009; it has a resource
//! of its API for the token itself, which ends the refresh token with it. What an answer to that means is read
//! by the action's crate, which ends the tokens of sessions with the same request.

use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderValue};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::Empty;
use oauth_authentication::error::Error as ActionError;
use oauth_authentication::tokens_me;
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use tokio::time::timeout;

use super::error::TokenError;
use super::error_response;
use super::provider::Provider;
use egress::{AllowList, Client, Error, Options, SetupError, Timeouts};

/// How long all of it may take.
const LONGEST: Duration = Duration::from_secs(15);

/// What a token was when it was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revoked {
    /// It was alive, and is dead with its refresh token.
    Now,
    /// It was dead already. That says nothing of a refresh token, which outlives it.
    Already,
}

/// Why a token may still live.
#[derive(Debug, Clone, Error)]
pub enum RevocationError {
    /// The provider has no way to end a token that is known here.
    #[error("there is no known way to end its token")]
    NotOffered,
    /// What is stored of the token does not open.
    #[error("its token cannot be read")]
    Unreadable,
    /// Somebody is asking for a new one with its refresh token.
    #[error("a new token is being asked for right now")]
    InUse,
    /// Its access token is over, and so there is none to end its refresh token with.
    #[error("its refresh token gives no token to end it with: {0}")]
    NotRefreshed(Box<TokenError>),
    /// The API does not know the token that its refresh token gave.
    #[error("the API does not know the token that its refresh token gave")]
    Unknown,
    /// The client for it cannot be set up.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// There was no answer.
    #[error(transparent)]
    Network(#[from] Error),
    /// There was no answer in time.
    #[error("{host} gave no answer in time")]
    TooSlow {
        /// The host that was asked.
        host: String,
    },
    /// An answer that leaves the token alive, as a 503 does (RFC 7009, section 2.2.1).
    #[error("{host} answered {status}")]
    Refused {
        /// The host that was asked.
        host: String,
        /// The status.
        status: u16,
    },
}

/// Ends `token` at its provider, in one try. A token that is dead already is no error (RFC 7009, section 2.2).
/// The request goes out as `options` say, in all but the allow-list: to that one host.
///
/// # Errors
///
/// Why the token may still live.
pub async fn revoke(
    provider: &Provider,
    token: &SecretString,
    options: Options,
) -> Result<Revoked, RevocationError> {
    let host = provider.api_host().ok_or(RevocationError::NotOffered)?;
    let allow = AllowList::parse([host]).unwrap_or_default();
    let client = Client::new(Options { allow, ..options })?;
    let request = tokens_me::revoke(host.into(), token);
    // In the header, never in the query (RFC 6750, section 2).
    let mut bearer = HeaderValue::from_str(request.authorization.expose_secret())
        .map_err(|_| Error::InvalidRequest("the token is malformed"))?;
    bearer.set_sensitive(true);
    let request = Request::delete(format!("https://{host}{}", request.path))
        .header(AUTHORIZATION, bearer)
        .body(Empty::<Bytes>::new())
        .map_err(|_| Error::InvalidRequest("the address is malformed"))?;
    let answer = timeout(LONGEST, client.send(request, Timeouts::default())).await;
    let answer = answer.map_err(|_| RevocationError::TooSlow { host: host.into() })??;
    let status = answer.status();
    let ended: Result<(), ActionError> = tokens_me::read_revocation(
        host,
        &error_response::response(status.into(), &HeaderMap::new(), Vec::new()),
    );
    match ended {
        Ok(()) if status == StatusCode::UNAUTHORIZED => Ok(Revoked::Already),
        Ok(()) => Ok(Revoked::Now),
        Err(_) => Err(RevocationError::Refused {
            host: host.into(),
            status: status.into(),
        }),
    }
}
