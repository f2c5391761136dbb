//! Sessions of browsers, by cookie, and the extractors that the handlers use.
//!
//! Each session has a form token, and every form sends it: the protection against cross-site request forgery, with the
//! `SameSite` cookie. A sign-in replaces the session.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_TYPE, COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use secrecy::{ExposeSecret, SecretString};

use super::messages::Language;
use super::{SIGN_IN, see_other};
use crate::call::Call;
use crate::cloud::Cloud;
use crate::random::OpaqueToken;
use crate::region::Region;
use crate::token_map::TokenMap;
use crate::token_request::{is_form, parameters};
use crate::user::User;

/// The hidden field of every form.
pub(super) const FORM_TOKEN: &str = "form-token";

const SESSION_COOKIE: &str = "genesys-admin";
const LANGUAGE_COOKIE: &str = "genesys-admin-language";

/// How long a session lasts.
const SESSION_LIFETIME: Duration = Duration::from_hours(12);

/// The most sessions; one more evicts the oldest.
const MAX_SESSIONS: usize = 1000;

/// A year, in seconds.
const LANGUAGE_LIFETIME: u32 = 365 * 24 * 60 * 60;

pub(super) struct Sessions(Mutex<TokenMap<Session>>);

struct Session {
    form_token: OpaqueToken,
    /// `None` before the sign-in.
    admin: Option<Arc<User>>,
}

impl Sessions {
    pub(super) fn new() -> Self {
        Self(Mutex::new(TokenMap::new(SESSION_LIFETIME, MAX_SESSIONS)))
    }

    fn lock(&self) -> MutexGuard<'_, TokenMap<Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The request of a page: its language, session and path. An extractor.
pub(super) struct PageContext {
    pub(super) language: Language,
    /// The administrator who is signed in.
    pub(super) admin: Option<Arc<User>>,
    /// For the forms of the page; empty without a session.
    pub(super) form_token: SecretString,
    /// The path of the page.
    pub(super) path: String,
    /// The region of the virtual host; `None` at a gateway.
    pub(super) region: Option<Region>,
    token: Option<String>,
    sessions: Arc<Sessions>,
    now: Duration,
}

impl PageContext {
    /// Starts a session before the sign-in, unless there is one; the cookie has to be set.
    pub(super) fn ensure_session(&mut self) -> Option<HeaderValue> {
        match self.token {
            Some(_) => None,
            None => self.start_session(None),
        }
    }

    /// Replaces the session; the cookie has to be set.
    pub(super) fn start_session(&mut self, admin: Option<Arc<User>>) -> Option<HeaderValue> {
        self.end_session();
        let form_token = OpaqueToken::random();
        self.form_token = form_token.text();
        self.admin.clone_from(&admin);
        let token = self
            .sessions
            .lock()
            .insert(Session { form_token, admin }, self.now);
        self.token = Some(token.expose_secret().to_owned());
        self.cookie(SESSION_COOKIE, token.expose_secret(), "")
    }

    pub(super) fn end_session(&mut self) {
        if let Some(token) = self.token.take() {
            self.sessions.lock().remove(&token, self.now);
        }
        self.admin = None;
    }

    /// The cookie that keeps the language of the pages.
    pub(super) fn language_cookie(&self, language: Language) -> Option<HeaderValue> {
        let lifetime = format!("; Max-Age={LANGUAGE_LIFETIME}");
        self.cookie(LANGUAGE_COOKIE, language.code(), &lifetime)
    }

