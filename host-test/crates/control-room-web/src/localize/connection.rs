//! Localizes the errors of connections for their own pages. A provider's own message stays as it is.

use super::{network_error, network_reason};
use crate::messages::{self, connection_errors};
use bot_engine::Language;
use control_room::connections::ConnectionError;
use control_room::oauth::revocation::RevocationError;
use control_room::oauth::{CallbackError, Fault, Refusal, TokenError, Unexpected};
use egress::SetupError;

pub(crate) fn connection_error(error: &ConnectionError, language: Language) -> String {
    match error {
        ConnectionError::Exists(_) => connection_errors::exists(language).into(),
        ConnectionError::NotShared(_) => connection_errors::keeps_no_shared_token(language).into(),
        ConnectionError::NoSignIn(_) | ConnectionError::NotUserSpecific(_) => {
            connection_errors::nobody_signs_in(language).into()
        }
        ConnectionError::NotSignedIn { .. } => connection_errors::nobody_signed_in(language).into(),
        ConnectionError::SignInNeeded { reason, .. } => {
            connection_errors::sign_in_again_because(language, reason)
        }
        ConnectionError::NoToken { error, .. } => token_error(error, language),
        ConnectionError::TimedOut(_) => connection_errors::out_of_time(language).into(),
        ConnectionError::Changed(_) => connection_errors::changed_meanwhile(language).into(),
        ConnectionError::SecretNeeded(_) => connection_errors::secret_needed(language).into(),
        ConnectionError::Callback(error) => callback_error(error, language),
        ConnectionError::Loopback(_) => connection_errors::port_in_use(language).into(),
        ConnectionError::Network(error) => setup_error(error, language),
        ConnectionError::NoConnection(name) => messages::no_connection(language, name),
        ConnectionError::Registration(_) | ConnectionError::Provider(_) => {
            connection_errors::not_valid(language).into()
        }
        ConnectionError::User(_) | ConnectionError::Store(_) => {
            tracing::error!(%error, "a connection cannot be used");
            messages::run_no_control_room(language).into()
        }
    }
}

/// Why no request can be sent at all.
fn setup_error(error: &SetupError, language: Language) -> String {
    let why = match error {
        SetupError::Certificate => connection_errors::ca_malformed(language),
        SetupError::NoCertificate => connection_errors::no_ca(language),
        _ => connection_errors::no_tls(language),
    };
    connection_errors::network(language, why)
}

fn token_error(error: &TokenError, language: Language) -> String {
    match error {
        TokenError::SignInNeeded(refusal) => {
            connection_errors::sign_in_again_because(language, refusal_text(refusal, language))
        }
        TokenError::Refused(refusal) => {
            connection_errors::refused_client(language, refusal_text(refusal, language))
        }
        TokenError::Transient { fault, .. } => match fault {
            Fault::Network(error) => network(error, language),
            Fault::Throttled { host } => {
                connection_errors::passing(language, connection_errors::throttled(language, host))
            }
            Fault::Server { host, status } => connection_errors::passing(
                language,
                connection_errors::server(language, host, status),
            ),
            Fault::TooSlow { host } => connection_errors::passing(
                language,
                connection_errors::provider_too_slow(language, host),
            ),
        },
        TokenError::Untrusted(error) | TokenError::NotPermitted(error) => network(error, language),
        TokenError::Unexpected { host, what } => {
            connection_errors::no_token(language, host, unexpected(*what, language))
        }
        TokenError::WrongGrant => connection_errors::nobody_signs_in(language).into(),
    }
}

/// An error of the network on the way to a provider, which need not be Genesys Cloud.
fn network(error: &egress::Error, language: Language) -> String {
    use egress::Error as E;
    match error {
        E::Certificate { host, problem } => {
            let cause = egress::Cause::Certificate(*problem).in_words(language.tag());
            format!("{} {cause}", connection_errors::untrusted(language, host))
        }
        E::Tls { host } => connection_errors::untrusted(language, host),
        E::NameNotResolved { .. }
        | E::Connect { .. }
        | E::TimedOut { .. }
        | E::Disconnected { .. }
        | E::Incomplete { .. }
        | E::HostNotAllowed { .. }
        | E::AddressNotAllowed { .. } => network_error(error, language),
        other => connection_errors::network(language, network_reason(other, language)),
    }
}

fn refusal_text(refusal: &Refusal, language: Language) -> String {
    let Refusal {
        host,
        code,
        description,
        correlation_id,
    } = refusal;
    let mut text = connection_errors::refused(language, host, code);
    if let Some(description) = description {
        text += &format!(": {description}");
    }
    if let Some(id) = correlation_id {
        text += &format!(" ({})", connection_errors::correlation(language, id));
    }
    text
}

fn unexpected(what: Unexpected, language: Language) -> String {
    match what {
        Unexpected::TooLarge => connection_errors::answer_too_large(language).into(),
        Unexpected::NotHttp => connection_errors::answer_not_http(language).into(),
        Unexpected::Redirect(status) => connection_errors::answer_redirect(language, status),
        Unexpected::Status(status) => connection_errors::answer_status(language, status),
        Unexpected::NotJson => connection_errors::answer_not_json(language).into(),
        Unexpected::Malformed => connection_errors::answer_malformed(language).into(),
        Unexpected::UnusableToken => connection_errors::answer_unusable(language).into(),
        Unexpected::TokenType => connection_errors::answer_token_type(language).into(),
    }
}

fn callback_error(error: &CallbackError, language: Language) -> String {
    match error {
        CallbackError::Expired => connection_errors::expired(language).into(),
        CallbackError::Over => connection_errors::already_ended(language).into(),
        CallbackError::NotConfirmed => connection_errors::not_confirmed(language).into(),
        CallbackError::Refused(refused) => connection_errors::refused_sign_in(language, refused),
        CallbackError::WrongState | CallbackError::WrongIssuer => {
            connection_errors::other_sign_in(language).into()
        }
        _ => connection_errors::not_a_callback(language).into(),
    }
}

/// Why a token could not be revoked.
pub(crate) fn revocation_error(error: &RevocationError, language: Language) -> String {
    match error {
        RevocationError::NotOffered => connection_errors::not_offered(language).into(),
        RevocationError::Unreadable => connection_errors::unreadable(language).into(),
        RevocationError::InUse => connection_errors::in_use(language).into(),
        RevocationError::NotRefreshed(error) => {
            connection_errors::not_refreshed(language, token_error(error, language))
        }
        RevocationError::Unknown => connection_errors::token_unknown(language).into(),
        RevocationError::Network(error) => network(error, language),
        RevocationError::TooSlow { host } => connection_errors::not_ended(
            language,
            connection_errors::provider_too_slow(language, host),
        ),
        RevocationError::Refused { host, status } => connection_errors::not_ended(
            language,
            connection_errors::server(language, host, status),
        ),
        RevocationError::Setup(error) => setup_error(error, language),
    }
}
