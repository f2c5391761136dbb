//! The platform API at `api.<domain>`: the resources that a client needs to use a token, to inspect it and to revoke
//! it.

use std::sync::Arc;

use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use serde_json::{Value, json};

use super::access_token::{Access, Owner, TokenError};
use super::api_error::ApiError;
use super::cloud::Cloud;
use super::routes::Call;
use super::token_request::scheme;
use super::users_api;

pub(super) fn routes() -> Router<Arc<Cloud>> {
    Router::new()
        .route(
            "/api/v2/tokens/me",
            get(describe_token).delete(revoke_token),
        )
        .route("/api/v2/organizations/me", get(describe_organization))
        .route("/api/v2/users/me", get(describe_user))
        .merge(users_api::routes())
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

/// `GET /api/v2/tokens/me`, and `HEAD`, which checks a token (`TokenInfo` in the API's schema).
///
/// A token has roles and no scopes here, and no cloned user: `clonedUser` is absent \[unsure\]. The parameter
/// `preserveIdleTTL` has no effect, as tokens here have no idle timeout.
async fn describe_token(State(cloud): State<Arc<Cloud>>, caller: Caller) -> Json<Value> {
    let organization = cloud.organization.reference();
    let client = &caller.access.client;
    Json(json!({
        "organization": organization,
        "homeOrganization": organization,
        "authorizedScope": [],
        "OAuthClient": {
            "id": client.id,
            "name": client.app_name,
            "organization": organization,
        },
    }))
}

/// `DELETE /api/v2/tokens/me`. Genesys documents no content; most deletions of its API answer 200 with an empty body
/// \[unsure\].
async fn revoke_token(State(cloud): State<Arc<Cloud>>, caller: Caller) -> StatusCode {
    cloud.accounts().revoke_token(&caller.access);
    StatusCode::OK
}

/// `GET /api/v2/organizations/me`.
async fn describe_organization(State(cloud): State<Arc<Cloud>>, _: Caller) -> Json<Value> {
    Json(cloud.organization.description())
}

/// `GET /api/v2/users/me` (`UserMe` in the API's schema), without most optional members.
async fn describe_user(caller: Caller) -> Response {
    let user = match &caller.access.owner {
        Owner::Client => {
            return ApiError::UserContextRequired.response(&caller.call.correlation_id);
        }
        Owner::User { user, .. } => user,
    };
    Json(users_api::description(user)).into_response()
}
