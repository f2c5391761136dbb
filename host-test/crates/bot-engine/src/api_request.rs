//! A call of the Genesys Cloud API with a session's token.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Empty};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value as Json;
use thiserror::Error;

use egress::{Client, Timeouts};

use crate::action::Session;
use crate::retry::{Advice, Retryable};

/// How long the API may take. Genesys itself gives up after 15 s with a 504.
const TIMEOUTS: Timeouts = Timeouts {
    connect: Duration::from_secs(10),
    first_byte: Duration::from_secs(30),
    between_bytes: Duration::from_secs(10),
};

/// Why a call of the API failed.
#[derive(Debug, Error)]
pub enum ApiError {
    /// The path, with what was filled in, is no path.
    #[error("{path:?} is no path of the API")]
    BadPath {
        /// What came of the path.
        path: String,
    },
    /// The API refused or failed.
    #[error("{host} answered {status}{}", correlation(.correlation_id.as_deref()))]
    Status {
        /// The host that was asked.
        host: String,
        /// The status.
        status: StatusCode,
        /// How long to wait, where the API said so (RFC 9110, section 10.2.3; Genesys sends seconds).
        retry_after: Option<Duration>,
        /// `ININ-Correlation-Id`, which Genesys' support asks for.
        correlation_id: Option<String>,
    },
    /// The answer is no JSON.
    #[error("{host} did not answer with JSON")]
    NotJson {
        /// The host that was asked.
        host: String,
    },
    /// The first try took longer than all tries may.
    #[error("the API gave no answer within {} s", .0.as_secs())]
    OutOfTime(Duration),
    /// There was no whole answer.
    #[error(transparent)]
    Network(#[from] egress::Error),
}

fn correlation(id: Option<&str>) -> String {
    id.map(|id| format!("; for Genesys' support: correlation id {id}"))
        .unwrap_or_default()
}

/// Gets `path` from the API that `session` belongs to.
///
/// # Errors
///
/// Whatever is not a status of 2xx with JSON, or without content.
pub async fn get(
    client: &Client,
    session: &Session,
    path: &str,
) -> Result<(StatusCode, Json), ApiError> {
    let bad_path = || ApiError::BadPath { path: path.into() };
    let mut request = Request::builder()
        .method(Method::GET)
        .uri([&session.api_url, path].concat())
        .header(ACCEPT, "application/json")
        .body(Empty::<Bytes>::new())
        .map_err(|_| bad_path())?;
    request
        .headers_mut()
        .insert(AUTHORIZATION, bearer(&session.token).ok_or_else(bad_path)?);
    let host = request.uri().host().unwrap_or_default().to_owned();

    let response = client.send(request, TIMEOUTS).await?;
    let status = response.status();
    if !status.is_success() {
        let header = |name| response.headers().get(name)?.to_str().ok();
        let seconds = header("retry-after").and_then(|value| value.trim().parse().ok());
        return Err(ApiError::Status {
            host,
            status,
            retry_after: seconds.map(Duration::from_secs),
            correlation_id: header("inin-correlation-id").map(|id| id.chars().take(64).collect()),
        });
    }
    let body = response.into_body().collect().await?.to_bytes();
    if body.is_empty() {
        return Ok((status, Json::Null));
    }
    let json = serde_json::from_slice(&body).map_err(|_| ApiError::NotJson { host })?;
    Ok((status, json))
}

/// The header of a bearer token (RFC 6750, section 2.1), marked so that no log shows it.
fn bearer(token: &SecretString) -> Option<HeaderValue> {
    let value = SecretString::from(["Bearer ", token.expose_secret()].concat());
    let mut header = HeaderValue::from_str(value.expose_secret()).ok()?;
    header.set_sensitive(true);
    Some(header)
}

impl Retryable for ApiError {
    fn advice(&self) -> Advice {
        match self {
            Self::Status {
                status,
                retry_after,
                ..
            } => match status.as_u16() {
                429 => Advice::TryAgain(*retry_after),
                408 | 500..=599 => Advice::TryAgain(None),
                _ => Advice::GiveUp,
            },
            Self::Network(error) => of_network(error),
            Self::BadPath { .. } | Self::NotJson { .. } | Self::OutOfTime(_) => Advice::GiveUp,
        }
    }

    fn out_of_time(limit: Duration) -> Self {
        Self::OutOfTime(limit)
    }
}

/// The same as the action says of the same failures.
fn of_network(error: &egress::Error) -> Advice {
    use egress::Error as E;
    match error {
        E::Busy
        | E::NameNotResolved { .. }
        | E::Connect { .. }
        | E::ProxyConnect { .. }
        | E::Tls { .. }
        | E::TimedOut { .. }
        | E::Disconnected { .. }
        | E::Incomplete { .. } => Advice::TryAgain(None),
        _ => Advice::GiveUp,
    }
}
