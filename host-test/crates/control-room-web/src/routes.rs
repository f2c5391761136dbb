//! The routes of all pages, and the middleware around them.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::Method;
use axum::middleware;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use serde::Deserialize;

use super::app::App;
use super::failure::Failure;
use super::forms::FormData;
use super::health::{self, Health};
use super::language;
use super::permissions::Administrator;
use super::route_table::{Route, RouteTable};
use super::{
    assets, bots, connections, credential_picker, credentials, editor, editor_run, first_run,
    first_steps, guard, learn, new_schedule, run, runs, schedules, sign_in, simulation,
    user_session, users, versions, workers,
};
use bot_engine::file::MAX_FILE;

/// The size limit of a request without a bot file, in bytes.
const SMALL: usize = 16 << 10;

/// The size limit of a request with a bot file or the inputs of a bot, in bytes. Form encoding can triple a byte; JSON needs up to six for a few.
const WITH_FILE: usize = 4 * MAX_FILE;

/// The router with its middleware, and the list of its routes.
pub(super) fn routes(app: Arc<App>, health: Health) -> (Router, Vec<Route>) {
    let with_file = RouteTable::default()
        .get("/bots/import", bots::show_import)
        .post("/bots/import", bots::import)
        .post("/bots/check", editor::check)
        .post("/bots/new", editor::create)
        .get("/bots/{id}", editor::show)
        .post("/bots/{id}", editor::save)
        .post("/bots/{id}/test", editor_run::test)
        .post("/bots/{id}/run", run::start)
        .post("/bots/{id}/schedule", new_schedule::create)
        .post("/bots/{id}/runs", editor_run::run)
        .at_most(WITH_FILE);
    let small = RouteTable::default()
        .get("/", || async { Redirect::to("/bots") })
        .get("/sign-in", sign_in::show)
        .post("/sign-in", sign_in::sign_in)
        .post("/sign-out", sign_in::sign_out)
        .get("/session", sign_in::session)
        .get(first_run::PATH, first_run::show)
        .post(first_run::PATH, first_run::create)
        .post("/language", choose_language)
        .get("/bots", bots::list)
        .post("/bots", bots::create)
        .post("/bots/first", first_steps::create_bot)
        .get("/bots/{id}/file", bots::export)
        .post("/bots/{id}/duplicate", bots::duplicate)
        .get("/bots/{id}/delete", bots::ask_delete)
        .post("/bots/{id}/delete", bots::delete)
        .get("/bots/{id}/versions", versions::list)
        .get("/bots/{id}/versions/{number}", versions::show)
        .post("/bots/{id}/versions/{number}", versions::restore)
        .get("/bots/{id}/run", run::show_inputs)
        .get("/bots/{id}/schedule", new_schedule::show)
        .get(schedules::PATH, schedules::list)
        .post("/schedules/{id}/pause", schedules::pause)
        .post("/schedules/{id}/resume", schedules::resume)
        .post("/schedules/{id}/remove", schedules::remove)
        .get("/runs", runs::list)
        .get("/runs/{id}", run::show)
        .get("/runs/{id}/log/{format}", run::download)
        .post("/runs/{id}/stop", run::stop)
        .get("/runs/{id}/events", run::events)
        .get(workers::PATH, workers::list)
        .get(learn::PATH, learn::first)
        .get("/learn/{guide}", learn::show)
        .get("/vault/lockers", credential_picker::lockers)
        .get("/vault/credentials", credential_picker::credentials)
        .merge(credentials::routes())
        .merge(connections::routes())
        .get(simulation::LINK, link_simulation)
        .merge(users::routes())
        .at_most(SMALL);
    let (pages, mut routes) = with_file.merge(small).into_parts();
    routes.push((Method::GET, assets::PATH));
    routes.extend(health::PATHS.map(|path| (Method::GET, path)));
    let router = pages
        .fallback(|| async { Failure::NotFound })
        .method_not_allowed_fallback(|| async { Failure::Malformed })
        .layer(middleware::from_fn_with_state(app.clone(), guard::origin))
        .layer(middleware::from_fn_with_state(
            app.clone(),
            user_session::load_session,
        ))
        .route(assets::PATH, get(assets::asset))
        .merge(health::routes(health).with_state(()))
        .layer(middleware::from_fn_with_state(app.clone(), guard::headers))
        .with_state(app);
    (router, routes)
}

/// Redirects administrators to the simulation, which has its own sign-in.
async fn link_simulation(
    State(app): State<Arc<App>>,
    _: Administrator,
) -> Result<Redirect, Failure> {
    let simulation = app.simulation.as_ref().ok_or(Failure::NotFound)?;
    let (address, path) = (simulation.http_addr, simulation.admin_path);
    Ok(Redirect::to(&format!("http://{address}{path}")))
}

#[derive(Deserialize)]
struct Choice {
    language: String,
    /// The page to return to.
    place: String,
}

async fn choose_language(
    State(app): State<Arc<App>>,
    FormData(choice): FormData<Choice>,
) -> Result<Response, Failure> {
    let language = language::with_tag(&choice.language).ok_or(Failure::Malformed)?;
    let place = if guard::is_local_path(&choice.place) {
        &choice.place
    } else {
        "/"
    };
    let mut response = Redirect::to(place).into_response();
    if let Some(cookie) = app.cookies.set_language(language) {
        response.headers_mut().append("set-cookie", cookie);
    }
    Ok(response)
}
