//! The token endpoint at `login.<domain>` (RFC 6749, section 3.2).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Extension, Json, Router};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::accounts::GrantError;
use super::authorization_code::Redemption;
use super::call::Call;
use super::client::{AuthenticationError, GrantType};
use super::cloud::Cloud;
use super::rate_limit::RetryAfter;
use super::token_request::{Malformed, TokenRequest};

pub(super) fn routes() -> Router<Arc<Cloud>> {
    Router::new().route("/oauth/token", post(token))
}

async fn token(
    State(cloud): State<Arc<Cloud>>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, TokenError> {
    cloud.counters.token_requests.increment();
    let body = body.map_err(|error| TokenError::UnreadableBody(error.status()))?;
    let request = TokenRequest::parse(&headers, &body)?;
    let grant_type = request
        .parameter("grant_type")
        .ok_or(Malformed("the parameter grant_type is missing"))?;
    match grant_type {
        "client_credentials" => cloud.counters.client_credentials_requests.increment(),
        "authorization_code" => cloud.counters.authorization_code_requests.increment(),
        "refresh_token" => cloud.counters.refresh_requests.increment(),
        _ => {}
    }

    let now = cloud.now();
    let mut accounts = cloud.accounts();
    let client = accounts
        .clients
        .authenticate(&request.credentials, call.region)?;
    let may_use = |grant_type| {
        if client.grant_types.contains(&grant_type) {
            Ok(())
        } else {
            Err(TokenError::UnauthorizedClient)
        }
    };
    let granted = match grant_type {
        "client_credentials" => {
            may_use(GrantType::ClientCredentials)?;
            accounts.grant_client(&client, now)?
        }
        "authorization_code" => {
            may_use(GrantType::AuthorizationCode)?;
            let code = request.parameter("code");
            let redemption = Redemption {
                code: code.ok_or(Malformed("the parameter code is missing"))?,
                redirect_uri: request.parameter("redirect_uri"),
                verifier: request.parameter("code_verifier"),
            };
            accounts.redeem_code(&client, &redemption, now)?
        }
        "refresh_token" => {
            may_use(GrantType::AuthorizationCode)?;
            let presented = request.parameter("refresh_token");
            let presented = presented.ok_or(Malformed("the parameter refresh_token is missing"))?;
            accounts.refresh(&client, presented, now)?
        }
        _ => return Err(TokenError::UnsupportedGrantType),
    };
    cloud.counters.tokens_issued.increment();
    let mut response = json!({
        "access_token": granted.access_token.expose_secret(),
        "token_type": "bearer",
        "expires_in": client.token_duration,
    });
    if let Some(refresh_token) = granted.refresh_token {
        response["refresh_token"] = refresh_token.expose_secret().into();
    }
    Ok(Json(response))
}

/// Why a token request fails. Each case has the members of the real response: `description`, `error_description`, or
/// both.
enum TokenError {
    /// \[dated\]
    UnknownClient,
    /// The secret is wrong, or the client belongs to another region.
    AuthenticationFailed,
    /// The client has reached its limit per minute. The response is a 400, which only its text distinguishes from a
    /// malformed request; the end of the text is not public \[unsure\].
    TooManyTokens(RetryAfter),
    /// RFC 6749, section 5.2 \[unsure\].
    Malformed(Malformed),
    /// RFC 6749, section 5.2 \[unsure\].
    UnsupportedGrantType,
    /// RFC 6749, section 5.2 \[unsure\].
    UnauthorizedClient,
    /// The code or the refresh token is not valid (RFC 6749, section 5.2), with the members of a failed authentication
    /// \[unsure\].
    InvalidGrant(&'static str),
    /// The body is too long (413) or truncated (400) \[unsure\].
    UnreadableBody(StatusCode),
}

impl IntoResponse for TokenError {
    fn into_response(self) -> Response {
        let (status, body) = match self {
            Self::UnknownClient => (
                StatusCode::BAD_REQUEST,
                json!({ "error": "invalid_client", "description": "client not found" }),
            ),
            Self::AuthenticationFailed => (
                StatusCode::UNAUTHORIZED,
                json!({
                    "error": "invalid_client",
                    "description": "authentication failed",
                    "error_description": "authentication failed",
                }),
            ),
            Self::TooManyTokens(RetryAfter(seconds)) => bad_request(
                "invalid_request",
                &format!("rate limit exceeded; retry in {seconds} seconds"),
            ),
            Self::Malformed(Malformed(reason)) => bad_request("invalid_request", reason),
            Self::UnsupportedGrantType => {
                bad_request("unsupported_grant_type", "the grant type is not supported")
            }
            Self::UnauthorizedClient => bad_request(
                "unauthorized_client",
                "the client may not use this grant type",
            ),
            Self::InvalidGrant(reason) => (
                StatusCode::BAD_REQUEST,
                json!({
                    "error": "invalid_grant",
                    "description": reason,
                    "error_description": reason,
                }),
            ),
            Self::UnreadableBody(status) => {
                let (_, body) = bad_request("invalid_request", "the body cannot be read");
                (status, body)
            }
        };
        (status, Json(body)).into_response()
    }
}

fn bad_request(error: &str, description: &str) -> (StatusCode, Value) {
    let body = json!({ "error": error, "error_description": description });
    (StatusCode::BAD_REQUEST, body)
}

impl From<AuthenticationError> for TokenError {
    fn from(error: AuthenticationError) -> Self {
        match error {
            AuthenticationError::UnknownClient => Self::UnknownClient,
            AuthenticationError::Failed => Self::AuthenticationFailed,
        }
    }
}

impl From<GrantError> for TokenError {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::Invalid(reason) => Self::InvalidGrant(reason),
            GrantError::TooManyTokens(retry_after) => Self::TooManyTokens(retry_after),
        }
    }
}

impl From<Malformed> for TokenError {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed)
    }
}
