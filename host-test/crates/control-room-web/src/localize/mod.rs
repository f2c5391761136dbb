//! Localizes errors.
//!
//! Here are those that keep a bot from running: problems of a check, errors of the vault, of connections as a designer
//! sees them, of templates and the network. [`connection`] has those on the pages of the connections themselves.

pub(crate) mod connection;

use super::messages;
use std::sync::Arc;

use bot_engine::action::ActionForm;
use bot_engine::check::{Warning, WarningKind};
use bot_engine::template::{TemplateError, listed};
use bot_engine::{Language, Problem, ProblemKind, ResolveError};
use control_room::connections::{ConnectionError, SignInOwner};
use control_room::vault::VaultError;

/// A problem of a bot, with what to do in the editor.
pub(super) fn problem(problem: &Problem, forms: &[Arc<ActionForm>], language: Language) -> String {
    match &problem.kind {
        ProblemKind::Missing(_) | ProblemKind::Empty => match label(problem, forms) {
            Some(label) => messages::field_empty(language, label),
            None => problem.message(language),
        },
        ProblemKind::StepCount(0) => messages::no_steps_yet(language).into(),
        ProblemKind::NoAction { .. } => messages::unknown_action(language).into(),
        ProblemKind::Path(_) => messages::incomplete_credential(language).into(),
        ProblemKind::Name(_) => messages::bad_name(language).into(),
        ProblemKind::NoSession(name) => messages::session_not_open(language, name),
        ProblemKind::OutsideAudience { session, component } => {
            messages::outside_audience(language, session, component)
        }
        ProblemKind::NoVariable { name, known } => {
            let known = messages::known_names(language, listed(known, language));
            format!("{} {known}", messages::no_variable(language, name))
        }
        ProblemKind::NotAnApiPath => messages::path_begins(language).into(),
        ProblemKind::OutputName => messages::output_name(language).into(),
        ProblemKind::Template(error) => template_error(error, language),
        ProblemKind::Unresolved(error) | ProblemKind::UnresolvedConnection(error) => {
            unresolved(error, language)
        }
        _ => problem.message(language),
    }
}

/// What to do about a warning of a check.
pub(super) fn warning(warning: &Warning, language: Language) -> String {
    match warning.kind {
        WarningKind::InsecureString => messages::insecure(language).into(),
        WarningKind::PlainVariable => sentence(warning.kind.advice(language)),
    }
}

/// Why a credential or a connection cannot be used.
pub(super) fn unresolved(error: &ResolveError, language: Language) -> String {
    let localized = if let Some(error) = error.downcast_ref::<VaultError>() {
        vault_error(error, language)
    } else if let Some(error) = error.downcast_ref::<ConnectionError>() {
        connection_error(error, language)
    } else {
        Some(error.message(language))
    };
    localized.unwrap_or_else(|| messages::run_no_control_room(language).into())
}

/// The label of a problem's field.
fn label<'a>(problem: &Problem, forms: &'a [Arc<ActionForm>]) -> Option<&'a str> {
    let form = forms
        .iter()
        .find(|form| Some(&*form.name) == problem.action.as_deref())?;
    let field = form
        .fields
        .iter()
        .find(|field| Some(&field.name) == problem.field.as_ref())?;
    Some(&field.label)
}

/// Why a credential cannot be used; `None` if the store failed.
pub(super) fn vault_error(error: &VaultError, language: Language) -> Option<String> {
    Some(match error {
        VaultError::NoLocker(locker) => messages::no_locker(language, locker),
        VaultError::NoCredential(path) => messages::no_credential(language, &path.credential),
        VaultError::NoAttribute(path) => messages::no_attribute(language, &path.attribute),
        VaultError::NoValue(path) => messages::no_value(language, path),
        VaultError::NoOwnValue { path, .. } => messages::no_own_value(language, path),
        VaultError::PasswordOnly(path) => messages::password_only(language, path),
        VaultError::Store(error) => {
            tracing::error!(%error, "a credential cannot be checked");
            return None;
        }
        // Errors of managing the vault.
        other => other.to_string(),
    })
}

/// Why a connection has no token for a bot, and who can change that; `None` if the store failed.
pub(super) fn connection_error(error: &ConnectionError, language: Language) -> Option<String> {
    Some(match error {
        ConnectionError::NoConnection(name) => messages::no_connection(language, name),
        ConnectionError::NotShared(name) => messages::not_shared(language, name),
        ConnectionError::NotUserSpecific(name) => messages::not_user_specific(language, name),
        ConnectionError::NotSignedIn { name, owner } => match owner {
            SignInOwner::Shared => messages::shared_not_signed_in(language, name),
            SignInOwner::User(_) => messages::own_not_signed_in(language, name),
        },
        ConnectionError::SignInNeeded {
            name,
            owner,
            reason,
        } => match owner {
            SignInOwner::Shared => messages::shared_sign_in_needed(language, name, reason),
            SignInOwner::User(_) => messages::own_sign_in_needed(language, name, reason),
        },
        ConnectionError::Store(error) => {
            tracing::error!(%error, "a connection cannot be checked");
            return None;
        }
        // Errors of managing connections, and of the provider.
        other => connection::connection_error(other, language),
    })
}

