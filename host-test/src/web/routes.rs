//! Which address is answered by what.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::middleware;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::app::App;
use super::failure::Failure;
use super::forms::Sent;
use super::language::Language;
use super::{
    assets, bots, connections, cookie, credentials, editor, first_run, genesys, guard, offers, run,
    runs, sign_in, visitor,
};
use crate::bot::file::MAX_FILE;

/// The most that a form without a bot file sends, in bytes.
const SMALL: usize = 16 << 10;

/// The most that a form with one sends: a form may need three bytes for one, JSON six for few.
const WITH_FILE: usize = 4 * MAX_FILE;

/// All pages, in what every request and every answer goes through.
pub(super) fn routes(app: Arc<App>) -> Router {
    let with_file = Router::new()
        .route("/bots/import", get(bots::show_import).post(bots::import))
        .route("/bots/check", post(editor::check))
        .route("/bots/{id}", get(editor::show).post(editor::save))
        .layer(DefaultBodyLimit::max(WITH_FILE));
    let small = Router::new()
        .route("/", get(|| async { Redirect::to("/bots") }))
        .route("/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/session", get(sign_in::session))
        .route(first_run::PATH, get(first_run::show).post(first_run::make))
        .route("/language", post(choose_language))
        .route("/bots", get(bots::list).post(bots::create))
        .route("/bots/{id}/file", get(bots::export))
        .route("/bots/{id}/duplicate", post(bots::duplicate))
        .route(
            "/bots/{id}/delete",
            get(bots::ask_delete).post(bots::delete),
        )
        .route("/bots/{id}/run", post(run::start))
        .route("/runs", get(runs::list))
        .route("/runs/{id}", get(run::show))
        .route("/runs/{id}/stop", post(run::stop))
        .route("/runs/{id}/events", get(run::events))
        .route("/vault/lockers", get(offers::lockers))
        .route("/vault/credentials", get(offers::credentials))
        .merge(credentials::routes())
        .merge(connections::routes())
        .merge(genesys::routes())
        .layer(DefaultBodyLimit::max(SMALL));
    with_file
        .merge(small)
        .fallback(|| async { Failure::NotFound })
        .method_not_allowed_fallback(|| async { Failure::Malformed })
        .layer(middleware::from_fn_with_state(app.clone(), guard::origin))
        .layer(middleware::from_fn_with_state(
            app.clone(),
            visitor::recognise,
        ))
        .route("/static/{name}", get(assets::asset))
        .layer(middleware::from_fn_with_state(app.clone(), guard::headers))
        .with_state(app)
}

#[derive(Deserialize)]
struct Choice {
    language: String,
    /// The page to come back to.
    place: String,
}

async fn choose_language(
    State(app): State<Arc<App>>,
    Sent(choice): Sent<Choice>,
) -> Result<Response, Failure> {
    let language = Language::named(&choice.language).ok_or(Failure::Malformed)?;
    let place = if leads_here(&choice.place) {
        &choice.place
    } else {
        "/"
    };
    let mut response = Redirect::to(place).into_response();
    if let Some(cookie) = cookie::set_language(language, app.secure) {
        response.headers_mut().append("set-cookie", cookie);
    }
    Ok(response)
}

/// Whether an address is one of these pages. `//host` and `/\host` lead to other sites, and what is not visible has
/// no place in a header.
fn leads_here(place: &str) -> bool {
    place
        .strip_prefix('/')
        .is_some_and(|rest| !rest.starts_with(['/', '\\']))
        && place.bytes().all(|byte| byte.is_ascii_graphic())
}
