//! The list of lockers that somebody sees.

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
use crate::form_components::{Named, NamedWrong, create_bar};
use crate::forms::Sent;
use crate::layout::{Frame, page};
use crate::lists::{Asked, SHOWN, empty_list, place, search_form};
use crate::permissions::Administrator;
use crate::user_session::SignedIn;
use control_room::vault::{LockerView, VaultError};

pub(super) async fn list(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Markup, Failure> {
    list_page(
        &app,
        &user,
        asked,
        &Named::default(),
        &NamedWrong::default(),
    )
    .await
}

async fn list_page(
    app: &App,
    user: &SignedIn,
    mut asked: Asked,
    typed: &Named,
    wrong: &NamedWrong,
) -> Result<Markup, Failure> {
    let frame = user.visitor.frame(app);
    let language = frame.language;
    let (vault, principal) = (app.store.vault(), user.principal());
    let search = asked.search();
    let found = loop {
        let offset = asked.offset();
        let some = vault
            .lockers_page(&principal, &search, offset, SHOWN)
            .await?;
        if let Some(found) = asked.found(some.items, some.total) {
            break found;
        }
    };
    let no_lockers = match principal.is_administrator() {
        true => messages::no_lockers(language),
        false => messages::no_lockers_for_you(language),
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
                wrong,
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
                            a href=(place(LOCKER, &[("at", locker.name.as_str())])) { (locker.name) }
                            @if !locker.description.is_empty() { p.soft { (locker.description) } }
                        }
                        td.when { (locker.credentials) span.unit { " " (messages::in_it(language)) } }
                        td.rights {
                            @if administrator { span.tag { (messages::manage(language)) } }
                            @if locker.owns { span.tag { (messages::own(language)) } }
                            @if locker.consumes { span.tag { (messages::consume(language)) } }
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
    Sent(typed): Sent<Named>,
) -> Result<Response, Failure> {
    let frame = user.visitor.frame(&app);
    let wrong = match typed.read(&frame) {
        Ok((name, description)) => {
            match app.store.vault().create_locker(&name, &description).await {
                // Nobody may use it yet: that is said next.
                Ok(()) => {
                    let next = place(super::SETTINGS, &[("at", name.as_str())]);
                    return Ok(Redirect::to(&next).into_response());
                }
                Err(VaultError::LockerExists(_)) => NamedWrong {
                    name: Some(messages::locker_exists(frame.language).into()),
                    ..NamedWrong::default()
                },
                Err(other) => return Err(other.into()),
            }
        }
        Err(wrong) => wrong,
    };
    let page = list_page(&app, &user, Asked::all(), &typed, &wrong).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}
