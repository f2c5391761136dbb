//! What can be picked in a form: lockers, credentials and attributes, by name.

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

/// How many credentials are offered at once; whoever wants another one goes on typing.
const OFFERS: u32 = 50;

/// The lockers that the user may use.
pub(super) async fn lockers(
    State(app): State<Arc<App>>,
    user: SignedIn,
) -> Result<Json<Value>, Failure> {
    let lockers = app.store.vault().usable_lockers(&user.principal()).await?;
    let names: Vec<_> = lockers.iter().map(Name::as_str).collect();
    Ok(Json(json!(names)))
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    locker: String,
    #[serde(default)]
    search: String,
}

/// Credentials of a locker, with their attributes.
pub(super) async fn credentials(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(Wanted { locker, search }): Query<Wanted>,
) -> Result<Json<Value>, Failure> {
    let locker: Name = locker.parse().map_err(|_| Failure::Malformed)?;
    let offers = app
        .store
        .vault()
        .usable_credentials(&user.principal(), &locker, &search, OFFERS)
        .await?;
    Ok(Json(offers.iter().map(offer).collect()))
}

fn offer(offer: &UsableCredential) -> Value {
    let attribute = |name: &Name, password_only| json!({ "name": name.as_str(), "passwordOnly": password_only });
    let attributes = offer.attributes.iter();
    json!({
        "name": offer.credential.as_str(),
        "description": offer.description,
        "attributes": attributes
            .map(|it| attribute(&it.name, it.password_only))
            .collect::<Vec<_>>(),
    })
}
