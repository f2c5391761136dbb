//! OAuth connections, with which the Control Room obtains tokens for bots.
//!
//! `list` is the list of connections, `show` the page of one with the state of its tokens, and `form` creates or edits
//! one (`form_data`: its fields and their errors); `new_connection` creates one from the editor. `sign_in` is the page of a sign-in and of its outcome, `removal`
//! asks before it removes. `picker` lists the connections that a bot may use, for the editor; `state` localizes
//! states, `errors` errors. Permissions are in [`permissions`](super::permissions). No page contains a token or a client secret.

mod errors;
mod form;
mod form_data;
mod list;
mod messages;
mod new_connection;
mod picker;
mod removal;
mod show;
mod sign_in;
mod state;

pub(super) use state::has_token;

use super::app::App;
use super::failure::Failure;
use super::form_components::Subject;
use super::lists::url;
use super::route_table::RouteTable;
use super::user_session::SignedIn;
use control_room::Name;
use control_room::connections::ConnectionView;

const CONNECTIONS: &str = "/connections";
const NEW: &str = "/connections/new";
const CONNECTION: &str = "/connections/connection";
const EDIT: &str = "/connections/edit";
const TEST: &str = "/connections/test";
const SIGN_IN: &str = "/connections/sign-in";
const CONFIRM: &str = "/connections/sign-in/confirm";
const PASTE: &str = "/connections/paste";
const REMOVE: &str = "/connections/remove";

pub(super) fn routes() -> RouteTable {
    RouteTable::default()
        .get(CONNECTIONS, list::list)
        .get("/connections/offers", picker::offers)
        .post("/connections/offers", new_connection::create)
        .get(NEW, form::show_new)
        .post(NEW, form::create)
        .get(CONNECTION, show::show)
        .get(EDIT, form::show_edit)
        .post(EDIT, form::edit)
        .post("/connections/roles", show::set_roles)
        .get(TEST, show::show)
        .post(TEST, show::test)
        .get(SIGN_IN, sign_in::show)
        .post(SIGN_IN, sign_in::begin)
        .get(PASTE, sign_in::show)
        .post(PASTE, sign_in::paste)
        .get("/connections/sign-in/outcome", sign_in::outcome)
        .get(CONFIRM, sign_in::ask)
        .post(CONFIRM, sign_in::confirm)
        .get(REMOVE, removal::ask)
        .post(REMOVE, removal::remove)
}

fn connection_url(path: &str, name: &Name) -> String {
    url(path, &[("at", name.shown())])
}

async fn load(app: &App, user: &SignedIn, subject: &Subject) -> Result<ConnectionView, Failure> {
    let name: Name = subject.name.parse().map_err(|_| Failure::NotFound)?;
    Ok(app.connections.view(&user.principal(), &name).await?)
}
