//! The list of bots, and what is done with a bot as a whole.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use time::OffsetDateTime;

use super::app::App;
use super::asked::{Path, Query};
use super::assets;
use super::document::{Document, MAX_NAME, Unfit, right_name};
use super::failure::Failure;
use super::forms::{Nothing, Sent};
use super::layout::{Frame, field_error, form_token, page, page_with};
use super::lists::{Asked, SHOWN, search_form};
use super::texts::Texts;
use super::visitor::SignedIn;
use control_room::bots::Summary;

const BOTS: &str = "/bots";

pub(super) async fn list(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Markup, Failure> {
    let frame = user.visitor.frame(&app);
    list_page(&app, &user, &frame, asked, None).await
}

async fn list_page(
    app: &App,
    user: &SignedIn,
    frame: &Frame<'_>,
    mut asked: Asked,
    wrong_name: Option<(&str, &str)>,
) -> Result<Markup, Failure> {
    let texts = frame.language.texts();
    let search = asked.search();
    let bots = app.store.bots(&user.account);
    let found = loop {
        let some = bots.list(&search, asked.offset(), SHOWN).await?;
        if let Some(found) = asked.found(some.bots, some.total) {
            break found;
        }
    };
    let (typed, error) = wrong_name.unzip();
    let main = html! {
        div.bar {
            h1 { (texts.bots) }
            (search_form(frame, texts.search_bots, BOTS, &[], &search))
        }
        div.bar.new {
            form method="post" action="/bots" {
                (form_token(frame))
                label for="new-name" { (texts.new_bot_name) }
                div.row {
                    input #new-name name="name" value=(typed.unwrap_or_default()) required maxlength=(MAX_NAME)
                        aria-invalid=[error.map(|_| "true")] aria-describedby=[error.map(|_| "new-error")];
                    button.primary #create { (texts.new_bot) }
                }
                (field_error("new-error", error))
            }
            a.button #import href="/bots/import" { (texts.import_bot) }
        }
        @if found.rows.is_empty() {
            p.empty { (if search.is_empty() { texts.no_bots } else { texts.list_empty_search }) }
        } @else {
            (table(frame, &found.rows))
            (found.paging(frame, BOTS, &[]))
        }
    };
    Ok(page(frame, texts.bots, main))
}

fn table(frame: &Frame<'_>, bots: &[Summary]) -> Markup {
    let texts = frame.language.texts();
    html! {
        table.bots {
            thead {
                tr {
                    th scope="col" { (texts.name) }
                    th scope="col" { (texts.changed) }
                    th scope="col" { span.hidden { (texts.actions_of) } }
                }
            }
            tbody {
                @for bot in bots {
                    @let place = format!("/bots/{}", bot.id);
                    tr {
                        th scope="row" { a href=(place) { (bot.name) } }
                        td.when { (when(bot.changed)) }
                        td.what {
                            form.inline method="post" action={ (place) "/run" } {
                                (form_token(frame))
                                button.quiet aria-label={ (texts.run) ": " (bot.name) } { (texts.run) }
                            }
                            form.inline method="post" action={ (place) "/duplicate" } {
                                (form_token(frame))
                                button.quiet aria-label={ (texts.duplicate) ": " (bot.name) } { (texts.duplicate) }
                            }
                            a.quiet href={ (place) "/file" } download aria-label={ (texts.export) ": " (bot.name) } { (texts.export) }
                            a.quiet href={ (place) "/delete" } aria-label={ (texts.delete) ": " (bot.name) } { (texts.delete) }
                        }
                    }
                }
            }
        }
    }
}

/// To the minute, as people write it in lists.
pub(super) fn when(moment: OffsetDateTime) -> String {
    let (date, time) = (moment.date(), moment.time());
    format!("{date} {:02}:{:02}", time.hour(), time.minute())
}

#[derive(Deserialize)]
pub(super) struct NewBot {
    name: String,
}

pub(super) async fn create(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Sent(NewBot { name: typed }): Sent<NewBot>,
) -> Result<Response, Failure> {
    let Some(name) = right_name(&typed) else {
        let frame = user.visitor.frame(&app);
        let wrong = Some((typed.as_str(), frame.language.texts().bad_bot_name));
        let page = list_page(&app, &user, &frame, Asked::all(), wrong).await?;
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
    Sent(Nothing {}): Sent<Nothing>,
) -> Result<Redirect, Failure> {
    let bots = app.store.bots(&user.account);
    let bot = bots.get(&id).await?;
    let texts = user.visitor.texts();
    let frame = texts.copy_of.replace("{name}", "").chars().count();
    let kept: String = bot.summary.name.chars().take(MAX_NAME - frame).collect();
    let name = texts.copy_of.replace("{name}", kept.trim());
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
    let mut response = bot.file.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // RFC 6266, section 4.3: a name in UTF-8, whatever is in it.
    let name = utf8_percent_encode(&bot.summary.name, NON_ALPHANUMERIC);
    let disposition = format!("attachment; filename*=UTF-8''{name}.json");
    let disposition = HeaderValue::try_from(disposition).unwrap_or(HeaderValue::from_static(
        "attachment; filename=\"bot.json\"",
    ));
    headers.insert(CONTENT_DISPOSITION, disposition);
    Ok(response)
}

pub(super) async fn ask_delete(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
) -> Result<Markup, Failure> {
    let bot = app.store.bots(&user.account).get(&id).await?;
    let frame = user.visitor.frame(&app);
    let texts = frame.language.texts();
    let main = html! {
        div.narrow.card {
            h1 { (texts.delete_question.replace("{name}", &bot.summary.name)) }
            p { (texts.delete_advice) }
            form method="post" action={ "/bots/" (id) "/delete" } {
                (form_token(&frame))
                div.row {
                    button.danger #delete { (texts.delete) }
                    a.button href={ "/bots/" (id) "/file" } download { (texts.export) }
                    a.button href="/bots" { (texts.cancel) }
                }
            }
        }
    };
    Ok(page(&frame, texts.delete, main))
}

pub(super) async fn delete(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
    Sent(Nothing {}): Sent<Nothing>,
) -> Result<Redirect, Failure> {
    app.store.bots(&user.account).remove(&id).await?;
    Ok(Redirect::to("/bots"))
}

pub(super) async fn show_import(State(app): State<Arc<App>>, user: SignedIn) -> Markup {
    import_page(&user.visitor.frame(&app), "", None)
}

#[derive(Deserialize)]
pub(super) struct File {
    file: String,
}

pub(super) async fn import(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Sent(File { file }): Sent<File>,
) -> Result<Response, Failure> {
    // A form sends line breaks in its own way (RFC 7578 and HTML's "normalize newlines").
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
        Err(unfit) => {
            let frame = user.visitor.frame(&app);
            let error = unfit_in_words(&unfit, frame.language.texts());
            let page = import_page(&frame, &file, Some(&error));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

fn import_page(frame: &Frame<'_>, file: &str, error: Option<&str>) -> Markup {
    let texts = frame.language.texts();
    let main = html! {
        div.middle.card {
            h1 { (texts.import_bot) }
            p.soft { (texts.import_advice) }
            form method="post" action="/bots/import" {
                (form_token(frame))
                label for="choose" { (texts.choose_file) }
                input #choose type="file" accept="application/json,.json";
                label for="file" { (texts.file_text) }
                textarea #file name="file" rows="14" required spellcheck="false"
                    aria-invalid=[error.map(|_| "true")] aria-describedby=[error.map(|_| "file-error")] {
                    // A first line break is dropped by browsers.
                    "\n" (file)
                }
                (field_error("file-error", error))
                div.row {
                    button.primary #import { (texts.import) }
                    a.button href="/bots" { (texts.cancel) }
                }
            }
        }
    };
    page_with(frame, texts.import_bot, assets::IMPORT, main)
}

/// What keeps a text from being a bot.
pub(super) fn unfit_in_words(unfit: &Unfit, texts: &Texts) -> String {
    match unfit {
        Unfit::TooLarge => texts.file_too_large.into(),
        Unfit::NotJson(reason) => texts.not_json.replace("{reason}", reason),
        Unfit::NoName => texts.bad_bot_name.into(),
        Unfit::NoSteps => texts.no_steps.into(),
    }
}