    /// A `Set-Cookie` header (RFC 6265, section 4.1). A gateway is served over plain HTTP, Genesys' hosts over TLS.
    fn cookie(&self, name: &str, value: &str, lifetime: &str) -> Option<HeaderValue> {
        let secure = if self.region.is_some() {
            "; Secure"
        } else {
            ""
        };
        let cookie =
            format!("{name}={value}; Path=/admin; HttpOnly; SameSite=Strict{lifetime}{secure}");
        let mut cookie = HeaderValue::try_from(cookie).ok()?;
        cookie.set_sensitive(true);
        Some(cookie)
    }
}

impl FromRequestParts<Arc<Cloud>> for PageContext {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, cloud: &Arc<Cloud>) -> Result<Self, Response> {
        let extensions = Extension::<Call>::from_request_parts(parts, cloud).await;
        let Extension(call) = extensions.map_err(IntoResponse::into_response)?;
        let sessions = Extension::<Arc<Sessions>>::from_request_parts(parts, cloud).await;
        let Extension(sessions) = sessions.map_err(IntoResponse::into_response)?;
        let headers = &parts.headers;
        let language = cookie(headers, LANGUAGE_COOKIE).and_then(Language::from_code);
        let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|it| it.to_str().ok());
        let mut context = Self {
            language: language
                .unwrap_or_else(|| Language::from_accept_language(accepted.unwrap_or_default())),
            admin: None,
            form_token: SecretString::default(),
            path: parts.uri.path().to_owned(),
            region: call.region,
            token: None,
            sessions: Arc::clone(&sessions),
            now: cloud.now(),
        };
        let mut sessions = sessions.lock();
        if let Some(token) = cookie(headers, SESSION_COOKIE)
            && let Some(entry) = sessions.get(token, context.now)
        {
            context.form_token = entry.value.form_token.text();
            context.token = Some(token.to_owned());
            // Removing a user, and changing their password, ends the session.
            context.admin = entry.value.admin.clone().filter(|admin| {
                let current = cloud.accounts().users.find(&admin.username);
                current.is_some_and(|current| Arc::ptr_eq(&current, admin))
            });
        }
        Ok(context)
    }
}

/// The value of a cookie (RFC 6265, section 4.2).
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let headers = headers.get_all(COOKIE).iter();
    headers
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(other, value)| (other == name).then_some(value))
}

/// A request of an administrator who is signed in. Others are redirected to the sign-in.
pub(super) struct Admin(pub(super) PageContext);

impl FromRequestParts<Arc<Cloud>> for Admin {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, cloud: &Arc<Cloud>) -> Result<Self, Response> {
        let context = PageContext::from_request_parts(parts, cloud).await?;
        match context.admin {
            Some(_) => Ok(Self(context)),
            None => Err(see_other(SIGN_IN)),
        }
    }
}

/// The fields of a form that a page of this session has sent.
pub(super) struct Form {
    pub(super) context: PageContext,
    fields: HashMap<String, String>,
}

impl Form {
    /// The value of a field; empty if it is absent.
    pub(super) fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
}

impl FromRequest<Arc<Cloud>> for Form {
    type Rejection = Response;

    async fn from_request(request: Request, cloud: &Arc<Cloud>) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let context = PageContext::from_request_parts(&mut parts, cloud).await?;
        let content_type = parts.headers.get(CONTENT_TYPE);
        let is_form = content_type
            .and_then(|it| it.to_str().ok())
            .is_some_and(is_form);
        let body = Bytes::from_request(Request::from_parts(parts, body), cloud).await;
        let body = body.map_err(IntoResponse::into_response)?;
        let fields = parameters(&body).ok().filter(|_| is_form);
        let fields = fields.ok_or_else(|| context.malformed())?;
        let presented = fields
            .get(FORM_TOKEN)
            .and_then(|text| OpaqueToken::parse(text));
        let expected = OpaqueToken::parse(context.form_token.expose_secret());
        match presented.zip(expected) {
            Some((presented, expected)) if expected.is_same(&presented) => {
                Ok(Self { context, fields })
            }
            _ => Err(context.error(StatusCode::FORBIDDEN, context.language.stale_form())),
        }
    }
}

/// A [`Form`] of an [`Admin`].
pub(super) struct AdminForm(pub(super) Form);

impl FromRequest<Arc<Cloud>> for AdminForm {
    type Rejection = Response;

    async fn from_request(request: Request, cloud: &Arc<Cloud>) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        Admin::from_request_parts(&mut parts, cloud).await?;
        let form = Form::from_request(Request::from_parts(parts, body), cloud).await?;
        Ok(Self(form))
    }
}
