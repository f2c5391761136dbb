//! *Admin > People*: who can sign in at the simulation.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use secrecy::ExposeSecret;
use serde::Deserialize;

use super::clients::list_page;
use super::messages;
use super::{CLIENTS, MOST, Manager, PEOPLE};
use crate::app::App;
use crate::failure::Failure;
use crate::forms::Sent;
use crate::layout::{Frame, field_error, form_token};
use crate::parts::copy_field;
use genesys_sim::{AddUserError, User};

/// The longest username, in bytes.
const MAX_USERNAME: usize = 254;

pub(super) fn people(
    frame: &Frame<'_>,
    people: &[User],
    typed: &str,
    error: Option<&str>,
) -> Markup {
    let language = frame.language;
    html! {
        section.card.people {
            p.way { (messages::people_place(language)) }
            h2 { (messages::people(language)) }
            p.hint { (messages::people_advice(language)) }
            @if people.is_empty() { p.hint { (messages::no_people(language)) } }
            ul {
                @for (index, person) in people.iter().enumerate() {
                    li {
                        (copy_field(
                            frame,
                            &format!("password-{index}"),
                            &messages::password_of(language, &person.username),
                            person.password.expose_secret(),
                        ))
                        form.inline method="post" action="/genesys/remove-person" {
                            (form_token(frame))
                            button.quiet name="username" value=(person.username)
                                aria-label={ (messages::remove(language)) ": " (person.username) } {
                                    (messages::remove(language))
                                }
                        }
                    }
                }
            }
            form method="post" action=(PEOPLE) {
                (form_token(frame))
                label for="username" { (messages::email(language)) }
                div.copy {
                    input #username name="username" value=(typed) required maxlength=(MAX_USERNAME) autocomplete="off"
                        autocapitalize="none" spellcheck="false" aria-invalid=[error.map(|_| "true")]
                        aria-describedby=[error.map(|_| "username-error")];
                    button #add-person { (messages::add_person(language)) }
                }
                (field_error("username-error", error))
            }
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Person {
    username: String,
}

/// Adds somebody with a password that is made up.
pub(super) async fn add(
    State(app): State<Arc<App>>,
    manager: Manager,
    Sent(Person { username: typed }): Sent<Person>,
) -> Response {
    let language = manager.user.visitor.language;
    let username = typed.trim();
    let error = if username.len() > MAX_USERNAME {
        messages::no_email(language)
    } else if manager.cloud.users().len() >= MOST {
        messages::too_many(language)
    } else {
        match manager
            .cloud
            .add_user(User::with_generated_password(username))
        {
            Ok(_) => return Redirect::to(CLIENTS).into_response(),
            Err(AddUserError::UsernameTaken(_)) => messages::known_email(language),
            Err(_) => messages::no_email(language),
        }
    };
    let page = list_page(&app, &manager, &typed, Some(error));
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

pub(super) async fn remove(
    manager: Manager,
    Sent(Person { username }): Sent<Person>,
) -> Result<Redirect, Failure> {
    match manager.cloud.remove_user(&username) {
        true => Ok(Redirect::to(CLIENTS)),
        false => Err(Failure::NotFound),
    }
}
