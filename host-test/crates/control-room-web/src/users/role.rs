//! A role: what it opens, and the way to its users and to its removal.

use std::sync::Arc;

use axum::extract::State;
use maud::{Markup, html};

use super::messages;
use super::{REMOVE_ROLE, ROLE, ROLES, USERS, at, name_at, way};
use crate::app::App;
use crate::extract::Query;
use crate::failure::Failure;
use crate::form_components::At;
use crate::layout::{Frame, field_error, page};
use crate::lists::{Asked, SHOWN, empty_list, place, search_form};
use crate::permissions::Administrator;
use crate::user_session::SignedIn;
use control_room::Name;
use control_room::users::{ADMINISTRATOR, RoleAccess};

pub(super) async fn show(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(at): Query<At>,
    Query(asked): Query<Asked>,
) -> Result<Markup, Failure> {
    role_page(&app, &user, &name_at(&at)?, asked, false).await
}

/// The page, and that the role was not removed, where that was tried.
pub(super) async fn role_page(
    app: &App,
    user: &SignedIn,
    role: &Name,
    mut asked: Asked,
    not_removed: bool,
) -> Result<Markup, Failure> {
    let frame = user.visitor.frame(app);
    let language = frame.language;
    let search = asked.search();
    let found = loop {
        let users = app.store.users();
        let some = users
            .role_access(role, &search, asked.offset(), SHOWN)
            .await?;
        if let Some(found) = asked.found(some.items, some.total) {
            break found;
        }
    };
    let removable = role.as_str() != ADMINISTRATOR;
    let here = [("at", role.as_str())];
    let main = html! {
        (way(&frame, &[(ROLES, messages::roles(language))], role.as_str()))
        div.bar {
            h1 { (role) }
            (search_form(&frame, messages::search_opened(language), ROLE, &here, &search))
            a.button #users-of-role href=(place(USERS, &[("role", role.as_str())])) { (messages::its_users(language)) }
            @if removable { a.button #remove href=(at(REMOVE_ROLE, role)) { (messages::remove(language)) } }
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
    Ok(page(&frame, role.as_str(), main))
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
                        th scope="row" { a href=(at(path, name)) { (name) } }
                        td.when { (kind) }
                    }
                }
            }
        }
    }
}
