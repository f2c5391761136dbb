//! Mistakes in a bot, in the designer's language.

use super::texts::Texts;
use crate::bot::template::TemplateError;
use crate::control_room::vault::VaultError;

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
