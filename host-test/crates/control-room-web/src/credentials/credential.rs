//! The page of a credential with its attributes.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use super::attribute::value_state;
use super::attribute_options::{OptionsForm, options_fields};
use super::messages;
use super::{ATTRIBUTE, CREDENTIAL, LOCKER, REMOVE_CREDENTIAL, breadcrumbs};
use crate::app::App;
use crate::bot_references::used_by;
use crate::extract::Query;
use crate::failure::Failure;
use crate::form_components::{Removal, Subject, ask_removal};
use crate::forms::{FormData, NoFields};
use crate::layout::{Frame, field_error, form_token, page};
use crate::lists::url;
use crate::permissions::Administrator;
use crate::user_session::SignedIn;
use control_room::Name;
use control_room::bots::Reference;
use control_room::name::MAX_NAME;
use control_room::vault::{AttributePath, AttributeView, CredentialPath, Kind, VaultError};

fn credential_of(subject: &Subject) -> Result<CredentialPath, Failure> {
    subject.name.parse().map_err(|_| Failure::NotFound)
}

/// The errors in the form of a new attribute.
#[derive(Default)]
struct AttributeErrors<'a> {
    name: Option<&'a str>,
    description: Option<&'a str>,
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(subject): Query<Subject>,
) -> Result<Markup, Failure> {
    let path = credential_of(&subject)?;
    let typed = OptionsForm::default();
    show_page(&app, &user, &path, &typed, AttributeErrors::default()).await
}

async fn show_page(
    app: &App,
    user: &SignedIn,
    path: &CredentialPath,
    typed: &OptionsForm,
    errors: AttributeErrors<'_>,
) -> Result<Markup, Failure> {
    let frame = user.session.frame(app);
    let language = frame.language;
    let principal = user.principal();
    let credential = app.store.vault().credential(&principal, path).await?;
    let path = &credential.path;
    let whole = path.to_string();
    let at = [("at", whole.as_str())];
    let main = html! {
        (breadcrumbs(&frame, &[&path.locker, &path.credential]))
        div.bar {
            h1 { (path.credential) }
            @if principal.is_administrator() {
                a.button #remove href=(url(REMOVE_CREDENTIAL, &at)) { (messages::remove(language)) }
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
                form method="post" action=(url(CREDENTIAL, &at)) {
                    (form_token(&frame))
                    label for="name" { (messages::new_attribute_name(language)) }
                    input #name name="name" value=(typed.name) required maxlength=(MAX_NAME) autocomplete="off"
                        autocapitalize="none" spellcheck="false" aria-invalid=[errors.name.map(|_| "true")]
                        aria-describedby=[errors.name.map(|_| "name-error")];
                    (field_error("name-error", errors.name))
                    (options_fields(&frame, typed, errors.description))
                    button.primary #create { (messages::new_attribute(language)) }
                }
            }
        }
    };
    Ok(page(&frame, path.credential.shown(), main))
}

fn table(frame: &Frame<'_>, path: &CredentialPath, attributes: &[AttributeView]) -> Markup {
    let language = frame.language;
    let at = |name: &Name| url(ATTRIBUTE, &[("at", &format!("{path}/{name}"))]);
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

/// Creates an attribute. An existing one is not changed, as that could remove its values.
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(subject): Query<Subject>,
    FormData(typed): FormData<OptionsForm>,
) -> Result<Response, Failure> {
    let credential = credential_of(&subject)?;
    let frame = user.session.frame(&app);
    let language = frame.language;
    let errors = match (typed.name.parse::<Name>(), typed.read()) {
        (Ok(attribute), Some(options)) => {
            let path = AttributePath {
                credential: credential.clone(),
                attribute,
            };
            match user.vault(&app).create_attribute(&path, &options).await {
                Ok(()) => {
                    let next = url(ATTRIBUTE, &[("at", &path.to_string())]);
                    return Ok(Redirect::to(&next).into_response());
                }
                Err(VaultError::AttributeExists(_)) => AttributeErrors {
                    name: Some(messages::attribute_exists(language)),
                    description: None,
                },
                Err(VaultError::TooManyAttributes(_)) => AttributeErrors {
                    name: Some(messages::too_many_attributes(language)),
                    description: None,
                },
                Err(other) => return Err(other.into()),
            }
        }
        (name, options) => AttributeErrors {
            name: name.is_err().then_some(messages::bad_name(language)),
            description: options
                .is_none()
                .then_some(messages::bad_description(language)),
        },
    };
    let page = show_page(&app, &user, &credential, &typed, errors).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

pub(super) async fn ask_remove(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(subject): Query<Subject>,
) -> Result<Markup, Failure> {
    let path = credential_of(&subject)?;
    let vault = app.store.vault();
    let credential = vault.credential(&user.principal(), &path).await?;
    let frame = user.session.frame(&app);
    let language = frame.language;
    let whole = credential.path.to_string();
    let reference = Reference::Credential(&credential.path);
    let removal = Removal {
        question: messages::remove_credential(language, &whole),
        advice: messages::remove_advice(language),
        at: ("at", &whole),
        remove: REMOVE_CREDENTIAL,
        back: CREDENTIAL,
        more: used_by(&app, &frame, &user.principal(), reference).await,
    };
    Ok(ask_removal(&frame, &removal))
}

pub(super) async fn remove(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(subject): Query<Subject>,
    FormData(NoFields {}): FormData<NoFields>,
) -> Result<Redirect, Failure> {
    let path = credential_of(&subject)?;
    user.vault(&app).remove_credential(&path).await?;
    Ok(Redirect::to(&url(LOCKER, &[("at", path.locker.shown())])))
}
