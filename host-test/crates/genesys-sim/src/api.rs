//! The platform API at `api.<domain>`: the resources that a client needs to use a token, to inspect it and to revoke
//! it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::access_token::Owner;
use super::api_error::ApiError;
use super::call::Caller;
use super::cloud::Cloud;
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
