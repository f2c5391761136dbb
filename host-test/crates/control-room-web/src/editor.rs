//! The editor of a bot: the page around its scripts (in `static/`), and the requests of these: save, save as a new bot,
//! check.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;

use super::actions;
use super::app::App;
use super::assets;
use super::bots::document_error;
use super::check::{self, KeptOutputs};
use super::document::{Document, DocumentError, MAX_NAME};
use super::editor_dialogs;
use super::extract::Path;
use super::failure::Failure;
use super::forms::JsonData;
use super::layout::{form_token, page_with};
use super::messages;
use super::user_session::SignedIn;
use bot_engine::Language;
use bot_engine::action::ActionForm;
use bot_engine::steps::run_bot;
use control_room::bots::{BotsError, Save};

/// The most bots that the editor suggests to run.
const MAX_SUGGESTIONS: u32 = 200;

pub(super) async fn show(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
) -> Result<Markup, Failure> {
    let bots = app.store.bots(&user.account);
    let bot = bots.get(&id).await?;
    let others = bots.list("", 0, MAX_SUGGESTIONS).await?.items;
    let names: Vec<_> = others
        .iter()
        .filter(|it| it.id != id)
        .map(|it| &it.name)
        .collect();
    let suggestions = json!({ run_bot::ACTION: { run_bot::BOT: names } });
    let frame = user.session.frame(&app);
    let language = frame.language;
    let forms = app.catalogue.forms(language);
    let dialogs = editor_dialogs::needs(&app, &user).await?;
    let main = html! {
        div #editor data-id=(id) data-version=(bot.summary.version) data-file=(bot.file)
            data-forms=(actions::as_json(forms)) data-texts=(json!(messages::script::all(language)))
            data-variables=(json!(app.variables.names().collect::<Vec<_>>())) data-form-token=(frame.form_token)
            data-suggestions=(suggestions) data-user=(user.account.name) data-dialogs=[dialogs] {
            div.bar {
                h1.hidden { (bot.summary.name) }
                input.bot-name #bot-name value=(bot.summary.name) maxlength=(MAX_NAME)
                    aria-label=(messages::bot_name(language));
                span #mistakes role="status" aria-busy="true" {}
                details #problems hidden {
                    summary { (messages::show_problems(language)) }
                    ul #problem-list {}
                }
                span #state role="status" {}
                a.button #versions href={ "/bots/" (id) "/versions" } { (messages::versions(language)) }
                a.button #export href={ "/bots/" (id) "/file" } download { (messages::export(language)) }
                button #save type="button" { (messages::save(language)) }
                form.inline #run-form method="post" action={ "/bots/" (id) "/run" } {
                    (form_token(&frame))
                    button.primary #run { (messages::run(language)) }
                }
                (progress(language, "run"))
            }
            div #failure role="alert" {}
            div #notice role="alert" {}
            noscript { p.notice { (messages::no_script(language)) } }
            div.panes {
                (palette(language, forms))
                section #flow aria-labelledby="flow-title" {
                    div.head {
                        h2 #flow-title { (messages::flow(language)) }
                        div.toolbar role="group" aria-label=(messages::edit_steps(language)) {
                            @for (name, label) in tools(language) {
                                button type="button" id={ "tool-" (name) } { (label) }
                            }
                        }
                    }
                    div.pane {
                        p.start { (messages::start(language)) }
                        ol #steps {}
                        p.hint #keys {}
                        div #undone {}
                    }
                }
                section #form aria-labelledby="form-title" {
                    div.head {
                        h2 #form-title { (messages::step_form(language)) }
                        div.row #test hidden {
                            button #test-run type="button" {}
                            button #test-step type="button" hidden { (messages::test_step(language)) }
                            (progress(language, "test"))
                        }
                    }
                    div.pane #form-pane {
                        // What happened at the selected step when the bot ran or was tested.
                        p.hint #test-missing {}
                        div #result {}
                        ul.soft #notes {}
                        div #fields {}
                    }
                }
            }
            div.hidden #said role="status" {}
            dialog.small #variable aria-labelledby="variable-title" {}
            dialog #conflict aria-labelledby="conflict-title" {}
            dialog.small #question aria-labelledby="question-title" {}
            dialog.small #creation aria-labelledby="creation-title" {}
        }
    };
    Ok(page_with(&frame, &bot.summary.name, assets::EDITOR, main))
}

/// How a run or a test goes, which the script fills in.
fn progress(language: Language, kind: &str) -> Markup {
    html! {
        button.danger id={ (kind) "-stop" } type="button" hidden { (messages::run_stop(language)) }
        span.progress id={ (kind) "-state" } role="status" {}
        // The editor stays open, with what the test returned.
        a id={ (kind) "-log" } target="_blank" hidden { (messages::run_log(language)) }
    }
}

/// The buttons above the flow, with the names that the script knows them by.
fn tools(language: Language) -> [(&'static str, &'static str); 7] {
    [
        ("undo", messages::undo(language)),
        ("redo", messages::redo(language)),
        ("duplicate", messages::duplicate_step(language)),
        ("copy", messages::copy_step(language)),
        ("cut", messages::cut_step(language)),
        ("paste", messages::paste_step(language)),
        ("disable", messages::disable_step(language)),
    ]
}

