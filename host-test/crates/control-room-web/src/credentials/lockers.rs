//! The list of the lockers that the user may see.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use super::messages;
use super::{LOCKER, LOCKERS, USES};
use crate::app::App;
use crate::extract::Query;
use crate::failure::Failure;
use crate::form_components::{NameErrors, NameForm, create_bar};
use crate::forms::FormData;
use crate::layout::{Frame, page};
use crate::lists::{ListQuery, PAGE_SIZE, empty_list, search_form, url};
use crate::permissions::Administrator;
use crate::user_session::SignedIn;
use control_room::vault::{LockerView, VaultError};

pub(super) async fn list(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(query): Query<ListQuery>,
) -> Result<Markup, Failure> {
    list_page(
        &app,
        &user,
        query,
        &NameForm::default(),
        &NameErrors::default(),
    )
    .await
}

async fn list_page(
    app: &App,
    user: &SignedIn,
    mut query: ListQuery,
    typed: &NameForm,
    errors: &NameErrors,
) -> Result<Markup, Failure> {
    let frame = user.session.frame(app);
    let language = frame.language;
    let (vault, principal) = (app.store.vault(), user.principal());
    let search = query.search();
    let found = loop {
        let offset = query.offset();
        let some = vault
            .lockers_page(&principal, &search, offset, PAGE_SIZE)
            .await?;
        if let Some(found) = query.page_of(some.items, some.total) {
            break found;
        }
    };
    let no_lockers = if principal.is_administrator() {
        messages::no_lockers(language)
    } else {
        messages::no_lockers_for_you(language)
    };
    let main = html! {
        div.bar {
            h1 { (messages::lockers(language)) }
            (search_form(&frame, messages::search_lockers(language), LOCKERS, &[], &search))
            a.button #uses href=(USES) { (messages::uses(language)) }
        }
        @if principal.is_administrator() {
            (create_bar(
                &frame,
                LOCKERS,
                messages::new_locker_name(language),
                messages::new_locker(language),
                typed,
                errors,
            ))
        }
        @if !found.rows.is_empty() {
            (table(&frame, &found.rows, principal.is_administrator()))
            (found.paging(&frame, LOCKERS, &[]))
        } @else {
            (empty_list(language, &search, no_lockers))
        }
    };
    Ok(page(&frame, messages::lockers(language), main))
}

fn table(frame: &Frame<'_>, lockers: &[LockerView], administrator: bool) -> Markup {
    let language = frame.language;
    html! {
        table.bots {
            thead {
                tr {
                    th scope="col" { (messages::locker(language)) }
                    th scope="col" { (messages::in_it(language)) }
                    th scope="col" { (messages::you_may(language)) }
                }
            }
            tbody {
                @for locker in lockers {
                    tr {
                        th scope="row" {
                            a href=(url(LOCKER, &[("at", locker.name.shown())])) { (locker.name) }
                            @if !locker.description.is_empty() { p.soft { (locker.description) } }
                        }
                        td.when { span.unit { (messages::in_it(language)) ": " } (locker.credentials) }
                        td.rights {
                            @if administrator { span.tag { (messages::manage(language)) } }
                            @if locker.owns { span.tag { (messages::own(language)) } }
                            @if locker.may_use { span.tag { (messages::use_in_bots(language)) } }
                            @if !locker.has_users { span.sign { (messages::nobody_uses(language)) } }
                        }
                    }
                }
            }
        }
    }
}

pub(super) async fn create(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    FormData(typed): FormData<NameForm>,
) -> Result<Response, Failure> {
    let frame = user.session.frame(&app);
    let errors = match typed.read(&frame) {
        Ok((name, description)) => {
            match user.vault(&app).create_locker(&name, &description).await {
                // No role may use it yet: the settings come next.
                Ok(()) => {
                    let next = url(super::SETTINGS, &[("at", name.shown())]);
                    return Ok(Redirect::to(&next).into_response());
                }
                Err(VaultError::LockerExists(_)) => NameErrors {
                    name: Some(messages::locker_exists(frame.language).into()),
                    ..NameErrors::default()
                },
                Err(other) => return Err(other.into()),
            }
        }
        Err(errors) => errors,
    };
    let page = list_page(&app, &user, ListQuery::all(), &typed, &errors).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}
