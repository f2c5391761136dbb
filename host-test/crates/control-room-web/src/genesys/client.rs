//! An OAuth client of the simulation, with its id and secret to copy.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Redirect;
use maud::{Markup, html};
use secrecy::ExposeSecret;
use serde::Deserialize;

use super::clients::{grant_types, state};
use super::messages;
use super::{CLIENT, CLIENTS, Manager, REMOVE, page};
use crate::app::App;
use crate::asked::Query;
use crate::failure::Failure;
use crate::forms::{Nothing, Sent};
use crate::layout::form_token;
use crate::lists::place;
use crate::parts::{Removal, ask_removal, copy_field};
use genesys_sim::OAuthClient;

#[derive(Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    id: String,
}

fn find(manager: &Manager, which: &Which) -> Result<OAuthClient, Failure> {
    let mut clients = manager.cloud.clients().into_iter();
    clients
        .find(|client| client.id == which.id)
        .ok_or(Failure::NotFound)
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    manager: Manager,
    Query(which): Query<Which>,
) -> Result<Markup, Failure> {
    let client = find(&manager, &which)?;
    let frame = manager.user.visitor.frame(&app);
    let language = frame.language;
    let id = [("id", client.id.as_str())];
    let duration = messages::seconds(language, client.token_duration);
    let secret = client.secret.expose_secret();
    let main = html! {
        nav.way aria-label=(messages::title(language)) { a href=(CLIENTS) { (messages::place(language)) } " / " span { (client.app_name) } }
        div.settings {
            div.bar {
                h1 { (client.app_name) }
                a.button #remove href=(place(REMOVE, &id)) { (messages::remove(language)) }
            }
            section.card {
                (copy_field(&frame, "client-id", messages::client_id(language), &client.id))
                @if !secret.is_empty() { (copy_field(&frame, "client-secret", messages::client_secret(language), secret)) }
                p.hint { (messages::copy_advice(language)) }
            }
            section.card {
                dl {
                    dt { (messages::duration(language)) } dd { (duration) }
                    dt { (messages::grant_types(language)) } dd.rights { (grant_types(&frame, &client)) }
                    dt { (messages::redirect_uris(language)) }
                    dd {
                        @if client.redirect_uris.is_empty() { "–" }
                        @for uri in &client.redirect_uris { p { (uri) } }
                    }
                    dt { (messages::region(language)) } dd { (client.region.domain()) }
                    dt { (messages::state(language)) } dd { (state(&frame, &client)) }
                }
                form method="post" action=(place(CLIENT, &id)) {
                    (form_token(&frame))
                    div.row {
                        @if client.enabled {
                            button #disable name="change" value="disable" { (messages::disable(language)) }
                        } @else {
                            button #enable name="change" value="enable" { (messages::enable(language)) }
                        }
                        button #expire name="change" value="expire" { (messages::expire(language)) }
                    }
                }
            }
        }
    };
    Ok(page(&frame, &client.app_name, main))
}

#[derive(Deserialize)]
pub(super) struct Change {
    change: String,
}

pub(super) async fn change(
    manager: Manager,
    Query(which): Query<Which>,
    Sent(Change { change }): Sent<Change>,
) -> Result<Redirect, Failure> {
    let cloud = &manager.cloud;
    let found = match change.as_str() {
        "enable" => cloud.enable_client(&which.id),
        "disable" => cloud.disable_client(&which.id),
        "expire" => cloud.expire_client_tokens(&which.id),
        _ => return Err(Failure::Malformed),
    };
    match found {
        true => Ok(Redirect::to(&place(CLIENT, &[("id", &which.id)]))),
        false => Err(Failure::NotFound),
    }
}

pub(super) async fn ask_remove(
    State(app): State<Arc<App>>,
    manager: Manager,
    Query(which): Query<Which>,
) -> Result<Markup, Failure> {
    let client = find(&manager, &which)?;
    let frame = manager.user.visitor.frame(&app);
    let language = frame.language;
    let removal = Removal {
        question: messages::remove_client(language, &client.app_name),
        advice: messages::remove_advice(language),
        at: ("id", &client.id),
        remove: REMOVE,
        back: CLIENT,
    };
    Ok(ask_removal(&frame, &removal))
}

pub(super) async fn remove(
    manager: Manager,
    Query(which): Query<Which>,
    Sent(Nothing {}): Sent<Nothing>,
) -> Result<Redirect, Failure> {
    match manager.cloud.remove_client(&which.id) {
        true => Ok(Redirect::to(CLIENTS)),
        false => Err(Failure::NotFound),
    }
}
