//! The error answers of the platform API.

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::rate_limit::RetryAfter;

/// Why the API rejects a request. Form, codes and messages of the body are those of Genesys \[dated\] unless a case
/// says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ApiError {
    /// No bearer token in the header.
    AuthenticationRequired,
    /// The token is unknown, revoked, or of another region.
    BadCredentials,
    /// The token has expired.
    CredentialsExpired,
    /// Too many requests with one token.
    TooManyRequests(RetryAfter),
    /// The resource needs a user, and the token has none. Status and first sentence are from users' reports
    /// \[dated\]; code and second sentence are likely \[unsure\].
    UserContextRequired,
    /// There is no resource at this path.
    NotFound,
    /// The path exists, but not for this method \[unsure\].
    MethodNotAllowed,
}

impl ApiError {
    /// The answer; `context_id` is its correlation id, which the body repeats for support.
    pub(super) fn answer(self, context_id: &str) -> Response {
        let status = self.status();
        let body = Json(json!({
            "message": self.message(),
            "code": self.code(),
            "status": status.as_u16(),
            "contextId": context_id,
            "details": [],
            "errors": [],
        }));
        match self {
            ApiError::TooManyRequests(RetryAfter(seconds)) => {
                (status, [(RETRY_AFTER, seconds.to_string())], body).into_response()
            }
            _ => (status, body).into_response(),
        }
    }

    fn status(self) -> StatusCode {
        match self {
            ApiError::AuthenticationRequired
            | ApiError::BadCredentials
            | ApiError::CredentialsExpired => StatusCode::UNAUTHORIZED,
            ApiError::TooManyRequests(_) => StatusCode::TOO_MANY_REQUESTS,
            ApiError::UserContextRequired => StatusCode::BAD_REQUEST,
            ApiError::NotFound => StatusCode::NOT_FOUND,
            ApiError::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        }
    }

    fn code(self) -> &'static str {
        match self {
            ApiError::AuthenticationRequired => "authentication.required",
            ApiError::BadCredentials => "bad.credentials",
            ApiError::CredentialsExpired => "credentials.expired",
            ApiError::TooManyRequests(_) => "too.many.requests.retry.after",
            ApiError::UserContextRequired => "bad.request",
            ApiError::NotFound => "not.found",
            ApiError::MethodNotAllowed => "method.not.allowed",
        }
    }

    fn message(self) -> String {
        let text = match self {
            ApiError::AuthenticationRequired => {
                "No authentication bearer token specified in authorization header."
            }
            ApiError::BadCredentials => "Invalid login credentials.",
            ApiError::CredentialsExpired => {
                "The supplied credentials are expired and cannot be used."
            }
            ApiError::TooManyRequests(RetryAfter(seconds)) => {
                return format!(
                    "Rate limit exceeded the maximum. Retry the request in [{seconds}] seconds"
                );
            }
            ApiError::UserContextRequired => {
                "This request requires a user context. Client credentials cannot be used for \
                 requests that require a user context."
            }
            ApiError::NotFound => "The requested resource was not found.",
            ApiError::MethodNotAllowed => "The requested method is not allowed.",
        };
        text.to_owned()
    }
}
