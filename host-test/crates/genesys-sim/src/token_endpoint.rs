//! The token endpoint behind `login.<domain>` (RFC 6749, section 3.2).

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
use super::client::{AuthenticationError, GrantType};
use super::cloud::Cloud;
use super::rate_limit::RetryAfter;
use super::routes::Call;
use super::token_request::{Malformed, TokenRequest};

pub(super) fn routes() -> Router<Arc<Cloud>> {
    Router::new().route("/oauth/token", post(token))
}

async fn token(
    State(cloud): State<Arc<Cloud>>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, Refusal> {
    cloud.counters.token_requests.increment();
    let body = body.map_err(|error| Refusal::UnreadableBody(error.status()))?;
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
    let may_use = |grant_type| match client.grant_types.contains(&grant_type) {
        true => Ok(()),
        false => Err(Refusal::UnauthorizedClient),
    };
    let granted = match grant_type {
        "client_credentials" => {
            may_use(GrantType::ClientCredentials)?;
            accounts.grant_client(&client, now)?
        }
        "authorization_code" => {
            may_use(GrantType::AuthorizationCode)?;
            let code = request.parameter("code");
            let shown = Redemption {
                code: code.ok_or(Malformed("the parameter code is missing"))?,
                redirect_uri: request.parameter("redirect_uri"),
                verifier: request.parameter("code_verifier"),
            };
            accounts.redeem_code(&client, &shown, now)?
        }
        "refresh_token" => {
            may_use(GrantType::AuthorizationCode)?;
            let presented = request.parameter("refresh_token");
            let presented = presented.ok_or(Malformed("the parameter refresh_token is missing"))?;
            accounts.refresh(&client, presented, now)?
        }
        _ => return Err(Refusal::UnsupportedGrantType),
    };
    cloud.counters.tokens_issued.increment();
    let mut answer = json!({
        "access_token": granted.access_token.expose_secret(),
        "token_type": "bearer",
        "expires_in": client.token_duration,
    });
    if let Some(refresh_token) = granted.refresh_token {
        answer["refresh_token"] = refresh_token.expose_secret().into();
    }
    Ok(Json(answer))
}

/// Why no token was handed out. Each case has the members that the real answer was seen with:
/// `description`, `error_description`, or both.
enum Refusal {
    /// \[dated\]
    UnknownClient,
    /// Wrong secret, or the right one at another region's login host.
    AuthenticationFailed,
    /// More tokens than the client may have in a minute. The answer is a 400, and only its text
    /// tells it from a malformed request; how the text goes on is not public \[unsure\].
    TooManyTokens(RetryAfter),
    /// RFC 6749, section 5.2 \[unsure\].
    Malformed(Malformed),
    /// RFC 6749, section 5.2 \[unsure\].
    UnsupportedGrantType,
    /// RFC 6749, section 5.2 \[unsure\].
    UnauthorizedClient,
    /// A code or a refresh token that is good for nothing (RFC 6749, section 5.2), with the members
    /// of a failed authentication \[unsure\].
    InvalidGrant(&'static str),
    /// Too long (413) or cut off (400) \[unsure\].
    UnreadableBody(StatusCode),
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, body) = match self {
            Refusal::UnknownClient => (
                StatusCode::BAD_REQUEST,
                json!({ "error": "invalid_client", "description": "client not found" }),
            ),
            Refusal::AuthenticationFailed => (
                StatusCode::UNAUTHORIZED,
                json!({
                    "error": "invalid_client",
                    "description": "authentication failed",
                    "error_description": "authentication failed",
                }),
            ),
            Refusal::TooManyTokens(RetryAfter(seconds)) => bad_request(
                "invalid_request",
                &format!("rate limit exceeded; retry in {seconds} seconds"),
            ),
            Refusal::Malformed(Malformed(reason)) => bad_request("invalid_request", reason),
            Refusal::UnsupportedGrantType => {
                bad_request("unsupported_grant_type", "the grant type is not supported")
            }
            Refusal::UnauthorizedClient => bad_request(
                "unauthorized_client",
                "the client may not use this grant type",
            ),
            Refusal::InvalidGrant(reason) => (
                StatusCode::BAD_REQUEST,
                json!({
                    "error": "invalid_grant",
                    "description": reason,
                    "error_description": reason,
                }),
            ),
            Refusal::UnreadableBody(status) => {
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

impl From<AuthenticationError> for Refusal {
    fn from(error: AuthenticationError) -> Refusal {
        match error {
            AuthenticationError::UnknownClient => Refusal::UnknownClient,
            AuthenticationError::Failed => Refusal::AuthenticationFailed,
        }
    }
}

impl From<GrantError> for Refusal {
    fn from(error: GrantError) -> Refusal {
        match error {
            GrantError::Invalid(reason) => Refusal::InvalidGrant(reason),
            GrantError::TooManyTokens(retry_after) => Refusal::TooManyTokens(retry_after),
        }
    }
}

impl From<Malformed> for Refusal {
    fn from(malformed: Malformed) -> Refusal {
        Refusal::Malformed(malformed)
    }
}
