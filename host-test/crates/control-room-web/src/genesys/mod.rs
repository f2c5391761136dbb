//! The simulation of Genesys Cloud as its administrator sees it: *Admin > Integrations > OAuth*, where it runs.
//!
//! `clients` is the list of OAuth clients, `new_client` the form that adds one, `client` is one with its id and secret
//! to copy; `people` are those who can sign in. All of it is for the administrators of the Control Room, and there is
//! nothing here where the real Genesys Cloud is worked with. What is secret here opens the simulation alone, and is
//! shown as Genesys Cloud shows it to its administrators.

mod client;
mod clients;
mod messages;
mod new_client;
mod people;

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use maud::{Markup, html};

use super::addresses::Addresses;
use super::app::App;
use super::failure::Failure;
use super::layout::Frame;
use super::rights::Administrator;
use super::visitor::SignedIn;
use genesys_sim::{GenesysCloud, Region};

const CLIENTS: &str = "/genesys";
const NEW: &str = "/genesys/new";
const CLIENT: &str = "/genesys/client";
const REMOVE: &str = "/genesys/remove";
const PEOPLE: &str = "/genesys/people";

/// The most clients, and the most people, that are made here: all of it is in memory.
const MOST: usize = 500;

pub(super) fn routes() -> Addresses {
    Addresses::default()
        .get(CLIENTS, clients::list)
        .get(NEW, new_client::show)
        .post(NEW, new_client::add)
        .get(CLIENT, client::show)
        .post(CLIENT, client::change)
        .get(REMOVE, client::ask_remove)
        .post(REMOVE, client::remove)
        .get(PEOPLE, clients::list)
        .post(PEOPLE, people::add)
        .post("/genesys/remove-person", people::remove)
}

/// Somebody who manages the simulation, and the simulation.
struct Manager {
    user: SignedIn,
    cloud: Arc<GenesysCloud>,
}

impl FromRequestParts<Arc<App>> for Manager {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let Administrator(user) = Administrator::from_request_parts(parts, app).await?;
        let cloud = app.genesys.clone().ok_or(Failure::NotFound)?;
        Ok(Manager { user, cloud })
    }
}

/// What all these pages have: that they are a simulation, and where one is in it.
fn page(frame: &Frame<'_>, title: &str, main: Markup) -> Markup {
    let main = html! {
        p.notice #simulation { (messages::simulation(frame.language)) }
        (main)
    };
    super::layout::page_with(frame, title, super::assets::COPY, main)
}

/// A sign-in page where this machine's browser reaches it: with the simulation, Genesys' names would lead it to the
/// real one, and the simulation's own address stands for all of them.
pub(super) fn reachable(cloud: Option<&GenesysCloud>, page: &str) -> String {
    let Some(address) = cloud.and_then(GenesysCloud::http_addr) else {
        return page.to_owned();
    };
    let hosts = Region::ALL.map(|region| format!("https://{}/", region.login_host()));
    match hosts
        .iter()
        .find_map(|host| page.strip_prefix(host.as_str()))
    {
        Some(rest) => format!("http://{address}/{rest}"),
        None => page.to_owned(),
    }
}
