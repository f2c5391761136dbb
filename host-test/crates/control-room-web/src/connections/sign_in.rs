//! The page from which somebody signs in at the provider, and that shows what came of it.
//!
//! The browser that is signed in to the Control Room opens the provider's page in a tab beside this one. From there it
//! comes back to the callback URL, where the library waits; this page asks until that is over. Where the callback
//! cannot arrive, because the Control Room is on another machine, it is pasted here.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

use super::localize::connection_error;
use super::messages;
use super::show::{Notice, SHARED, Whose, show_page};
use super::{CONNECTION, PASTE, SIGN_IN, at_connection, see};
use crate::app::App;
use crate::assets;
use crate::extract::Query;
use crate::failure::Failure;
use crate::form_components::At;
use crate::forms::{Sent, secret};
use crate::layout::{Frame, field_error, form_token, page, page_with};
use crate::pending_sign_ins::{Begun, Outcome};
use crate::user_session::SignedIn;
use control_room::Name;
use control_room::connections::{ConnectionError, SignInOwner};

pub(super) async fn begin(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(at): Query<At>,
    Sent(whose): Sent<Whose>,
) -> Result<Response, Failure> {
    let seen = see(&app, &user, &at).await?;
    let holder = whose.holder(&user)?;
    begin_for(&app, &user, &seen.summary.name, &holder).await
}

/// Begins a sign-in, and leads to its page.
pub(super) async fn begin_for(
    app: &Arc<App>,
    user: &SignedIn,
    name: &Name,
    holder: &SignInOwner,
) -> Result<Response, Failure> {
    let begun = app
        .sign_ins
        .begin(&user.account.id, &app.connections, name, holder);
    match begun.await {
        Ok(()) => Ok(Redirect::to(&at_connection(SIGN_IN, name)).into_response()),
        Err(error @ (ConnectionError::Store(_) | ConnectionError::NoConnection(_))) => {
            Err(error.into())
        }
        Err(error) => {
            let at = At {
                at: name.to_string(),
            };
            let seen = see(app, user, &at).await?;
            let words = connection_error(&error, user.visitor.language);
            let page = show_page(app, user, &seen, Some(Notice::Wrong(words))).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(at): Query<At>,
) -> Result<Response, Failure> {
    let name = see(&app, &user, &at).await?.summary.name;
    let found = app.sign_ins.of(&user.account.id).await;
    let Some((begun, outcome)) = found.filter(|(begun, _)| begun.connection == name) else {
        // None was begun, or it was for another connection.
        return Ok(Redirect::to(&at_connection(CONNECTION, &name)).into_response());
    };
    let frame = user.visitor.frame(&app);
    Ok(match outcome {
        Some(outcome) => outcome_page(&frame, &begun, &outcome),
        None => waiting_page(&app, &frame, &begun, None),
    }
    .into_response())
}

fn waiting_page(app: &App, frame: &Frame<'_>, begun: &Begun, error: Option<&str>) -> Markup {
    let language = frame.language;
    let name = &begun.connection;
    let page = begun.page.expose_secret();
    let page = match &app.simulation {
        Some(simulation) => simulation.reachable(page),
        None => page.to_owned(),
    };
    let title = messages::signing_in(language, name);
    let pastes = error.is_some() || begun.listens.is_err();
    let main = html! {
        div.middle.card {
            h1 { (title) }
            p { (if begun.shared { messages::for_all(language) } else { messages::for_you(language) }) }
            p.go {
                a.button.primary #open href=(page) target="_blank" rel="noopener noreferrer" {
                    (messages::open_page(language))
                }
            }
            p.hint { (messages::open_advice(language)) }
            @if begun.listens.is_err() { p.notice { (messages::other_sign_in_waits(language)) } }
            p #waiting.soft role="status" { (messages::waiting(language)) }
            noscript { p { a href=(at_connection(SIGN_IN, name)) { (messages::look_again(language)) } } }
            details open[pastes] {
                summary { (messages::paste(language)) }
                p.hint { (messages::paste_advice(language)) }
                form method="post" action=(at_connection(PASTE, name)) {
                    (form_token(frame))
                    label for="callback" { (messages::pasted(language)) }
                    input #callback name="callback" required autocomplete="off" spellcheck="false"
                        aria-invalid=[error.map(|_| "true")] aria-describedby=[error.map(|_| "callback-error")];
                    (field_error("callback-error", error))
                    button #take { (messages::take(language)) }
                }
            }
            p { a href=(at_connection(CONNECTION, name)) { (messages::to_connection(language)) } }
        }
    };
    page_with(frame, &title, assets::OUTCOME, main)
}

fn outcome_page(frame: &Frame<'_>, begun: &Begun, outcome: &Outcome) -> Markup {
    let language = frame.language;
    let name = &begun.connection;
    let to_connection = html! {
        a.button #to-connection href=(at_connection(CONNECTION, name)) { (messages::to_connection(language)) }
    };
    let (title, main) = match outcome {
        Ok(signed_in) => {
            let title = messages::is_signed_in(language, name);
            let main = html! {
                h1 #signed-in { (title) }
                p { (if begun.shared { messages::for_all(language) } else { messages::for_you(language) }) }
                @if let Some(seconds) = signed_in.expires_in {
                    p { (messages::lives(language, seconds)) }
                }
                @if !signed_in.renewable { p.notice { (messages::not_renewable(language)) } }
                @if let Some(scopes) = &signed_in.other_scopes {
                    p.notice { (messages::other_scopes(language, scopes)) }
                }
                div.row.acts { (to_connection) }
            };
            (title, main)
        }
        Err(error) => {
            let whose = if begun.shared { SHARED } else { "own" };
            let main = html! {
                h1 #not-signed-in { (messages::is_failed(language)) }
                p.error role="alert" { (connection_error(error, frame.language)) }
                div.row.acts {
                    form.inline method="post" action=(at_connection(SIGN_IN, name)) {
                        (form_token(frame))
                        input type="hidden" name="whose" value=(whose);
                        button.primary #again { (messages::try_again(language)) }
                    }
                    (to_connection)
                }
            };
            (messages::is_failed(language).to_owned(), main)
        }
    };
    page(frame, &title, html! { div.middle.card { (main) } })
}

/// Whether the user's sign-in is over; the answer waits for that some seconds.
pub(super) async fn outcome(State(app): State<Arc<App>>, user: SignedIn) -> Json<Value> {
    let over = app.sign_ins.is_over(&user.account.id).await;
    Json(json!({ "over": over }))
}

/// The callback's address, with the code in it.
#[derive(Deserialize)]
pub(super) struct Pasted {
    #[serde(deserialize_with = "secret")]
    callback: SecretString,
}

pub(super) async fn paste(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(at): Query<At>,
    Sent(Pasted { callback }): Sent<Pasted>,
) -> Result<Response, Failure> {
    let name = see(&app, &user, &at).await?.summary.name;
    let to_page = || Ok(Redirect::to(&at_connection(SIGN_IN, &name)).into_response());
    let user_id = &user.account.id;
    let Some((begun, None)) = app.sign_ins.of(user_id).await else {
        return to_page();
    };
    if begun.connection != name {
        return to_page();
    }
    match app.sign_ins.paste(user_id, callback).await {
        Some(Err(error)) => {
            let frame = user.visitor.frame(&app);
            let words = connection_error(&error, frame.language);
            let page = waiting_page(&app, &frame, &begun, Some(&words));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Some(Ok(())) | None => to_page(),
    }
}
