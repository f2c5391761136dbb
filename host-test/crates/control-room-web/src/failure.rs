//! Errors of requests, and the pages that show them with advice.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::html;

use super::active_runs::StartRunError;
use super::layout::{Frame, page};
use super::lists::url;
use super::messages;
use control_room::StoreError;
use control_room::bots::BotsError;
use control_room::connections::ConnectionError;
use control_room::passwords::PasswordError;
use control_room::queue::QueueError;
use control_room::runs::RunsError;
use control_room::schedules::SchedulesError;
use control_room::users::UserError;
use control_room::vault::VaultError;

/// Why a request failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// The request needs a signed-in user, who returns to this path then.
    NotSignedIn { path: String },
    /// The resource does not exist, or this user may not see it.
    NotFound,
    /// The request comes from another site, or was sent to another host name.
    CrossSite,
    /// The form token is missing or out of date.
    StaleForm,
    /// The body is too large.
    TooLarge,
    /// The request is not one that these pages send.
    Malformed,
    /// The user has the maximum number of bots.
    TooManyBots,
    /// The user's bot files have the maximum size in all.
    BotsTooLarge,
    /// The maximum number of runs is active, of this user or in all.
    TooManyRuns,
    /// A run of the bot waits for a worker, or one has begun it.
    BotInQueue,
    /// The store cannot be read or written. The log has the reason.
    Broken,
    /// The time limit has passed.
    TooSlow,
}

/// Marks a response that becomes an error page once the user's language is known.
#[derive(Clone, Copy)]
pub(super) struct ErrorPage(StatusCode);

impl ErrorPage {
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
            StatusCode::INSUFFICIENT_STORAGE => (
                messages::bots_too_large(language),
                messages::bots_too_large_advice(language),
            ),
            StatusCode::TOO_MANY_REQUESTS => (
                messages::too_many_runs(language),
                messages::too_many_runs_advice(language),
            ),
            StatusCode::LOCKED => (
                messages::bot_in_queue(language),
                messages::bot_in_queue_advice(language),
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
                @if matches!(self.0, StatusCode::TOO_MANY_REQUESTS | StatusCode::LOCKED) { p { a href="/runs" { (messages::to_runs(language)) } } }
                p { a href="/bots" { (messages::to_bots(language)) } }
            }
        };
        (self.0, page(frame, title, main)).into_response()
    }
}

/// The page after a sign-in that no other page asked for.
pub(super) const START: &str = "/bots";

/// The address of the sign-in that leads to a path.
fn sign_in(path: &str) -> String {
    if path == "/" || path == START {
        "/sign-in".into()
    } else {
        url("/sign-in", &[("to", path)])
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = match self {
            Self::NotSignedIn { path } => {
                // Scripts use `redirect: "manual"` and see the status.
                return Redirect::to(&sign_in(&path)).into_response();
            }
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::CrossSite | Self::StaleForm => StatusCode::FORBIDDEN,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::TooManyBots => StatusCode::CONFLICT,
            Self::BotsTooLarge => StatusCode::INSUFFICIENT_STORAGE,
            Self::TooManyRuns => StatusCode::TOO_MANY_REQUESTS,
            Self::BotInQueue => StatusCode::LOCKED,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
            Self::TooSlow => StatusCode::SERVICE_UNAVAILABLE,
        };
        let mut response = status.into_response();
        response.extensions_mut().insert(ErrorPage(status));
        response
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the Control Room cannot be used");
        Self::Broken
    }
}

impl From<BotsError> for Failure {
    fn from(error: BotsError) -> Self {
        match error {
            BotsError::NoBot | BotsError::NoVersion => Self::NotFound,
            BotsError::InQueue => Self::BotInQueue,
            BotsError::TooMany => Self::TooManyBots,
            BotsError::TooLarge => Self::BotsTooLarge,
            BotsError::Changed(_) => Self::Malformed,
            BotsError::Store(error) => error.into(),
        }
    }
}

impl From<RunsError> for Failure {
    fn from(error: RunsError) -> Self {
        match error {
            RunsError::NoRun => Self::NotFound,
            RunsError::Store(error) => error.into(),
        }
    }
}

impl From<QueueError> for Failure {
    fn from(error: QueueError) -> Self {
        match error {
            QueueError::TooMany => Self::TooManyRuns,
            QueueError::TooLarge => Self::TooLarge,
            QueueError::NoRun => Self::NotFound,
            QueueError::Store(error) => error.into(),
            // Only workers get these.
            QueueError::ClaimLost | QueueError::StopRequested | QueueError::HasChanged => {
                Self::Broken
            }
        }
    }
}

impl From<SchedulesError> for Failure {
    fn from(error: SchedulesError) -> Self {
        match error {
            SchedulesError::NoSchedule | SchedulesError::NoBot => Self::NotFound,
            // The form shows these.
            SchedulesError::TooMany | SchedulesError::TooLarge => Self::TooLarge,
            SchedulesError::Store(error) => error.into(),
        }
    }
}

impl From<StartRunError> for Failure {
    fn from(error: StartRunError) -> Self {
        match error {
            StartRunError::TooMany => Self::TooManyRuns,
            StartRunError::Store(error) => error.into(),
        }
    }
}

impl From<PasswordError> for Failure {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::User(error) => error.into(),
            error => {
                tracing::error!(%error, "passwords cannot be used");
                Self::Broken
            }
        }
    }
}

/// Missing permission and missing item look the same, so that nobody can probe for names.
impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Store(error) => error.into(),
            _ => Self::NotFound,
        }
    }
}

impl From<UserError> for Failure {
    fn from(error: UserError) -> Self {
        match error {
            UserError::Store(error) => error.into(),
            _ => Self::NotFound,
        }
    }
}

impl From<ConnectionError> for Failure {
    fn from(error: ConnectionError) -> Self {
        match error {
            ConnectionError::Store(error) => {
                tracing::error!(%error, "the Control Room cannot be used");
                Self::Broken
            }
            _ => Self::NotFound,
        }
    }
}
