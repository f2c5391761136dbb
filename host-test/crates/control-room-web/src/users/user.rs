//! A user: the roles that they have, a new password, and the way to their removal.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use secrecy::SecretString;
use serde::Deserialize;

use super::messages;
use super::{PASSWORD, REMOVE, ROLES, ROLES_OF_USER, USER, at, name_at, way};
use crate::app::App;
use crate::extract::Query;
use crate::failure::Failure;
use crate::form_components::{At, described_choices, ticked};
use crate::forms::{Sent, secret};
use crate::layout::{field_error, form_token, page};
use crate::lists::place;
use crate::new_password::{WrongPassword, password_fields};
use crate::permissions::Administrator;
use crate::user_session::SignedIn;
use bot_engine::Language;
use control_room::Name;
use control_room::users::UserError;

/// What was done just now, in an address.
#[derive(Deserialize)]
pub(super) struct Just {
    #[serde(default)]
    done: String,
}

impl Just {
    fn in_words(&self, language: Language) -> Option<&'static str> {
        match self.done.as_str() {
            "made" => Some(messages::made(language)),
            "roles" => Some(messages::roles_saved(language)),
            "password" => Some(messages::password_set(language)),
            _ => None,
        }
    }
}

/// What the page says beside what is stored.
#[derive(Default)]
pub(super) struct Told<'a> {
    pub(super) done: Option<&'a str>,
    /// The roles that were ticked, and why they are not given.
    pub(super) roles: Option<(&'a [Name], &'a str)>,
    pub(super) password: WrongPassword,
    pub(super) not_removed: Option<&'a str>,
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(at): Query<At>,
    Query(just): Query<Just>,
) -> Result<Markup, Failure> {
    let told = Told {
        done: just.in_words(user.visitor.language),
        ..Told::default()
    };
    user_page(&app, &user, &name_at(&at)?, told).await
}

pub(super) async fn user_page(
    app: &App,
    administrator: &SignedIn,
    name: &Name,
    told: Told<'_>,
) -> Result<Markup, Failure> {
    let frame = administrator.visitor.frame(app);
    let language = frame.language;
    let users = app.store.users();
    let user = users.get(name).await?;
    let all: Vec<Name> = users.roles().await?.into_iter().map(|it| it.name).collect();
    let (checked, error) = match told.roles {
        Some((ticked, error)) => (ticked, Some(error)),
        None => (user.roles.as_slice(), None),
    };
    let oneself = administrator.account.name == *name;
    let main = html! {
        (way(&frame, &[], name.as_str()))
        div.settings {
            h1 { (name) }
            @if let Some(done) = told.done { p.done role="status" { (done) } }
            @if !user.can_sign_in { p.notice #no-password { (messages::no_password_advice(language)) } }
            section.card {
                h2 { (messages::roles(language)) }
                p.hint #roles-hint {
                    (if oneself { messages::own_roles(language) } else { messages::roles_hint(language) })
                    @if all.is_empty() { " " a href=(ROLES) { (messages::no_roles(language)) } }
                }
                form method="post" action=(at(ROLES_OF_USER, name)) {
                    (form_token(&frame))
                    (described_choices(messages::roles(language), "role", &all, checked, "roles-hint roles-error"))
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
                form method="post" action=(at(PASSWORD, name)) {
                    (form_token(&frame))
                    (password_fields(&frame, messages::new_password(language), &told.password))
                    button.primary #set-password { (messages::set_password(language)) }
                }
            }
            section.card {
                h2 { (messages::remove_heading(language)) }
                @if oneself {
                    p.hint { (messages::not_oneself(language)) }
                } @else {
                    p.hint { (messages::remove_hint(language)) }
                    div.row.acts { a.button #remove href=(at(REMOVE, name)) { (messages::remove(language)) } }
                }
                (field_error("remove-error", told.not_removed))
            }
        }
    };
    Ok(page(&frame, name.as_str(), main))
}

/// Back to the page, which says what was done.
fn done(name: &Name, what: &str) -> Response {
    Redirect::to(&place(USER, &[("at", name.as_str()), ("done", what)])).into_response()
}

pub(super) async fn set_roles(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(at): Query<At>,
    Sent(sent): Sent<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let (name, wanted) = (name_at(&at)?, ticked(&sent, "role"));
    let language = user.visitor.language;
    let users = app.store.users();
    let error = match users.set_roles(&user.principal(), &name, &wanted).await {
        Ok(()) => return Ok(done(&name, "roles")),
        Err(UserError::Oneself) => messages::own_administrator(language),
        // Somebody has removed it while the page was open.
        Err(UserError::NoRole(_)) => messages::role_gone(language),
        Err(other) => return Err(other.into()),
    };
    let told = Told {
        roles: Some((&wanted, error)),
        ..Told::default()
    };
    let page = user_page(&app, &user, &name, told).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

#[derive(Deserialize)]
pub(super) struct NewPassword {
    #[serde(deserialize_with = "secret")]
    password: SecretString,
    #[serde(deserialize_with = "secret")]
    again: SecretString,
}

/// Sessions that began with another password end by that.
pub(super) async fn set_password(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(at): Query<At>,
    Sent(new): Sent<NewPassword>,
) -> Result<Response, Failure> {
    let name = name_at(&at)?;
    let password = WrongPassword::of(&new.password, &new.again, user.visitor.language);
    if password.is_nothing() {
        let (passwords, by) = (app.store.passwords(), user.principal());
        passwords.set(&by, &name, &new.password).await?;
        return Ok(done(&name, "password"));
    }
    let told = Told {
        password,
        ..Told::default()
    };
    let page = user_page(&app, &user, &name, told).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}
