//! What handlers get with a request: its call, and who calls.

use std::sync::Arc;

use axum::Extension;
use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

use super::access_token::{Access, TokenError};
use super::api_error::ApiError;
use super::cloud::Cloud;
use super::region::Region;
use super::token_request::scheme;

/// What handlers get with each request, as an extension.
#[derive(Clone)]
pub(super) struct Call {
    /// A UUID, in the header of the response and in the body of an error.
    pub(super) correlation_id: String,
    /// The region of the virtual host; `None` at a gateway.
    pub(super) region: Option<Region>,
}

/// Extractor of the access that a valid bearer token in the header gives (RFC 6750, section 2.1). Without one, the
/// handler is not reached.
pub(super) struct Caller {
    pub(super) access: Access,
    pub(super) call: Call,
}

impl FromRequestParts<Arc<Cloud>> for Caller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, cloud: &Arc<Cloud>) -> Result<Self, Response> {
        cloud.counters.api_requests.increment();
        let Extension(call) = Extension::<Call>::from_request_parts(parts, cloud)
            .await
            .map_err(IntoResponse::into_response)?;
        let admitted = parts
            .headers
            .get(AUTHORIZATION)
            .and_then(|header| scheme(header.to_str().ok()?, "Bearer"))
            .ok_or(ApiError::AuthenticationRequired)
            .and_then(|token| {
                let now = cloud.now();
                let tokens = &mut cloud.accounts().access_tokens;
                Ok(tokens.admit(token, call.region, now)?)
            });
        match admitted {
            Ok(access) => Ok(Self { access, call }),
            Err(error) => Err(error.response(&call.correlation_id)),
        }
    }
}

impl From<TokenError> for ApiError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Unknown => Self::BadCredentials,
            TokenError::Expired => Self::CredentialsExpired,
            TokenError::TooManyRequests(retry_after) => Self::TooManyRequests(retry_after),
        }
    }
}
