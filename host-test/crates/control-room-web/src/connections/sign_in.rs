//! The page of a sign-in at the provider, and of its outcome.
//!
//! The browser opens the provider's page in a second tab, which is redirected to the callback URL, and from there to
//! [`ask`]: the page that goes on only in the browser session that began, and asks whether to store the token. The first
//! tab polls until the sign-in has ended. If the callback cannot arrive, because the Control Room runs on another machine, the
//! user pastes its address here. A sign-in from the editor has a tab of its own: it goes on at the provider at once, if the
//! browser and the Control Room are on one machine.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Json};
use maud::{Markup, html};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::errors::{connection_error, texts as errors};
use super::messages;
use super::show::{Flash, Notice, OPEN, OwnerForm, SHARED, show_page};
use super::{CONFIRM, CONNECTION, CONNECTIONS, PASTE, SIGN_IN, connection_url, load};
use crate::app::App;
use crate::assets;
use crate::extract::Query;
use crate::failure::Failure;
use crate::form_components::Subject;
use crate::forms::{FormData, secret};
use crate::layout::{Frame, field_error, form_token, page, page_with};
use crate::lists::url;
use crate::pending_sign_ins::{Initiator, Outcome, SignInInfo, Stage};
use crate::user_session::{KeepsCookie, SignedIn, UserSession};
use bot_engine::report::duration_in_words;
use control_room::Name;
use control_room::connections::{ConnectionError, Person, SignInOwner};

pub(super) async fn begin(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(subject): Query<Subject>,
    FormData(whose): FormData<OwnerForm>,
) -> Result<Response, Failure> {
    let view = load(&app, &user, &subject).await?;
    let owner = whose.owner(&user)?;
    let done = if whose.then == OPEN { OPEN } else { "" };
    begin_for(&app, &user, &view.summary.name, &owner, done).await
}

