//! Mistakes in a bot, in the designer's language.

use super::texts::Texts;
use bot_engine::template::TemplateError;
use control_room::connections::{ConnectionError, Holder};
use control_room::vault::VaultError;

/// Why a credential cannot be used; none where that cannot be told now.
pub(super) fn vault_error(error: &VaultError, texts: &Texts) -> Option<String> {
    let named = |text: &str, name: &dyn ToString| text.replace("{name}", &name.to_string());
    Some(match error {
        VaultError::NoLocker(locker) => named(texts.no_locker, locker),
        VaultError::NoCredential(path) => named(texts.no_credential, &path.credential),
        VaultError::NoAttribute(path) => named(texts.no_attribute, &path.attribute),
        VaultError::NoValue(path) => named(texts.no_value, path),
        VaultError::NoOwnValue { path, .. } => named(texts.no_own_value, path),
        VaultError::PasswordOnly(path) => named(texts.password_only, path),
        VaultError::Store(error) => {
            tracing::error!(%error, "a credential cannot be checked");
            return None;
        }
        // Those of managing a vault.
        other => other.to_string(),
    })
}

/// Why a connection has no token for a bot, and who can do something about it; none where that cannot be told now.
pub(super) fn connection_error(error: &ConnectionError, texts: &Texts) -> Option<String> {
    let by_holder = |holder: &Holder, shared, own| match holder {
        Holder::Shared => shared,
        Holder::User(_) => own,
    };
    let (text, name, reason) = match error {
        ConnectionError::NoConnection(name) => (texts.no_connection, name, ""),
        ConnectionError::NotShared(name) => (texts.not_shared, name, ""),
        ConnectionError::NotUserSpecific(name) => (texts.not_user_specific, name, ""),
        ConnectionError::NotSignedIn { name, holder } => {
            let text = by_holder(holder, texts.shared_not_signed_in, texts.own_not_signed_in);
            (text, name, "")
        }
        ConnectionError::SignInNeeded {
            name,
            holder,
            reason,
        } => {
            let text = by_holder(
                holder,
                texts.shared_sign_in_needed,
                texts.own_sign_in_needed,
            );
            (text, name, reason.as_str())
        }
        ConnectionError::Store(error) => {
            tracing::error!(%error, "a connection cannot be checked");
            return None;
        }
        // Those of managing connections, and of asking a provider.
        other => return Some(other.to_string()),
    };
    // The reason last: it may be any text.
    let named = text.replace("{name}", name.as_str());
    Some(named.replace("{reason}", reason))
}

/// What is wrong with a text that has placeholders.
pub(super) fn template_error(error: &TemplateError, texts: &Texts) -> String {
    let named = |text: &str, name: &str| text.replace("{name}", name);
    match error {
        TemplateError::SingleBrace => texts.single_brace.into(),
        TemplateError::EmptyName(_) => texts.empty_name.into(),
        TemplateError::Credential(name) => named(texts.credential_shown, name),
        TemplateError::Unknown(name)
        | TemplateError::NoMember(name)
        | TemplateError::NoText(name) => named(texts.unknown_name, name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn who_can_sign_in_again_is_said_and_why_it_takes_that() {
        let said = |holder: Holder, language: Language| {
            let error = ConnectionError::SignInNeeded {
                name: "prod".parse().unwrap(),
                holder,
                reason: "the {name} was revoked".into(),
            };
            connection_error(&error, language.texts()).unwrap()
        };
        let shared = said(Holder::Shared, Language::German);
        assert!(shared.contains("„prod“") && shared.contains("Ein Administrator muss"));
        let own = said(Holder::User("ada".parse().unwrap()), Language::English);
        assert!(own.contains("“prod” needs a new sign-in of yours"), "{own}");
        assert!(own.ends_with(": the {name} was revoked"), "{own}");
    }
}
