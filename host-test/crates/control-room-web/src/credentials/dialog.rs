//! Creates a credential in the dialog of the editor, with the values of a step's fields.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;

use super::messages;
use super::new_credential::{Draft, DraftAttribute};
use crate::app::App;
use crate::editor_dialogs::refused;
use crate::failure::Failure;
use crate::forms::{JsonData, secret};
use crate::permissions::Administrator;
use control_room::vault::AttributeOptions;

#[derive(Deserialize)]
pub(super) struct Typed {
    locker: String,
    /// The roles that may use the locker, if it is new.
    roles: Option<Vec<String>>,
    credential: String,
    /// The attributes, by the fields of the step that use them.
    attributes: BTreeMap<String, TypedAttribute>,
}

#[derive(Deserialize)]
struct TypedAttribute {
    name: String,
    masked: bool,
    #[serde(deserialize_with = "secret")]
    value: SecretString,
}

impl From<TypedAttribute> for DraftAttribute {
    fn from(typed: TypedAttribute) -> Self {
        Self {
            name: typed.name,
            options: AttributeOptions {
                masked: typed.masked,
                ..AttributeOptions::default()
            },
            value: Some(typed.value),
        }
    }
}

/// Answers with the path of the value for each field, or with all mistakes.
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
    JsonData(typed): JsonData<Typed>,
) -> Result<Response, Failure> {
    let attributes = typed.attributes.into_iter();
    let draft = Draft {
        locker: typed.locker,
        roles: typed.roles,
        credential: typed.credential,
        description: String::new(),
        attributes: attributes
            .map(|(field, typed)| (field, typed.into()))
            .collect(),
    };
    let taken = messages::credential_taken(user.session.language);
    let new = match draft.create(&app, &user, taken).await? {
        Ok(new) => new,
        Err(mistakes) => return Ok(refused(&mistakes)),
    };
    let fields = draft.attributes.keys().zip(&new.attributes);
    let paths: BTreeMap<_, _> = fields
        .map(|(field, attribute)| (field, format!("{}/{}", new.path, attribute.name)))
        .collect();
    Ok(Json(json!({ "paths": paths })).into_response())
}
