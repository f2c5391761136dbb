//! The sign-in of administrators, the sign-out, and the language of the pages.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use super::layout::{field_error, form_token, page};
use super::messages::Language;
use super::session::{Form, PageContext};
use super::{ADMIN_PATH, SIGN_IN, see_other};
use crate::cloud::Cloud;
use crate::rate_limit::RetryAfter;
use crate::user::SignInError;

pub(super) async fn show(mut context: PageContext) -> Response {
    let cookie = context.ensure_session();
    with_cookie(sign_in_page(&context, "", None).into_response(), cookie)
}

fn sign_in_page(context: &PageContext, username: &str, error: Option<&str>) -> Markup {
    let language = context.language;
    let title = language.sign_in_title();
    let main = html! {
        form.card.narrow method="post" action=(SIGN_IN) {
            h1 { (title) }
            p.hint { (language.sign_in_advice()) }
            (form_token(context))
            label for="username" { (language.username()) }
            input #username name="username" value=(username) autocomplete="username" autocapitalize="none"
                spellcheck="false" required autofocus[error.is_none()];
            label for="password" { (language.password()) }
            input #password name="password" type="password" autocomplete="current-password" required
                autofocus[error.is_some()] aria-invalid=[error.map(|_| "true")]
                aria-describedby=[error.map(|_| "notice")];
            (field_error("notice", error))
            div.row { button.primary #sign-in { (language.sign_in()) } }
        }
    };
    page(context, title, main)
}

/// Users without the role of administrator are rejected after their password was verified.
pub(super) async fn sign_in(State(cloud): State<Arc<Cloud>>, mut form: Form) -> Response {
    let (username, password) = (form.field("username"), form.field("password"));
    let result = {
        let now = cloud.now();
        cloud
            .accounts()
            .users
            .sign_in(username, &password.into(), now)
    };
    let language = form.context.language;
    let (status, error) = match result {
        Ok(user) if user.is_admin => {
            let cookie = form.context.start_session(Some(user));
            return with_cookie(see_other(ADMIN_PATH), cookie);
        }
        Ok(_) => (StatusCode::FORBIDDEN, language.not_admin().to_owned()),
        Err(SignInError::WrongPassword) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            language.wrong_password().to_owned(),
        ),
        Err(SignInError::LockedOut(RetryAfter(seconds))) => (
            StatusCode::TOO_MANY_REQUESTS,
            language.locked_out(&seconds.to_string()),
        ),
    };
    let page = sign_in_page(&form.context, username, Some(&error));
    (status, page).into_response()
}

pub(super) async fn sign_out(mut form: Form) -> Response {
    form.context.end_session();
    see_other(SIGN_IN)
}

pub(super) async fn change_language(form: Form) -> Response {
    let Some(language) = Language::from_code(form.field("language")) else {
        return form.context.malformed();
    };
    let path = form.field("path");
    let is_ours = path.starts_with("/admin/")
        && path
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let next = if is_ours { path } else { ADMIN_PATH };
    with_cookie(see_other(next), form.context.language_cookie(language))
}

fn with_cookie(mut response: Response, cookie: Option<HeaderValue>) -> Response {
    if let Some(cookie) = cookie {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}