/// The actions, grouped by their path, in the order of the forms.
fn palette(language: Language, forms: &[Arc<ActionForm>]) -> Markup {
    let mut groups: Vec<(String, Vec<&ActionForm>)> = Vec::new();
    for form in forms {
        let group = form
            .path
            .split_last()
            .map_or(&[][..], |(_, group)| group)
            .join(" > ");
        match groups.iter_mut().find(|(other, _)| *other == group) {
            Some((_, forms)) => forms.push(form),
            None => groups.push((group, vec![form])),
        }
    }
    html! {
        section #palette aria-labelledby="palette-title" {
            details open {
                summary { h2 #palette-title { (messages::actions(language)) } }
                input #search-actions type="search" aria-label=(messages::search_actions(language))
                    placeholder=(messages::search_actions(language));
                @for (group, members) in groups {
                    div.group {
                        h3 { (group) }
                        ul {
                            @for form in members {
                                li {
                                    button.action type="button" data-action=(form.name) title=(form.description) {
                                        (actions::label(form))
                                    }
                                }
                            }
                        }
                    }
                }
                p #no-action role="status" {}
            }
            details #variables open {
                summary { h2 { (messages::variables(language)) } }
                ul #variable-list {}
                button.quiet #new-variable type="button" { (messages::new_variable(language)) }
            }
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Changed {
    /// The version that the changes are based on.
    version: i64,
    file: String,
    /// Whether the user wanted it saved, or it is saved by itself.
    #[serde(default)]
    kept: bool,
}

/// Saves a bot; answers 409 with the stored version if another save came first.
pub(super) async fn save(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
    JsonData(changed): JsonData<Changed>,
) -> Result<Response, Failure> {
    let Changed {
        version,
        file,
        kept,
    } = changed;
    let document = match Document::parse(&file) {
        Ok(document) => document,
        Err(error) => return Ok(not_a_bot(&error, user.session.language)),
    };
    let how = if kept { Save::Kept } else { Save::Automatic };
    let bots = app.store.bots(&user.account);
    match bots.save(&id, version, &document.name, &file, how).await {
        Ok(version) => Ok(Json(json!({ "version": version })).into_response()),
        Err(BotsError::Changed(stored)) => {
            let answer = json!({ "version": stored.summary.version, "file": stored.file });
            Ok((StatusCode::CONFLICT, Json(answer)).into_response())
        }
        Err(BotsError::TooLarge) => Ok(too_large(user.session.language)),
        Err(other) => Err(other.into()),
    }
}

fn too_large(language: Language) -> Response {
    let (title, advice) = (
        messages::bots_too_large(language),
        messages::bots_too_large_advice(language),
    );
    let answer = json!({ "message": format!("{title}. {advice}") });
    (StatusCode::UNPROCESSABLE_ENTITY, Json(answer)).into_response()
}

fn not_a_bot(error: &DocumentError, language: Language) -> Response {
    let answer = json!({ "message": document_error(error, language) });
    (StatusCode::UNPROCESSABLE_ENTITY, Json(answer)).into_response()
}

#[derive(Deserialize)]
pub(super) struct File {
    file: String,
}

/// Creates a bot from the editor's content and answers with its id.
pub(super) async fn create(
    State(app): State<Arc<App>>,
    user: SignedIn,
    JsonData(File { file }): JsonData<File>,
) -> Result<Response, Failure> {
    let language = user.session.language;
    let document = match Document::parse(&file) {
        Ok(document) => document,
        Err(error) => return Ok(not_a_bot(&error, language)),
    };
    let bots = app.store.bots(&user.account);
    match bots.create(&document.name, &file).await {
        Ok(id) => Ok(Json(json!({ "id": id })).into_response()),
        Err(BotsError::TooMany) => Ok(too_many(language)),
        Err(BotsError::TooLarge) => Ok(too_large(language)),
        Err(other) => Err(other.into()),
    }
}

fn too_many(language: Language) -> Response {
    let message = format!(
        "{}. {}",
        messages::too_many_bots(language),
        messages::too_many_bots_advice(language)
    );
    let answer = json!({ "message": message });
    (StatusCode::CONFLICT, Json(answer)).into_response()
}

/// Answers with the problems of a bot file.
pub(super) async fn check(
    State(app): State<Arc<App>>,
    user: SignedIn,
    JsonData(File { file }): JsonData<File>,
) -> Json<serde_json::Value> {
    let language = user.session.language;
    let (_, problems) =
        check::check(&app, &user.account, language, &file, KeptOutputs::new()).await;
    Json(json!(problems))
}

#[cfg(test)]
mod tests {
    use super::*;
    use control_room::bots::MAX_BOTS;

    #[tokio::test]
    async fn a_bot_beyond_the_maximum_is_refused_with_the_maximum() {
        let response = too_many(Language::English);
        assert_eq!(response.status(), StatusCode::CONFLICT);
        let body = axum::body::to_bytes(response.into_body(), 1 << 16).await;
        let body = String::from_utf8(body.unwrap().to_vec()).unwrap();
        let plain = body.replace(',', "");
        assert!(
            plain.contains(&format!("Delete some of the {MAX_BOTS}")),
            "{body}"
        );
    }
}
