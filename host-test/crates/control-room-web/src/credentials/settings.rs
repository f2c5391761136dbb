//! What a locker is called, whose roles may consume what is in it, and who owns it. For administrators.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::attribute::Done;
use super::locker::locker_at;
use super::messages;
use super::{LOCKER, LOCKERS, REMOVE_LOCKER, SETTINGS, way};
use crate::app::App;
use crate::extract::Query;
use crate::failure::Failure;
use crate::form_components::{At, Removal, ask_removal, choices, ticked};
use crate::forms::{Nothing, Sent};
use crate::layout::{field_error, form_token, page};
use crate::lists::place;
use crate::permissions::Administrator;
use crate::user_session::SignedIn;
use control_room::Name;
use control_room::name::MAX_NAME;
use control_room::vault::{Locker, VaultError};

pub(super) async fn show(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(at): Query<At>,
    Query(done): Query<Done>,
) -> Result<Markup, Failure> {
    let locker = locker_at(&at)?;
    let around = Around {
        notice: done.in_words(user.visitor.language),
        error: None,
    };
    settings_page(&app, &user, &locker, locker.as_str(), around).await
}

/// What is said above, and what is wrong with a new name.
struct Around {
    notice: Option<&'static str>,
    error: Option<&'static str>,
}

async fn whole(app: &App, name: &Name) -> Result<Locker, Failure> {
    let lockers = app.store.vault().lockers().await?;
    let found = lockers.into_iter().find(|locker| locker.name == *name);
    found.ok_or(Failure::NotFound)
}

async fn settings_page(
    app: &App,
    user: &SignedIn,
    locker: &Name,
    typed: &str,
    Around { notice, error }: Around,
) -> Result<Markup, Failure> {
    let frame = user.visitor.frame(app);
    let language = frame.language;
    let Locker { roles, owners, .. } = whole(app, locker).await?;
    let users = app.store.users();
    let all_roles: Vec<Name> = users.roles().await?.into_iter().map(|it| it.name).collect();
    let all_users: Vec<Name> = users.list().await?.into_iter().map(|it| it.name).collect();
    let at = [("at", locker.as_str())];
    let main = html! {
        (way(&frame, &[locker]))
        div.settings {
            h1 { (messages::settings_of(language, locker)) }
            @if let Some(notice) = notice { p.done role="status" { (notice) } }
            section.card {
                h2 { (messages::consumers(language)) }
                @if all_roles.is_empty() { p.hint { (messages::no_roles(language)) } }
                form method="post" action=(place("/credentials/roles", &at)) {
                    (form_token(&frame))
                    (choices(messages::consumers(language), "role", &all_roles, &roles))
                    button.primary #save-roles { (messages::save_consumers(language)) }
                }
            }
            section.card {
                h2 { (messages::owners(language)) }
                form method="post" action=(place("/credentials/owners", &at)) {
                    (form_token(&frame))
                    (choices(messages::owners(language), "owner", &all_users, &owners))
                    button.primary #save-owners { (messages::save_owners(language)) }
                }
            }
            section.card {
                h2 { (messages::rename(language)) }
                form method="post" action=(place(SETTINGS, &at)) {
                    (form_token(&frame))
                    label for="name" { (messages::name(language)) }
                    input #name name="name" value=(typed) required maxlength=(MAX_NAME) autocomplete="off"
                        spellcheck="false" aria-invalid=[error.map(|_| "true")] aria-describedby="name-hint name-error";
                    p.hint #name-hint { (messages::rename_advice(language)) }
                    (field_error("name-error", error))
                    div.row {
                        button #rename { (messages::rename(language)) }
                        a.button #remove href=(place(REMOVE_LOCKER, &at)) { (messages::remove(language)) }
                    }
                }
            }
            p { a href=(place(LOCKER, &at)) { (messages::in_it(language)) } }
        }
    };
    Ok(page(&frame, messages::settings(language), main))
}

#[derive(Deserialize)]
pub(super) struct NewName {
    name: String,
}

pub(super) async fn rename(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(at): Query<At>,
    Sent(NewName { name: typed }): Sent<NewName>,
) -> Result<Response, Failure> {
    let locker = locker_at(&at)?;
    let language = user.visitor.language;
    let error = match typed.parse::<Name>() {
        Ok(name) => match app.store.vault().rename_locker(&locker, &name).await {
            Ok(()) => return Ok(saved(&name).into_response()),
            Err(VaultError::LockerExists(_)) => messages::locker_exists(language),
            Err(other) => return Err(other.into()),
        },
        Err(_) => messages::bad_name(language),
    };
    let around = Around {
        notice: None,
        error: Some(error),
    };
    let page = settings_page(&app, &user, &locker, &typed, around).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// To the settings, which say that they are saved.
fn saved(locker: &Name) -> Redirect {
    let pairs = [("at", locker.as_str()), ("done", "saved")];
    Redirect::to(&place(SETTINGS, &pairs))
}

pub(super) async fn set_roles(
    State(app): State<Arc<App>>,
    _: Administrator,
    Query(at): Query<At>,
    Sent(sent): Sent<Vec<(String, String)>>,
) -> Result<Redirect, Failure> {
    let locker = locker_at(&at)?;
    let roles = ticked(&sent, "role");
    app.store.vault().set_roles(&locker, &roles).await?;
    Ok(saved(&locker))
}

pub(super) async fn set_owners(
    State(app): State<Arc<App>>,
    _: Administrator,
    Query(at): Query<At>,
    Sent(sent): Sent<Vec<(String, String)>>,
) -> Result<Redirect, Failure> {
    let locker = locker_at(&at)?;
    let owners = ticked(&sent, "owner");
    app.store.vault().set_owners(&locker, &owners).await?;
    Ok(saved(&locker))
}

pub(super) async fn ask_remove(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(at): Query<At>,
) -> Result<Markup, Failure> {
    let locker = locker_at(&at)?;
    app.store.vault().locker(&user.principal(), &locker).await?;
    let frame = user.visitor.frame(&app);
    let language = frame.language;
    let removal = Removal {
        question: messages::remove_locker(language, &locker),
        advice: messages::remove_locker_advice(language),
        at: ("at", locker.as_str()),
        remove: REMOVE_LOCKER,
        back: SETTINGS,
    };
    Ok(ask_removal(&frame, &removal))
}

pub(super) async fn remove(
    State(app): State<Arc<App>>,
    _: Administrator,
    Query(at): Query<At>,
    Sent(Nothing {}): Sent<Nothing>,
) -> Result<Redirect, Failure> {
    app.store.vault().remove_locker(&locker_at(&at)?).await?;
    Ok(Redirect::to(LOCKERS))
}
