//! What is wrong with the operator's settings, or with a request, in the language of the reader. In English, that is what
//! `Display` says.

use super::allow_list::PatternError;
use super::error::{Error, Step};
use super::gateway::GatewayError;
use super::grant::GrantError;
use super::setup_error::SetupError;
use super::trust::CaFileError;

/// Whether a locale (BCP 47, or POSIX) is a German one.
///
/// ```
/// assert!(egress::is_german("de-AT") && egress::is_german("de_DE.UTF-8"));
/// assert!(!egress::is_german("den"));
/// ```
#[must_use]
pub fn is_german(locale: &str) -> bool {
    let language = locale.split(['-', '_', '.', '@']).next();
    language.is_some_and(|it| it.eq_ignore_ascii_case("de"))
}

/// A text from outside in German quotation marks. Characters that nobody sees are escaped.
fn quoted(text: &str) -> String {
    format!("„{}“", text.escape_debug())
}

/// An error with a sentence in German.
macro_rules! in_words {
    ($($error:ty: $german:expr;)*) => {$(
        impl $error {
            /// The error in the language of `locale` (BCP 47, or POSIX), English or German.
            pub fn in_words(&self, locale: &str) -> String {
                if is_german(locale) {
                    let german: fn(&Self) -> String = $german;
                    german(self)
                } else {
                    self.to_string()
                }
            }
        }
    )*};
}

