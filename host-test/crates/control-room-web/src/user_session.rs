//! Who a request comes from.
//!
//! Everybody has a token in a cookie, also before they sign in: forms are bound to it. Signing in gives another
//! one, so that a token which somebody else has put into a browser is worth nothing afterwards.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{ACCEPT_LANGUAGE, SET_COOKIE};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::timeout;

use super::app::App;
use super::cookie;
use super::failure::{Failure, Problem};
use super::language;
use super::layout::Frame;
use super::sessions::SessionUser;
use super::token::Token;
use bot_engine::Language;
use control_room::passwords::Account;

/// How long a request may take from its head to its answer, which is the time to send its body.
const ANSWER_TIME: Duration = Duration::from_secs(30);

/// Somebody, signed in or not.
#[derive(Clone)]
pub(super) struct Visitor {
    pub(super) language: Language,
    pub(super) token: Token,
    pub(super) account: Option<Account>,
    /// Whether they manage the Control Room.
    pub(super) administrator: bool,
    /// Where the page is that they see, with what was searched for.
    pub(super) place: String,
}

impl Visitor {
    /// What pages have around them.
    pub(super) fn frame<'a>(&'a self, app: &App) -> Frame<'a> {
        Frame {
            language: self.language,
            user: self.account.as_ref().map(|account| &account.name),
            form_token: app.form_key.token(&self.token),
            place: &self.place,
            simulation: app.simulation.is_some(),
            administrator: self.administrator,
        }
    }
}

/// Finds out who it is, and shows them what went wrong in their language: also where it is not known who they are,
/// and where they have waited for too long.
pub(super) async fn recognise(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let known = app.cookies.session(headers);
    let is_new = known.is_none();
    let token = known.unwrap_or_else(Token::random);
    let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|it| it.to_str().ok());
    let language = cookie::language(headers)
        .unwrap_or_else(|| language::preferred(accepted.unwrap_or_default()));
    let place = request.uri().path_and_query();
    let mut visitor = Visitor {
        language,
        token,
        account: None,
        administrator: false,
        place: place.map_or("/", |place| place.as_str()).into(),
    };
    let answer = async {
        visitor.account = account(&app, &visitor.token).await?;
        if let Some(account) = &visitor.account {
            visitor.administrator = app.store.users().is_administrator(&account.name).await?;
        }
        request.extensions_mut().insert(visitor.clone());
        Ok(next.run(request).await)
    };
    let answer = timeout(ANSWER_TIME, answer).await;
    let mut response = answer
        .unwrap_or(Err(Failure::TooSlow))
        .unwrap_or_else(Failure::into_response);
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        response = problem.page(&visitor.frame(&app));
    }
    let headers = response.headers_mut();
    if is_new
        && !headers.contains_key(SET_COOKIE)
        && let Some(cookie) = app.cookies.set_session(&visitor.token)
    {
        headers.append(SET_COOKIE, cookie);
    }
    response
}

/// Who is signed in with a token, as the Control Room knows them now.
async fn account(app: &App, token: &Token) -> Result<Option<Account>, Failure> {
    let Some(user) = app.sessions.user(token) else {
        return Ok(None);
    };
    let account = app.store.passwords().account(&user.id).await?;
    Ok(account.filter(|account| SessionUser::of(account) == user))
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        parts.extensions.get().cloned().ok_or(Failure::NotFound)
    }
}

/// Somebody who is signed in; others are led to the sign-in, or told where no page is asked for.
pub(super) struct SignedIn {
    pub(super) visitor: Visitor,
    pub(super) account: Account,
}

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let visitor = Visitor::from_request_parts(parts, state).await?;
        let account = visitor.account.clone().ok_or(Failure::NotSignedIn)?;
        Ok(SignedIn { visitor, account })
    }
}

/// The address that a request comes from.
#[derive(Clone, Copy)]
pub(super) struct Peer(pub(super) std::net::IpAddr);

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let unknown = Peer(std::net::Ipv4Addr::UNSPECIFIED.into());
        Ok(parts.extensions.get().copied().unwrap_or(unknown))
    }
}
