//! The API resource `/api/v2/users`: lists, creates, describes and deletes the users of the organization.
//!
//! A real caller needs permissions, such as *Directory > User > View*; here, every token has them.

use std::sync::Arc;

use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::api_error::ApiError;
use super::call::Caller;
use super::cloud::Cloud;
use super::user::User;

/// The most users on a page.
const MAX_PAGE_SIZE: usize = 100;

/// The users on a page if the request does not say how many.
const DEFAULT_PAGE_SIZE: usize = 25;

/// The longest name, e-mail address, department or title, in characters \[unsure\].
const MAX_TEXT: usize = 256;

/// The most users.
const MAX_USERS: usize = 10_000;

/// The path of the resource.
const PATH: &str = "/api/v2/users";

pub(super) fn routes() -> Router<Arc<Cloud>> {
    Router::new()
        .route(PATH, get(list_users).post(create_user))
        .route("/api/v2/users/{id}", get(show_user).delete(delete_user))
}

/// A user (`User` in the API's schema), without most optional members.
pub(super) fn description(user: &User) -> Value {
    let mut description = json!({
        "id": user.id,
        "name": user.name,
        "email": user.username,
        "username": user.username,
        "state": "active",
        "version": 1,
        "acdAutoAnswer": false,
        "selfUri": format!("{PATH}/{}", user.id),
    });
    for (member, value) in [("department", &user.department), ("title", &user.title)] {
        if let Some(value) = value {
            description[member] = value.as_str().into();
        }
    }
    description
}

type Parameters = Result<Query<Vec<(String, String)>>, QueryRejection>;

/// `GET /api/v2/users` (`UserEntityListing` in the API's schema). The users are in the order of their e-mail addresses
/// \[unsure\]; every user is active; parameters that are not simulated have no effect.
async fn list_users(
    State(cloud): State<Arc<Cloud>>,
    caller: Caller,
    parameters: Parameters,
) -> Response {
    match listing(&cloud, parameters) {
        Ok(listing) => Json(listing).into_response(),
        Err(error) => error.response(&caller.call.correlation_id),
    }
}

fn listing(cloud: &Cloud, parameters: Parameters) -> Result<Value, ApiError> {
    let Query(parameters) =
        parameters.map_err(|_| ApiError::BadRequest("The query is not valid."))?;
    let text = |name: &str| {
        let found = parameters.iter().find(|(known, _)| known == name)?;
        Some(found.1.as_str())
    };
    let number = |name: &str, default: usize| {
        text(name).map_or(Ok(default), |text| {
            let number = text.parse().ok().filter(|number| *number > 0);
            number.ok_or(ApiError::BadRequest(
                "The page size and the page number must be positive numbers.",
            ))
        })
    };
    let page_size = number("pageSize", DEFAULT_PAGE_SIZE)?;
    let page_number = number("pageNumber", 1)?;
    if page_size > MAX_PAGE_SIZE {
        return Err(ApiError::BadRequest("The page size must not exceed 100."));
    }
    let users = match text("state").unwrap_or("active") {
        "active" | "any" => cloud.accounts().users.list(),
        "inactive" | "deleted" => Vec::new(),
        _ => return Err(ApiError::BadRequest("The state is not valid.")),
    };

    let total = users.len();
    let page_count = total.div_ceil(page_size);
    let skipped = (page_number - 1).saturating_mul(page_size);
    let on_page = users.iter().skip(skipped).take(page_size);
    let uri = |number: usize| format!("{PATH}?pageSize={page_size}&pageNumber={number}");
    let mut listing = json!({
        "entities": on_page.map(description).collect::<Vec<_>>(),
        "pageSize": page_size,
        "pageNumber": page_number,
        "total": total,
        "pageCount": page_count,
        "firstUri": uri(1),
        "selfUri": uri(page_number),
        "lastUri": uri(page_count.max(1)),
    });
    if page_number < page_count {
        listing["nextUri"] = uri(page_number + 1).into();
    }
    if page_number > 1 {
        listing["previousUri"] = uri(page_number - 1).into();
    }
    Ok(listing)
}

