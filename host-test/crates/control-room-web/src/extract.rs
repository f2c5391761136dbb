//! The extractors of axum for the query and the path, with a [`Failure`] as their rejection: an error page in the
//! user's language.

use axum::extract::{FromRequestParts, Path as Parts, Query as Pairs};
use axum::http::request;
use serde::de::DeserializeOwned;

use super::failure::Failure;

/// The query string.
pub(super) struct Query<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut request::Parts, state: &S) -> Result<Self, Failure> {
        match Pairs::from_request_parts(parts, state).await {
            Ok(Pairs(query)) => Ok(Self(query)),
            Err(_) => Err(Failure::Malformed),
        }
    }
}

/// The parameters of the path.
pub(super) struct Path<T>(pub(super) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut request::Parts, state: &S) -> Result<Self, Failure> {
        match Parts::from_request_parts(parts, state).await {
            Ok(Parts(query)) => Ok(Self(query)),
            Err(_) => Err(Failure::NotFound),
        }
    }
}
