//! Users and roles, for administrators: what the commands `user` and `password` do.
//!
//! `list` is the list of users, `new_user` the form that makes one, `user` is one with their roles and a new password
//! for them; `roles` is the list of roles, and `role` is one with what it opens. `removal` asks before one of either
//! is gone. What administrators cannot do to themselves is the [store's](control_room::users) to say, and is
//! told where they try.

mod list;
mod messages;
mod new_user;
mod removal;
mod role;
mod roles;
mod user;

use maud::{Markup, html};

use super::failure::Failure;
use super::form_components::At;
use super::layout::Frame;
use super::lists::place;
use super::route_table::Addresses;
use control_room::Name;

const USERS: &str = "/users";
const NEW: &str = "/users/new";
const USER: &str = "/users/user";
const ROLES_OF_USER: &str = "/users/roles-of-user";
const PASSWORD: &str = "/users/password";
const REMOVE: &str = "/users/remove";
const ROLES: &str = "/users/roles";
const ROLE: &str = "/users/role";
const REMOVE_ROLE: &str = "/users/remove-role";

pub(super) fn routes() -> Addresses {
    Addresses::default()
        .get(USERS, list::list)
        .get(NEW, new_user::show)
        .post(NEW, new_user::create)
        .get(USER, user::show)
        .get(ROLES_OF_USER, user::show)
        .post(ROLES_OF_USER, user::set_roles)
        .get(PASSWORD, user::show)
        .post(PASSWORD, user::set_password)
        .get(REMOVE, removal::ask)
        .post(REMOVE, removal::remove)
        .get(ROLES, roles::list)
        .post(ROLES, roles::create)
        .get(ROLE, role::show)
        .get(REMOVE_ROLE, removal::ask_role)
        .post(REMOVE_ROLE, removal::remove_role)
}

/// The user or the role of an address.
fn name_at(at: &At) -> Result<Name, Failure> {
    at.at.parse().map_err(|_| Failure::NotFound)
}

fn at(path: &str, name: &Name) -> String {
    place(path, &[("at", name.as_str())])
}

/// The way from the list of users to where one is: names of lists with their addresses, and what one is at.
fn way(frame: &Frame<'_>, lists: &[(&str, &str)], here: &str) -> Markup {
    let language = frame.language;
    html! {
        nav.way aria-label=(messages::users(language)) {
            a href=(USERS) { (messages::users(language)) }
            @for (path, name) in lists { " / " a href=(path) { (name) } }
            " / " span { (here) }
        }
    }
}