/// `POST /api/v2/users` (`CreateUser` in the API's schema). A real user sets a password from an invitation; this one has
/// a generated password, which an administrator can change.
async fn create_user(
    State(cloud): State<Arc<Cloud>>,
    caller: Caller,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let created = new_user(&headers, body).and_then(|user| {
        let users = &mut cloud.accounts().users;
        if users.len() >= MAX_USERS {
            return Err(ApiError::BadRequest(
                "The simulation can hold no more users.",
            ));
        }
        if users.has_email(&user.username) {
            return Err(ApiError::Conflict);
        }
        let created = description(&user);
        users.add(user).map_err(|_| ApiError::Conflict)?;
        Ok(created)
    });
    match created {
        Ok(created) => Json(created).into_response(),
        Err(error) => error.response(&caller.call.correlation_id),
    }
}

fn new_user(headers: &HeaderMap, body: Result<Bytes, BytesRejection>) -> Result<User, ApiError> {
    let content_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let media_type = content_type.and_then(|value| value.split(';').next());
    if !media_type.is_some_and(|value| value.trim().eq_ignore_ascii_case("application/json")) {
        return Err(ApiError::NotJson);
    }
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::BodyTooLarge,
        _ => ApiError::BadRequest("The request body cannot be read."),
    })?;
    let body: Map<String, Value> = serde_json::from_slice(&body)
        .map_err(|_| ApiError::BadRequest("The request body must be a JSON object."))?;
    let text = |name: &str| match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.chars().nth(MAX_TEXT).is_none() => {
            Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
        }
        Some(_) => Err(ApiError::BadRequest(
            "A member of the request body is not a text, or too long.",
        )),
    };
    let name = text("name")?.ok_or(ApiError::BadRequest("The name is required."))?;
    let email = text("email")?.ok_or(ApiError::BadRequest("The email is required."))?;
    if !is_email(&email) {
        return Err(ApiError::BadRequest("The email is not a valid address."));
    }
    Ok(User {
        name,
        department: text("department")?,
        title: text("title")?,
        ..User::with_generated_password(email)
    })
}

/// Whether this has the form of an e-mail address: a local part, `@` and a domain. The real rules are stricter
/// \[unsure\].
fn is_email(text: &str) -> bool {
    let is_filled = |(local, domain): (&str, &str)| {
        !local.is_empty() && !domain.is_empty() && !domain.contains('@')
    };
    text.split_once('@').is_some_and(is_filled)
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// The id in the path. An id that is not UTF-8 matches no user.
type UserId = Result<Path<String>, PathRejection>;

/// `GET /api/v2/users/{id}`. A deleted user is not found: the parameter `state`, which shows it, is not simulated.
async fn show_user(State(cloud): State<Arc<Cloud>>, caller: Caller, id: UserId) -> Response {
    let found = id
        .ok()
        .and_then(|Path(id)| cloud.accounts().users.with_id(&id));
    match found {
        Some(user) => Json(description(&user)).into_response(),
        None => ApiError::NotFound.response(&caller.call.correlation_id),
    }
}

/// `DELETE /api/v2/users/{id}`. It also revokes the codes and tokens on behalf of the user. Genesys documents an empty
/// JSON object as its response \[unsure\].
async fn delete_user(State(cloud): State<Arc<Cloud>>, caller: Caller, id: UserId) -> Response {
    let mut accounts = cloud.accounts();
    let found = id.ok().and_then(|Path(id)| accounts.users.with_id(&id));
    match found {
        Some(user) => {
            accounts.remove_user(&user.username);
            Json(json!({})).into_response()
        }
        None => ApiError::NotFound.response(&caller.call.correlation_id),
    }
}
