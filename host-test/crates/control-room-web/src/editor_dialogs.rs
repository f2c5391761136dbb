//! What the dialogs of the editor share in which administrators create a credential or a connection for a field.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::app::App;
use super::failure::Failure;
use super::messages;
use super::user_session::SignedIn;
use control_room::Name;
use control_room::users::{ADMINISTRATOR, Role};

/// The mistakes in a dialog, by the names of its fields.
pub(super) type Mistakes = BTreeMap<String, String>;

/// Answers with the mistakes.
pub(super) fn refused(mistakes: &Mistakes) -> Response {
    let answer = json!({ "mistakes": mistakes });
    (StatusCode::UNPROCESSABLE_ENTITY, Json(answer)).into_response()
}

/// What the dialogs need to know: the roles, each with whether it is chosen at first, and the callback URL. `None` if the user
/// may not create anything.
pub(super) async fn needs(app: &App, user: &SignedIn) -> Result<Option<Value>, Failure> {
    if !user.session.administrator {
        return Ok(None);
    }
    let users = app.store.users();
    let own = users.get(&user.account.name).await?.roles;
    let all = users.roles().await?;
    // Bots seldom belong to administrators alone.
    let is_chosen =
        |name: &Name| own.contains(name) && (own.len() == 1 || name.as_str() != ADMINISTRATOR);
    let role =
        |Role { name, .. }: &Role| json!({ "name": name.shown(), "isChosen": is_chosen(name) });
    let roles: Vec<_> = all.iter().map(role).collect();
    let callback_url = app.connections.callback_url().await?;
    Ok(Some(
        json!({ "roles": roles, "callbackUrl": callback_url.as_str() }),
    ))
}

/// The chosen roles. One of them must be the user's own: the field uses what is created.
pub(super) async fn chosen_roles(
    app: &App,
    user: &SignedIn,
    chosen: &[String],
    mistakes: &mut Mistakes,
) -> Result<Vec<Name>, Failure> {
    let language = user.session.language;
    let users = app.store.users();
    let own = users.get(&user.account.name).await?.roles;
    let all = users.roles().await?;
    let chosen: Vec<Name> = chosen.iter().filter_map(|role| role.parse().ok()).collect();
    let gone = chosen
        .iter()
        .find(|name| all.iter().all(|role| role.name != **name));
    let mistake = match gone {
        Some(role) => Some(messages::role_gone(language, role)),
        None if !chosen.iter().any(|role| own.contains(role)) => {
            Some(messages::no_own_role(language).into())
        }
        None => None,
    };
    mistakes.extend(mistake.map(|message| ("roles".into(), message)));
    Ok(chosen)
}
