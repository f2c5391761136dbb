//! The list of lockers that somebody sees.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use super::texts::texts;
use super::{LOCKER, LOCKERS, USES};
use crate::app::App;
use crate::asked::Query;
use crate::failure::Failure;
use crate::forms::Sent;
use crate::layout::{Frame, page};
use crate::lists::{Asked, SHOWN, place, search_form};
use crate::parts::{Named, NamedWrong, create_bar};
use crate::rights::Administrator;
use crate::visitor::SignedIn;
use control_room::vault::{SeenLocker, VaultError};

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
    let (common, texts) = (frame.language.texts(), texts(frame.language));
    let (vault, viewer) = (app.store.vault(), user.viewer());
    let search = asked.search();
    let found = loop {
        let offset = asked.offset();
        let some = vault.seen_lockers(&viewer, &search, offset, SHOWN).await?;
        if let Some(found) = asked.found(some.items, some.total) {
            break found;
        }
    };
    let main = html! {
        div.bar {
            h1 { (texts.lockers) }
            (search_form(&frame, texts.search_lockers, LOCKERS, &[], &search))
            a.button #uses href=(USES) { (texts.uses) }
        }
        @if viewer.administrator {
            (create_bar(&frame, LOCKERS, texts.new_locker_name, texts.new_locker, typed, wrong))
        }
        @if !found.rows.is_empty() {
            (table(&frame, &found.rows, viewer.administrator))
            (found.paging(&frame, LOCKERS, &[]))
        } @else if !search.is_empty() {
            p.empty { (common.list_empty_search) }
        } @else {
            p.empty { (if viewer.administrator { texts.no_lockers } else { texts.no_lockers_for_you }) }
        }
    };
    Ok(page(&frame, texts.lockers, main))
}

fn table(frame: &Frame<'_>, lockers: &[SeenLocker], administrator: bool) -> Markup {
    let texts = texts(frame.language);
    html! {
        table.bots {
            thead {
                tr {
                    th scope="col" { (texts.locker) }
                    th scope="col" { (texts.in_it) }
                    th scope="col" { (texts.you_may) }
                }
            }
            tbody {
                @for locker in lockers {
                    tr {
                        th scope="row" {
                            a href=(place(LOCKER, &[("at", locker.name.as_str())])) { (locker.name) }
                            @if !locker.description.is_empty() { p.soft { (locker.description) } }
                        }
                        td.when { (locker.credentials) span.unit { " " (texts.in_it) } }
                        td.rights {
                            @if administrator { span.tag { (texts.manage) } }
                            @if locker.owns { span.tag { (texts.own) } }
                            @if locker.consumes { span.tag { (texts.consume) } }
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
                    name: Some(texts(frame.language).locker_exists.into()),
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
