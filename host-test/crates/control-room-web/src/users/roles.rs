//! The list of roles with what each gives access to, and the form that creates one.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::messages;
use super::{ROLE, ROLES, USERS, breadcrumbs, link};
use crate::app::App;
use crate::extract::Query;
use crate::failure::Failure;
use crate::forms::FormData;
use crate::layout::{Frame, field_error, form_token, page};
use crate::lists::{ListQuery, PAGE_SIZE, empty_list, search_form, url};
use crate::permissions::Administrator;
use crate::user_session::SignedIn;
use bot_engine::Language;
use control_room::Name;
use control_room::Page;
use control_room::name::MAX_NAME;
use control_room::users::{RoleView, UserError};

pub(super) async fn list(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(query): Query<ListQuery>,
) -> Result<Markup, Failure> {
    list_page(&app, &user, query, "", None).await
}

async fn list_page(
    app: &App,
    user: &SignedIn,
    mut query: ListQuery,
    typed: &str,
    error: Option<&str>,
) -> Result<Markup, Failure> {
    let frame = user.session.frame(app);
    let language = frame.language;
    let search = query.search();
    let found = loop {
        let users = app.store.users();
        let some = users.roles_page(&search, query.offset(), PAGE_SIZE).await?;
        if let Some(found) = query.page_of(some.items, some.total) {
            break found;
        }
    };
    let main = html! {
        (breadcrumbs(&frame, &[], messages::roles(language)))
        div.bar {
            h1 { (messages::roles(language)) }
            (search_form(&frame, messages::search_roles(language), ROLES, &[], &search))
        }
        div.bar.new {
            form method="post" action=(ROLES) {
                (form_token(&frame))
                label for="new-name" { (messages::new_role_name(language)) }
                div.row {
                    input #new-name name="name" value=(typed) required maxlength=(MAX_NAME) autocapitalize="none"
                        spellcheck="false" autocomplete="off" aria-invalid=[error.map(|_| "true")]
                        aria-describedby=[error.map(|_| "new-error")];
                    button.primary #create { (messages::new_role(language)) }
                }
                (field_error("new-error", error))
            }
        }
        @if found.rows.is_empty() {
            (empty_list(language, &search, messages::roles_advice(language)))
        } @else {
            (table(&frame, &found.rows))
            (found.paging(&frame, ROLES, &[]))
        }
    };
    Ok(page(&frame, messages::roles(language), main))
}

fn table(frame: &Frame<'_>, roles: &[RoleView]) -> Markup {
    let language = frame.language;
    html! {
        table.bots.roles {
            thead {
                tr {
                    th scope="col" { (messages::role(language)) }
                    th scope="col" { (messages::users(language)) }
                    th scope="col" { (messages::lockers(language)) }
                    th scope="col" { (messages::connections(language)) }
                }
            }
            tbody {
                @for role in roles {
                    tr {
                        th scope="row" { a href=(link(ROLE, &role.name)) { (role.name) } }
                        td.when {
                            span.unit { (messages::users(language)) ": " }
                            a href=(url(USERS, &[("role", role.name.shown())]))
                                aria-label={ (messages::users(language)) ": " (role.users) } { (role.users) }
                        }
                        td.rights { span.unit { (messages::lockers(language)) ": " } (few(&role.lockers, language)) }
                        td.rights {
                            span.unit { (messages::connections(language)) ": " } (few(&role.connections, language))
                        }
                    }
                }
            }
        }
    }
}

fn few(few: &Page<Name>, language: Language) -> Markup {
    let left = few.total.saturating_sub(few.items.len() as u64);
    html! {
        @for name in &few.items { span.tag { (name) } }
        @if left > 0 { span.soft { (messages::more(language, left)) } }
        @if few.total == 0 { span.soft { "–" } }
    }
}

#[derive(Deserialize)]
pub(super) struct NewRole {
    name: String,
}

pub(super) async fn create(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    FormData(NewRole { name: typed }): FormData<NewRole>,
) -> Result<Response, Failure> {
    let language = user.session.language;
    let error = match typed.parse::<Name>() {
        Ok(name) => match app
            .store
            .users()
            .create_role(&user.principal(), &name)
            .await
        {
            Ok(()) => return Ok(Redirect::to(&link(ROLE, &name)).into_response()),
            Err(UserError::RoleExists(_)) => messages::role_exists(language),
            Err(other) => return Err(other.into()),
        },
        Err(_) => messages::bad_name(language),
    };
    let page = list_page(&app, &user, ListQuery::all(), &typed, Some(error)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}