in_words! {
    CaFileError: |error| match error {
        CaFileError::Unreadable { path, source } => {
            format!("{} lässt sich nicht lesen: {source}", path.display())
        }
        CaFileError::Malformed { path } => format!("{} ist keine PEM-Datei", path.display()),
        CaFileError::NoCertificate { path } => format!("{} enthält kein Zertifikat", path.display()),
    };
    GatewayError: |_| {
        "ein Gateway hat die Form HOST:PORT, wie 127.0.0.1:8443, [::1]:8443 oder gateway.example.com:443".into()
    };
    GrantError: |error| match error {
        GrantError::Host(error) => error.in_words("de"),
        GrantError::Method(method) => format!("{} ist keine Methode, die freigegeben werden kann", quoted(method)),
        GrantError::Path(path) => format!("{} ist kein Pfad; erwartet wird einer wie /users/*", quoted(path)),
        GrantError::Header(header) => format!("{} ist kein Header, der freigegeben werden kann", quoted(header)),
    };
    PatternError: |error| match error {
        PatternError::Malformed(pattern) => {
            format!("{} ist weder ein Hostname noch eine Adresse noch ein Muster für Hostnamen", quoted(pattern))
        }
        PatternError::PartialWildcard(pattern) => format!("{}: * muss für sich zwischen Punkten stehen", quoted(pattern)),
        PatternError::TooBroad(pattern) => format!("{}: die letzten beiden Teile dürfen kein * sein", quoted(pattern)),
        PatternError::Port(pattern) => format!("{}: der Port ist keine Zahl von 1 bis 65535", quoted(pattern)),
    };
    SetupError: |error| match error {
        SetupError::Certificate => "ein CA-Zertifikat ist fehlerhaft",
        SetupError::NoCertificate => "es wird keinem CA-Zertifikat vertraut",
        SetupError::Tls => "TLS lässt sich nicht einrichten",
    }.into();
    Error: |error| match error {
        Error::NotHttps => "nur https ist erlaubt".into(),
        Error::InvalidRequest(_) => "die Anfrage ist fehlerhaft".into(),
        Error::HostNotAllowed { host, port } => format!("Verbindungen zu {host} Port {port} sind nicht erlaubt"),
        Error::RequestNotGranted { host, what } => {
            let what = match *what {
                "method" => "Methode",
                "path" => "Pfad",
                "header" => "Header",
                other => other,
            };
            format!("eine solche Anfrage an {host} ist nicht freigegeben ({what})")
        }
        Error::AddressNotAllowed { host } => format!("{host} hat keine öffentliche Adresse"),
        Error::Busy => "zu viele Verbindungen sind offen".into(),
        Error::NameNotResolved { host } => format!("der Name {host} wurde nicht gefunden"),
        Error::Connect { host, kind } => format!("keine Verbindung zu {host}: {kind}"),
        Error::Tls { host } => format!("die sichere Verbindung (TLS) zu {host} kam nicht zustande"),
        Error::TimedOut { host, step } => {
            let step = match step {
                Step::NameResolution => "der Name wurde nicht gefunden",
                Step::Connect => "keine Verbindung wurde angenommen",
                Step::ProxyTunnel => "der Proxy hat keinen Tunnel geöffnet",
                Step::TlsHandshake => "die sichere Verbindung (TLS) kam nicht zustande",
                Step::FirstByte => "die Antwort hat nicht begonnen",
                Step::NextByte => "die Antwort blieb stehen",
            };
            format!("Zeitüberschreitung bei {host}: {step}")
        }
        Error::Disconnected { host } => format!("{host} hat die Verbindung ohne Antwort geschlossen"),
        Error::Incomplete { host } => format!("{host} hat die Verbindung während der Antwort geschlossen"),
        Error::Protocol { host } => format!("die Antwort von {host} ist kein gültiges HTTP"),
        Error::HeadTooLarge { host } => format!("der Kopf der Antwort von {host} ist zu groß"),
        Error::BodyTooLarge { host, limit } => format!("die Antwort von {host} ist größer als {limit} Bytes"),
        Error::RequestBody { host } => format!("der Inhalt der Anfrage an {host} brach ab"),
        Error::TooManyFiles
        | Error::GatewayNotFound { .. }
        | Error::GatewayConnect { .. }
        | Error::ProxySetting { .. }
        | Error::ProxyNotFound { .. }
        | Error::ProxyConnect { .. }
        | Error::ProxyRefused { .. }
        | Error::ProxyNotSupported { .. }
        | Error::Certificate { .. } => {
            let cause = error.cause().map(|cause| cause.in_words("de"));
            cause.unwrap_or_default().trim_end_matches('.').to_owned()
        }
    };
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn each_error_of_a_setting_or_a_request_is_said_in_both_languages() {
        let text = || "x".to_owned();
        let path = || PathBuf::from("x");
        let unreadable = CaFileError::Unreadable {
            path: path(),
            source: ErrorKind::PermissionDenied.into(),
        };
        let both = [
            [
                unreadable.in_words("en"),
                unreadable.in_words("de_DE.UTF-8"),
            ],
            [GatewayError.in_words("en"), GatewayError.in_words("de")],
        ];
        let ca = [
            CaFileError::Malformed { path: path() },
            CaFileError::NoCertificate { path: path() },
        ];
        let ca = ca.map(|error| ["en", "de"].map(|it| error.in_words(it)));
        let grant = [
            GrantError::Method(text()),
            GrantError::Path(text()),
            GrantError::Header(text()),
            PatternError::Malformed(text()).into(),
            PatternError::PartialWildcard(text()).into(),
            PatternError::TooBroad(text()).into(),
            PatternError::Port(text()).into(),
        ];
        let grant = grant.map(|error| ["en", "de"].map(|it| error.in_words(it)));
        let setup = [
            SetupError::Certificate,
            SetupError::NoCertificate,
            SetupError::Tls,
        ];
        let setup = setup.map(|error| ["en", "de"].map(|it| error.in_words(it)));
        let host = || "x.example".to_owned();
        let timed_out = [
            Step::NameResolution,
            Step::Connect,
            Step::ProxyTunnel,
            Step::TlsHandshake,
            Step::FirstByte,
            Step::NextByte,
        ];
        let timed_out = timed_out.map(|step| Error::TimedOut { host: host(), step });
        let request = [
            Error::NotHttps,
            Error::InvalidRequest("x"),
            Error::HostNotAllowed {
                host: host(),
                port: 443,
            },
            Error::RequestNotGranted {
                host: host(),
                what: "path",
            },
            Error::AddressNotAllowed { host: host() },
            Error::Busy,
            Error::TooManyFiles,
            Error::NameNotResolved { host: host() },
            Error::Connect {
                host: host(),
                kind: ErrorKind::ConnectionRefused,
            },
            Error::Tls { host: host() },
            Error::Disconnected { host: host() },
            Error::Incomplete { host: host() },
            Error::Protocol { host: host() },
            Error::HeadTooLarge { host: host() },
            Error::BodyTooLarge {
                host: host(),
                limit: 1,
            },
            Error::RequestBody { host: host() },
        ];
        let request = request.into_iter().chain(timed_out);
        let request = request.map(|error| ["en", "de"].map(|it| error.in_words(it)));
        let settings = both.into_iter().chain(ca).chain(grant).chain(setup);
        for [english, german] in settings.chain(request) {
            assert_ne!(english, german);
            assert!(!german.is_empty(), "{english}");
            for word in ["is", "the", "not", "no", "cannot"] {
                assert!(!german.split(' ').any(|it| it == word), "{german}");
            }
        }
    }
}
