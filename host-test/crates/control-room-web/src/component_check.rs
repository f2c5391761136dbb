//! What the component itself says of the fields of its action, in the designer's language.
//!
//! It is asked to authenticate with what was typed, and cannot: its client reaches no host. So it gets as far as
//! its own checks, and says which field it does not take. A field whose value is not known here (a credential, a
//! variable) has one that the component takes.

use bot_engine::Language;
use bot_engine::action::{ActionError, ActionRunner, Authentication, CallError};

/// What stands for a value that is not known, or was found wrong already.
const URL: &str = "mypurecloud.com";
const TEXT: &str = "x";
const SESSION: &str = "Default";

/// The fields of the action that have something typed, which may be nothing at all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Typed {
    pub(super) url: Option<String>,
    pub(super) client_id: Option<String>,
    pub(super) client_secret: Option<String>,
    pub(super) session_name: Option<String>,
}

impl Typed {
    /// Forgets what was typed in a field. Whether there was something.
    fn forget(&mut self, field: &str) -> bool {
        let typed = match field {
            "url" => &mut self.url,
            "client-id" => &mut self.client_id,
            "client-secret" => &mut self.client_secret,
            "session-name" => &mut self.session_name,
            _ => return false,
        };
        typed.take().is_some()
    }
}

/// Fields that the component does not take, each with its words.
pub(super) async fn problems(
    actions: &dyn ActionRunner,
    mut typed: Typed,
    language: Language,
) -> Vec<(String, String)> {
    let mut problems = Vec::new();
    // It tells of one field at a time.
    loop {
        let or = |text: &Option<String>, other: &str| text.clone().unwrap_or_else(|| other.into());
        let authentication = Authentication::ClientCredentials {
            url: or(&typed.url, URL),
            client_id: or(&typed.client_id, TEXT).into(),
            client_secret: or(&typed.client_secret, TEXT).into(),
        };
        let session_name = or(&typed.session_name, SESSION);
        let Err(CallError::Failed(error)) =
            actions.authenticate(&authentication, &session_name).await
        else {
            return problems;
        };
        let ActionError::InvalidInput(invalid) = &error else {
            return problems;
        };
        let field = invalid.field.clone();
        if !typed.forget(&field) {
            return problems;
        }
        let error = CallError::Failed(error);
        let message = actions.explain(&error, language.tag()).await;
        problems.push((field, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use action_host::{Action, Limits, Runtime, Source};
    use egress::{AllowList, Client, Options};

    #[tokio::test]
    async fn the_component_tells_of_every_field_in_the_designers_language() {
        let client = Client::new(Options::new(AllowList::default())).unwrap();
        let runtime = Runtime::new(Limits::default()).unwrap();
        let action = Action::load(
            &runtime,
            &Source::Bytes(built_in_component::BYTES.into()),
            client,
        )
        .unwrap();
        let nothing = || Some(String::new());
        let typed = Typed {
            url: Some("https://example.com".into()),
            client_id: nothing(),
            client_secret: None,
            session_name: nothing(),
        };
        let problems = problems(&action, typed, Language::German).await;
        let fields: Vec<_> = problems.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["url", "client-id", "session-name"]);
        assert!(
            problems[0].1.contains("keine Adresse von Genesys Cloud"),
            "{problems:?}"
        );
        assert_eq!(problems[2].1, "Sitzungsname: das Feld ist leer.");

        let right = Typed {
            url: Some("eu-central-1".into()),
            ..Typed::default()
        };
        assert_eq!(super::problems(&action, right, Language::English).await, []);
    }
}
