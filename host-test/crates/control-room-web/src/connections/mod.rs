//! OAuth connections: the Control Room signs in, and keeps tokens for bots.
//!
//! `list` is the list of them, `show` is one with its states, `form` what one is; `sign_in` is the page from which
//! somebody signs in, and that shows what came of it; `removal` asks first. Who sees and does what is said in
//! [`rights`](super::permissions). `offers` tells the editor which ones a bot may use. No page has a token or a client secret in it.

mod form;
mod form_data;
mod list;
mod localize;
mod messages;
mod picker;
mod removal;
mod show;
mod sign_in;
mod state;

pub(super) use self::localize::connection_error;

use super::app::App;
use super::failure::Failure;
use super::form_components::At;
use super::lists::place;
use super::route_table::Addresses;
use super::user_session::SignedIn;
use control_room::Name;
use control_room::connections::ConnectionView;

const CONNECTIONS: &str = "/connections";
const NEW: &str = "/connections/new";
const CONNECTION: &str = "/connections/connection";
const EDIT: &str = "/connections/edit";
const TEST: &str = "/connections/test";
const SIGN_IN: &str = "/connections/sign-in";
const PASTE: &str = "/connections/paste";
const REMOVE: &str = "/connections/remove";

pub(super) fn routes() -> Addresses {
    Addresses::default()
        .get(CONNECTIONS, list::list)
        .get("/connections/offers", picker::offers)
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
        .get(REMOVE, removal::ask)
        .post(REMOVE, removal::remove)
}

fn at_connection(path: &str, name: &Name) -> String {
    place(path, &[("at", name.as_str())])
}

async fn see(app: &App, user: &SignedIn, at: &At) -> Result<ConnectionView, Failure> {
    let name: Name = at.at.parse().map_err(|_| Failure::NotFound)?;
    Ok(app.connections.view(&user.principal(), &name).await?)
}
