//! The list of OAuth clients, and the page of one, with its id and secret to copy.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use secrecy::ExposeSecret;

use super::layout::{copy_field, form_token, page};
use super::messages::Language;
use super::session::{Admin, AdminForm};
use super::{ADMIN_PATH, CLIENT, NEW_CLIENT, REMOVE_CLIENT, see_other, with_query};
use crate::client::{GrantType, OAuthClient};
use crate::cloud::Cloud;

/// The client whose id is in the query.
type Id = Query<HashMap<String, String>>;

fn id(Query(query): &Id) -> &str {
    query.get("id").map_or("", String::as_str)
}

fn find(cloud: &Cloud, id: &Id) -> Option<Arc<OAuthClient>> {
    cloud.accounts().clients.find(self::id(id), None)
}

pub(super) async fn list(State(cloud): State<Arc<Cloud>>, Admin(context): Admin) -> Markup {
    let language = context.language;
    let clients = cloud.accounts().clients.list();
    let main = html! {
        p.breadcrumbs { (language.clients_path()) }
        div.bar {
            h1 { (language.clients()) }
            a.button.primary #add-client href=(NEW_CLIENT) { (language.add_client()) }
        }
        @if clients.is_empty() { p.empty { (language.no_clients()) } } @else { (table(language, &clients)) }
    };
    page(&context, language.clients(), main)
}

fn table(language: Language, clients: &[OAuthClient]) -> Markup {
    html! {
        table {
            thead {
                tr {
                    th scope="col" { (language.app_name()) }
                    th scope="col" { (language.grant_types()) }
                    th scope="col" { (language.state()) }
                }
            }
            tbody {
                @for client in clients {
                    tr {
                        th scope="row" {
                            a href=(with_query(CLIENT, "id", &client.id)) { (client.app_name) }
                            p.soft { (client.id) }
                        }
                        td { (grant_types(language, client)) }
                        td { (state(language, client)) }
                    }
                }
            }
        }
    }
}

fn grant_types(language: Language, client: &OAuthClient) -> Markup {
    html! {
        @for (grant, name) in [
            (GrantType::ClientCredentials, language.client_credentials()),
            (GrantType::AuthorizationCode, language.code_authorization()),
        ] {
            @if client.grant_types.contains(&grant) { span.tag { (name) } }
        }
    }
}

fn state(language: Language, client: &OAuthClient) -> Markup {
    let name = if client.enabled {
        language.enabled()
    } else {
        language.disabled()
    };
    html! { span.state data-enabled[client.enabled] { (name) } }
}

pub(super) async fn show(
    State(cloud): State<Arc<Cloud>>,
    Admin(context): Admin,
    id: Id,
) -> Response {
    let Some(client) = find(&cloud, &id) else {
        return context.not_found();
    };
    let language = context.language;
    let secret = client.secret.expose_secret();
    let main = html! {
        nav.breadcrumbs aria-label=(language.clients()) {
            a href=(ADMIN_PATH) { (language.clients_path()) } " / " (client.app_name)
        }
        div.bar {
            h1 { (client.app_name) }
            a.button #remove href=(with_query(REMOVE_CLIENT, "id", &client.id)) { (language.remove()) }
        }
        section.card {
            (copy_field(language, "client-id", language.client_id(), &client.id))
            @if !secret.is_empty() {
                (copy_field(language, "client-secret", language.client_secret(), secret))
            }
            p.hint { (language.copy_advice()) }
        }
        section.card {
            dl {
                dt { (language.duration()) } dd { (language.seconds(&client.token_duration.to_string())) }
                dt { (language.grant_types()) } dd { (grant_types(language, &client)) }
                dt { (language.redirect_uris()) }
                dd {
                    @if client.redirect_uris.is_empty() { "–" }
                    @for uri in &client.redirect_uris { p { (uri) } }
                }
                dt { (language.region()) } dd { (client.region.domain()) }
                dt { (language.state()) } dd { (state(language, &client)) }
            }
            form method="post" action=(with_query(CLIENT, "id", &client.id)) {
                (form_token(&context))
                div.row {
                    @if client.enabled {
                        button #disable name="change" value="disable" { (language.disable()) }
                    } @else {
                        button #enable name="change" value="enable" { (language.enable()) }
                    }
                    button #expire name="change" value="expire" { (language.expire_tokens()) }
                }
            }
        }
    };
    page(&context, &client.app_name, main).into_response()
}

pub(super) async fn change(
    State(cloud): State<Arc<Cloud>>,
    id: Id,
    AdminForm(form): AdminForm,
) -> Response {
    let client_id = self::id(&id);
    let found = match form.field("change") {
        "enable" => cloud.accounts().enable_client(client_id),
        "disable" => cloud.accounts().disable_client(client_id),
        "expire" => {
            let now = cloud.now();
            cloud.accounts().expire_client_tokens(client_id, now)
        }
        _ => return form.context.malformed(),
    };
    if found {
        see_other(&with_query(CLIENT, "id", client_id))
    } else {
        form.context.not_found()
    }
}

pub(super) async fn confirm_removal(
    State(cloud): State<Arc<Cloud>>,
    Admin(context): Admin,
    id: Id,
) -> Response {
    let Some(client) = find(&cloud, &id) else {
        return context.not_found();
    };
    let language = context.language;
    let question = language.remove_client(&client.app_name);
    let main = html! {
        form.narrow.card method="post" action=(with_query(REMOVE_CLIENT, "id", &client.id)) {
            h1 { (question) }
            p { (language.remove_advice()) }
            (form_token(&context))
            div.row {
                button.danger #remove { (language.remove()) }
                a.button href=(with_query(CLIENT, "id", &client.id)) { (language.cancel()) }
            }
        }
    };
    page(&context, &question, main).into_response()
}

pub(super) async fn remove(
    State(cloud): State<Arc<Cloud>>,
    id: Id,
    AdminForm(form): AdminForm,
) -> Response {
    let is_removed = cloud.accounts().remove_client(self::id(&id));
    if is_removed {
        see_other(ADMIN_PATH)
    } else {
        form.context.not_found()
    }
}
