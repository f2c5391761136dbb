//! The connections that the editor lists for a bot, each with its state: those that the designer may use.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::state::{host, own_state, short_state};
use crate::app::App;
use crate::extract::Query;
use crate::failure::Failure;
use crate::user_session::SignedIn;
use control_room::Principal;
use control_room::connections::{ConnectionView, SignInState};
use control_room::oauth::Provider;

/// The package of Genesys' actions. They send a token to Genesys Cloud alone, so one of another provider is of no use.
const GENESYS: &str = "genesys/";

#[derive(Deserialize)]
pub(super) struct Asked {
    /// The action that is to use the connection.
    #[serde(default)]
    action: String,
}

fn needs_sign_in(state: Option<&SignInState>) -> bool {
    matches!(
        state,
        Some(SignInState::NotSignedIn | SignInState::SignInNeeded { .. })
    )
}

pub(super) async fn offers(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(Asked { action }): Query<Asked>,
) -> Result<Json<Value>, Failure> {
    let language = user.session.language;
    // Administrators, too, need a role that may use the connection.
    let principal = Principal::User(user.account.name.clone());
    let usable = app.connections.page(&principal, "", 0, u32::MAX).await?;
    let of_genesys = action.is_empty() || action.starts_with(GENESYS);
    let fits = |view: &&ConnectionView| {
        !of_genesys || matches!(view.summary.provider, Provider::Genesys(_))
    };
    let offer = |view: &ConnectionView| {
        let summary = &view.summary;
        let own = own_state(summary, &user.account.name, true);
        json!({
            "name": summary.name.shown(),
            "provider": host(&summary.provider),
            "shared": short_state(summary.shared.as_ref(), language),
            "own": short_state(own.as_ref(), language),
            "signIn": {
                "shared": user.session.administrator && needs_sign_in(summary.shared.as_ref()),
                "own": needs_sign_in(own.as_ref()),
            },
        })
    };
    Ok(Json(usable.items.iter().filter(fits).map(offer).collect()))
}
