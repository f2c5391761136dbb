//! Runs a bot from the editor, or tests its steps up to one, and answers its script.
//!
//! A run is of the bot as it is saved. A test is of what is on screen: a run like any other, with sessions that no other bot
//! uses. What its steps return goes to the pages of the user that follow it, and is not stored, except for the texts of the
//! log.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::active_runs::{RunKind, StartRunError};
use super::app::App;
use super::check::{KeptOutputs, Problem};
use super::extract::Path;
use super::failure::Failure;
use super::forms::JsonData;
use super::inputs::{self, Typed};
use super::messages;
use super::run::{begin, runnable};
use super::run_page;
use super::user_session::SignedIn;
use bot_engine::action::ActionForm;
use bot_engine::{Bot, Language, Step};

/// The most steps that the question before a test lists.
const MAX_CHANGES: usize = 100;

#[derive(Deserialize)]
pub(super) struct Run {
    /// The version that the page has.
    version: i64,
    /// What was typed for the inputs of the bot.
    #[serde(default)]
    inputs: Typed,
}

/// Starts a run and answers with its id. 409: the bot was saved elsewhere meanwhile; 422 with the problems of the bot or of the inputs, 429 if too many runs are active.
pub(super) async fn run(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
    JsonData(Run { version, inputs }): JsonData<Run>,
) -> Result<Response, Failure> {
    let stored = app.store.bots(&user.account).get(&id).await?;
    if stored.summary.version != version {
        return Ok(answer(StatusCode::CONFLICT, json!({})));
    }
    let language = user.session.language;
    let bot = match runnable(&app, &user, &stored.file, KeptOutputs::new()).await {
        Ok(bot) => bot,
        Err(problems) => {
            let name = &stored.summary.name;
            app.runs.note_refused(&user.account, name).await;
            return Ok(mistakes(messages::run_mistakes(language), &problems));
        }
    };
    match with_inputs(bot, &inputs, language) {
        Ok(bot) => start(&app, &user, &id, bot, RunKind::InEditor).await,
        Err(wrong) => Ok(answer(StatusCode::UNPROCESSABLE_ENTITY, wrong)),
    }
}

#[derive(Deserialize)]
pub(super) struct Test {
    /// The bot file with the steps to run.
    file: String,
    /// The steps to which the user has agreed, as the answer listed them.
    #[serde(default)]
    confirmed: Vec<String>,
    /// The hash of the linked bots in that answer.
    #[serde(default, rename = "linkedHash")]
    linked_hash: String,
    /// What was typed for the inputs of the bot.
    #[serde(default)]
    inputs: Typed,
    /// What steps returned in an earlier test that do not run in this one.
    #[serde(default)]
    outputs: KeptOutputs,
}

/// Starts a test and answers as for a run, or 409 with the steps that can change something if the user has not agreed to
/// exactly these.
pub(super) async fn test(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
    JsonData(test): JsonData<Test>,
) -> Result<Response, Failure> {
    // Bots of other users are not found.
    app.store.bots(&user.account).get(&id).await?;
    let language = user.session.language;
    let bot = match runnable(&app, &user, &test.file, test.outputs).await {
        Ok(bot) => bot.with_own_sessions(),
        Err(problems) => return Ok(mistakes(messages::test_mistakes(language), &problems)),
    };
    let bot = match with_inputs(bot, &test.inputs, language) {
        Ok(bot) => bot,
        Err(wrong) => return Ok(answer(StatusCode::UNPROCESSABLE_ENTITY, wrong)),
    };
    let mut changes = changes(&bot, app.catalogue.forms(language));
    let more = changes.len().saturating_sub(MAX_CHANGES);
    if more > 0 {
        changes.truncate(MAX_CHANGES);
        changes.push(messages::used_by_more(language, more));
    }
    // The linked bots may have been saved since the question.
    let linked_hash = format!("{:x}", bot.linked_hash());
    let agreed = (&test.confirmed, &test.linked_hash);
    if !changes.is_empty() && (&changes, &linked_hash) != agreed {
        let content = json!({ "changes": changes, "linkedHash": linked_hash });
        return Ok(answer(StatusCode::CONFLICT, content));
    }
    start(&app, &user, &id, bot, RunKind::Test).await
}

/// The steps that can change something, also those of the bots that it runs.
fn changes(bot: &Bot, forms: &[Arc<ActionForm>]) -> Vec<String> {
    let changing = bot.steps.iter().filter(|it| it.kind.changes_something());
    let named = |step: &Step| {
        let title = run_page::title(forms, step.number, step.name.as_deref(), step.kind.action());
        match step.kind.linked() {
            None => vec![title],
            Some(linked) => {
                let within = changes(&linked.bot, forms).into_iter();
                within
                    .map(|it| format!("{title} “{}”, {it}", linked.bot.name))
                    .collect()
            }
        }
    };
    changing.flat_map(named).collect()
}

fn answer(status: StatusCode, content: Value) -> Response {
    (status, Json(content)).into_response()
}

fn mistakes(message: &str, problems: &[Problem]) -> Response {
    let content = json!({ "message": message, "problems": problems });
    answer(StatusCode::UNPROCESSABLE_ENTITY, content)
}

/// The bot with what was typed for its inputs, or the problems of these.
fn with_inputs(bot: Bot, typed: &Typed, language: Language) -> Result<Bot, Value> {
    let values = typed.values(&bot, language);
    bot.with_inputs(&values).map_err(|problems| {
        let problem = |it: &bot_engine::Problem| json!({ "variable": it.variable, "message": inputs::message(it, language) });
        let problems: Vec<_> = problems.all().iter().map(problem).collect();
        json!({ "inputs": problems })
    })
}

async fn start(
    app: &App,
    user: &SignedIn,
    id: &str,
    bot: Bot,
    kind: RunKind,
) -> Result<Response, Failure> {
    match begin(app, user, id, bot, kind).await {
        Ok(run) => Ok(answer(StatusCode::OK, json!({ "run": run }))),
        Err(StartRunError::TooMany) => {
            let language = user.session.language;
            let (title, advice) = (
                messages::too_many_runs(language),
                messages::too_many_runs_advice(language),
            );
            let content = json!({ "message": format!("{title}. {advice}") });
            Ok(answer(StatusCode::TOO_MANY_REQUESTS, content))
        }
        Err(error) => Err(error.into()),
    }
}
