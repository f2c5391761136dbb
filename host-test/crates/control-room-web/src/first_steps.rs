//! The list of first steps on the page *Bots*: those of the documentation of *OAuth authenticate*. It ticks off what the user
//! has done, offers an example bot, and disappears after the first successful run.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Redirect;
use maud::{Markup, html};
use serde_json::{Value, json};

use super::app::App;
use super::check::{KeptOutputs, check};
use super::connections;
use super::failure::Failure;
use super::forms::{FormData, NoFields};
use super::layout::{Frame, form_token};
use super::learn;
use super::messages;
use super::user_session::SignedIn;
use bot_engine::Language;
use control_room::Principal;
use control_room::bots::StoredBot;
use control_room::connections::ConnectionView;
use control_room::runs::{Filter, Outcome, State as RunState};

const ACTION: &str = "genesys/oauth-authenticate";
const TYPE: &str = "authentication-type";
const SESSION_NAME: &str = "session-name";
const CLIENT: [&str; 3] = ["url", "client-id", "client-secret"];
const CONNECTION: &str = "connection";

/// A step: its text, whether it is done, and the page for it.
struct Step {
    text: &'static str,
    /// `None` for what the chosen authentication type does not need.
    is_done: Option<bool>,
    page: Option<String>,
}

/// The list for a user, judged by one of their bots; `None` after the first successful run. An error is only logged: the page works without the list.
pub(super) async fn card(
    app: &App,
    user: &SignedIn,
    frame: &Frame<'_>,
    bot: Option<&str>,
) -> Option<Markup> {
    match try_card(app, user, frame, bot).await {
        Ok(card) => card,
        Err(error) => {
            tracing::warn!(?error, "the first steps are left out");
            None
        }
    }
}

async fn try_card(
    app: &App,
    user: &SignedIn,
    frame: &Frame<'_>,
    bot: Option<&str>,
) -> Result<Option<Markup>, Failure> {
    let done = Filter {
        state: Some(RunState::Ended(Outcome::Done)),
        ..Filter::default()
    };
    if app.store.runs(&user.account).list(&done, 0, 1).await?.total > 0 {
        return Ok(None);
    }
    let bot = match bot {
        Some(id) => Some(app.store.bots(&user.account).get(id).await?),
        None => None,
    };
    let principal = Principal::User(user.account.name.clone());
    let usable = app.connections.page(&principal, "", 0, u32::MAX).await?;
    let has_token = |it: &ConnectionView| connections::has_token(&it.summary, &user.account.name);
    let has_connection = usable.items.iter().any(has_token);
    let steps = steps(app, user, frame.language, bot.as_ref(), has_connection).await;
    Ok(Some(markup(frame, &steps, bot.is_none())))
}

async fn steps(
    app: &App,
    user: &SignedIn,
    language: Language,
    bot: Option<&StoredBot>,
    has_connection: bool,
) -> [Step; 9] {
    let file = bot.map_or("{}", |bot| &bot.file);
    let json: Value = serde_json::from_str(file).unwrap_or_default();
    let at = json["steps"]
        .as_array()
        .and_then(|steps| steps.iter().position(|step| step["action"] == ACTION));
    let step = at.map(|at| &json["steps"][at]);
    let (_, problems) = check(app, &user.account, language, file, KeptOutputs::new()).await;
    let is_right = |field: &str| {
        let has_problem = problems.iter().any(|problem| {
            problem.step == at.map(|at| at + 1)
                && problem.field.as_deref() == Some(field)
                && !problem.warning
        });
        step.is_some() && !has_problem
    };
    let uses_connection = step.is_some_and(|step| step[TYPE] == "control-room-connection");
    let of_type = |connection: bool, is_done: bool| {
        (step.is_none() || connection == uses_connection).then_some(is_done)
    };
    let editor = bot.map(|bot| format!("/bots/{}", bot.summary.id));
    let in_editor = |text, is_done| Step {
        text,
        is_done,
        page: editor.clone(),
    };
    [
        Step {
            text: messages::first_step_1(language),
            is_done: Some(true),
            page: None,
        },
        Step {
            text: messages::first_step_2(language),
            is_done: Some(bot.is_some()),
            page: None,
        },
        in_editor(messages::first_step_3(language), Some(step.is_some())),
        in_editor(messages::first_step_4(language), Some(is_right(TYPE))),
        in_editor(
            messages::first_step_5(language),
            of_type(false, CLIENT.iter().all(|field| is_right(field))),
        ),
        Step {
            text: messages::first_step_6(language),
            is_done: of_type(true, has_connection),
            page: Some("/connections".into()),
        },
        in_editor(
            messages::first_step_7(language),
            of_type(true, is_right(CONNECTION)),
        ),
        in_editor(
            messages::first_step_8(language),
            Some(is_right(SESSION_NAME)),
        ),
        in_editor(messages::first_step_9(language), Some(false)),
    ]
}

fn markup(frame: &Frame<'_>, steps: &[Step], offers_bot: bool) -> Markup {
    let language = frame.language;
    html! {
        section.card #first-steps aria-labelledby="first-steps-title" {
            h2 #first-steps-title { (messages::first_steps(language)) }
            p.soft { (messages::first_steps_advice(language)) }
            p { a href=(learn::PATH) { (messages::guide_for_designers(language)) } }
            @if offers_bot {
                form method="post" action="/bots/first" {
                    (form_token(frame))
                    button.primary #first-bot { (messages::first_bot(language)) }
                }
            }
            ol {
                @for Step { text, is_done, page } in steps {
                    li data-done[*is_done == Some(true)] {
                        @if let Some(page) = page.as_deref().filter(|_| *is_done == Some(false)) {
                            a href=(page) { (text) }
                        } @else {
                            (text)
                        }
                        " "
                        @match is_done {
                            Some(true) => span.sign data-good { (messages::step_done(language)) }
                            Some(false) => {}
                            None => span.soft { (messages::step_not_needed(language)) }
                        }
                    }
                }
            }
        }
    }
}

/// Creates a bot that signs in, reads the name of the organization, shows it, and ends the session.
pub(super) async fn create_bot(
    State(app): State<Arc<App>>,
    user: SignedIn,
    FormData(NoFields {}): FormData<NoFields>,
) -> Result<Redirect, Failure> {
    let language = user.session.language;
    let session = "Default";
    let name = messages::first_bot_name(language);
    let file = json!({
        "name": name,
        "steps": [
            { "action": ACTION, TYPE: "client-credentials", SESSION_NAME: session },
            { "action": "genesys/api-request", SESSION_NAME: session, "path": "/api/v2/organizations/me",
                "output": "organization" },
            { "action": "log", "message": messages::first_bot_message(language) },
            { "action": "genesys/disconnect", SESSION_NAME: session },
        ],
    });
    let bots = app.store.bots(&user.account);
    let id = bots.create(name, &format!("{file:#}\n")).await?;
    Ok(Redirect::to(&format!("/bots/{id}")))
}
