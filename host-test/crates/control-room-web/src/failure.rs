//! What goes wrong, as a page: what it is, and what to do.

use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use maud::html;

use super::layout::{Frame, page};
use super::messages;
use control_room::StoreError;
use control_room::bots::BotsError;
use control_room::connections::ConnectionError;
use control_room::passwords::PasswordError;
use control_room::runs::RunsError;
use control_room::users::UserError;
use control_room::vault::VaultError;

/// Why a request is not answered as asked.
#[derive(Debug)]
pub(super) enum Failure {
    /// Nobody is signed in.
    NotSignedIn,
    /// There is nothing here, or nothing that this user may see.
    NotFound,
    /// Another site has sent this, or it was sent to another name.
    Elsewhere,
    /// The page that the form was on is too old, or is none of ours.
    StaleForm,
    /// More than may be sent.
    TooLarge,
    /// Not what our pages send.
    Malformed,
    /// The user has as many bots as they may have.
    TooManyBots,
    /// As many bots run as may, for this user or in all.
    TooManyRuns,
    /// The Control Room cannot be read or written. The log says why.
    Broken,
    /// It takes longer than anybody waits.
    TooSlow,
}

/// What a page is to be made of, once it is known for whom.
#[derive(Clone, Copy)]
pub(super) struct Problem(StatusCode);

impl Problem {
    pub(super) fn page(self, frame: &Frame<'_>) -> Response {
        let language = frame.language;
        let (title, advice) = match self.0 {
            StatusCode::NOT_FOUND => (
                messages::not_found(language),
                messages::not_found_advice(language),
            ),
            StatusCode::FORBIDDEN => (
                messages::forbidden(language),
                messages::forbidden_advice(language),
            ),
            StatusCode::PAYLOAD_TOO_LARGE => (
                messages::too_large(language),
                messages::too_large_advice(language),
            ),
            StatusCode::CONFLICT => (
                messages::too_many_bots(language),
                messages::too_many_bots_advice(language),
            ),
            StatusCode::TOO_MANY_REQUESTS => (
                messages::too_many_runs(language),
                messages::too_many_runs_advice(language),
            ),
            StatusCode::INTERNAL_SERVER_ERROR => (
                messages::broken(language),
                messages::broken_advice(language),
            ),
            StatusCode::SERVICE_UNAVAILABLE => (
                messages::too_slow(language),
                messages::too_slow_advice(language),
            ),
            _ => (
                messages::malformed(language),
                messages::malformed_advice(language),
            ),
        };
        let main = html! {
            div.narrow {
                h1 #problem { (title) }
                p { (advice) }
                @if self.0 == StatusCode::TOO_MANY_REQUESTS { p { a href="/runs" { (messages::to_runs(language)) } } }
                p { a href="/bots" { (messages::to_bots(language)) } }
            }
        };
        (self.0, page(frame, title, main)).into_response()
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = match self {
            Failure::NotSignedIn => {
                // A script does not follow it: it asks for no page, and has the status.
                let headers = [(LOCATION, "/sign-in")];
                return (StatusCode::SEE_OTHER, headers).into_response();
            }
            Failure::NotFound => StatusCode::NOT_FOUND,
            Failure::Elsewhere | Failure::StaleForm => StatusCode::FORBIDDEN,
            Failure::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Failure::Malformed => StatusCode::BAD_REQUEST,
            Failure::TooManyBots => StatusCode::CONFLICT,
            Failure::TooManyRuns => StatusCode::TOO_MANY_REQUESTS,
            Failure::Broken => StatusCode::INTERNAL_SERVER_ERROR,
            Failure::TooSlow => StatusCode::SERVICE_UNAVAILABLE,
        };
        let mut response = status.into_response();
        response.extensions_mut().insert(Problem(status));
        response
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the Control Room cannot be used");
        Failure::Broken
    }
}

impl From<BotsError> for Failure {
    fn from(error: BotsError) -> Self {
        match error {
            BotsError::NoBot => Failure::NotFound,
            BotsError::TooMany => Failure::TooManyBots,
            BotsError::Changed(_) => Failure::Malformed,
            BotsError::Store(error) => error.into(),
        }
    }
}

impl From<RunsError> for Failure {
    fn from(error: RunsError) -> Self {
        match error {
            RunsError::NoRun => Failure::NotFound,
            RunsError::Store(error) => error.into(),
        }
    }
}

impl From<PasswordError> for Failure {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::User(error) => error.into(),
            error => {
                tracing::error!(%error, "passwords cannot be used");
                Failure::Broken
            }
        }
    }
}

/// Who may not do something with what is there does not learn that it is.
impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Store(error) => error.into(),
            _ => Failure::NotFound,
        }
    }
}

impl From<UserError> for Failure {
    fn from(error: UserError) -> Self {
        match error {
            UserError::Store(error) => error.into(),
            _ => Failure::NotFound,
        }
    }
}

impl From<ConnectionError> for Failure {
    fn from(error: ConnectionError) -> Self {
        match error {
            ConnectionError::Store(error) => {
                tracing::error!(%error, "the Control Room cannot be used");
                Failure::Broken
            }
            _ => Failure::NotFound,
        }
    }
}
