//! Sign-in and sign-out.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::{RETRY_AFTER, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use maud::html;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;

use super::app::App;
use super::attempts::{Attempt, TooMany};
use super::extract::Query;
use super::failure::{Failure, START};
use super::forms::{FormData, NoFields, secret};
use super::guard;
use super::known_browsers::{recognize, remember};
use super::layout::{Frame, field_error, form_token, page};
use super::messages;
use super::sessions::SessionUser;
use super::token::Token;
use super::user_session::{Peer, SignedIn, UserSession};
use control_room::audit_events::Action;
use control_room::passwords::Account;
use control_room::{Name, Principal};

/// Where to go after the sign-in.
#[derive(Deserialize)]
pub(super) struct Next {
    #[serde(default)]
    to: String,
}

/// The path, unless it leads to another site.
fn checked(to: &str) -> &str {
    if guard::is_local_path(to) { to } else { START }
}

#[derive(Deserialize)]
pub(super) struct Credentials {
    name: String,
    #[serde(deserialize_with = "secret")]
    password: SecretString,
    #[serde(default)]
    to: String,
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    session: UserSession,
    Query(Next { to }): Query<Next>,
) -> Result<Response, Failure> {
    if session.account.is_some() {
        return Ok(Redirect::to(checked(&to)).into_response());
    }
    let is_new = !app.store.passwords().is_set_up().await?;
    let notice = is_new.then_some(messages::nobody_yet(session.language));
    let form = Form {
        name: "",
        to: checked(&to),
    };
    Ok(form.page(&session.frame(&app), notice, None))
}

pub(super) async fn sign_in(
    State(app): State<Arc<App>>,
    Peer(address): Peer,
    session: UserSession,
    headers: HeaderMap,
    FormData(Credentials { name, password, to }): FormData<Credentials>,
) -> Result<Response, Failure> {
    let language = session.language;
    let frame = session.frame(&app);
    let form = Form {
        name: &name,
        to: checked(&to),
    };
    // A name that is not valid takes as long as an unknown one.
    let user = name.parse::<Name>().ok();
    let known = match &user {
        Some(user) => app.store.passwords().named(user).await?,
        None => None,
    };
    // As it is stored, for the audit log.
    let tried = known.as_ref().map(|account| account.name.clone());
    let tried = tried.or(user.clone());
    let exists = known.is_some();
    let known = known.and_then(|account| recognize(app.cookies.known(&headers), &account));
    let attempt = Attempt {
        user: user.as_ref().map_or("", Name::as_str),
        exists,
        address,
        known_browser: known.as_deref(),
    };
    let audit = app.store.audit();
    let from = address.to_string();
    if let Err(TooMany { wait, is_first }) = app.attempts.begin(attempt) {
        if is_first {
            let by = tried.map_or(Principal::System, Principal::User);
            audit.refused(&by, Action::TooManySignIns, &from).await?;
        }
        let seconds = (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).to_string();
        let error = messages::wait(language, &seconds);
        let page = form.page(&frame, None, Some(&error));
        let mut response = (StatusCode::TOO_MANY_REQUESTS, page).into_response();
        if let Ok(seconds) = HeaderValue::try_from(seconds) {
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        return Ok(response);
    }
    let nobody: Name = "nobody".parse().map_err(|_| Failure::Malformed)?;
    let found = app
        .store
        .passwords()
        .verify(user.as_ref().unwrap_or(&nobody), &password)
        .await?;
    let Some(account) = found.filter(|account| Some(&account.name) == user.as_ref()) else {
        // What is not a name may be a password that was typed into the wrong field.
        if let Some(user) = tried {
            audit
                .refused(&Principal::User(user), Action::SignIn, &from)
                .await?;
        }
        let page = form.page(&frame, None, Some(messages::wrong_password(language)));
        return Ok((StatusCode::UNAUTHORIZED, page).into_response());
    };
    app.attempts.succeeded(attempt);
    let by = Principal::User(account.name.clone());
    audit.done(&by, Action::SignIn, &from).await?;
    Ok(start_session(
        &app,
        &session,
        &headers,
        &account,
        checked(&to),
    ))
}

/// Signs a user in: a new session with a new token, whatever the browser had (session fixation).
/// From now on, failed attempts elsewhere do not keep the user out of this browser. Redirects to the path.
pub(super) fn start_session(
    app: &App,
    session: &UserSession,
    headers: &HeaderMap,
    account: &Account,
    path: &str,
) -> Response {
    app.sessions.end(&session.token);
    let token = app.sessions.begin(SessionUser::of(account));
    let mut response = redirect(app, path, &token);
    let known = remember(app.cookies.known(headers), account);
    if let Some(cookie) = app.cookies.set_known(&known) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

pub(super) async fn sign_out(
    State(app): State<Arc<App>>,
    session: UserSession,
    FormData(NoFields {}): FormData<NoFields>,
) -> Response {
    app.sessions.end(&session.token);
    redirect(&app, "/sign-in", &Token::random())
}

/// What the editor needs to continue after the user has signed in again in another tab.
pub(super) async fn session(State(app): State<Arc<App>>, user: SignedIn) -> Response {
    let form_token = app.form_key.token(&user.session.token);
    Json(json!({ "user": user.account.name.shown(), "formToken": form_token })).into_response()
}

fn redirect(app: &App, place: &str, token: &Token) -> Response {
    let mut response = Redirect::to(place).into_response();
    if let Some(cookie) = app.cookies.set_session(token) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// The form of the sign-in.
struct Form<'a> {
    /// The name that was typed.
    name: &'a str,
    /// Where to go then.
    to: &'a str,
}

impl Form<'_> {
    fn page(&self, frame: &Frame<'_>, notice: Option<&str>, error: Option<&str>) -> Response {
        let language = frame.language;
        let main = html! {
            div.narrow.card {
                h1 { (messages::sign_in_to(language)) }
                @if let Some(notice) = notice { p.notice { (notice) } }
                form method="post" action="/sign-in" {
                    (form_token(frame))
                    @if self.to != START { input type="hidden" name="to" value=(self.to); }
                    label for="name" { (messages::user_name(language)) }
                    input #name name="name" value=(self.name) autocomplete="username" autocapitalize="none"
                        spellcheck="false" required autofocus[error.is_none()];
                    label for="password" { (messages::password(language)) }
                    input #password name="password" type="password" autocomplete="current-password" required
                        autofocus[error.is_some()] aria-invalid=[error.map(|_| "true")]
                        aria-describedby=[error.map(|_| "error")];
                    (field_error("error", error))
                    button.primary #sign-in { (messages::sign_in(language)) }
                }
            }
        };
        page(frame, messages::sign_in(language), main).into_response()
    }
}
