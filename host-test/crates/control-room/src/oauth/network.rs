//! Messages about errors of the network on the way to a provider, which need not be Genesys Cloud.

use bot_engine::{Language, network};
use egress::{Cause, Error, SetupError};

/// What happened to a request to a provider, and what to do.
pub(crate) fn message(error: &Error, language: Language) -> String {
    match error {
        Error::Certificate { host, problem } => {
            let cause = Cause::Certificate(*problem).localized(language.tag());
            format!("{} {cause}", texts::untrusted(language, host))
        }
        Error::Tls { .. }
        | Error::NameNotResolved { .. }
        | Error::Connect { .. }
        | Error::TimedOut { .. }
        | Error::Disconnected { .. }
        | Error::Incomplete { .. }
        | Error::HostNotAllowed { .. }
        | Error::AddressNotAllowed { .. } => network::message(error, language),
        other => texts::unusable(language, other.localized(language.tag())),
    }
}

/// Why no request can be sent at all.
pub(crate) fn setup_message(error: &SetupError, language: Language) -> String {
    texts::unusable(language, error.localized(language.tag()))
}

mod texts {
    bot_engine::messages! {
        untrusted(host) {
            en: "The certificate of {host} is not trusted. Nothing was sent. Ask your operator.",
            de: "Dem Zertifikat von {host} wird nicht vertraut. Es wurde nichts gesendet. Fragen Sie Ihren Betreiber.",
        }
        unusable(reason) {
            en: "The request to the provider failed. Ask your operator. ({reason})",
            de: "Die Anfrage an den Anbieter ist fehlgeschlagen. Fragen Sie Ihren Betreiber. ({reason})",
        }
    }
}
