//! The list of bots: create, import, export, duplicate and delete.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::app::App;
use super::assets;
use super::attachment::attachment;
use super::document::{Document, DocumentError, MAX_NAME, valid_name};
use super::extract::{Path, Query};
use super::failure::Failure;
use super::first_steps;
use super::forms::{FormData, NoFields};
use super::layout::{Frame, field_error, form_token, page, page_with};
use super::lists::{ListQuery, PAGE_SIZE, empty_list, search_form};
use super::messages;
use super::moments;
use super::user_session::SignedIn;
use bot_engine::Language;
use control_room::bots::Summary;

const BOTS: &str = "/bots";

pub(super) async fn list(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(query): Query<ListQuery>,
) -> Result<Markup, Failure> {
    let frame = user.session.frame(&app);
    list_page(&app, &user, &frame, query, None).await
}

async fn list_page(
    app: &App,
    user: &SignedIn,
    frame: &Frame<'_>,
    mut query: ListQuery,
    wrong_name: Option<(&str, &str)>,
) -> Result<Markup, Failure> {
    let language = frame.language;
    let search = query.search();
    let bots = app.store.bots(&user.account);
    let found = loop {
        let some = bots.list(&search, query.offset(), PAGE_SIZE).await?;
        if let Some(found) = query.page_of(some.items, some.total) {
            break found;
        }
    };
    let (typed, error) = wrong_name.unzip();
    let first_steps = if search.is_empty() && query.offset() == 0 {
        let latest = found.rows.iter().max_by_key(|bot| bot.changed);
        first_steps::card(app, user, frame, latest.map(|bot| bot.id.as_str())).await
    } else {
        None
    };
    let main = html! {
        div.bar {
            h1 { (messages::bots(language)) }
            (search_form(frame, messages::search_bots(language), BOTS, &[], &search))
        }
        div.bar.new {
            form method="post" action="/bots" {
                (form_token(frame))
                label for="new-name" { (messages::new_bot_name(language)) }
                div.row {
                    input #new-name name="name" value=(typed.unwrap_or_default()) required maxlength=(MAX_NAME)
                        aria-invalid=[error.map(|_| "true")] aria-describedby=[error.map(|_| "new-error")];
                    button.primary #create { (messages::new_bot(language)) }
                }
                (field_error("new-error", error))
            }
            a.button #import href="/bots/import" { (messages::import_bot(language)) }
        }
        @if !found.rows.is_empty() {
            (table(frame, &found.rows))
            (found.paging(frame, BOTS, &[]))
        } @else if first_steps.is_none() {
            (empty_list(language, &search, messages::no_bots(language)))
        }
        // Without bots, they say what to do.
        @if let Some(steps) = first_steps { (steps) }
    };
    Ok(page(frame, messages::bots(language), main))
}

fn table(frame: &Frame<'_>, bots: &[Summary]) -> Markup {
    let language = frame.language;
    html! {
        table.bots #bots {
            thead {
                tr {
                    th scope="col" { (messages::name(language)) }
                    th scope="col" { (messages::changed(language)) }
                    th scope="col" { span.hidden { (messages::actions_of(language)) } }
                }
            }
            tbody {
                @for bot in bots {
                    @let place = format!("/bots/{}", bot.id);
                    tr {
                        th scope="row" { a href=(place) { (bot.name) } }
                        td.when { (moments::date_and_time(bot.changed)) }
                        td.what {
                            form.inline method="post" action={ (place) "/run" } {
                                (form_token(frame))
                                button.quiet aria-label={ (messages::run(language)) ": " (bot.name) } {
                                    (messages::run(language))
                                }
                            }
                            a.quiet href={ (place) "/schedule" }
                                aria-label={ (messages::schedule(language)) ": " (bot.name) } {
                                (messages::schedule(language))
                            }
                            form.inline method="post" action={ (place) "/duplicate" } {
                                (form_token(frame))
                                button.quiet aria-label={ (messages::duplicate(language)) ": " (bot.name) } {
                                    (messages::duplicate(language))
                                }
                            }
                            a.quiet href={ (place) "/file" } download
                                aria-label={ (messages::export(language)) ": " (bot.name) } {
                                (messages::export(language))
                            }
                            a.quiet href={ (place) "/delete" }
                                aria-label={ (messages::delete(language)) ": " (bot.name) } {
                                (messages::delete(language))
                            }
                        }
                    }
                }
            }
        }
    }
}

#[derive(Deserialize)]
pub(super) struct NewBot {
    name: String,
}

