//! What an address says, as axum reads it; where it does not say it, that is a page as other mistakes are.

use axum::extract::{FromRequestParts, Path as Parts, Query as Pairs};
use axum::http::request;
use serde::de::DeserializeOwned;

use super::failure::Failure;

/// What stands after the question mark.
pub(super) struct Query<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut request::Parts, state: &S) -> Result<Self, Failure> {
        match Pairs::from_request_parts(parts, state).await {
            Ok(Pairs(asked)) => Ok(Query(asked)),
            Err(_) => Err(Failure::Malformed),
        }
    }
}

/// What stands in the path.
pub(super) struct Path<T>(pub(super) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut request::Parts, state: &S) -> Result<Self, Failure> {
        match Parts::from_request_parts(parts, state).await {
            Ok(Parts(asked)) => Ok(Path(asked)),
            Err(_) => Err(Failure::NotFound),
        }
    }
}
