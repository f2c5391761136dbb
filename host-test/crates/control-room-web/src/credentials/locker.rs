//! What is in a locker.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use super::messages;
use super::{CREDENTIAL, LOCKER, SETTINGS, way};
use crate::app::App;
use crate::extract::Query;
use crate::failure::Failure;
use crate::form_components::{At, Named, NamedWrong, create_bar};
use crate::forms::Sent;
use crate::layout::{Frame, page};
use crate::lists::{Asked, SHOWN, empty_list, place, search_form};
use crate::permissions::Administrator;
use crate::user_session::SignedIn;
use control_room::Name;
use control_room::vault::{CredentialPath, CredentialView, VaultError};

/// The locker of an address.
pub(super) fn locker_at(at: &At) -> Result<Name, Failure> {
    at.at.parse().map_err(|_| Failure::NotFound)
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(at): Query<At>,
    Query(asked): Query<Asked>,
) -> Result<Markup, Failure> {
    let locker = locker_at(&at)?;
    let (typed, wrong) = (Named::default(), NamedWrong::default());
    show_page(&app, &user, &locker, asked, &typed, &wrong).await
}

async fn show_page(
    app: &App,
    user: &SignedIn,
    locker: &Name,
    mut asked: Asked,
    typed: &Named,
    wrong: &NamedWrong,
) -> Result<Markup, Failure> {
    let frame = user.visitor.frame(app);
    let language = frame.language;
    let (vault, principal) = (app.store.vault(), user.principal());
    let seen = vault.locker(&principal, locker).await?;
    let search = asked.search();
    let found = loop {
        let some = vault.credentials_page(&principal, locker, &search, asked.offset(), SHOWN);
        let some = some.await?;
        if let Some(found) = asked.found(some.items, some.total) {
            break found;
        }
    };
    let at = [("at", locker.as_str())];
    let here = place(LOCKER, &at);
    let main = html! {
        (way(&frame, &[locker]))
        div.bar {
            h1 { (locker) }
            (search_form(&frame, messages::search_credentials(language), LOCKER, &at, &search))
            @if principal.is_administrator() {
                a.button #settings href=(place(SETTINGS, &at)) { (messages::settings(language)) }
            }
        }
        @if !seen.description.is_empty() { p.soft.about { (seen.description) } }
        @if principal.is_administrator() {
            (create_bar(
                &frame,
                &here,
                messages::new_credential_name(language),
                messages::new_credential(language),
                typed,
                wrong,
            ))
        }
        @if !found.rows.is_empty() {
            (table(&frame, locker, &found.rows))
            (found.paging(&frame, LOCKER, &at))
        } @else {
            (empty_list(language, &search, messages::no_credentials(language)))
        }
    };
    Ok(page(&frame, locker.as_str(), main))
}

fn table(frame: &Frame<'_>, locker: &Name, credentials: &[CredentialView]) -> Markup {
    let language = frame.language;
    let at = |name: &Name| place(CREDENTIAL, &[("at", &format!("{locker}/{name}"))]);
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
    Query(at): Query<At>,
    Sent(typed): Sent<Named>,
) -> Result<Response, Failure> {
    let locker = locker_at(&at)?;
    let frame = user.visitor.frame(&app);
    let wrong = match typed.read(&frame) {
        Ok((credential, description)) => {
            let path = CredentialPath {
                locker: locker.clone(),
                credential,
            };
            let vault = app.store.vault();
            match vault.create_credential(&path, &description).await {
                Ok(()) => {
                    let next = place(CREDENTIAL, &[("at", &path.to_string())]);
                    return Ok(Redirect::to(&next).into_response());
                }
                Err(VaultError::CredentialExists(_)) => NamedWrong {
                    name: Some(messages::credential_exists(frame.language).into()),
                    ..NamedWrong::default()
                },
                Err(other) => return Err(other.into()),
            }
        }
        Err(wrong) => wrong,
    };
    let page = show_page(&app, &user, &locker, Asked::all(), &typed, &wrong).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}
