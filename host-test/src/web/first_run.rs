//! The first run: whoever has the link that `serve` prints makes the first user. Nobody else can get ahead of
//! them, and it works until somebody can sign in.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::html;
use secrecy::SecretString;
use serde::Deserialize;

use super::app::App;
use super::asked::Query;
use super::failure::Failure;
use super::forms::{Sent, secret};
use super::layout::{Frame, field_error, form_token, page};
use super::sign_in::enter;
use super::token::Token;
use super::visitor::Visitor;
use crate::control_room::Name;
use crate::control_room::passwords::{MAX_PASSWORD, MIN_PASSWORD, PasswordError};

pub(super) const PATH: &str = "/first-run";

/// The token of the link.
pub(super) struct FirstRun(Token);

impl FirstRun {
    /// # Panics
    ///
    /// As [`Token::random`].
    pub(super) fn new() -> FirstRun {
        FirstRun(Token::random())
    }

    /// The link, of which `base` is the beginning.
    pub(super) fn url(&self, base: &str) -> SecretString {
        let base = base.trim_end_matches('/');
        format!("{base}{PATH}?link={}", self.0.expose()).into()
    }
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

/// What is wrong with what was entered.
#[derive(Default)]
struct Wrong {
    name: Option<String>,
    password: Option<String>,
    again: Option<String>,
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Query(Link { link }): Query<Link>,
) -> Result<Response, Failure> {
    check(&app, &link).await?;
    Ok(form(&visitor.frame(&app), &link, "", &Wrong::default()))
}

/// Whoever has no right link does not learn whether there could be one.
async fn check(app: &App, link: &str) -> Result<(), Failure> {
    match app.first_run.0.is(link) && !app.store.passwords().any().await? {
        true => Ok(()),
        false => Err(Failure::NotFound),
    }
}

pub(super) async fn make(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Sent(new): Sent<NewUser>,
) -> Result<Response, Failure> {
    check(&app, &new.link).await?;
    let texts = visitor.texts();
    let mut wrong = Wrong::default();
    let name = new.name.parse::<Name>();
    if name.is_err() {
        wrong.name = Some(texts.bad_name.into());
    }
    if !same(&new.password, &new.again) {
        wrong.again = Some(texts.passwords_differ.into());
    }
    if let (Ok(name), None) = (&name, &wrong.again) {
        match app
            .store
            .passwords()
            .make_first_user(name, &new.password)
            .await
        {
            Ok(account) => return Ok(enter(&app, &visitor, &account)),
            Err(PasswordError::TooShort) => {
                wrong.password = Some(
                    texts
                        .password_too_short
                        .replace("{n}", &MIN_PASSWORD.to_string()),
                );
            }
            Err(PasswordError::TooLong) => {
                wrong.password = Some(
                    texts
                        .password_too_long
                        .replace("{n}", &MAX_PASSWORD.to_string()),
                );
            }
            Err(PasswordError::NotFirst) => return Err(Failure::NotFound),
            Err(other) => return Err(other.into()),
        }
    }
    let form = form(&visitor.frame(&app), &new.link, &new.name, &wrong);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, form).into_response())
}

fn same(one: &SecretString, other: &SecretString) -> bool {
    use secrecy::ExposeSecret;
    one.expose_secret() == other.expose_secret()
}

fn form(frame: &Frame<'_>, link: &str, name: &str, wrong: &Wrong) -> Response {
    let texts = frame.language.texts();
    let hint = texts
        .password_hint
        .replace("{n}", &MIN_PASSWORD.to_string());
    let main = html! {
        div.narrow.card {
            h1 { (texts.first_run) }
            p.soft { (texts.first_run_advice) }
            form method="post" action=(PATH) {
                (form_token(frame))
                input type="hidden" name="link" value=(link);
                label for="name" { (texts.user_name) }
                input #name name="name" value=(name) autocomplete="username" autocapitalize="none"
                    spellcheck="false" required maxlength="50" autofocus[wrong.password.is_none() && wrong.again.is_none()]
                    aria-invalid=[wrong.name.as_ref().map(|_| "true")]
                    aria-describedby=[wrong.name.as_ref().map(|_| "name-error")];
                (field_error("name-error", wrong.name.as_deref()))
                label for="password" { (texts.password) }
                input #password name="password" type="password" autocomplete="new-password" required
                    autofocus[wrong.password.is_some()]
                    aria-invalid=[wrong.password.as_ref().map(|_| "true")]
                    aria-describedby="password-hint password-error";
                p.hint #password-hint { (hint) }
                (field_error("password-error", wrong.password.as_deref()))
                label for="again" { (texts.password_again) }
                input #again name="again" type="password" autocomplete="new-password" required
                    autofocus[wrong.again.is_some()]
                    aria-invalid=[wrong.again.as_ref().map(|_| "true")]
                    aria-describedby=[wrong.again.as_ref().map(|_| "again-error")];
                (field_error("again-error", wrong.again.as_deref()))
                button.primary #make { (texts.make_first_user) }
            }
        }
    };
    page(frame, texts.first_run, main).into_response()
}
