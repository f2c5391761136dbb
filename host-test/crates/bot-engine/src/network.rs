//! Messages about errors of the network, in English and German: as much as helps a designer. The log has the details.

use egress::{Cause, Error};

use crate::messages::Language;

/// What happened to a request to the API, and what to do.
pub fn message(error: &Error, language: Language) -> String {
    match error {
        Error::NameNotResolved { host } => texts::no_name(language, host),
        Error::Connect { host, .. } => texts::no_connect(language, host),
        Error::TimedOut { host, .. } => texts::timed_out(language, host),
        Error::Disconnected { host } | Error::Incomplete { host } => {
            texts::broke_off(language, host)
        }
        Error::Certificate { host, problem } => {
            let cause = Cause::Certificate(*problem).localized(language.tag());
            format!("{} {cause}", texts::untrusted(language, host))
        }
        Error::Tls { host } => texts::no_tls(language, host),
        Error::HostNotAllowed { host, .. } => texts::not_permitted(language, host),
        Error::AddressNotAllowed { host } => texts::private(language, host),
        other => texts::failed(language, other.localized(language.tag())),
    }
}

mod texts {
    crate::messages! {
        no_name(host) {
            en: "The name {host} was not found. Ask your operator.",
            de: "Der Name {host} wurde nicht gefunden. Fragen Sie Ihren Betreiber.",
        }
        no_connect(host) {
            en: "{host} cannot be reached. Try again later, or ask your operator.",
            de: "{host} ist nicht zu erreichen. Versuchen Sie es später noch einmal, oder fragen Sie Ihren Betreiber.",
        }
        timed_out(host) {
            en: "{host} did not answer in time. Try again later.",
            de: "{host} hat nicht rechtzeitig geantwortet. Versuchen Sie es später noch einmal.",
        }
        broke_off(host) {
            en: "The connection to {host} was interrupted. Try again later.",
            de: "Die Verbindung zu {host} wurde unterbrochen. Versuchen Sie es später noch einmal.",
        }
        untrusted(host) {
            en: "{host} could not prove that it belongs to Genesys. Nothing was sent. Ask your operator.",
            de: "{host} konnte nicht nachweisen, dass er zu Genesys gehört. Es wurde nichts gesendet. Fragen Sie Ihren Betreiber.",
        }
        no_tls(host) {
            en: "The secure connection (TLS) to {host} failed. Try again later, or ask your operator.",
            de: "Die sichere Verbindung (TLS) zu {host} ist fehlgeschlagen. Versuchen Sie es später noch einmal, oder fragen Sie Ihren Betreiber.",
        }
        not_permitted(host) {
            en: "Connections to {host} are not allowed here. Ask your operator.",
            de: "Verbindungen zu {host} sind hier nicht erlaubt. Fragen Sie Ihren Betreiber.",
        }
        private(host) {
            en: "{host} is in a private network, and requests go to public addresses only. Check the address, or ask your operator.",
            de: "{host} liegt in einem privaten Netz, und Anfragen gehen nur an öffentliche Adressen. Prüfen Sie die Adresse, oder fragen Sie Ihren Betreiber.",
        }
        failed(reason) {
            en: "The request to the API failed. Ask your operator. ({reason})",
            de: "Die Anfrage an die API ist fehlgeschlagen. Fragen Sie Ihren Betreiber. ({reason})",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use egress::{CertificateProblem, Step};

    use super::*;

    #[test]
    fn every_error_of_the_network_is_said_in_both_languages() {
        let host = || "api.mypurecloud.de".to_owned();
        for error in [
            Error::NotHttps,
            Error::InvalidRequest("its URL"),
            Error::HostNotAllowed {
                host: host(),
                port: 443,
            },
            Error::RequestNotGranted {
                host: host(),
                what: egress::RequestPart::Path,
            },
            Error::AddressNotAllowed { host: host() },
            Error::Busy,
            Error::TooManyFiles,
            Error::NameNotResolved { host: host() },
            Error::Connect {
                host: host(),
                kind: ErrorKind::ConnectionRefused,
            },
            Error::Certificate {
                host: host(),
                problem: CertificateProblem::Expired,
            },
            Error::Tls { host: host() },
            Error::TimedOut {
                host: host(),
                step: Step::FirstByte,
            },
            Error::Disconnected { host: host() },
            Error::Incomplete { host: host() },
            Error::Protocol { host: host() },
            Error::HeadTooLarge { host: host() },
            Error::BodyTooLarge {
                host: host(),
                limit: 1,
            },
            Error::RequestBody { host: host() },
        ] {
            let [english, german] = Language::ALL.map(|language| message(&error, language));
            assert_ne!(english, german);
            for word in ["the", "too", "is"] {
                assert!(!german.split(' ').any(|it| it == word), "{german}");
            }
        }
    }
}
