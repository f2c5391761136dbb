//! Why a connection does not do what was asked, in the reader's language. What a provider said stays as it was said.

use super::texts::{Texts, texts};
use crate::language::Language;
use crate::run_words::network_error;
use control_room::connections::ConnectionError;
use control_room::oauth::revocation::RevocationError;
use control_room::oauth::{CallbackError, Fault, Refusal, TokenError, Unexpected};

pub(crate) fn connection_error(error: &ConnectionError, language: Language) -> String {
    let texts = texts(language);
    let because = |text: &str, reason: &dyn ToString| text.replace("{reason}", &reason.to_string());
    match error {
        ConnectionError::Exists(_) => texts.exists.into(),
        ConnectionError::NotShared(_) => texts.not_shared.into(),
        ConnectionError::NoSignIn(_) | ConnectionError::NotUserSpecific(_) => {
            texts.nobody_signs_in.into()
        }
        ConnectionError::NotSignedIn { .. } => texts.nobody_signed_in.into(),
        ConnectionError::SignInNeeded { reason, .. } => {
            because(texts.sign_in_again_because, reason)
        }
        ConnectionError::NoToken { error, .. } => token_error(error, language),
        ConnectionError::OutOfTime(_) => texts.out_of_time.into(),
        ConnectionError::Changed(_) => texts.changed.into(),
        ConnectionError::SecretNeeded(_) => texts.secret_needed.into(),
        ConnectionError::Callback(error) => callback_error(error, texts),
        ConnectionError::Loopback(_) => texts.other_sign_in_waits.into(),
        ConnectionError::Network(error) => because(texts.network, error),
        other => because(texts.failed, other),
    }
}

fn token_error(error: &TokenError, language: Language) -> String {
    let texts = texts(language);
    let because = |text: &str, reason: &str| text.replace("{reason}", reason);
    match error {
        TokenError::SignInNeeded(refusal) => {
            because(texts.sign_in_again_because, &in_words(refusal, texts))
        }
        TokenError::Refused(refusal) => because(texts.refused_client, &in_words(refusal, texts)),
        TokenError::Passing { fault, .. } => match fault {
            Fault::Network(error) => network(error, language),
            Fault::Throttled { host } => {
                because(texts.passing, &texts.throttled.replace("{host}", host))
            }
            Fault::Server { host, status } => {
                let reason = texts.server.replace("{host}", host);
                because(
                    texts.passing,
                    &reason.replace("{status}", &status.to_string()),
                )
            }
            Fault::TooSlow { host } => {
                because(texts.passing, &texts.too_slow.replace("{host}", host))
            }
        },
        TokenError::Untrusted(error) | TokenError::NotPermitted(error) => network(error, language),
        TokenError::Unexpected { host, what } => {
            because(texts.no_token, &unexpected(*what, texts)).replace("{host}", host)
        }
        TokenError::WrongGrant => texts.nobody_signs_in.into(),
    }
}

/// What is wrong with the way to a provider, which need not be Genesys Cloud.
fn network(error: &egress::Error, language: Language) -> String {
    use egress::Error as E;
    let texts = texts(language);
    match error {
        E::Certificate { host, .. } | E::Tls { host } => texts.untrusted.replace("{host}", host),
        E::NameNotResolved { .. }
        | E::Connect { .. }
        | E::TimedOut { .. }
        | E::Disconnected { .. }
        | E::Incomplete { .. }
        | E::HostNotAllowed { .. }
        | E::AddressNotAllowed { .. } => network_error(error, language.texts()),
        other => texts.network.replace("{reason}", &other.to_string()),
    }
}

fn in_words(refusal: &Refusal, texts: &Texts) -> String {
    let Refusal {
        host,
        code,
        description,
        correlation_id,
    } = refusal;
    let mut words = texts
        .refused
        .replace("{host}", host)
        .replace("{code}", code);
    if let Some(description) = description {
        words += &format!(": {description}");
    }
    if let Some(id) = correlation_id {
        words += &format!(" ({})", texts.correlation.replace("{id}", id));
    }
    words
}

fn unexpected(what: Unexpected, texts: &Texts) -> String {
    let with = |text: &str, status: u16| text.replace("{status}", &status.to_string());
    match what {
        Unexpected::TooLarge => texts.answer_too_large.into(),
        Unexpected::NotHttp => texts.answer_not_http.into(),
        Unexpected::Redirect(status) => with(texts.answer_redirect, status),
        Unexpected::Status(status) => with(texts.answer_status, status),
        Unexpected::NotJson => texts.answer_not_json.into(),
        Unexpected::Malformed => texts.answer_malformed.into(),
        Unexpected::UnusableToken => texts.answer_unusable.into(),
        Unexpected::TokenType => texts.answer_token_type.into(),
    }
}

fn callback_error(error: &CallbackError, texts: &Texts) -> String {
    match error {
        CallbackError::Expired | CallbackError::Over => texts.expired.into(),
        CallbackError::Refused(refused) => texts
            .refused_sign_in
            .replace("{reason}", &refused.to_string()),
        CallbackError::WrongState | CallbackError::WrongIssuer => texts.other_sign_in.into(),
        _ => texts.not_a_callback.into(),
    }
}

/// Why a token may live on.
pub(super) fn revocation_error(error: &RevocationError, language: Language) -> String {
    let texts = texts(language);
    let because = |text: &str, reason: &str| text.replace("{reason}", reason);
    match error {
        RevocationError::NotOffered => texts.not_offered.into(),
        RevocationError::Unreadable => texts.unreadable.into(),
        RevocationError::InUse => texts.in_use.into(),
        RevocationError::NotRefreshed(error) => {
            because(texts.not_refreshed, &token_error(error, language))
        }
        RevocationError::Unknown => texts.token_unknown.into(),
        RevocationError::Network(error) => network(error, language),
        RevocationError::TooSlow { host } => {
            because(texts.not_ended, &texts.too_slow.replace("{host}", host))
        }
        RevocationError::Refused { host, status } => {
            let reason = texts.server.replace("{host}", host);
            because(
                texts.not_ended,
                &reason.replace("{status}", &status.to_string()),
            )
        }
        RevocationError::Setup(error) => because(texts.network, &error.to_string()),
    }
}
