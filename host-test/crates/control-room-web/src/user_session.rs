//! The session that a request belongs to, and its user.
//!
//! Every browser has a session token in a cookie, even before the sign-in: form tokens are bound to it. The sign-in
//! replaces it, so that a token that an attacker has put into a browser is not valid afterwards (session fixation).
//!
//! The cookie is `SameSite=Strict`: a browser keeps it back when it follows a link on another site. Such a request is
//! answered with a page that requests the same address again, which brings the cookie, and is never given a new one.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{ACCEPT_LANGUAGE, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::http::{Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, html};
use tokio::time::timeout;

use super::app::App;
use super::cookie;
use super::failure::{ErrorPage, Failure};
use super::guard;
use super::layout::Frame;
use super::messages;
use super::sessions::SessionUser;
use super::token::Token;
use bot_engine::Language;
use control_room::accept_language::preferred;
use control_room::passwords::Account;

/// The time limit of a request from its head to its answer, body included.
const ANSWER_TIME: Duration = Duration::from_secs(30);

/// The session of a request, signed in or not.
#[derive(Clone)]
pub(super) struct UserSession {
    pub(super) language: Language,
    pub(super) token: Token,
    /// Whether the browser brought the token.
    pub(super) is_known: bool,
    pub(super) account: Option<Account>,
    /// Whether the user is an administrator.
    pub(super) administrator: bool,
    /// The path and query of the request.
    pub(super) path: String,
    /// The host and port by which the browser reaches these pages.
    pub(super) host: String,
}

impl UserSession {
    /// The data of the layout.
    pub(super) fn frame<'a>(&'a self, app: &App) -> Frame<'a> {
        Frame {
            language: self.language,
            user: self.account.as_ref().map(|account| &account.name),
            form_token: app.form_key.token(&self.token),
            path: &self.path,
            simulation: app.simulation.is_some(),
            administrator: self.administrator,
        }
    }
}

/// Marks a response that must not replace a cookie that the browser may have kept back.
#[derive(Clone, Copy)]
pub(super) struct KeepsCookie;

/// The header of requests that a page sends by itself, again and again.
const UNATTENDED: &str = "x-unattended";

/// Middleware that loads the session, limits the time, and turns failures into error pages in the user's language.
pub(super) async fn load_session(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let known = app.cookies.session(headers);
    let is_new = known.is_none();
    let token = known.unwrap_or_else(Token::random);
    let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|it| it.to_str().ok());
    let language =
        cookie::language(headers).unwrap_or_else(|| preferred(accepted.unwrap_or_default()));
    let is_cross_site = guard::is_cross_site(headers);
    let is_unattended = headers.contains_key(UNATTENDED);
    if is_new && is_cross_site && request.method() == Method::GET {
        return load_again(language, request.uri());
    }
    let path = request.uri().path_and_query();
    let mut session = UserSession {
        language,
        token,
        is_known: !is_new,
        account: None,
        administrator: false,
        path: path.map_or("/", |path| path.as_str()).into(),
        host: guard::host(headers).unwrap_or_default().into(),
    };
    let answer = async {
        session.account = account(&app, &session.token, is_unattended).await?;
        if let Some(account) = &session.account {
            session.administrator = app.store.users().is_administrator(&account.name).await?;
        }
        request.extensions_mut().insert(session.clone());
        Ok(next.run(request).await)
    };
    let answer = timeout(ANSWER_TIME, answer).await;
    let mut response = answer
        .unwrap_or(Err(Failure::TooSlow))
        .unwrap_or_else(Failure::into_response);
    if let Some(problem) = response.extensions_mut().remove::<ErrorPage>() {
        response = problem.page(&session.frame(&app));
    }
    let keeps_cookie = is_cross_site || response.extensions().get::<KeepsCookie>().is_some();
    let headers = response.headers_mut();
    if is_new
        && !keeps_cookie
        && !headers.contains_key(SET_COOKIE)
        && let Some(cookie) = app.cookies.set_session(&session.token)
    {
        headers.append(SET_COOKIE, cookie);
    }
    response
}

/// The page that requests the same address from this site.
fn load_again(language: Language, uri: &Uri) -> Response {
    let path = uri.path_and_query().map_or("/", PathAndQuery::as_str);
    let path = if guard::is_local_path(path) {
        path
    } else {
        "/"
    };
    let page = html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            head {
                meta charset="utf-8";
                meta http-equiv="refresh" content={ "0; url=" (path) };
                title { "Control Room" }
            }
            body { p { a href=(path) { (messages::go_on(language)) } } }
        }
    };
    page.into_response()
}

/// The user who is signed in with a token, as the store has them now. What a page does by itself is no use of the session.
async fn account(
    app: &App,
    token: &Token,
    is_unattended: bool,
) -> Result<Option<Account>, Failure> {
    let user = if is_unattended {
        app.sessions.peek(token)
    } else {
        app.sessions.user(token)
    };
    let Some(user) = user else {
        return Ok(None);
    };
    let account = app.store.passwords().account(&user.id).await?;
    Ok(account.filter(|account| SessionUser::of(account) == user))
}

impl<S: Sync> FromRequestParts<S> for UserSession {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        parts.extensions.get().cloned().ok_or(Failure::NotFound)
    }
}

/// Extracts the signed-in user; otherwise redirects to the sign-in.
pub(super) struct SignedIn {
    pub(super) session: UserSession,
    pub(super) account: Account,
}

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let session = UserSession::from_request_parts(parts, state).await?;
        let account = session.account.clone().ok_or_else(|| {
            let is_page = parts.method == Method::GET;
            let path = if is_page { &*session.path } else { "/" };
            Failure::NotSignedIn { path: path.into() }
        })?;
        Ok(Self { session, account })
    }
}

/// The IP address of the client.
#[derive(Clone, Copy)]
pub(super) struct Peer(pub(super) std::net::IpAddr);

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let unknown = Self(std::net::Ipv4Addr::UNSPECIFIED.into());
        Ok(parts.extensions.get().copied().unwrap_or(unknown))
    }
}
