//! The page of a user: roles, a new password, and a link to the removal.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use secrecy::SecretString;
use serde::Deserialize;

use super::messages;
use super::{PASSWORD, REMOVE, ROLES, ROLES_OF_USER, USER, breadcrumbs, link, name_of};
use crate::app::App;
use crate::extract::Query;
use crate::failure::Failure;
use crate::form_components::{Subject, checked_names, described_checkboxes};
use crate::forms::{FormData, secret};
use crate::layout::{field_error, form_token, page};
use crate::lists::url;
use crate::new_password::{PasswordErrors, password_fields};
use crate::permissions::Administrator;
use crate::user_session::SignedIn;
use bot_engine::Language;
use control_room::Name;
use control_room::users::UserError;

/// A flash message: what was just done, in the query.
#[derive(Deserialize)]
pub(super) struct Flash {
    #[serde(default)]
    done: String,
}

impl Flash {
    fn message(&self, language: Language) -> Option<&'static str> {
        match self.done.as_str() {
            "made" => Some(messages::made(language)),
            "roles" => Some(messages::roles_saved(language)),
            "password" => Some(messages::password_set(language)),
            _ => None,
        }
    }
}

/// The messages of the page.
#[derive(Default)]
pub(super) struct Feedback<'a> {
    pub(super) done: Option<&'a str>,
    /// The roles that were checked, and why they were not saved.
    pub(super) roles: Option<(&'a [Name], &'a str)>,
    pub(super) password: PasswordErrors,
    pub(super) not_removed: Option<&'a str>,
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(subject): Query<Subject>,
    Query(flash): Query<Flash>,
) -> Result<Markup, Failure> {
    let feedback = Feedback {
        done: flash.message(user.session.language),
        ..Feedback::default()
    };
    user_page(&app, &user, &name_of(&subject)?, feedback).await
}

pub(super) async fn user_page(
    app: &App,
    administrator: &SignedIn,
    name: &Name,
    feedback: Feedback<'_>,
) -> Result<Markup, Failure> {
    let frame = administrator.session.frame(app);
    let language = frame.language;
    let users = app.store.users();
    let user = users.get(name).await?;
    let name = &user.name;
    let all: Vec<Name> = users.roles().await?.into_iter().map(|it| it.name).collect();
    let (checked, error) = match feedback.roles {
        Some((ticked, error)) => (ticked, Some(error)),
        None => (user.roles.as_slice(), None),
    };
    let oneself = administrator.account.name == *name;
    let main = html! {
        (breadcrumbs(&frame, &[], name.shown()))
        div.settings {
            h1 { (name) }
            @if let Some(done) = feedback.done { p.done role="status" { (done) } }
            @if !user.can_sign_in { p.notice #no-password { (messages::no_password_advice(language)) } }
            section.card {
                h2 { (messages::roles(language)) }
                p.hint #roles-hint {
                    (if oneself { messages::own_roles(language) } else { messages::roles_hint(language) })
                    @if all.is_empty() { " " a href=(ROLES) { (messages::no_roles(language)) } }
                }
                form method="post" action=(link(ROLES_OF_USER, name)) {
                    (form_token(&frame))
                    (described_checkboxes(messages::roles(language), "role", &all, checked, "roles-hint roles-error"))
                    (field_error("roles-error", error))
                    button.primary #save-roles { (messages::save_roles(language)) }
                }
            }
            section.card {
                h2 { (messages::new_password(language)) }
                p.hint {
                    @if oneself { (messages::own_password_hint(language)) }
                    @else { (messages::new_password_hint(language)) }
                }
                form method="post" action=(link(PASSWORD, name)) {
                    (form_token(&frame))
                    (password_fields(&frame, messages::new_password(language), &feedback.password))
                    button.primary #set-password { (messages::set_password(language)) }
                }
            }
            section.card {
                h2 { (messages::remove_heading(language)) }
                @if oneself {
                    p.hint { (messages::not_oneself(language)) }
                } @else {
                    p.hint { (messages::remove_hint(language)) }
                    div.row.acts { a.button #remove href=(link(REMOVE, name)) { (messages::remove(language)) } }
                }
                (field_error("remove-error", feedback.not_removed))
            }
        }
    };
    Ok(page(&frame, name.shown(), main))
}

/// Redirects to the page with a message of what was done.
fn done(name: &Name, what: &str) -> Response {
    Redirect::to(&url(USER, &[("at", name.shown()), ("done", what)])).into_response()
}

pub(super) async fn set_roles(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(subject): Query<Subject>,
    FormData(fields): FormData<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let (name, wanted) = (name_of(&subject)?, checked_names(&fields, "role"));
    let language = user.session.language;
    let users = app.store.users();
    let error = match users.set_roles(&user.principal(), &name, &wanted).await {
        Ok(()) => return Ok(done(&name, "roles")),
        Err(UserError::OwnAdministratorRole) => messages::own_administrator(language),
        // The role was removed while the page was open.
        Err(UserError::NoRole(_)) => messages::role_gone(language),
        Err(other) => return Err(other.into()),
    };
    let feedback = Feedback {
        roles: Some((&wanted, error)),
        ..Feedback::default()
    };
    let page = user_page(&app, &user, &name, feedback).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

#[derive(Deserialize)]
pub(super) struct NewPassword {
    #[serde(deserialize_with = "secret")]
    password: SecretString,
    #[serde(deserialize_with = "secret")]
    again: SecretString,
}

/// Sets a password, which ends the user's sessions.
pub(super) async fn set_password(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(subject): Query<Subject>,
    FormData(new): FormData<NewPassword>,
) -> Result<Response, Failure> {
    let name = name_of(&subject)?;
    let password = PasswordErrors::of(&new.password, &new.again, user.session.language);
    if password.is_empty() {
        let (passwords, by) = (app.store.passwords(), user.principal());
        passwords.set(&by, &name, &new.password).await?;
        return Ok(done(&name, "password"));
    }
    let feedback = Feedback {
        password,
        ..Feedback::default()
    };
    let page = user_page(&app, &user, &name, feedback).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}
