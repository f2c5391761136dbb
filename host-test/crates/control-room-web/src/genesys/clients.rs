//! The OAuth clients, and the people who can sign in.

use std::sync::Arc;

use axum::extract::State;
use maud::{Markup, html};

use super::messages;
use super::people::people;
use super::{CLIENT, Manager, NEW, page};
use crate::app::App;
use crate::layout::Frame;
use crate::lists::place;
use genesys_sim::{GrantType, OAuthClient};

pub(super) async fn list(State(app): State<Arc<App>>, manager: Manager) -> Markup {
    list_page(&app, &manager, "", None)
}

/// With what was typed to add a person, and what is wrong with it.
pub(super) fn list_page(app: &App, manager: &Manager, typed: &str, error: Option<&str>) -> Markup {
    let frame = manager.user.visitor.frame(app);
    let language = frame.language;
    let clients = manager.cloud.clients();
    let main = html! {
        nav.way aria-label=(messages::title(language)) { span { (messages::place(language)) } }
        div.bar {
            h1 { (messages::title(language)) }
            a.button.primary #add-client href=(NEW) { (messages::add_client(language)) }
        }
        @if clients.is_empty() { p.empty { (messages::no_clients(language)) } } @else { (table(&frame, &clients)) }
        (people(&frame, &manager.cloud.users(), typed, error))
    };
    page(&frame, messages::title(language), main)
}

fn table(frame: &Frame<'_>, clients: &[OAuthClient]) -> Markup {
    let language = frame.language;
    html! {
        table.bots {
            thead {
                tr {
                    th scope="col" { (messages::app_name(language)) }
                    th scope="col" { (messages::grant_types(language)) }
                    th scope="col" { (messages::state(language)) }
                }
            }
            tbody {
                @for client in clients {
                    tr {
                        th scope="row" {
                            a href=(place(CLIENT, &[("id", &client.id)])) { (client.app_name) }
                            p.soft { (client.id) }
                        }
                        td.rights { (grant_types(frame, client)) }
                        td.state { (state(frame, client)) }
                    }
                }
            }
        }
    }
}

pub(super) fn grant_types(frame: &Frame<'_>, client: &OAuthClient) -> Markup {
    let language = frame.language;
    html! {
        @for (grant, words) in [
            (GrantType::ClientCredentials, messages::client_credentials(language)),
            (GrantType::AuthorizationCode, messages::code(language)),
        ] {
            @if client.grant_types.contains(&grant) { span.tag { (words) } }
        }
    }
}

pub(super) fn state(frame: &Frame<'_>, client: &OAuthClient) -> Markup {
    let language = frame.language;
    let words = if client.enabled {
        messages::enabled(language)
    } else {
        messages::disabled(language)
    };
    html! { span.sign data-good[client.enabled] { (words) } }
}
