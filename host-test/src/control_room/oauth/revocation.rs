//! Ends a token that nobody is to use any more. Genesys Cloud has no endpoint of RFC 7009; it has a resource
//! of its API for the token itself, which ends the refresh token with it. What an answer to that means is read
//! by the action's crate, which ends the tokens of sessions with the same request.

use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderValue};
use http::{HeaderMap, Request};
use http_body_util::Empty;
use oauth_authentication::error::Error as ActionError;
use oauth_authentication::tokens_me;
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use tokio::time::timeout;

use super::provider::Provider;
use super::refusal;
use crate::network::{AllowList, Client, Error, Options, SetupError, Timeouts};

/// How long all of it may take.
const LONGEST: Duration = Duration::from_secs(15);

/// Why a token may still live.
#[derive(Debug, Clone, Error)]
pub enum RevocationError {
    /// The provider has no way to end a token that is known here.
    #[error("there is no known way to end its token")]
    NotOffered,
    /// What is stored of the token does not open.
    #[error("its token cannot be read")]
    Unreadable,
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

/// Ends `token` at its provider, in one try. A token that is dead already is what was wanted (RFC 7009,
/// section 2.2). The request goes out as `options` say, in all but the allow-list: to that one host.
///
/// # Errors
///
/// Why the token may still live.
pub async fn end(
    provider: &Provider,
    token: &SecretString,
    options: Options,
) -> Result<(), RevocationError> {
    let host = provider.api_host().ok_or(RevocationError::NotOffered)?;
    let allow = AllowList::parse([host]).unwrap_or_default();
    let client = Client::new(Options { allow, ..options })?;
    let request = tokens_me::end(host.into(), token);
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
    let status = answer.status().as_u16();
    let ended: Result<(), ActionError> = tokens_me::read_end(
        host,
        &refusal::response(status, &HeaderMap::new(), Vec::new()),
    );
    ended.map_err(|_| RevocationError::Refused {
        host: host.into(),
        status,
    })
}
