//! The OAuth clients, and the people who can sign in.

use std::sync::Arc;

use axum::extract::State;
use maud::{Markup, html};

use super::people::people;
use super::texts::texts;
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
    let texts = texts(frame.language);
    let clients = manager.cloud.clients();
    let main = html! {
        nav.way aria-label=(texts.title) { span { (texts.place) } }
        div.bar {
            h1 { (texts.title) }
            a.button.primary #add-client href=(NEW) { (texts.add_client) }
        }
        @if clients.is_empty() { p.empty { (texts.no_clients) } } @else { (table(&frame, &clients)) }
        (people(&frame, &manager.cloud.users(), typed, error))
    };
    page(&frame, texts.title, main)
}

fn table(frame: &Frame<'_>, clients: &[OAuthClient]) -> Markup {
    let texts = texts(frame.language);
    html! {
        table.bots {
            thead {
                tr {
                    th scope="col" { (texts.app_name) }
                    th scope="col" { (texts.grant_types) }
                    th scope="col" { (texts.state) }
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
    let texts = texts(frame.language);
    html! {
        @for (grant, words) in [
            (GrantType::ClientCredentials, texts.client_credentials),
            (GrantType::AuthorizationCode, texts.code),
        ] {
            @if client.grant_types.contains(&grant) { span.tag { (words) } }
        }
    }
}

pub(super) fn state(frame: &Frame<'_>, client: &OAuthClient) -> Markup {
    let texts = texts(frame.language);
    let words = if client.enabled {
        texts.enabled
    } else {
        texts.disabled
    };
    html! { span.sign data-good[client.enabled] { (words) } }
}
