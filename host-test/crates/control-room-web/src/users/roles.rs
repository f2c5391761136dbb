//! The list of roles, each with what it opens, and making one.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::texts::texts;
use super::{ROLE, ROLES, USERS, at, way};
use crate::app::App;
use crate::asked::Query;
use crate::failure::Failure;
use crate::forms::Sent;
use crate::layout::{Frame, field_error, form_token, page};
use crate::lists::{Asked, SHOWN, place, search_form};
use crate::rights::Administrator;
use crate::visitor::SignedIn;
use control_room::Name;
use control_room::name::MAX_NAME;
use control_room::users::{Few, SeenRole, UserError};

pub(super) async fn list(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(asked): Query<Asked>,
) -> Result<Markup, Failure> {
    list_page(&app, &user, asked, "", None).await
}

async fn list_page(
    app: &App,
    user: &SignedIn,
    mut asked: Asked,
    typed: &str,
    error: Option<&str>,
) -> Result<Markup, Failure> {
    let frame = user.visitor.frame(app);
    let (common, texts) = (frame.language.texts(), texts(frame.language));
    let search = asked.search();
    let found = loop {
        let users = app.store.users();
        let some = users.seen_roles(&search, asked.offset(), SHOWN).await?;
        if let Some(found) = asked.found(some.items, some.total) {
            break found;
        }
    };
    let main = html! {
        (way(&frame, &[], texts.roles))
        div.bar {
            h1 { (texts.roles) }
            (search_form(&frame, texts.search_roles, ROLES, &[], &search))
        }
        div.bar.new {
            form method="post" action=(ROLES) {
                (form_token(&frame))
                label for="new-name" { (texts.new_role_name) }
                div.row {
                    input #new-name name="name" value=(typed) required maxlength=(MAX_NAME) autocapitalize="none"
                        spellcheck="false" autocomplete="off" aria-invalid=[error.map(|_| "true")]
                        aria-describedby=[error.map(|_| "new-error")];
                    button.primary #create { (texts.new_role) }
                }
                (field_error("new-error", error))
            }
        }
        @if found.rows.is_empty() {
            p.empty { (if search.is_empty() { texts.roles_advice } else { common.list_empty_search }) }
        } @else {
            (table(&frame, &found.rows))
            (found.paging(&frame, ROLES, &[]))
        }
    };
    Ok(page(&frame, texts.roles, main))
}

fn table(frame: &Frame<'_>, roles: &[SeenRole]) -> Markup {
    let (common, texts) = (frame.language.texts(), texts(frame.language));
    html! {
        table.bots.roles {
            thead {
                tr {
                    th scope="col" { (texts.role) }
                    th scope="col" { (common.users) }
                    th scope="col" { (texts.lockers) }
                    th scope="col" { (common.connections) }
                }
            }
            tbody {
                @for role in roles {
                    tr {
                        th scope="row" { a href=(at(ROLE, &role.name)) { (role.name) } }
                        td.when {
                            span.unit { (common.users) ": " }
                            a href=(place(USERS, &[("role", role.name.as_str())]))
                                aria-label={ (common.users) ": " (role.users) } { (role.users) }
                        }
                        td.rights { span.unit { (texts.lockers) ": " } (few(&role.lockers, texts.more)) }
                        td.rights { span.unit { (common.connections) ": " } (few(&role.connections, texts.more)) }
                    }
                }
            }
        }
    }
}

fn few(few: &Few, more: &str) -> Markup {
    let left = few.total.saturating_sub(few.names.len() as u64);
    html! {
        @for name in &few.names { span.tag { (name) } }
        @if left > 0 { span.soft { (more.replace("{n}", &left.to_string())) } }
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
    Sent(NewRole { name: typed }): Sent<NewRole>,
) -> Result<Response, Failure> {
    let language = user.visitor.language;
    let error = match typed.parse::<Name>() {
        Ok(name) => match app
            .store
            .users()
            .create_role_by(&user.account.name, &name)
            .await
        {
            Ok(()) => return Ok(Redirect::to(&at(ROLE, &name)).into_response()),
            Err(UserError::RoleExists(_)) => texts(language).role_exists,
            Err(other) => return Err(other.into()),
        },
        Err(_) => language.texts().bad_name,
    };
    let page = list_page(&app, &user, Asked::all(), &typed, Some(error)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}