/// Why a text with placeholders is not valid.
pub(super) fn template_error(error: &TemplateError, language: Language) -> String {
    match error {
        TemplateError::SingleBrace => messages::single_brace(language).into(),
        TemplateError::EmptyName(_) => messages::empty_name(language).into(),
        TemplateError::Credential(name) | TemplateError::Secret(name) => {
            messages::credential_shown(language, name)
        }
        error => sentence(&error.message(language)),
    }
}

/// A message of the engine, which has neither a capital letter nor a full stop.
pub(super) fn sentence(message: &str) -> String {
    let mut rest = message.chars();
    let first = rest.next().into_iter().flat_map(char::to_uppercase);
    first.chain(rest).chain(['.']).collect()
}

/// An error of the network, as far as it helps a designer; the log has the details.
pub(super) fn network_error(error: &egress::Error, language: Language) -> String {
    use egress::Error as E;
    match error {
        E::NameNotResolved { host } => messages::run_no_name(language, host),
        E::Connect { host, .. } => messages::run_no_connect(language, host),
        E::TimedOut { host, .. } => messages::run_timed_out(language, host),
        E::Disconnected { host } | E::Incomplete { host } => {
            messages::run_broke_off(language, host)
        }
        E::Certificate { host, problem } => {
            let cause = egress::Cause::Certificate(*problem).in_words(language.tag());
            format!("{} {cause}", messages::run_untrusted(language, host))
        }
        E::Tls { host } => messages::run_untrusted(language, host),
        E::HostNotAllowed { host, .. } | E::AddressNotAllowed { host } => {
            messages::run_not_permitted(language, host)
        }
        other => messages::run_network(language, network_reason(other, language)),
    }
}

/// What an operator has to know of an error of the network that no message is made for.
fn network_reason(error: &egress::Error, language: Language) -> String {
    use egress::Error as E;
    if let Some(cause) = error.cause() {
        return cause.in_words(language.tag());
    }
    match error {
        E::Busy => messages::network_busy(language).into(),
        E::Protocol { host } => messages::network_not_http(language, host),
        E::HeadTooLarge { host } | E::BodyTooLarge { host, .. } => {
            messages::network_too_large(language, host)
        }
        E::RequestNotGranted { host, .. } => messages::network_not_granted(language, host),
        _ => messages::network_not_sent(language).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_of_the_network_is_said_in_both_languages() {
        use egress::Error as E;
        let host = || "api.mypurecloud.de".to_owned();
        for error in [
            E::NotHttps,
            E::InvalidRequest("its URL"),
            E::RequestNotGranted {
                host: host(),
                what: "path",
            },
            E::Busy,
            E::TooManyFiles,
            E::Protocol { host: host() },
            E::HeadTooLarge { host: host() },
            E::BodyTooLarge {
                host: host(),
                limit: 1,
            },
            E::RequestBody { host: host() },
        ] {
            let german = network_error(&error, Language::German);
            let english = network_error(&error, Language::English);
            assert!(
                english.starts_with("The request to the API failed."),
                "{english}"
            );
            assert!(german.starts_with("Die Anfrage an die API ist"), "{german}");
            let reason = |text: &str| text.split_once(" (").unwrap().1.to_owned();
            assert_ne!(reason(&german), reason(&english));
            for word in ["the", "too", "is"] {
                assert!(!german.split(' ').any(|it| it == word), "{german}");
            }
        }
    }

    #[test]
    fn sign_in_needed_names_who_can_sign_in_and_why() {
        let message = |owner: SignInOwner, language: Language| {
            let error = ConnectionError::SignInNeeded {
                name: "prod".parse().unwrap(),
                owner,
                reason: "the {name} was revoked".into(),
            };
            connection_error(&error, language).unwrap()
        };
        let shared = message(SignInOwner::Shared, Language::German);
        assert!(shared.contains("„prod“") && shared.contains("Ein Administrator muss"));
        let own = message(SignInOwner::User("ada".parse().unwrap()), Language::English);
        assert!(own.contains("“prod” needs a new sign-in of yours"), "{own}");
        assert!(own.ends_with(": the {name} was revoked"), "{own}");
    }
}
