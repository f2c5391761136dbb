//! Answers the editor with the lockers, credentials and attributes that the user may use in a bot.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::app::App;
use super::extract::Query;
use super::failure::Failure;
use super::user_session::SignedIn;
use control_room::Name;
use control_room::vault::UsableCredential;

/// The most credentials in one answer; a longer search text narrows it down.
const MAX_RESULTS: u32 = 50;

/// The lockers.
pub(super) async fn lockers(
    State(app): State<Arc<App>>,
    user: SignedIn,
) -> Result<Json<Value>, Failure> {
    let lockers = app.store.vault().usable_lockers(&user.principal()).await?;
    let names: Vec<_> = lockers.iter().map(Name::shown).collect();
    Ok(Json(json!(names)))
}

#[derive(Deserialize)]
pub(super) struct CredentialQuery {
    locker: String,
    #[serde(default)]
    search: String,
}

/// The credentials of a locker that match a search, with their attributes.
pub(super) async fn credentials(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(CredentialQuery { locker, search }): Query<CredentialQuery>,
) -> Result<Json<Value>, Failure> {
    let locker: Name = locker.parse().map_err(|_| Failure::Malformed)?;
    let found = app
        .store
        .vault()
        .usable_credentials(&user.principal(), &locker, &search, MAX_RESULTS)
        .await?;
    Ok(Json(found.iter().map(to_json).collect()))
}

fn to_json(credential: &UsableCredential) -> Value {
    let attribute =
        |name: &Name, password_only| json!({ "name": name.shown(), "passwordOnly": password_only });
    let attributes = credential.attributes.iter();
    json!({
        "name": credential.credential.shown(),
        "description": credential.description,
        "attributes": attributes
            .map(|it| attribute(&it.name, it.password_only))
            .collect::<Vec<_>>(),
    })
}