/// Begins a sign-in and redirects to its page, passing on the flash message `done`.
pub(super) async fn begin_for(
    app: &Arc<App>,
    user: &SignedIn,
    name: &Name,
    owner: &SignInOwner,
    done: &str,
) -> Result<Response, Failure> {
    let by = Initiator {
        user: &user.account.id,
        session: user.session.token.hash(),
    };
    let scheme = if app.secure { "https" } else { "http" };
    // A ticket is sent there: not to any `Host` that a request claims.
    let (own, host) = (app.address.to_string(), &user.session.host);
    let is_own = *host == own || *host == format!("localhost:{}", app.address.port());
    let host = if app.secure || is_own { host } else { &own };
    let page = |id: &str| format!("{scheme}://{host}{}", url(CONFIRM, &[("sign-in", id)]));
    let connections = user.connections(app);
    let started = app
        .pending_sign_ins
        .begin(by, &connections, name, owner, page);
    match started.await {
        Ok(()) => {
            let done = (!done.is_empty()).then_some(("done", done));
            let pairs: Vec<_> = [("at", name.shown())].into_iter().chain(done).collect();
            Ok(Redirect::to(&url(SIGN_IN, &pairs)).into_response())
        }
        Err(error @ (ConnectionError::Store(_) | ConnectionError::NoConnection(_))) => {
            Err(error.into())
        }
        Err(error) => {
            connections.record_refused_sign_in(name, owner).await?;
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
    Query(done): Query<Flash>,
) -> Result<Response, Failure> {
    let name = load(&app, &user, &subject).await?.summary.name;
    let found = app.pending_sign_ins.of(&user.account.id).await;
    let Some((info, stage)) = found.filter(|(info, _)| info.connection == name) else {
        // No sign-in has begun, or one to another connection.
        return Ok(Redirect::to(&connection_url(CONNECTION, &name)).into_response());
    };
    let frame = user.session.frame(&app);
    Ok(match stage {
        Stage::Waiting | Stage::Arrived { .. } => waiting_page(&app, &frame, &info, &done, None),
        Stage::Ended(outcome) => outcome_page(&frame, &info, &outcome),
    }
    .into_response())
}

/// Whether this is the browser session that began the sign-in.
fn is_own(info: &SignInInfo, session: &UserSession) -> bool {
    info.session == session.token.hash()
}

/// Which sign-in the callback belongs to.
#[derive(Deserialize)]
pub(super) struct CallbackQuery {
    #[serde(rename = "sign-in")]
    id: String,
    #[serde(default)]
    ticket: String,
}

impl CallbackQuery {
    /// The address of the page that asks.
    fn url(&self) -> String {
        url(CONFIRM, &[("sign-in", &self.id), ("ticket", &self.ticket)])
    }

    /// Whether the browser that asks may go on: it brought the callback, and began the sign-in.
    fn may_go_on(&self, info: &SignInInfo, stage: &Stage, session: &UserSession) -> bool {
        let has_ticket = match stage {
            Stage::Arrived { ticket } => ticket.is(&self.ticket),
            Stage::Waiting | Stage::Ended(_) => true,
        };
        has_ticket && is_own(info, session)
    }
}

/// Where the browser goes on after the callback.
pub(super) async fn ask(
    State(app): State<Arc<App>>,
    session: UserSession,
    Query(which): Query<CallbackQuery>,
) -> Result<Response, Failure> {
    let frame = session.frame(&app);
    let Some((info, stage)) = app.pending_sign_ins.get(&which.id).await else {
        return Ok((StatusCode::NOT_FOUND, not_waiting(&frame)).into_response());
    };
    if !session.is_known {
        // After a redirect from another site, browsers keep back the cookie, and not all of them say so.
        let page = go_on(&frame, &which);
        return Ok((Extension(KeepsCookie), page).into_response());
    }
    if !which.may_go_on(&info, &stage, &session) {
        return Ok((StatusCode::FORBIDDEN, other_browser(&frame)).into_response());
    }
    if session.account.is_none() {
        // Not back to this address, which has the code.
        return Err(Failure::NotSignedIn { path: "/".into() });
    }
    if matches!(stage, Stage::Arrived { .. }) {
        return Ok(question(&frame, &info, &which).into_response());
    }
    Ok(Redirect::to(&connection_url(SIGN_IN, &info.connection)).into_response())
}

#[derive(Deserialize)]
pub(super) struct Confirmation {
    store: Decision,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum Decision {
    Yes,
    No,
}

pub(super) async fn confirm(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(which): Query<CallbackQuery>,
    FormData(Confirmation { store }): FormData<Confirmation>,
) -> Result<Response, Failure> {
    let frame = user.session.frame(&app);
    let id = &which.id;
    let Some((info, stage)) = app.pending_sign_ins.get(id).await else {
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, not_waiting(&frame)).into_response());
    };
    if !which.may_go_on(&info, &stage, &user.session) {
        return Ok((StatusCode::FORBIDDEN, other_browser(&frame)).into_response());
    }
    // Only the ticket of a callback that has arrived was checked; before that, there is nothing to confirm. If the sign-in
    // has ended meanwhile, the page shows how.
    if matches!(stage, Stage::Arrived { .. }) {
        let stored = store == Decision::Yes;
        app.pending_sign_ins.confirm(id, stored).await;
    }
    Ok(Redirect::to(&connection_url(SIGN_IN, &info.connection)).into_response())
}

fn question(frame: &Frame<'_>, info: &SignInInfo, which: &CallbackQuery) -> Markup {
    let language = frame.language;
    let title = messages::store_question(language, &info.connection);
    let main = html! {
        div.middle.card {
            h1 #question { (title) }
            @if let Some(user) = frame.user {
                p {
                    @if info.shared { (messages::store_for_all(language, user)) }
                    @else { (messages::store_for_you(language, user)) }
                }
            }
            p.notice { (messages::store_only_yours(language)) }
            form method="post" action=(which.url()) {
                (form_token(frame))
                div.row.acts {
                    button.primary #store name="store" value="yes" { (messages::store(language)) }
                    button #discard name="store" value="no" { (messages::discard(language)) }
                }
            }
        }
    };
    page(frame, &title, main)
}

/// The page for a callback of a sign-in that was replaced, or that nobody knows any more.
fn not_waiting(frame: &Frame<'_>) -> Markup {
    let language = frame.language;
    let title = messages::not_waiting(language);
    let main = html! {
        div.middle.card {
            h1 #not-waiting { (title) }
            p { (messages::not_waiting_advice(language)) }
            p { a href=(CONNECTIONS) { (messages::connections(language)) } }
        }
    };
    page(frame, title, main)
}

/// The page for a browser that brought no cookie.
fn go_on(frame: &Frame<'_>, which: &CallbackQuery) -> Markup {
    let language = frame.language;
    let title = messages::go_on(language);
    let main = html! {
        div.middle.card {
            h1 #go-on { (title) }
            p { (messages::other_browser_advice(language)) }
            p { a.button.primary href=(which.url()) { (title) } }
            p.notice { (messages::other_browser_warning(language)) }
        }
    };
    page(frame, title, main)
}

/// The page for a browser session that has not begun the sign-in. It does not say whose it is.
fn other_browser(frame: &Frame<'_>) -> Markup {
    let language = frame.language;
    let title = messages::other_browser(language);
    let main = html! {
        div.middle.card {
            h1 #other-browser { (title) }
            p { (messages::other_browser_advice(language)) }
            p.notice { (messages::other_browser_warning(language)) }
        }
    };
    page(frame, title, main)
}

/// The page of a sign-in in progress.
fn waiting_page(
    app: &App,
    frame: &Frame<'_>,
    info: &SignInInfo,
    done: &Flash,
    error: Option<&str>,
) -> Markup {
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
            // The connection was saved; testing it needs this sign-in.
            @if done.is_saved() { p.done #saved role="status" { (messages::test_needs_sign_in(language)) } }
            p { (if info.shared { messages::for_all(language) } else { messages::for_you(language) }) }
            p.go {
                a.button.primary #open href=(page) target="_blank" rel="noopener noreferrer"
                    data-follow[done.goes_to_provider() && info.listens.is_ok()] {
                    (messages::open_page(language))
                }
            }
            p.hint { (messages::open_advice(language)) }
            @if info.listens.is_err() { p.notice { (errors::port_in_use(language)) } }
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
                @match &signed_in.person {
                    Some(Person::Known(person)) => p #person { (messages::token_of_person(language, person)) },
                    Some(Person::Unknown(_)) => p.notice #person { (messages::person_unknown(language)) },
                    None => {}
                }
                @if let Some(seconds) = signed_in.expires_in {
                    p { (messages::lives(language, duration_in_words(seconds, language))) }
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
pub(super) async fn outcome(State(app): State<Arc<App>>, user: SignedIn) -> Response {
    let over = tokio::select! {
        over = app.pending_sign_ins.is_over(&user.account.id) => over,
        // Otherwise it would hold up the shutdown.
        () = app.shutdown.cancelled() => None,
    };
    match over {
        Some(over) => Json(json!({ "over": over })).into_response(),
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
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
    let found = app.pending_sign_ins.of(&user.account.id).await;
    let Some((info, Stage::Waiting)) = found else {
        return to_page();
    };
    if info.connection != name || !is_own(&info, &user.session) {
        return to_page();
    }
    match app.pending_sign_ins.paste(&info.id, callback).await {
        Some(Err(error)) => {
            let frame = user.session.frame(&app);
            let message = connection_error(&error, frame.language);
            let page = waiting_page(&app, &frame, &info, &Flash::default(), Some(&message));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Some(Ok(())) | None => to_page(),
    }
}
