//! The error responses of the platform API.

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
    /// A parameter or the body is not valid, with the reason in words \[unsure\].
    BadRequest(&'static str),
    /// There is already a user with this e-mail address. The code is what Genesys' Terraform provider looks for; the
    /// message is likely \[unsure\].
    Conflict,
    /// The body is too long \[unsure\].
    BodyTooLarge,
    /// The body is not said to be JSON \[unsure\].
    NotJson,
    /// There is no resource at this path.
    NotFound,
    /// The path exists, but not for this method \[unsure\].
    MethodNotAllowed,
}

impl ApiError {
    /// The response; `context_id` is its correlation id, which the body repeats for support.
    pub(super) fn response(self, context_id: &str) -> Response {
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
            Self::TooManyRequests(RetryAfter(seconds)) => {
                (status, [(RETRY_AFTER, seconds.to_string())], body).into_response()
            }
            _ => (status, body).into_response(),
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::AuthenticationRequired | Self::BadCredentials | Self::CredentialsExpired => {
                StatusCode::UNAUTHORIZED
            }
            Self::TooManyRequests(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::UserContextRequired | Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Conflict => StatusCode::CONFLICT,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::AuthenticationRequired => "authentication.required",
            Self::BadCredentials => "bad.credentials",
            Self::CredentialsExpired => "credentials.expired",
            Self::TooManyRequests(_) => "too.many.requests.retry.after",
            Self::UserContextRequired | Self::BadRequest(_) => "bad.request",
            Self::Conflict => "general.conflict",
            Self::BodyTooLarge => "request.entity.too.large",
            Self::NotJson => "unsupported.media.type",
            Self::NotFound => "not.found",
            Self::MethodNotAllowed => "method.not.allowed",
        }
    }

    fn message(self) -> String {
        let text = match self {
            Self::AuthenticationRequired => {
                "No authentication bearer token specified in authorization header."
            }
            Self::BadCredentials => "Invalid login credentials.",
            Self::CredentialsExpired => "The supplied credentials are expired and cannot be used.",
            Self::TooManyRequests(RetryAfter(seconds)) => {
                return format!(
                    "Rate limit exceeded the maximum. Retry the request in [{seconds}] seconds"
                );
            }
            Self::UserContextRequired => {
                "This request requires a user context. Client credentials cannot be used for \
                 requests that require a user context."
            }
            Self::BadRequest(reason) => reason,
            Self::Conflict => "A user with this email address already exists.",
            Self::BodyTooLarge => "The request body is too large.",
            Self::NotJson => "The content type of the request must be application/json.",
            Self::NotFound => "The requested resource was not found.",
            Self::MethodNotAllowed => "The requested method is not allowed.",
        };
        text.to_owned()
    }
}
