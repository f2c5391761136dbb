//! Creates a connection in the dialog of the editor.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::form::{field_errors, read};
use super::form_data::ConnectionForm;
use crate::app::App;
use crate::editor_dialogs::{Mistakes, chosen_roles, refused};
use crate::failure::Failure;
use crate::forms::JsonData;
use crate::permissions::Administrator;

#[derive(Deserialize)]
pub(super) struct Typed {
    connection: ConnectionForm,
    /// The roles that may use it.
    roles: Vec<String>,
}

/// Answers with the connection's name, or with all mistakes.
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    JsonData(Typed { connection, roles }): JsonData<Typed>,
) -> Result<Response, Failure> {
    let language = user.session.language;
    let mut mistakes = Mistakes::default();
    let roles = chosen_roles(&app, &user, &roles, &mut mistakes).await?;
    let connections = user.connections(&app);
    match read(&app, &user, &connection, None).await? {
        Err(errors) => mistakes.extend(errors.by_field()),
        Ok((name, settings)) if mistakes.is_empty() => {
            match connections.create_for(&name, settings, &roles).await {
                Ok(()) => return Ok(Json(json!({ "name": name.shown() })).into_response()),
                Err(error) => mistakes.extend(field_errors(error, language)?.by_field()),
            }
        }
        Ok(_) => {}
    }
    Ok(refused(&mistakes))
}
