//! Localizes the errors of connections for their own pages. A provider's own message stays as it is.

use super::messages;
use crate::run_words::network_error;
use bot_engine::Language;
use control_room::connections::ConnectionError;
use control_room::oauth::revocation::RevocationError;
use control_room::oauth::{CallbackError, Fault, Refusal, TokenError, Unexpected};

pub(crate) fn connection_error(error: &ConnectionError, language: Language) -> String {
    match error {
        ConnectionError::Exists(_) => messages::exists(language).into(),
        ConnectionError::NotShared(_) => messages::keeps_no_shared_token(language).into(),
        ConnectionError::NoSignIn(_) | ConnectionError::NotUserSpecific(_) => {
            messages::nobody_signs_in(language).into()
        }
        ConnectionError::NotSignedIn { .. } => messages::nobody_signed_in(language).into(),
        ConnectionError::SignInNeeded { reason, .. } => {
            messages::sign_in_again_because(language, reason)
        }
        ConnectionError::NoToken { error, .. } => token_error(error, language),
        ConnectionError::OutOfTime(_) => messages::out_of_time(language).into(),
        ConnectionError::Changed(_) => messages::changed_meanwhile(language).into(),
        ConnectionError::SecretNeeded(_) => messages::secret_needed(language).into(),
        ConnectionError::Callback(error) => callback_error(error, language),
        ConnectionError::Loopback(_) => messages::other_sign_in_waits(language).into(),
        ConnectionError::Network(error) => messages::network(language, error),
        other => messages::failed(language, other),
    }
}

fn token_error(error: &TokenError, language: Language) -> String {
    match error {
        TokenError::SignInNeeded(refusal) => {
            messages::sign_in_again_because(language, refusal_text(refusal, language))
        }
        TokenError::Refused(refusal) => {
            messages::refused_client(language, refusal_text(refusal, language))
        }
        TokenError::Passing { fault, .. } => match fault {
            Fault::Network(error) => network(error, language),
            Fault::Throttled { host } => {
                messages::passing(language, messages::throttled(language, host))
            }
            Fault::Server { host, status } => {
                messages::passing(language, messages::server(language, host, status))
            }
            Fault::TooSlow { host } => {
                messages::passing(language, messages::provider_too_slow(language, host))
            }
        },
        TokenError::Untrusted(error) | TokenError::NotPermitted(error) => network(error, language),
        TokenError::Unexpected { host, what } => {
            messages::no_token(language, host, unexpected(*what, language))
        }
        TokenError::WrongGrant => messages::nobody_signs_in(language).into(),
    }
}

/// An error of the network on the way to a provider, which need not be Genesys Cloud.
fn network(error: &egress::Error, language: Language) -> String {
    use egress::Error as E;
    match error {
        E::Certificate { host, .. } | E::Tls { host } => messages::untrusted(language, host),
        E::NameNotResolved { .. }
        | E::Connect { .. }
        | E::TimedOut { .. }
        | E::Disconnected { .. }
        | E::Incomplete { .. }
        | E::HostNotAllowed { .. }
        | E::AddressNotAllowed { .. } => network_error(error, language),
        other => messages::network(language, other),
    }
}

fn refusal_text(refusal: &Refusal, language: Language) -> String {
    let Refusal {
        host,
        code,
        description,
        correlation_id,
    } = refusal;
    let mut words = messages::refused(language, host, code);
    if let Some(description) = description {
        words += &format!(": {description}");
    }
    if let Some(id) = correlation_id {
        words += &format!(" ({})", messages::correlation(language, id));
    }
    words
}

fn unexpected(what: Unexpected, language: Language) -> String {
    match what {
        Unexpected::TooLarge => messages::answer_too_large(language).into(),
        Unexpected::NotHttp => messages::answer_not_http(language).into(),
        Unexpected::Redirect(status) => messages::answer_redirect(language, status),
        Unexpected::Status(status) => messages::answer_status(language, status),
        Unexpected::NotJson => messages::answer_not_json(language).into(),
        Unexpected::Malformed => messages::answer_malformed(language).into(),
        Unexpected::UnusableToken => messages::answer_unusable(language).into(),
        Unexpected::TokenType => messages::answer_token_type(language).into(),
    }
}

fn callback_error(error: &CallbackError, language: Language) -> String {
    match error {
        CallbackError::Expired | CallbackError::Over => messages::expired(language).into(),
        CallbackError::Refused(refused) => messages::refused_sign_in(language, refused),
        CallbackError::WrongState | CallbackError::WrongIssuer => {
            messages::other_sign_in(language).into()
        }
        _ => messages::not_a_callback(language).into(),
    }
}

/// Why a token could not be revoked.
pub(super) fn revocation_error(error: &RevocationError, language: Language) -> String {
    match error {
        RevocationError::NotOffered => messages::not_offered(language).into(),
        RevocationError::Unreadable => messages::unreadable(language).into(),
        RevocationError::InUse => messages::in_use(language).into(),
        RevocationError::NotRefreshed(error) => {
            messages::not_refreshed(language, token_error(error, language))
        }
        RevocationError::Unknown => messages::token_unknown(language).into(),
        RevocationError::Network(error) => network(error, language),
        RevocationError::TooSlow { host } => {
            messages::not_ended(language, messages::provider_too_slow(language, host))
        }
        RevocationError::Refused { host, status } => {
            messages::not_ended(language, messages::server(language, host, status))
        }
        RevocationError::Setup(error) => messages::network(language, error.to_string()),
    }
}