pub(super) async fn create(
    State(app): State<Arc<App>>,
    user: SignedIn,
    FormData(NewBot { name: typed }): FormData<NewBot>,
) -> Result<Response, Failure> {
    let Some(name) = valid_name(&typed) else {
        let frame = user.session.frame(&app);
        let errors = Some((typed.as_str(), messages::bad_bot_name(frame.language)));
        let page = list_page(&app, &user, &frame, ListQuery::all(), errors).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    let id = app
        .store
        .bots(&user.account)
        .create(&name, &Document::empty(&name))
        .await?;
    Ok(Redirect::to(&format!("/bots/{id}")).into_response())
}

pub(super) async fn duplicate(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
    FormData(NoFields {}): FormData<NoFields>,
) -> Result<Redirect, Failure> {
    let bots = app.store.bots(&user.account);
    let bot = bots.get(&id).await?;
    let language = user.session.language;
    let frame = messages::copy_of(language, "").chars().count();
    let truncated: String = bot.summary.name.chars().take(MAX_NAME - frame).collect();
    let name = messages::copy_of(language, truncated.trim());
    let document = Document::parse(&bot.file).map_err(|_| Failure::Broken)?;
    let id = bots.create(&name, &document.renamed(&name)).await?;
    Ok(Redirect::to(&format!("/bots/{id}")))
}

pub(super) async fn export(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let bot = app.store.bots(&user.account).get(&id).await?;
    let kind = [(CONTENT_TYPE, "application/json")];
    Ok((attachment(&bot.summary.name, "json"), kind, bot.file).into_response())
}

pub(super) async fn ask_delete(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
) -> Result<Markup, Failure> {
    let bot = app.store.bots(&user.account).get(&id).await?;
    let frame = user.session.frame(&app);
    let language = frame.language;
    let main = html! {
        div.narrow.card {
            h1 { (messages::delete_question(language, bot.summary.name)) }
            p { (messages::delete_advice(language)) }
            form method="post" action={ "/bots/" (id) "/delete" } {
                (form_token(&frame))
                div.row {
                    button.danger #delete { (messages::delete(language)) }
                    a.button href={ "/bots/" (id) "/file" } download { (messages::export(language)) }
                    a.button href="/bots" { (messages::cancel(language)) }
                }
            }
        }
    };
    Ok(page(&frame, messages::delete(language), main))
}

pub(super) async fn delete(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
    FormData(NoFields {}): FormData<NoFields>,
) -> Result<Redirect, Failure> {
    app.store.bots(&user.account).remove(&id).await?;
    Ok(Redirect::to("/bots"))
}

pub(super) async fn show_import(State(app): State<Arc<App>>, user: SignedIn) -> Markup {
    import_page(&user.session.frame(&app), "", None)
}

#[derive(Deserialize)]
pub(super) struct File {
    file: String,
}

pub(super) async fn import(
    State(app): State<Arc<App>>,
    user: SignedIn,
    FormData(File { file }): FormData<File>,
) -> Result<Response, Failure> {
    // Browsers send line breaks in forms as CRLF (HTML, "normalize newlines").
    let file = file.replace("\r\n", "\n");
    match Document::parse(&file) {
        Ok(document) => {
            let id = app
                .store
                .bots(&user.account)
                .create(&document.name, &file)
                .await?;
            Ok(Redirect::to(&format!("/bots/{id}")).into_response())
        }
        Err(error) => {
            let frame = user.session.frame(&app);
            let error = document_error(&error, frame.language);
            let page = import_page(&frame, &file, Some(&error));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

fn import_page(frame: &Frame<'_>, file: &str, error: Option<&str>) -> Markup {
    let language = frame.language;
    let main = html! {
        div.middle.card {
            h1 { (messages::import_bot(language)) }
            p.soft { (messages::import_advice(language)) }
            form method="post" action="/bots/import" {
                (form_token(frame))
                label for="choose" { (messages::choose_file(language)) }
                input #choose type="file" accept="application/json,.json";
                label for="file" { (messages::file_text(language)) }
                textarea #file name="file" rows="14" required spellcheck="false"
                    aria-invalid=[error.map(|_| "true")] aria-describedby=[error.map(|_| "file-error")] {
                    // Browsers drop the first line break in a `textarea`.
                    "\n" (file)
                }
                (field_error("file-error", error))
                div.row {
                    button.primary #import { (messages::import(language)) }
                    a.button href="/bots" { (messages::cancel(language)) }
                }
            }
        }
    };
    page_with(frame, messages::import_bot(language), assets::IMPORT, main)
}

/// Localizes why a text is not a valid bot file.
pub(super) fn document_error(error: &DocumentError, language: Language) -> String {
    match error {
        DocumentError::TooLarge => messages::file_too_large(language).into(),
        DocumentError::NotJson(reason) => messages::not_json(language, reason.message(language)),
        DocumentError::NoName => messages::bad_bot_name(language).into(),
        DocumentError::NoSteps => messages::no_steps(language).into(),
    }
}
