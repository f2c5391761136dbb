//! The list of users: of all, or of those with a role.

use std::sync::Arc;

use axum::extract::State;
use maud::{Markup, html};
use serde::Deserialize;

use super::messages;
use super::{NEW, ROLE, ROLES, USER, USERS, link, name_of};
use crate::app::App;
use crate::extract::Query;
use crate::failure::Failure;
use crate::form_components::Subject;
use crate::layout::{Frame, page};
use crate::lists::{ListQuery, PAGE_SIZE, empty_list, search_form};
use crate::permissions::Administrator;
use control_room::users::{User, UserError};

/// The role to list the users of, in the query.
#[derive(Deserialize)]
pub(super) struct OfRole {
    role: Option<String>,
}

pub(super) async fn list(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(OfRole { role }): Query<OfRole>,
    Query(mut query): Query<ListQuery>,
) -> Result<Markup, Failure> {
    let frame = user.session.frame(&app);
    let language = frame.language;
    let role = match role {
        Some(role) => {
            let typed = name_of(&Subject { name: role })?;
            match app.store.users().role(&typed).await {
                Ok(role) => Some(role),
                Err(UserError::NoRole(_)) => Some(typed),
                Err(other) => return Err(other.into()),
            }
        }
        None => None,
    };
    let search = query.search();
    let found = loop {
        let offset = query.offset();
        let users = app.store.users();
        let some = users
            .page(&search, role.as_ref(), offset, PAGE_SIZE)
            .await?;
        if let Some(found) = query.page_of(some.items, some.total) {
            break found;
        }
    };
    let pairs: Vec<_> = role.iter().map(|role| ("role", role.shown())).collect();
    let main = html! {
        div.bar {
            h1 { (messages::users(language)) }
            (search_form(&frame, messages::search_users(language), USERS, &pairs, &search))
            a.button #roles href=(ROLES) { (messages::roles(language)) }
            a.button.primary #create href=(NEW) { (messages::new_user(language)) }
        }
        @if let Some(role) = &role {
            p.about { (messages::with_role(language, role)) " " a href=(USERS) { (messages::all_users(language)) } }
        }
        @if found.rows.is_empty() {
            (empty_list(language, &search, messages::no_users(language)))
        } @else {
            (table(&frame, &found.rows))
            (found.paging(&frame, USERS, &pairs))
        }
    };
    Ok(page(&frame, messages::users(language), main))
}

fn table(frame: &Frame<'_>, users: &[User]) -> Markup {
    let language = frame.language;
    html! {
        table.bots.users {
            thead {
                tr {
                    th scope="col" { (messages::user(language)) }
                    th scope="col" { (messages::roles(language)) }
                }
            }
            tbody {
                @for user in users {
                    tr {
                        th scope="row" {
                            a href=(link(USER, &user.name)) { (user.name) }
                            @if !user.can_sign_in { p.soft { (messages::no_password(language)) } }
                        }
                        td.rights {
                            @for role in &user.roles { a.tag href=(link(ROLE, role)) { (role) } }
                            @if user.roles.is_empty() { span.soft { (messages::no_role(language)) } }
                        }
                    }
                }
            }
        }
    }
}
