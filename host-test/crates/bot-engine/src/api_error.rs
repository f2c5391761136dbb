//! Why an API request failed.

use std::time::Duration;

use http::StatusCode;
use thiserror::Error;

/// Why an API request failed.
#[derive(Debug, Error)]
pub enum ApiError {
    /// The path is not valid after its placeholders were filled in.
    #[error("{path:?} is not a valid API path")]
    BadPath {
        /// The path.
        path: String,
    },
    /// The status of the response is not a success.
    #[error(transparent)]
    Refused(#[from] Box<Refusal>),
    /// The response is not JSON.
    #[error("the response of {host} is not JSON")]
    NotJson {
        /// The host.
        host: String,
    },
    /// The first attempt did not finish within the deadline of all attempts.
    #[error("the API did not respond within {} s", .0.as_secs())]
    TimedOut(Duration),
    /// There was no complete response.
    #[error(transparent)]
    Network(#[from] egress::Error),
}

/// A response whose status is not a success.
#[derive(Debug, Error)]
#[error(
    "{host} responded with {status} to GET {path}{}{}{}",
    said(.code.as_deref(), .message.as_deref()),
    in_seconds(*.retry_after),
    correlation(.correlation_id.as_deref())
)]
pub struct Refusal {
    /// The host.
    pub host: String,
    /// The path of the request.
    pub path: String,
    /// The status.
    pub status: StatusCode,
    /// The API's code for the error, such as `not.found`.
    pub code: Option<String>,
    /// What the API says of the error.
    pub message: Option<String>,
    /// How long the API asks to wait with `Retry-After` (RFC 9110, section 10.2.3), if it may be tried again.
    pub retry_after: Option<Duration>,
    /// `ININ-Correlation-Id`, for Genesys' support.
    pub correlation_id: Option<String>,
}

fn said(code: Option<&str>, message: Option<&str>) -> String {
    match (code, message) {
        (None, None) => String::new(),
        (Some(said), None) | (None, Some(said)) => format!(": {said}"),
        (Some(code), Some(message)) => format!(": {message} ({code})"),
    }
}

fn in_seconds(retry_after: Option<Duration>) -> String {
    retry_after.map_or_else(String::new, |wait| {
        format!("; it asks you to wait {} s", wait.as_secs())
    })
}

fn correlation(id: Option<&str>) -> String {
    id.map(|id| format!("; for Genesys' support: correlation id {id}"))
        .unwrap_or_default()
}
