//! The extractors for form data and JSON, which check the form token (CSRF protection).
//!
//! A page's form token is a keyed hash of the session token (`user_session`): another site can read neither, and a page
//! from before the sign-in is not valid afterwards. Handlers that change something take their input by [`FormData`] or
//! [`JsonData`], so that none can omit the check.

use std::sync::Arc;

use axum::Form;
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use super::app::App;
use super::failure::Failure;
use super::token::Token;
use super::user_session::UserSession;

/// The form field with the token.
pub(super) const FIELD: &str = "form-token";

/// The header with the token, for scripts.
pub(super) const HEADER: &str = "x-form-token";

/// The key of form tokens, new with every start, as the sessions are.
pub(super) struct FormKey(hmac::Key);

impl FormKey {
    /// # Panics
    ///
    /// As [`Token::random`].
    pub(super) fn random() -> FormKey {
        let key = Token::random();
        FormKey(hmac::Key::new(hmac::HMAC_SHA256, key.expose().as_bytes()))
    }

    /// The form token of a session.
    pub(super) fn token(&self, browser: &Token) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.0, browser.expose().as_bytes()))
    }

    fn check(&self, browser: &Token, token: &str) -> Result<(), Failure> {
        let right = URL_SAFE_NO_PAD
            .decode(token)
            .is_ok_and(|token| hmac::verify(&self.0, browser.expose().as_bytes(), &token).is_ok());
        match right {
            true => Ok(()),
            false => Err(Failure::StaleForm),
        }
    }
}

/// The fields of a form with a valid token.
pub(super) struct FormData<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for FormData<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let session = UserSession::from_request_parts(&mut parts, app).await?;
        let request = Request::from_parts(parts.clone(), body);
        let bytes = Bytes::from_request(request, app)
            .await
            .map_err(|_| Failure::TooLarge)?;
        let token = form_urlencoded::parse(&bytes)
            .find_map(|(name, value)| (name == FIELD).then_some(value))
            .unwrap_or_default();
        app.form_key.check(&session.token, &token)?;
        let request = Request::from_parts(parts, Body::from(bytes.clone()));
        match Form::from_request(request, app).await {
            Ok(Form(fields)) => Ok(FormData(fields)),
            Err(_) => Err(Failure::Malformed),
        }
    }
}

/// JSON from a script with a valid token.
pub(super) struct JsonData<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for JsonData<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let session = UserSession::from_request_parts(&mut parts, app).await?;
        let token = parts
            .headers
            .get(HEADER)
            .and_then(|token| token.to_str().ok());
        app.form_key
            .check(&session.token, token.unwrap_or_default())?;
        let request = Request::from_parts(parts, body);
        match Json::from_request(request, app).await {
            Ok(Json(sent)) => Ok(JsonData(sent)),
            Err(rejection) if rejection.status() == 413 => Err(Failure::TooLarge),
            Err(_) => Err(Failure::Malformed),
        }
    }
}

/// A form without fields.
#[derive(Deserialize)]
pub(super) struct NoFields {}

/// Deserializes a field that is a secret.
pub(super) fn secret<'de, D: Deserializer<'de>>(field: D) -> Result<SecretString, D::Error> {
    String::deserialize(field).map(SecretString::from)
}
