//! Validation of the fields of `genesys/oauth-authenticate` by the action itself, with messages in the designer's language.
//!
//! The action is called through an [`ActionRunner`] without network access. It validates its input first, and reports the
//! first field that is not valid. Fields whose values are not known before the run (credentials, variables) get a valid
//! placeholder.

use secrecy::ExposeSecret;

use super::SESSION_NAME;
use super::authenticate::{CLIENT_ID, CLIENT_SECRET, URL};
use crate::action::{ActionError, ActionRunner, Authentication, CallError};
use crate::value::Value;

/// Valid placeholders for values that are not known, or were already found invalid.
const VALID_URL: &str = "mypurecloud.com";
const VALID_TEXT: &str = "x";
const VALID_SESSION: &str = "Default";

/// The values that are known before the run. Without `Debug`, as an insecure string may be among them.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct KnownValues {
    url: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    session_name: Option<String>,
}

impl KnownValues {
    /// The value of one field.
    pub(super) fn of(field: &str, value: &Value) -> Self {
        let mut known = Self::default();
        known.add(field, value);
        known
    }

    /// Adds a value, if it is known.
    pub(super) fn add(&mut self, field: &str, value: &Value) {
        let text = match value {
            Value::Text(text) => text.clone(),
            Value::InsecureString(text) => text.expose_secret().into(),
            Value::Credential(_) | Value::Variable(_) | Value::Unreadable => return,
        };
        if let Some(known) = self.field(field) {
            *known = Some(text);
        }
    }

    fn field(&mut self, field: &str) -> Option<&mut Option<String>> {
        Some(match field {
            it if it == URL.name => &mut self.url,
            it if it == CLIENT_ID.name => &mut self.client_id,
            it if it == CLIENT_SECRET.name => &mut self.client_secret,
            SESSION_NAME => &mut self.session_name,
            _ => return None,
        })
    }
}

/// The fields that the action finds invalid, each with its message.
pub(crate) async fn problems(
    actions: &dyn ActionRunner,
    mut known: KnownValues,
    locale: &str,
) -> Vec<(String, String)> {
    let mut problems = Vec::new();
    // The action reports one field at a time.
    loop {
        let or = |text: &Option<String>, other: &str| text.clone().unwrap_or_else(|| other.into());
        let authentication = Authentication::ClientCredentials {
            url: or(&known.url, VALID_URL),
            client_id: or(&known.client_id, VALID_TEXT).into(),
            client_secret: or(&known.client_secret, VALID_TEXT).into(),
        };
        let session_name = or(&known.session_name, VALID_SESSION);
        let result = actions.authenticate(&authentication, &session_name).await;
        if let Ok(session) = &result {
            // The actions have network access after all: revoke the token.
            let _ = actions.disconnect(session).await;
        }
        let Err(error @ CallError::Failed(ActionError::InvalidInput(invalid))) = &result else {
            return problems;
        };
        let was_known = known.field(&invalid.field).and_then(Option::take).is_some();
        if !was_known {
            return problems;
        }
        let message = actions.explain(error, locale).await;
        problems.push((invalid.field.clone(), message));
    }
}
