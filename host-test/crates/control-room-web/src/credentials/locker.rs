//! The page of a locker with its credentials.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use super::messages;
use super::{CREDENTIAL, LOCKER, SETTINGS, breadcrumbs};
use crate::app::App;
use crate::extract::Query;
use crate::failure::Failure;
use crate::form_components::{NameErrors, NameForm, Subject, create_bar};
use crate::forms::FormData;
use crate::layout::{Frame, page};
use crate::lists::{ListQuery, PAGE_SIZE, empty_list, search_form, url};
use crate::permissions::Administrator;
use crate::user_session::SignedIn;
use control_room::Name;
use control_room::vault::{CredentialPath, CredentialView, VaultError};

/// The name of the locker.
pub(super) fn locker_of(subject: &Subject) -> Result<Name, Failure> {
    subject.name.parse().map_err(|_| Failure::NotFound)
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(subject): Query<Subject>,
    Query(query): Query<ListQuery>,
) -> Result<Markup, Failure> {
    let locker = locker_of(&subject)?;
    let (typed, errors) = (NameForm::default(), NameErrors::default());
    show_page(&app, &user, &locker, query, &typed, &errors).await
}

async fn show_page(
    app: &App,
    user: &SignedIn,
    locker: &Name,
    mut query: ListQuery,
    typed: &NameForm,
    errors: &NameErrors,
) -> Result<Markup, Failure> {
    let frame = user.session.frame(app);
    let language = frame.language;
    let (vault, principal) = (app.store.vault(), user.principal());
    let view = vault.locker(&principal, locker).await?;
    let locker = &view.name;
    let search = query.search();
    let found = loop {
        let some = vault.credentials_page(&principal, locker, &search, query.offset(), PAGE_SIZE);
        let some = some.await?;
        if let Some(found) = query.page_of(some.items, some.total) {
            break found;
        }
    };
    let at = [("at", locker.shown())];
    let here = url(LOCKER, &at);
    let main = html! {
        (breadcrumbs(&frame, &[locker]))
        div.bar {
            h1 { (locker) }
            (search_form(&frame, messages::search_credentials(language), LOCKER, &at, &search))
            @if principal.is_administrator() {
                a.button #settings href=(url(SETTINGS, &at)) { (messages::settings(language)) }
            }
        }
        @if !view.description.is_empty() { p.soft.about { (view.description) } }
        @if principal.is_administrator() {
            (create_bar(
                &frame,
                &here,
                messages::new_credential_name(language),
                messages::new_credential(language),
                typed,
                errors,
            ))
        }
        @if !found.rows.is_empty() {
            (table(&frame, locker, &found.rows))
            (found.paging(&frame, LOCKER, &at))
        } @else {
            (empty_list(language, &search, messages::no_credentials(language)))
        }
    };
    Ok(page(&frame, locker.shown(), main))
}

fn table(frame: &Frame<'_>, locker: &Name, credentials: &[CredentialView]) -> Markup {
    let language = frame.language;
    let at = |name: &Name| url(CREDENTIAL, &[("at", &format!("{locker}/{name}"))]);
    html! {
        table.bots {
            thead {
                tr {
                    th scope="col" { (messages::credential(language)) }
                    th scope="col" { (messages::attributes(language)) }
                }
            }
            tbody {
                @for credential in credentials {
                    tr {
                        th scope="row" {
                            a href=(at(&credential.name)) { (credential.name) }
                            @if !credential.description.is_empty() { p.soft { (credential.description) } }
                        }
                        td.when { (credential.attributes) span.unit { " " (messages::attributes(language)) } }
                    }
                }
            }
        }
    }
}

pub(super) async fn create(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    Query(subject): Query<Subject>,
    FormData(typed): FormData<NameForm>,
) -> Result<Response, Failure> {
    let locker = locker_of(&subject)?;
    let frame = user.session.frame(&app);
    let errors = match typed.read(&frame) {
        Ok((credential, description)) => {
            let path = CredentialPath {
                locker: locker.clone(),
                credential,
            };
            let vault = user.vault(&app);
            match vault.create_credential(&path, &description).await {
                Ok(()) => {
                    let next = url(CREDENTIAL, &[("at", &path.to_string())]);
                    return Ok(Redirect::to(&next).into_response());
                }
                Err(VaultError::CredentialExists(_)) => NameErrors {
                    name: Some(messages::credential_exists(frame.language).into()),
                    ..NameErrors::default()
                },
                Err(other) => return Err(other.into()),
            }
        }
        Err(errors) => errors,
    };
    let page = show_page(&app, &user, &locker, ListQuery::all(), &typed, &errors).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}
