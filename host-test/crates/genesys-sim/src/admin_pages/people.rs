//! *Admin > People*: the users of the organization, with their passwords to copy.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use secrecy::ExposeSecret;

use super::layout::{copy_field, field_error, form_token, page};
use super::session::{Admin, AdminForm, PageContext};
use super::{MAX_ENTRIES, PEOPLE, REMOVE_PERSON, see_other};
use crate::cloud::Cloud;
use crate::user::{AddUserError, User};

/// The longest username, in bytes.
const MAX_USERNAME: usize = 254;

pub(super) async fn list(State(cloud): State<Arc<Cloud>>, Admin(context): Admin) -> Markup {
    people_page(&cloud, &context, "", None)
}

/// With the username and the error of the previous attempt to add a person.
fn people_page(
    cloud: &Cloud,
    context: &PageContext,
    username: &str,
    error: Option<&str>,
) -> Markup {
    let language = context.language;
    let (admins, people): (Vec<_>, Vec<_>) = cloud
        .accounts()
        .users
        .list()
        .into_iter()
        .partition(|user| user.is_admin);
    let main = html! {
        p.breadcrumbs { (language.people_path()) }
        h1 { (language.people()) }
        p.hint { (language.people_advice()) }
        section.card.people {
            ul {
                @for admin in &admins { li { (admin.username) " " span.tag { (language.administrator()) } } }
                @for (index, person) in people.iter().enumerate() {
                    li {
                        (copy_field(
                            language,
                            &format!("password-{index}"),
                            &language.password_of(&person.username),
                            person.password.expose_secret(),
                        ))
                        form.inline method="post" action=(REMOVE_PERSON) {
                            (form_token(context))
                            button.quiet name="username" value=(person.username)
                                aria-label={ (language.remove()) ": " (person.username) } { (language.remove()) }
                        }
                    }
                }
            }
            form method="post" action=(PEOPLE) {
                (form_token(context))
                label for="username" { (language.username()) }
                div.copy {
                    input #username name="username" value=(username) required maxlength=(MAX_USERNAME)
                        autocomplete="off" autocapitalize="none" spellcheck="false"
                        aria-invalid=[error.map(|_| "true")] aria-describedby=[error.map(|_| "username-error")];
                    button #add-person { (language.add_person()) }
                }
                (field_error("username-error", error))
            }
        }
    };
    page(context, language.people(), main)
}

/// Adds a user with a generated password.
pub(super) async fn add(State(cloud): State<Arc<Cloud>>, AdminForm(form): AdminForm) -> Response {
    let language = form.context.language;
    let username = form.field("username").trim();
    let result = {
        let mut accounts = cloud.accounts();
        if username.len() > MAX_USERNAME {
            Err(language.username_invalid())
        } else if accounts.users.list().len() >= MAX_ENTRIES {
            Err(language.too_many())
        } else {
            let user = User::with_generated_password(username);
            accounts.users.add(user).map_err(|error| match error {
                AddUserError::UsernameTaken(_) => language.username_taken(),
                _ => language.username_invalid(),
            })
        }
    };
    match result {
        Ok(()) => see_other(PEOPLE),
        Err(error) => {
            let page = people_page(&cloud, &form.context, form.field("username"), Some(error));
            (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
        }
    }
}

/// Removes a user. Administrators cannot be removed here: nobody could sign in any more.
pub(super) async fn remove(
    State(cloud): State<Arc<Cloud>>,
    AdminForm(form): AdminForm,
) -> Response {
    let username = form.field("username");
    let is_removed = {
        let mut accounts = cloud.accounts();
        let is_person = accounts
            .users
            .find(username)
            .is_some_and(|user| !user.is_admin);
        is_person && accounts.remove_user(username)
    };
    if is_removed {
        see_other(PEOPLE)
    } else {
        form.context.not_found()
    }
}
