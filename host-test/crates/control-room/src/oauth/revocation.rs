//! Token revocation. Genesys Cloud has no endpoint of RFC 7009; its API has a resource for the token itself, whose
//! deletion revokes the refresh token as well. The action's crate, which revokes the tokens of sessions with the same
//! request, reads the response.

use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderValue};
use http::{Request, StatusCode};
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

/// How long the whole request may take.
const LONGEST: Duration = Duration::from_secs(15);

/// Whether a token was valid when it was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revoked {
    /// It was valid, and is revoked with its refresh token.
    Now,
    /// It was no longer valid. That says nothing about its refresh token, which lives longer.
    Already,
}

/// Why a token may still be valid.
#[derive(Debug, Clone, Error)]
pub enum RevocationError {
    /// The provider has no known way to revoke a token.
    #[error("there is no known way to revoke its token")]
    NotOffered,
    /// The stored token cannot be decrypted.
    #[error("its token cannot be read")]
    Unreadable,
    /// A refresh with its refresh token is in progress.
    #[error("a new token is being requested right now")]
    InUse,
    /// Its access token has expired, and its refresh token cannot be exchanged for one that revokes it.
    #[error("its refresh token could not be exchanged for a token to revoke: {0}")]
    NotRefreshed(Box<TokenError>),
    /// The API does not know the token that its refresh token was exchanged for.
    #[error("the API does not know the token that its refresh token was exchanged for")]
    Unknown,
    /// The HTTP client cannot be set up.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The request failed.
    #[error(transparent)]
    Network(#[from] Error),
    /// There was no response in time.
    #[error("{host} did not respond in time")]
    TooSlow {
        /// The host of the request.
        host: String,
    },
    /// A response that does not revoke the token, such as a 503 (RFC 7009, section 2.2.1).
    #[error("{host} answered {status}")]
    Refused {
        /// The host of the request.
        host: String,
        /// The status.
        status: u16,
    },
}

/// Revokes `token` at its provider, without retries. A token that is no longer valid is not an error (RFC 7009, section
/// 2.2). The request is sent with these `options`, except for the allow-list, which is that one host.
///
/// # Errors
///
/// Why the token may still be valid.
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
    let revoked: Result<(), ActionError> = tokens_me::read_revocation(
        host,
        &error_response::response(status.into(), answer.headers(), Vec::new()),
    );
    match revoked {
        Ok(()) if status == StatusCode::UNAUTHORIZED => Ok(Revoked::Already),
        Ok(()) => Ok(Revoked::Now),
        Err(_) => Err(RevocationError::Refused {
            host: host.into(),
            status: status.into(),
        }),
    }
}
