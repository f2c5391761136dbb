//! Credentials: lockers, their credentials and attributes, and the record of uses.
//!
//! `lockers` is the list of lockers, `locker` the page of one, `settings` its name, roles and owners, and `of_locker` what
//! these pages share; `credential` is
//! the page of a credential, `attribute` its value and its options (`attribute_options`); `new_credential` creates one with
//! its values, on a page (`new_credential_page`) and in the editor (`dialog`); `uses` is the record of uses.
//! Permissions are in [`permissions`](super::permissions). Values go from a form into the vault; no page shows one.

mod attribute;
mod attribute_options;
mod credential;
mod dialog;
mod locker;
mod lockers;
mod messages;
mod new_credential;
mod new_credential_page;
mod of_locker;
mod settings;
mod uses;

use maud::{Markup, html};

use super::layout::Frame;
use super::lists::url;
use super::route_table::RouteTable;

const LOCKERS: &str = "/credentials";
const LOCKER: &str = "/credentials/locker";
const SETTINGS: &str = "/credentials/settings";
const REMOVE_LOCKER: &str = "/credentials/remove-locker";
const NEW_CREDENTIAL: &str = "/credentials/new";
const CREDENTIAL: &str = "/credentials/credential";
const REMOVE_CREDENTIAL: &str = "/credentials/remove-credential";
const ATTRIBUTE: &str = "/credentials/attribute";
const REMOVE_ATTRIBUTE: &str = "/credentials/remove-attribute";
const REMOVE_VALUE: &str = "/credentials/remove-value";
const VALUE: &str = "/credentials/value";
const USES: &str = "/credentials/uses";

pub(super) fn routes() -> RouteTable {
    RouteTable::default()
        .get(LOCKERS, lockers::list)
        .post(LOCKERS, lockers::create)
        .get(LOCKER, locker::show)
        .get(NEW_CREDENTIAL, new_credential_page::show)
        .post(NEW_CREDENTIAL, new_credential_page::create)
        .get(SETTINGS, settings::show)
        .post(SETTINGS, settings::rename)
        .post("/credentials/roles", settings::set_roles)
        .post("/credentials/owners", settings::set_owners)
        .get(REMOVE_LOCKER, settings::ask_remove)
        .post(REMOVE_LOCKER, settings::remove)
        .get(CREDENTIAL, credential::show)
        .post(CREDENTIAL, credential::create)
        .get(REMOVE_CREDENTIAL, credential::ask_remove)
        .post(REMOVE_CREDENTIAL, credential::remove)
        .get(ATTRIBUTE, attribute::show)
        .post(ATTRIBUTE, attribute::change)
        .get(REMOVE_ATTRIBUTE, attribute::ask_remove)
        .post(REMOVE_ATTRIBUTE, attribute::remove)
        .get(VALUE, attribute::show)
        .post(VALUE, attribute::set_value)
        .get(REMOVE_VALUE, attribute::ask_remove_value)
        .post(REMOVE_VALUE, attribute::remove_value)
        .get(USES, uses::show)
        .post("/vault/credentials", dialog::create)
}

/// The breadcrumbs below the list of lockers; `here` are the names of locker, credential and attribute.
fn breadcrumbs(frame: &Frame<'_>, here: &[&dyn ToString]) -> Markup {
    let names: Vec<String> = here.iter().map(|name| name.to_string()).collect();
    let pages = [LOCKER, CREDENTIAL];
    html! {
        nav.breadcrumbs aria-label=(messages::lockers(frame.language)) {
            a href=(LOCKERS) { (messages::lockers(frame.language)) }
            @for (index, name) in names.iter().enumerate() {
                @if let Some(page) = pages.get(index).filter(|_| index + 1 < names.len()) {
                    " / " a href=(url(page, &[("at", &names[..=index].join("/"))])) { (name) }
                } @else {
                    " / " span { (name) }
                }
            }
        }
    }
}
