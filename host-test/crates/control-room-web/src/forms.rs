//! The extractors for form data and JSON, which check the form token (CSRF protection).
//!
//! Handlers that change something take their input through [`FormData`] or [`JsonData`], so that none can omit the
//! check.

use std::sync::Arc;

use axum::Form;
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use super::app::App;
use super::failure::Failure;
use super::form_token::{FIELD, HEADER};
use super::user_session::UserSession;

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
        if !app.form_key.verify(&session.token, &token) {
            return Err(Failure::StaleForm);
        }
        let request = Request::from_parts(parts, Body::from(bytes.clone()));
        match Form::from_request(request, app).await {
            Ok(Form(fields)) => Ok(Self(fields)),
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
        if !app
            .form_key
            .verify(&session.token, token.unwrap_or_default())
        {
            return Err(Failure::StaleForm);
        }
        let request = Request::from_parts(parts, body);
        match Json::from_request(request, app).await {
            Ok(Json(sent)) => Ok(Self(sent)),
            Err(rejection) if rejection.status() == 413 => Err(Failure::TooLarge),
            Err(_) => Err(Failure::Malformed),
        }
    }
}

/// A form without fields.
#[derive(Deserialize)]
pub(super) struct NoFields {}

/// A field that may be a secret.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct TypedSecret(#[serde(deserialize_with = "secret")] pub(super) SecretString);

/// Deserializes a field that is a secret.
pub(super) fn secret<'de, D: Deserializer<'de>>(field: D) -> Result<SecretString, D::Error> {
    String::deserialize(field).map(SecretString::from)
}
