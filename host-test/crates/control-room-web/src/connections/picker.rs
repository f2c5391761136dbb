//! The connections that the editor lists for a bot, each with its state: those that the designer may use.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::state::{host, own_state, short_state};
use crate::app::App;
use crate::failure::Failure;
use crate::user_session::SignedIn;
use control_room::Principal;
use control_room::connections::ConnectionView;

pub(super) async fn offers(
    State(app): State<Arc<App>>,
    user: SignedIn,
) -> Result<Json<Value>, Failure> {
    let language = user.session.language;
    // Administrators, too, need a role that may use the connection.
    let principal = Principal::User(user.account.name.clone());
    let usable = app.connections.page(&principal, "", 0, u32::MAX).await?;
    let offer = |ConnectionView { summary, .. }: &ConnectionView| {
        let own = own_state(summary, &user.account.name, true);
        json!({
            "name": summary.name.shown(),
            "provider": host(&summary.provider),
            "shared": short_state(summary.shared.as_ref(), language),
            "own": short_state(own.as_ref(), language),
        })
    };
    Ok(Json(usable.items.iter().map(offer).collect()))
}
