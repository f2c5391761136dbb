//! Token revocation. Genesys Cloud has no endpoint of RFC 7009; its API has a resource for the token itself, whose
//! deletion revokes the refresh token as well. The action's crate, which revokes the tokens of sessions with the same
//! request, reads the response.

use std::time::Duration;

use bot_engine::Language;
use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderValue};
use http::{Request, StatusCode};
use http_body_util::Empty;
use oauth_authentication::error::Error as ActionError;
use oauth_authentication::tokens_me;
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use tokio::time::timeout;

use super::error::{TokenError, texts as of_tokens};
use super::error_response;
use super::network;
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

/// Why a token may still be valid. `Display` is the message in English.
#[derive(Debug, Clone, Error)]
#[error("{}", self.message(Language::English))]
pub enum RevocationError {
    /// The provider has no known way to revoke a token.
    NotOffered,
    /// The stored token cannot be decrypted.
    Unreadable,
    /// A refresh with its refresh token is in progress.
    InUse,
    /// Its access token has expired, and its refresh token cannot be exchanged for one that revokes it.
    NotRefreshed(Box<TokenError>),
    /// The API does not know the token that its refresh token was exchanged for.
    Unknown,
    /// The HTTP client cannot be set up.
    Setup(#[from] SetupError),
    /// The request failed.
    Network(#[from] Error),
    /// There was no response in time.
    TooSlow {
        /// The host of the request.
        host: String,
    },
    /// A response that does not revoke the token, such as a 503 (RFC 7009, section 2.2.1).
    Refused {
        /// The host of the request.
        host: String,
        /// The status.
        status: u16,
    },
}

impl RevocationError {
    /// The message for people.
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::NotOffered => texts::not_offered(language).into(),
            Self::Unreadable => texts::unreadable(language).into(),
            Self::InUse => texts::in_use(language).into(),
            Self::NotRefreshed(error) => texts::not_refreshed(language, error.message(language)),
            Self::Unknown => texts::unknown(language).into(),
            Self::Setup(error) => network::setup_message(error, language),
            Self::Network(error) => network::message(error, language),
            Self::TooSlow { host } => {
                texts::not_revoked(language, of_tokens::too_slow(language, host))
            }
            Self::Refused { host, status } => {
                texts::not_revoked(language, of_tokens::not_available(language, host, status))
            }
        }
    }
}

mod texts {
    bot_engine::messages! {
        not_offered {
            en: "The provider has no known way to revoke a token.",
            de: "Für diesen Anbieter ist kein Weg bekannt, ein Token zu widerrufen.",
        }
        unreadable {
            en: "A stored token cannot be read.",
            de: "Ein gespeichertes Token lässt sich nicht lesen.",
        }
        in_use { en: "A new token was being requested at that moment.", de: "In diesem Moment wurde ein neues Token angefordert." }
        not_refreshed(reason) {
            en: "The refresh token could not be exchanged for an access token with which to revoke it. {reason}",
            de: "Für das Refresh-Token gab es kein Access-Token, mit dem es sich widerrufen ließe. {reason}",
        }
        unknown {
            en: "The API does not know the token that the refresh token was exchanged for.",
            de: "Die API kennt das Token nicht, gegen das das Refresh-Token getauscht wurde.",
        }
        not_revoked(reason) {
            en: "The provider did not revoke it: {reason}.",
            de: "Der Anbieter hat es nicht widerrufen: {reason}.",
        }
    }
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
