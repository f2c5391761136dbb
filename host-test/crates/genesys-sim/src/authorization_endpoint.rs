//! The authorization endpoint at `login.<domain>` (RFC 6749, section 3.1), and the sign-in form that it shows.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use secrecy::{ExposeSecret, SecretString};

use super::authorization_request::{AuthorizationError, AuthorizationRequest};
use super::call::Call;
use super::cloud::Cloud;
use super::pending_sign_ins::Browser;
use super::rate_limit::RetryAfter;
use super::sign_in_page::{SignInPage, error_page};
use super::token_request::{is_form, parameters};
use super::user::SignInError;

pub(super) fn routes() -> Router<Arc<Cloud>> {
    Router::new()
        .route("/oauth/authorize", get(authorize))
        .route("/oauth/sign-in", post(sign_in))
}

/// `GET /oauth/authorize`: the sign-in page, or an error. There is no single sign-on: each request asks for the
/// password.
async fn authorize(
    State(cloud): State<Arc<Cloud>>,
    Extension(call): Extension<Call>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let now = cloud.now();
    let mut accounts = cloud.accounts();
    let query = query.unwrap_or_default();
    let find = |id: &str| accounts.clients.find(id, call.region);
    let request = match AuthorizationRequest::parse(&query, find) {
        Ok(request) => request,
        Err(error) => return error.into_response(),
    };
    let (client, redirect) = (Arc::clone(&request.client), request.redirect.clone());
    let browser = browser_from(&headers).unwrap_or_else(Browser::new);
    // A gateway is served over plain HTTP, Genesys' hosts over TLS.
    let cookie = browser.cookie(call.region.is_some());
    let token = accounts.sign_ins.start(request, browser, now);
    let page = SignInPage {
        app_name: &client.app_name,
        sign_in: &token,
        redirect_uri: &redirect.redirect_uri,
        username: "",
        notice: None,
    };
    let mut response = page.response(StatusCode::OK);
    if let Ok(mut cookie) = HeaderValue::try_from(cookie.expose_secret()) {
        cookie.set_sensitive(true);
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}

/// `POST /oauth/sign-in`: the form of the page. It redirects to the client, or shows the page again.
async fn sign_in(
    State(cloud): State<Arc<Cloud>>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(form) = Form::parse(&headers, &body) else {
        return error_page(StatusCode::BAD_REQUEST, "The form is not valid.");
    };
    let now = cloud.now();
    let mut accounts = cloud.accounts();
    let pending = browser_from(&headers)
        .and_then(|browser| accounts.sign_ins.find(&form.sign_in, &browser, now));
    let Some(request) = pending else {
        return error_page(
            StatusCode::BAD_REQUEST,
            "This sign-in has ended, or was started in another browser. Start again from the \
             application that you came from.",
        );
    };
    let redirect = &request.redirect;
    // An administrator may have changed the client since the page was shown.
    let client = accounts.clients.find(&request.client.id, call.region);
    let Some(client) =
        client.filter(|client| client.redirect_uris.contains(&redirect.redirect_uri))
    else {
        accounts.sign_ins.remove(&form.sign_in, now);
        return error_page(StatusCode::BAD_REQUEST, "This OAuth client does not exist.");
    };
    if !client.enabled {
        accounts.sign_ins.remove(&form.sign_in, now);
        return see_other(redirect.with_error("unauthorized_client", "the client is disabled"));
    }
    if form.is_refused {
        accounts.sign_ins.remove(&form.sign_in, now);
        return see_other(redirect.with_error("access_denied", "the user denied access"));
    }
    let again = |status, notice: &str| {
        SignInPage {
            app_name: &client.app_name,
            sign_in: &form.sign_in_token(),
            redirect_uri: &redirect.redirect_uri,
            username: &form.username,
            notice: Some(notice),
        }
        .response(status)
    };
    let sample = form.is_sample.then(|| accounts.users.sample()).flatten();
    let signed_in = match sample {
        Some(user) => Ok(user),
        None => accounts.users.sign_in(&form.username, &form.password, now),
    };
    let user = match signed_in {
        Ok(user) => user,
        Err(SignInError::WrongPassword) => {
            return again(StatusCode::OK, "The username or the password is not right.");
        }
        Err(SignInError::LockedOut(RetryAfter(seconds))) => {
            let notice = format!("Too many wrong passwords. Try again in {seconds} seconds.");
            return again(StatusCode::TOO_MANY_REQUESTS, &notice);
        }
    };
    accounts.sign_ins.remove(&form.sign_in, now);
    let challenge = request.challenge.clone();
    let codes = &mut accounts.codes;
    let code = codes.issue(&client, user, &redirect.redirect_uri, challenge, now);
    see_other(redirect.with_code(&code))
}

/// The fields of the sign-in form.
struct Form {
    sign_in: String,
    username: String,
    password: SecretString,
    is_refused: bool,
    /// Whether to sign in as the sample person, without a password.
    is_sample: bool,
}

impl Form {
    fn parse(headers: &HeaderMap, body: &[u8]) -> Option<Self> {
        let content_type = headers.get(CONTENT_TYPE)?.to_str().ok()?;
        if !is_form(content_type) {
            return None;
        }
        let mut fields = parameters(body).ok()?;
        let choice = fields.remove("choice").unwrap_or_default();
        Some(Self {
            sign_in: fields.remove("sign-in")?,
            username: fields.remove("username").unwrap_or_default(),
            password: fields.remove("password").unwrap_or_default().into(),
            is_refused: choice == "refuse",
            is_sample: choice == "sample",
        })
    }

    fn sign_in_token(&self) -> SecretString {
        self.sign_in.clone().into()
    }
}

fn browser_from(headers: &HeaderMap) -> Option<Browser> {
    let cookies = headers.get_all(COOKIE).iter();
    Browser::from_cookies(cookies.filter_map(|header| header.to_str().ok()))
}

fn see_other(location: HeaderValue) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
}

impl IntoResponse for AuthorizationError {
    fn into_response(self) -> Response {
        match self {
            Self::Page(reason) => error_page(StatusCode::BAD_REQUEST, reason),
            Self::Redirect(redirect, error, description) => {
                see_other(redirect.with_error(error, description))
            }
        }
    }
}
