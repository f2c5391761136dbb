//! The first run: the link that `serve` prints creates the first user. Its token is secret, and it works until a user
//! can sign in.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use maud::html;
use secrecy::SecretString;
use serde::Deserialize;

use super::app::App;
use super::extract::Query;
use super::failure::Failure;
use super::failure::START;
use super::forms::{FormData, secret};
use super::layout::{Frame, field_error, form_token, page};
use super::messages;
use super::new_password::{PasswordErrors, password_fields};
use super::sign_in::start_session;
use super::token::Token;
use super::user_session::UserSession;
use control_room::Name;
use control_room::name::MAX_NAME;
use control_room::passwords::PasswordError;

pub(super) const PATH: &str = "/first-run";

/// The link with its secret token, below the URL `base`.
pub(super) fn url(token: &Token, base: &str) -> SecretString {
    let base = base.trim_end_matches('/');
    format!("{base}{PATH}?link={}", token.expose()).into()
}

#[derive(Deserialize)]
pub(super) struct Link {
    #[serde(default)]
    link: String,
}

#[derive(Deserialize)]
pub(super) struct NewUser {
    link: String,
    name: String,
    #[serde(deserialize_with = "secret")]
    password: SecretString,
    #[serde(deserialize_with = "secret")]
    again: SecretString,
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    session: UserSession,
    Query(Link { link }): Query<Link>,
) -> Result<Response, Failure> {
    if app.store.passwords().is_set_up().await? {
        return Ok(to_sign_in());
    }
    check(&app, &link)?;
    let errors = PasswordErrors::default();
    Ok(form(&session.frame(&app), &link, "", None, &errors))
}

/// The first user exists, so the link leads to the sign-in page. That page tells everybody as much, so the redirect
/// reveals nothing.
fn to_sign_in() -> Response {
    Redirect::to("/sign-in").into_response()
}

fn check(app: &App, link: &str) -> Result<(), Failure> {
    if app.first_run_token.is(link) {
        Ok(())
    } else {
        Err(Failure::NotFound)
    }
}

pub(super) async fn create(
    State(app): State<Arc<App>>,
    session: UserSession,
    headers: HeaderMap,
    FormData(new): FormData<NewUser>,
) -> Result<Response, Failure> {
    if app.store.passwords().is_set_up().await? {
        return Ok(to_sign_in());
    }
    check(&app, &new.link)?;
    let language = session.language;
    let errors = PasswordErrors::of(&new.password, &new.again, language);
    let name = new.name.parse::<Name>();
    if let (Ok(name), true) = (&name, errors.is_empty()) {
        let passwords = app.store.passwords();
        return match passwords.create_first_user(name, &new.password).await {
            Ok(account) => Ok(start_session(&app, &session, &headers, &account, START)),
            Err(PasswordError::NotFirst) => Ok(to_sign_in()),
            Err(other) => Err(other.into()),
        };
    }
    let error = name.err().map(|_| messages::bad_name(language));
    let form = form(&session.frame(&app), &new.link, &new.name, error, &errors);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, form).into_response())
}

fn form(
    frame: &Frame<'_>,
    link: &str,
    name: &str,
    error: Option<&str>,
    errors: &PasswordErrors,
) -> Response {
    let language = frame.language;
    let main = html! {
        div.narrow.card {
            h1 { (messages::first_run(language)) }
            p.soft { (messages::first_run_advice(language)) }
            form method="post" action=(PATH) {
                (form_token(frame))
                input type="hidden" name="link" value=(link);
                label for="name" { (messages::user_name(language)) }
                input #name name="name" value=(name) autocomplete="username" autocapitalize="none"
                    spellcheck="false" required maxlength=(MAX_NAME) autofocus[error.is_some() || errors.is_empty()]
                    aria-invalid=[error.map(|_| "true")] aria-describedby=[error.map(|_| "name-error")];
                (field_error("name-error", error))
                (password_fields(frame, messages::password(language), errors))
                button.primary #make { (messages::create_first_user(language)) }
            }
        }
    };
    page(frame, messages::first_run(language), main).into_response()
}
