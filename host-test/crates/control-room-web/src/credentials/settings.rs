//! The settings of a locker: its name, the roles that may use it, and its owners. For administrators.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::attribute::Flash;
use super::messages;
use super::of_locker::{locker_of, nobody_may_use};
use super::{LOCKER, LOCKERS, REMOVE_LOCKER, SETTINGS, breadcrumbs};
use crate::app::App;
use crate::bot_references::used_by;
use crate::extract::Query;
use crate::failure::Failure;
use crate::form_components::{Removal, Subject, ask_removal, checkboxes, checked_names};
use crate::forms::{FormData, NoFields};
use crate::layout::{Frame, field_error, form_token, page};
use crate::lists::url;
use crate::permissions::Administrator;
use crate::user_session::SignedIn;
use control_room::Name;
use control_room::bots::Reference;
use control_room::name::MAX_NAME;
use control_room::vault::{Locker, VaultError};

pub(super) async fn show(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(subject): Query<Subject>,
    Query(done): Query<Flash>,
) -> Result<Markup, Failure> {
    let locker = locker_of(&subject)?;
    let feedback = Feedback {
        notice: done.message(user.session.language),
        error: None,
    };
    settings_page(&app, &user, &locker, None, feedback).await
}

/// The message at the top of the page, and the error of a new name.
struct Feedback {
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
    typed: Option<&str>,
    Feedback { notice, error }: Feedback,
) -> Result<Markup, Failure> {
    let frame = user.session.frame(app);
    let language = frame.language;
    let Locker {
        name: locker,
        owners,
        ..
    } = &whole(app, locker).await?;
    let vault = app.store.vault();
    let view = vault.locker(&user.principal(), locker).await?;
    let users = app.store.users();
    let all_users: Vec<Name> = users.list().await?.into_iter().map(|it| it.name).collect();
    let at = [("at", locker.shown())];
    let main = html! {
        (breadcrumbs(&frame, &[locker]))
        div.settings {
            h1 { (messages::settings_of(language, locker)) }
            @if let Some(notice) = notice { p.done role="status" { (notice) } }
            section.card {
                h2 { (messages::roles_with_access(language)) }
                (nobody_may_use(language, &view))
                (roles_form(app, &frame, locker).await?)
            }
            section.card {
                h2 { (messages::owners(language)) }
                form method="post" action=(url("/credentials/owners", &at)) {
                    (form_token(&frame))
                    (checkboxes(messages::owners(language), "owner", &all_users, owners))
                    button.primary #save-owners { (messages::save_owners(language)) }
                }
            }
            section.card {
                h2 { (messages::rename(language)) }
                form method="post" action=(url(SETTINGS, &at)) {
                    (form_token(&frame))
                    label for="name" { (messages::name(language)) }
                    input #name name="name" value=(typed.unwrap_or(locker.shown())) required maxlength=(MAX_NAME) autocomplete="off"
                        spellcheck="false" aria-invalid=[error.map(|_| "true")] aria-describedby="name-hint name-error";
                    p.hint #name-hint { (messages::rename_advice(language)) }
                    (field_error("name-error", error))
                    div.row {
                        button #rename { (messages::rename(language)) }
                        a.button #remove href=(url(REMOVE_LOCKER, &at)) { (messages::remove(language)) }
                    }
                }
            }
            p { a href=(url(LOCKER, &at)) { (messages::in_it(language)) } }
        }
    };
    Ok(page(&frame, messages::settings(language), main))
}

/// The form with the roles that may use a locker.
pub(super) async fn roles_form(
    app: &App,
    frame: &Frame<'_>,
    locker: &Name,
) -> Result<Markup, Failure> {
    let language = frame.language;
    let roles = whole(app, locker).await?.roles;
    let all = app.store.users().roles().await?;
    let all: Vec<Name> = all.into_iter().map(|it| it.name).collect();
    Ok(html! {
        @if all.is_empty() { p.hint { (messages::no_roles(language)) } }
        form method="post" action=(url("/credentials/roles", &[("at", locker.shown())])) {
            (form_token(frame))
            (checkboxes(messages::roles_with_access(language), "role", &all, &roles))
            button.primary #save-roles { (messages::save_roles(language)) }
        }
    })
}

#[derive(Deserialize)]
pub(super) struct NewName {
    name: String,
}

pub(super) async fn rename(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(subject): Query<Subject>,
    FormData(NewName { name: typed }): FormData<NewName>,
) -> Result<Response, Failure> {
    let locker = locker_of(&subject)?;
    let language = user.session.language;
    let error = match typed.parse::<Name>() {
        Ok(name) => match user.vault(&app).rename_locker(&locker, &name).await {
            Ok(()) => return Ok(saved(&name).into_response()),
            Err(VaultError::LockerExists(_)) => messages::locker_exists(language),
            Err(other) => return Err(other.into()),
        },
        Err(_) => messages::bad_name(language),
    };
    let feedback = Feedback {
        notice: None,
        error: Some(error),
    };
    let page = settings_page(&app, &user, &locker, Some(&typed), feedback).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// Redirects to the settings with the message that they are saved.
fn saved(locker: &Name) -> Redirect {
    let pairs = [("at", locker.shown()), ("done", "saved")];
    Redirect::to(&url(SETTINGS, &pairs))
}

pub(super) async fn set_roles(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(subject): Query<Subject>,
    FormData(fields): FormData<Vec<(String, String)>>,
) -> Result<Redirect, Failure> {
    let locker = locker_of(&subject)?;
    let roles = checked_names(&fields, "role");
    user.vault(&app).set_roles(&locker, &roles).await?;
    Ok(saved(&locker))
}

pub(super) async fn set_owners(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(subject): Query<Subject>,
    FormData(fields): FormData<Vec<(String, String)>>,
) -> Result<Redirect, Failure> {
    let locker = locker_of(&subject)?;
    let owners = checked_names(&fields, "owner");
    user.vault(&app).set_owners(&locker, &owners).await?;
    Ok(saved(&locker))
}

pub(super) async fn ask_remove(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(subject): Query<Subject>,
) -> Result<Markup, Failure> {
    let locker = locker_of(&subject)?;
    let locker = app.store.vault().locker(&user.principal(), &locker).await?;
    let locker = &locker.name;
    let frame = user.session.frame(&app);
    let language = frame.language;
    let reference = Reference::Locker(locker);
    let removal = Removal {
        question: messages::remove_locker(language, locker),
        advice: messages::remove_locker_advice(language),
        at: ("at", locker.shown()),
        remove: REMOVE_LOCKER,
        back: SETTINGS,
        more: used_by(&app, &frame, &user.principal(), reference).await,
    };
    Ok(ask_removal(&frame, &removal))
}

pub(super) async fn remove(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(subject): Query<Subject>,
    FormData(NoFields {}): FormData<NoFields>,
) -> Result<Redirect, Failure> {
    let locker = locker_of(&subject)?;
    user.vault(&app).remove_locker(&locker).await?;
    Ok(Redirect::to(LOCKERS))
}
