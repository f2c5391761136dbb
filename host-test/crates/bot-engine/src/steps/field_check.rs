//! What the action itself says of the fields of `genesys/oauth-authenticate`, in the designer's language.
//!
//! It is asked to authenticate with what was typed, through an [`ActionRunner`] that reaches no host. So it gets as far
//! as its own checks, and says which field it does not take. A field whose value is not known here (a credential, a
//! variable) has one that the action takes.

use secrecy::ExposeSecret;

use super::SESSION_NAME;
use super::authenticate::{CLIENT_ID, CLIENT_SECRET, URL};
use crate::action::{ActionError, ActionRunner, Authentication, CallError};
use crate::value::Value;

/// What stands in for a value that is not known, or was found wrong already.
const KNOWN_URL: &str = "mypurecloud.com";
const KNOWN_TEXT: &str = "x";
const KNOWN_SESSION: &str = "Default";

/// The fields that have something typed. A type of its own without `Debug`, as an insecure string may be among them.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Typed {
    url: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    session_name: Option<String>,
}

impl Typed {
    /// With one field.
    pub(super) fn of(field: &str, value: &Value) -> Self {
        let mut typed = Self::default();
        typed.add(field, value);
        typed
    }

    /// Adds a field whose value is known.
    pub(super) fn add(&mut self, field: &str, value: &Value) {
        let text = match value {
            Value::Text(text) => text.clone(),
            Value::InsecureString(text) => text.expose_secret().into(),
            Value::Credential(_) | Value::Variable(_) | Value::Unreadable => return,
        };
        if let Some(typed) = self.field(field) {
            *typed = Some(text);
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

/// Fields that the action does not take, each with its message.
pub(crate) async fn problems(
    actions: &dyn ActionRunner,
    mut typed: Typed,
    locale: &str,
) -> Vec<(String, String)> {
    let mut problems = Vec::new();
    // It names one field at a time.
    loop {
        let or = |text: &Option<String>, other: &str| text.clone().unwrap_or_else(|| other.into());
        let authentication = Authentication::ClientCredentials {
            url: or(&typed.url, KNOWN_URL),
            client_id: or(&typed.client_id, KNOWN_TEXT).into(),
            client_secret: or(&typed.client_secret, KNOWN_TEXT).into(),
        };
        let session_name = or(&typed.session_name, KNOWN_SESSION);
        let failed = actions.authenticate(&authentication, &session_name).await;
        if let Ok(session) = &failed {
            // These actions reach a host after all: no token may be left behind.
            let _ = actions.disconnect(session).await;
        }
        let Err(error @ CallError::Failed(ActionError::InvalidInput(invalid))) = &failed else {
            return problems;
        };
        let was_typed = typed.field(&invalid.field).and_then(Option::take).is_some();
        if !was_typed {
            return problems;
        }
        let message = actions.explain(error, locale).await;
        problems.push((invalid.field.clone(), message));
    }
}
