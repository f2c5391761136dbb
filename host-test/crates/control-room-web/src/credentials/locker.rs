//! The page of a locker with its credentials.

use std::sync::Arc;

use axum::extract::State;
use maud::{Markup, html};

use super::messages;
use super::of_locker::{locker_of, nobody_may_use};
use super::settings::roles_form;
use super::{CREDENTIAL, LOCKER, NEW_CREDENTIAL, SETTINGS, breadcrumbs};
use crate::app::App;
use crate::extract::Query;
use crate::failure::Failure;
use crate::form_components::Subject;
use crate::layout::{Frame, page};
use crate::lists::{ListQuery, PAGE_SIZE, empty_list, search_form, url};
use crate::user_session::SignedIn;
use control_room::Name;
use control_room::vault::CredentialView;

pub(super) async fn show(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(subject): Query<Subject>,
    Query(mut query): Query<ListQuery>,
) -> Result<Markup, Failure> {
    let frame = user.session.frame(&app);
    let language = frame.language;
    let (vault, principal) = (app.store.vault(), user.principal());
    let view = vault.locker(&principal, &locker_of(&subject)?).await?;
    let locker = &view.name;
    let administrator = principal.is_administrator();
    let search = query.search();
    let found = loop {
        let some = vault.credentials_page(&principal, locker, &search, query.offset(), PAGE_SIZE);
        let some = some.await?;
        if let Some(found) = query.page_of(some.items, some.total) {
            break found;
        }
    };
    let at = [("at", locker.shown())];
    let main = html! {
        (breadcrumbs(&frame, &[locker]))
        div.bar {
            h1 { (locker) }
            (search_form(&frame, messages::search_credentials(language), LOCKER, &at, &search))
            @if administrator {
                a.button.primary #create href=(url(NEW_CREDENTIAL, &at)) { (messages::new_credential(language)) }
                a.button #settings href=(url(SETTINGS, &at)) { (messages::settings(language)) }
            }
        }
        @if !view.description.is_empty() { p.soft.about { (view.description) } }
        (nobody_may_use(language, &view))
        @if administrator && !view.has_users {
            section.card.settings {
                h2 { (messages::roles_with_access(language)) }
                (roles_form(&app, &frame, locker).await?)
            }
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
                        td.when { span.unit { (messages::attributes(language)) ": " } (credential.attributes) }
                    }
                }
            }
        }
    }
}
