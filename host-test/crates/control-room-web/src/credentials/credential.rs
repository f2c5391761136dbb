//! A credential with its attributes.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use super::attribute::{OptionsForm, options_fields, value_state};
use super::messages;
use super::{ATTRIBUTE, CREDENTIAL, LOCKER, REMOVE_CREDENTIAL, way};
use crate::app::App;
use crate::extract::Query;
use crate::failure::Failure;
use crate::form_components::{At, Removal, ask_removal};
use crate::forms::{Nothing, Sent};
use crate::layout::{Frame, field_error, form_token, page};
use crate::lists::place;
use crate::permissions::Administrator;
use crate::user_session::SignedIn;
use control_room::Name;
use control_room::name::MAX_NAME;
use control_room::vault::{AttributePath, AttributeView, CredentialPath, Kind, VaultError};

fn credential_at(at: &At) -> Result<CredentialPath, Failure> {
    at.at.parse().map_err(|_| Failure::NotFound)
}

/// What is wrong with the form of a new attribute.
#[derive(Default)]
struct Wrong<'a> {
    name: Option<&'a str>,
    description: Option<&'a str>,
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(at): Query<At>,
) -> Result<Markup, Failure> {
    let path = credential_at(&at)?;
    let typed = OptionsForm::default();
    show_page(&app, &user, &path, &typed, Wrong::default()).await
}

async fn show_page(
    app: &App,
    user: &SignedIn,
    path: &CredentialPath,
    typed: &OptionsForm,
    wrong: Wrong<'_>,
) -> Result<Markup, Failure> {
    let frame = user.visitor.frame(app);
    let language = frame.language;
    let principal = user.principal();
    let credential = app.store.vault().credential(&principal, path).await?;
    let whole = path.to_string();
    let at = [("at", whole.as_str())];
    let main = html! {
        (way(&frame, &[&path.locker, &path.credential]))
        div.bar {
            h1 { (path.credential) }
            @if principal.is_administrator() {
                a.button #remove href=(place(REMOVE_CREDENTIAL, &at)) { (messages::remove(language)) }
            }
        }
        @if !credential.description.is_empty() { p.soft.about { (credential.description) } }
        @if credential.attributes.is_empty() {
            p.empty { (messages::no_attributes(language)) }
        } @else {
            (table(&frame, path, &credential.attributes))
        }
        @if principal.is_administrator() {
            section.card.settings {
                h2 { (messages::new_attribute(language)) }
                form method="post" action=(place(CREDENTIAL, &at)) {
                    (form_token(&frame))
                    label for="name" { (messages::new_attribute_name(language)) }
                    input #name name="name" value=(typed.name) required maxlength=(MAX_NAME) autocomplete="off"
                        autocapitalize="none" spellcheck="false" aria-invalid=[wrong.name.map(|_| "true")]
                        aria-describedby=[wrong.name.map(|_| "name-error")];
                    (field_error("name-error", wrong.name))
                    (options_fields(&frame, typed, wrong.description))
                    button.primary #create { (messages::new_attribute(language)) }
                }
            }
        }
    };
    Ok(page(&frame, path.credential.as_str(), main))
}

fn table(frame: &Frame<'_>, path: &CredentialPath, attributes: &[AttributeView]) -> Markup {
    let language = frame.language;
    let at = |name: &Name| place(ATTRIBUTE, &[("at", &format!("{path}/{name}"))]);
    html! {
        table.bots {
            thead {
                tr {
                    th scope="col" { (messages::attribute(language)) }
                    th scope="col" { (messages::options(language)) }
                    th scope="col" { (messages::value(language)) }
                }
            }
            tbody {
                @for AttributeView { attribute, has_own_value } in attributes {
                    tr {
                        th scope="row" {
                            a href=(at(&attribute.name)) { (attribute.name) }
                            @if !attribute.description.is_empty() { p.soft { (attribute.description) } }
                        }
                        td.rights {
                            span.tag {
                                (match attribute.kind {
                                    Kind::Standard => messages::standard(language),
                                    Kind::UserProvided => messages::user_provided(language),
                                })
                            }
                            @if attribute.masked { span.tag { (messages::masked(language)) } }
                            @if attribute.password_only { span.tag { (messages::password_only_label(language)) } }
                        }
                        td.state { (value_state(frame, attribute, *has_own_value)) }
                    }
                }
            }
        }
    }
}

/// Makes an attribute. One that is there is not changed: its values could go.
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(at): Query<At>,
    Sent(typed): Sent<OptionsForm>,
) -> Result<Response, Failure> {
    let credential = credential_at(&at)?;
    let frame = user.visitor.frame(&app);
    let language = frame.language;
    let wrong = match (typed.name.parse::<Name>(), typed.read()) {
        (Ok(attribute), Some(options)) => {
            let path = AttributePath {
                credential: credential.clone(),
                attribute,
            };
            match app.store.vault().create_attribute(&path, &options).await {
                Ok(()) => {
                    let next = place(ATTRIBUTE, &[("at", &path.to_string())]);
                    return Ok(Redirect::to(&next).into_response());
                }
                Err(VaultError::AttributeExists(_)) => Wrong {
                    name: Some(messages::attribute_exists(language)),
                    description: None,
                },
                Err(VaultError::TooManyAttributes(_)) => Wrong {
                    name: Some(messages::too_many_attributes(language)),
                    description: None,
                },
                Err(other) => return Err(other.into()),
            }
        }
        (name, options) => Wrong {
            name: name.is_err().then_some(messages::bad_name(language)),
            description: options
                .is_none()
                .then_some(messages::bad_description(language)),
        },
    };
    let page = show_page(&app, &user, &credential, &typed, wrong).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

pub(super) async fn ask_remove(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(at): Query<At>,
) -> Result<Markup, Failure> {
    let path = credential_at(&at)?;
    app.store
        .vault()
        .credential(&user.principal(), &path)
        .await?;
    let frame = user.visitor.frame(&app);
    let language = frame.language;
    let whole = path.to_string();
    let removal = Removal {
        question: messages::remove_credential(language, &whole),
        advice: messages::remove_advice(language),
        at: ("at", &whole),
        remove: REMOVE_CREDENTIAL,
        back: CREDENTIAL,
    };
    Ok(ask_removal(&frame, &removal))
}

pub(super) async fn remove(
    State(app): State<Arc<App>>,
    _: Administrator,
    Query(at): Query<At>,
    Sent(Nothing {}): Sent<Nothing>,
) -> Result<Redirect, Failure> {
    let path = credential_at(&at)?;
    app.store.vault().remove_credential(&path).await?;
    Ok(Redirect::to(&place(
        LOCKER,
        &[("at", path.locker.as_str())],
    )))
}
