//! Users and roles, for administrators: what the commands `user` and `password` do.
//!
//! `list` is the list of users, `new_user` the form that creates one, `user` the page of one with roles and password;
//! `roles` is the list of roles, and `role` the page of one with what it gives access to. `removal` asks before it removes
//! a user or a role. Administrators cannot lock themselves out: the [store](control_room::users) checks that, and the
//! pages show why.

mod list;
mod messages;
mod new_user;
mod removal;
mod role;
mod roles;
mod user;

use maud::{Markup, html};

use super::failure::Failure;
use super::form_components::Subject;
use super::layout::Frame;
use super::lists::url;
use super::route_table::RouteTable;
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

pub(super) fn routes() -> RouteTable {
    RouteTable::default()
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

/// The name of the user or the role.
fn name_of(subject: &Subject) -> Result<Name, Failure> {
    subject.name.parse().map_err(|_| Failure::NotFound)
}

fn link(path: &str, name: &Name) -> String {
    url(path, &[("at", name.shown())])
}

/// The breadcrumbs below the list of users: lists with their paths, and the current page.
fn breadcrumbs(frame: &Frame<'_>, lists: &[(&str, &str)], here: &str) -> Markup {
    let language = frame.language;
    html! {
        nav.breadcrumbs aria-label=(messages::users(language)) {
            a href=(USERS) { (messages::users(language)) }
            @for (path, name) in lists { " / " a href=(path) { (name) } }
            " / " span { (here) }
        }
    }
}
