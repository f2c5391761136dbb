//! The page of a role: what it gives access to, with links to its users and its removal.

use std::sync::Arc;

use axum::extract::State;
use maud::{Markup, html};

use super::messages;
use super::{REMOVE_ROLE, ROLE, ROLES, USERS, breadcrumbs, link, name_of};
use crate::app::App;
use crate::extract::Query;
use crate::failure::Failure;
use crate::form_components::Subject;
use crate::layout::{Frame, field_error, page};
use crate::lists::{ListQuery, PAGE_SIZE, empty_list, search_form, url};
use crate::permissions::Administrator;
use crate::user_session::SignedIn;
use control_room::Name;
use control_room::users::{ADMINISTRATOR, RoleAccess};

pub(super) async fn show(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(subject): Query<Subject>,
    Query(query): Query<ListQuery>,
) -> Result<Markup, Failure> {
    role_page(&app, &user, &name_of(&subject)?, query, false).await
}

/// The page; with `not_removed`, it says that the role cannot be removed.
pub(super) async fn role_page(
    app: &App,
    user: &SignedIn,
    role: &Name,
    mut query: ListQuery,
    not_removed: bool,
) -> Result<Markup, Failure> {
    let frame = user.session.frame(app);
    let language = frame.language;
    let role = &app.store.users().role(role).await?;
    let search = query.search();
    let found = loop {
        let users = app.store.users();
        let some = users
            .role_access(role, &search, query.offset(), PAGE_SIZE)
            .await?;
        if let Some(found) = query.page_of(some.items, some.total) {
            break found;
        }
    };
    let removable = role.as_str() != ADMINISTRATOR;
    let here = [("at", role.shown())];
    let main = html! {
        (breadcrumbs(&frame, &[(ROLES, messages::roles(language))], role.shown()))
        div.bar {
            h1 { (role) }
            (search_form(&frame, messages::search_opened(language), ROLE, &here, &search))
            a.button #users-of-role href=(url(USERS, &[("role", role.shown())])) { (messages::its_users(language)) }
            @if removable { a.button #remove href=(link(REMOVE_ROLE, role)) { (messages::remove(language)) } }
        }
        @if !removable {
            p.about { (messages::administrator_advice(language)) }
            (field_error("remove-error", not_removed.then_some(messages::administrator_stays(language))))
        }
        @if found.rows.is_empty() {
            (empty_list(language, &search, messages::opens_nothing(language)))
        } @else {
            (table(&frame, &found.rows))
            (found.paging(&frame, ROLE, &here))
        }
    };
    Ok(page(&frame, role.shown(), main))
}

fn table(frame: &Frame<'_>, opened: &[RoleAccess]) -> Markup {
    let language = frame.language;
    html! {
        table.bots {
            thead {
                tr {
                    th scope="col" { (messages::opens(language)) }
                    th scope="col" { (messages::kind(language)) }
                }
            }
            tbody {
                @for it in opened {
                    @let (name, kind, path) = match it {
                        RoleAccess::Locker(name) => (name, messages::locker(language), "/credentials/settings"),
                        RoleAccess::Connection(name) => (name, messages::connection(language), "/connections/connection"),
                    };
                    tr {
                        th scope="row" { a href=(link(path, name)) { (name) } }
                        td.when { (kind) }
                    }
                }
            }
        }
    }
}
