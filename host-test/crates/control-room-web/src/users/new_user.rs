//! The form that creates a user with a password. The roles come next, on the user's page.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use secrecy::SecretString;
use serde::Deserialize;

use super::messages;
use super::{NEW, USER, USERS, breadcrumbs};
use crate::app::App;
use crate::failure::Failure;
use crate::forms::{FormData, secret};
use crate::layout::{field_error, form_token, page};
use crate::lists::url;
use crate::new_password::{PasswordErrors, password_fields};
use crate::permissions::Administrator;
use crate::user_session::SignedIn;
use control_room::Name;
use control_room::name::MAX_NAME;
use control_room::passwords::PasswordError;
use control_room::users::UserError;

#[derive(Deserialize)]
pub(super) struct NewUser {
    name: String,
    #[serde(deserialize_with = "secret")]
    password: SecretString,
    #[serde(deserialize_with = "secret")]
    again: SecretString,
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
) -> Markup {
    form(&app, &user, "", None, &PasswordErrors::default())
}

fn form(
    app: &App,
    user: &SignedIn,
    typed: &str,
    error: Option<&str>,
    errors: &PasswordErrors,
) -> Markup {
    let frame = user.session.frame(app);
    let language = frame.language;
    let main = html! {
        (breadcrumbs(&frame, &[], messages::new_user(language)))
        div.settings {
            h1 { (messages::new_user(language)) }
            section.card {
                form method="post" action=(NEW) {
                    (form_token(&frame))
                    label for="name" { (messages::user_name(language)) }
                    input #name name="name" value=(typed) autocomplete="off" autocapitalize="none" spellcheck="false"
                        required maxlength=(MAX_NAME) autofocus[error.is_some() || errors.is_empty()]
                        aria-invalid=[error.map(|_| "true")] aria-describedby=[error.map(|_| "name-error")];
                    (field_error("name-error", error))
                    (password_fields(&frame, messages::password(language), errors))
                    div.row {
                        button.primary #make { (messages::new_user(language)) }
                        a.button href=(USERS) { (messages::cancel(language)) }
                    }
                }
            }
        }
    };
    page(&frame, messages::new_user(language), main)
}

pub(super) async fn create(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    FormData(new): FormData<NewUser>,
) -> Result<Response, Failure> {
    let language = user.session.language;
    let errors = PasswordErrors::of(&new.password, &new.again, language);
    let error = match new.name.parse::<Name>() {
        Err(_) => Some(messages::bad_name(language)),
        // A taken name is reported together with the other errors.
        Ok(name) if !errors.is_empty() => match app.store.users().get(&name).await {
            Ok(_) => Some(messages::user_exists(language)),
            Err(UserError::NoUser(_)) => None,
            Err(other) => return Err(other.into()),
        },
        Ok(name) => {
            let (passwords, by) = (app.store.passwords(), user.principal());
            match passwords.create_user(&by, &name, &new.password).await {
                Ok(()) => {
                    let next = url(USER, &[("at", name.shown()), ("done", "made")]);
                    return Ok(Redirect::to(&next).into_response());
                }
                Err(PasswordError::User(UserError::UserExists(_))) => {
                    Some(messages::user_exists(language))
                }
                Err(other) => return Err(other.into()),
            }
        }
    };
    let page = form(&app, &user, &new.name, error, &errors);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}
