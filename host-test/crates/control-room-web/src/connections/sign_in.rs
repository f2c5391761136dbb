//! The page of a sign-in at the provider, and of its outcome.
//!
//! The browser opens the provider's page in a second tab, which is redirected to the callback URL; this page polls until
//! the sign-in has ended. If the callback cannot arrive, because the Control Room runs on another machine, the user
//! pastes its address here.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

use super::messages;
use super::show::{Notice, OwnerForm, SHARED, show_page};
use super::{CONNECTION, PASTE, SIGN_IN, connection_url, load};
use crate::app::App;
use crate::assets;
use crate::extract::Query;
use crate::failure::Failure;
use crate::form_components::Subject;
use crate::forms::{FormData, secret};
use crate::layout::{Frame, field_error, form_token, page, page_with};
use crate::localize::connection::connection_error;
use crate::messages::connection_errors;
use crate::pending_sign_ins::{Outcome, SignInInfo};
use crate::user_session::SignedIn;
use control_room::Name;
use control_room::connections::{ConnectionError, SignInOwner};

pub(super) async fn begin(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(subject): Query<Subject>,
    FormData(whose): FormData<OwnerForm>,
) -> Result<Response, Failure> {
    let view = load(&app, &user, &subject).await?;
    let owner = whose.owner(&user)?;
    begin_for(&app, &user, &view.summary.name, &owner).await
}

/// Begins a sign-in and redirects to its page.
pub(super) async fn begin_for(
    app: &Arc<App>,
    user: &SignedIn,
    name: &Name,
    owner: &SignInOwner,
) -> Result<Response, Failure> {
    let started = app
        .pending_sign_ins
        .begin(&user.account.id, &app.connections, name, owner);
    match started.await {
        Ok(()) => Ok(Redirect::to(&connection_url(SIGN_IN, name)).into_response()),
        Err(error @ (ConnectionError::Store(_) | ConnectionError::NoConnection(_))) => {
            Err(error.into())
        }
        Err(error) => {
            let subject = Subject {
                name: name.to_string(),
            };
            let view = load(app, user, &subject).await?;
            let message = connection_error(&error, user.session.language);
            let page = show_page(app, user, &view, Some(Notice::Wrong(message))).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(subject): Query<Subject>,
) -> Result<Response, Failure> {
    let name = load(&app, &user, &subject).await?.summary.name;
    let found = app.pending_sign_ins.of(&user.account.id).await;
    let Some((info, outcome)) = found.filter(|(info, _)| info.connection == name) else {
        // No sign-in has begun, or one to another connection.
        return Ok(Redirect::to(&connection_url(CONNECTION, &name)).into_response());
    };
    let frame = user.session.frame(&app);
    Ok(match outcome {
        Some(outcome) => outcome_page(&frame, &info, &outcome),
        None => waiting_page(&app, &frame, &info, None),
    }
    .into_response())
}

fn waiting_page(app: &App, frame: &Frame<'_>, info: &SignInInfo, error: Option<&str>) -> Markup {
    let language = frame.language;
    let name = &info.connection;
    let page = info.page.expose_secret();
    let page = match &app.simulation {
        Some(simulation) => simulation.reachable(page),
        None => page.to_owned(),
    };
    let title = messages::signing_in(language, name);
    let pastes = error.is_some() || info.listens.is_err();
    let main = html! {
        div.middle.card {
            h1 { (title) }
            p { (if info.shared { messages::for_all(language) } else { messages::for_you(language) }) }
            p.go {
                a.button.primary #open href=(page) target="_blank" rel="noopener noreferrer" {
                    (messages::open_page(language))
                }
            }
            p.hint { (messages::open_advice(language)) }
            @if info.listens.is_err() { p.notice { (connection_errors::other_sign_in_waits(language)) } }
            p #waiting.soft role="status" { (messages::waiting(language)) }
            noscript { p { a href=(connection_url(SIGN_IN, name)) { (messages::look_again(language)) } } }
            details open[pastes] {
                summary { (messages::paste(language)) }
                p.hint { (messages::paste_advice(language)) }
                form method="post" action=(connection_url(PASTE, name)) {
                    (form_token(frame))
                    label for="callback" { (messages::pasted(language)) }
                    input #callback name="callback" required autocomplete="off" spellcheck="false"
                        aria-invalid=[error.map(|_| "true")] aria-describedby=[error.map(|_| "callback-error")];
                    (field_error("callback-error", error))
                    button #take { (messages::take(language)) }
                }
            }
            p { a href=(connection_url(CONNECTION, name)) { (messages::to_connection(language)) } }
        }
    };
    page_with(frame, &title, assets::OUTCOME, main)
}

fn outcome_page(frame: &Frame<'_>, info: &SignInInfo, outcome: &Outcome) -> Markup {
    let language = frame.language;
    let name = &info.connection;
    let to_connection = html! {
        a.button #to-connection href=(connection_url(CONNECTION, name)) { (messages::to_connection(language)) }
    };
    let (title, main) = match outcome {
        Ok(signed_in) => {
            let title = messages::is_signed_in(language, name);
            let main = html! {
                h1 #signed-in { (title) }
                p { (if info.shared { messages::for_all(language) } else { messages::for_you(language) }) }
                @if let Some(seconds) = signed_in.expires_in {
                    p { (messages::lives(language, seconds)) }
                }
                @if !signed_in.refreshable { p.notice { (messages::no_refresh_token(language)) } }
                @if let Some(scopes) = &signed_in.other_scopes {
                    p.notice { (messages::other_scopes(language, scopes)) }
                }
                div.row.acts { (to_connection) }
            };
            (title, main)
        }
        Err(error) => {
            let whose = if info.shared { SHARED } else { "own" };
            let main = html! {
                h1 #not-signed-in { (messages::is_failed(language)) }
                p.error role="alert" { (connection_error(error, language)) }
                div.row.acts {
                    form.inline method="post" action=(connection_url(SIGN_IN, name)) {
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

/// Whether the user's sign-in has ended, by long polling.
pub(super) async fn outcome(State(app): State<Arc<App>>, user: SignedIn) -> Json<Value> {
    let over = app.pending_sign_ins.is_over(&user.account.id).await;
    Json(json!({ "over": over }))
}

/// The callback's address, which contains the authorization code.
#[derive(Deserialize)]
pub(super) struct Pasted {
    #[serde(deserialize_with = "secret")]
    callback: SecretString,
}

pub(super) async fn paste(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(subject): Query<Subject>,
    FormData(Pasted { callback }): FormData<Pasted>,
) -> Result<Response, Failure> {
    let name = load(&app, &user, &subject).await?.summary.name;
    let to_page = || Ok(Redirect::to(&connection_url(SIGN_IN, &name)).into_response());
    let user_id = &user.account.id;
    let Some((info, None)) = app.pending_sign_ins.of(user_id).await else {
        return to_page();
    };
    if info.connection != name {
        return to_page();
    }
    match app.pending_sign_ins.paste(user_id, callback).await {
        Some(Err(error)) => {
            let frame = user.session.frame(&app);
            let message = connection_error(&error, frame.language);
            let page = waiting_page(&app, &frame, &info, Some(&message));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Some(Ok(())) | None => to_page(),
    }
}
