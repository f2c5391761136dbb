//! What is wrong with the operator's settings, or with a request, in the language of the reader. In English, that is what
//! `Display` says, or the cause of an error of a request.

use super::allow_list::PatternError;
use super::error::{Error, RequestPart, Step};
use super::gateway::GatewayError;
use super::grant::GrantError;
use super::setup_error::SetupError;
use super::trust::{CaFileError, MAX_FILE};

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
macro_rules! localized {
    ($($error:ty: $german:expr;)*) => {$(
        impl $error {
            /// The error in the language of `locale` (BCP 47, or POSIX), English or German.
            pub fn localized(&self, locale: &str) -> String {
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

localized! {
    CaFileError: |error| match error {
        CaFileError::Unreadable { path, source } => {
            format!("{} lässt sich nicht lesen: {source}", path.display())
        }
        CaFileError::TooLarge { path } => {
            format!("{} ist größer als {} MiB", path.display(), MAX_FILE >> 20)
        }
        CaFileError::Malformed { path } => format!("{} ist keine PEM-Datei", path.display()),
        CaFileError::NoCertificate { path } => format!("{} enthält kein Zertifikat", path.display()),
    };
    GatewayError: |_| {
        "ein Gateway hat die Form HOST:PORT, wie 127.0.0.1:8443, [::1]:8443 oder gateway.example.com:443".into()
    };
    GrantError: |error| match error {
        GrantError::Host(error) => error.localized("de"),
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
}

impl Error {
    /// The error in the language of `locale` (BCP 47, or POSIX), English or German. If it has a [`cause`](Self::cause), that
    /// is what it says.
    ///
    /// ```
    /// assert_eq!(egress::Error::Busy.localized("de"), "zu viele Verbindungen sind offen");
    /// ```
    pub fn localized(&self, locale: &str) -> String {
        match self.cause() {
            Some(cause) => cause.localized(locale).trim_end_matches('.').to_owned(),
            None if is_german(locale) => self.in_german(),
            None => self.to_string(),
        }
    }

    fn in_german(&self) -> String {
        match self {
            Self::NotHttps => "nur https ist erlaubt".into(),
            Self::InvalidRequest(_) => "die Anfrage ist fehlerhaft".into(),
            Self::HostNotAllowed { host, port } => {
                format!("Verbindungen zu {host} Port {port} sind nicht erlaubt")
            }
            Self::RequestNotGranted { host, what } => {
                let what = match what {
                    RequestPart::Method => "Methode",
                    RequestPart::Path => "Pfad",
                    RequestPart::Header => "Header",
                };
                format!("eine solche Anfrage an {host} ist nicht freigegeben ({what})")
            }
            Self::AddressNotAllowed { host } => format!("{host} hat keine öffentliche Adresse"),
            Self::Busy => "zu viele Verbindungen sind offen".into(),
            Self::NameNotResolved { host } => format!("der Name {host} wurde nicht gefunden"),
            Self::Connect { host, kind } => format!("keine Verbindung zu {host}: {kind}"),
            Self::Tls { host } => {
                format!("die sichere Verbindung (TLS) zu {host} kam nicht zustande")
            }
            Self::TimedOut { host, step } => {
                let step = match step {
                    Step::NameResolution => "der Name wurde nicht gefunden",
                    Step::Connect => "es kam keine Verbindung zustande",
                    Step::ProxyTunnel => "der Proxy hat keinen Tunnel geöffnet",
                    Step::TlsHandshake => "die sichere Verbindung (TLS) kam nicht zustande",
                    Step::FirstByte => "die Antwort hat nicht begonnen",
                    Step::NextByte => "es kamen keine weiteren Daten",
                };
                format!("Zeitüberschreitung bei {host}: {step}")
            }
            Self::Disconnected { host } => {
                format!("{host} hat die Verbindung ohne Antwort geschlossen")
            }
            Self::Incomplete { host } => {
                format!("{host} hat die Verbindung während der Antwort geschlossen")
            }
            Self::Protocol { host } => format!("die Antwort von {host} ist kein gültiges HTTP"),
            Self::HeadTooLarge { host } => format!("der Kopf der Antwort von {host} ist zu groß"),
            Self::BodyTooLarge { host, limit } => {
                format!("die Antwort von {host} ist größer als {limit} Bytes")
            }
            Self::RequestBody { host } => format!("der Inhalt der Anfrage an {host} brach ab"),
            // They have a cause.
            Self::TooManyFiles
            | Self::GatewayNotFound { .. }
            | Self::GatewayConnect { .. }
            | Self::ProxySetting { .. }
            | Self::ProxyNotFound { .. }
            | Self::ProxyConnect { .. }
            | Self::ProxyRefused { .. }
            | Self::ProxyNotSupported { .. }
            | Self::Certificate { .. } => self.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::path::PathBuf;

    use http::StatusCode;

    use super::super::error::CertificateProblem;
    use super::*;

    /// The error that is worded after this one, until each variant had its turn.
    fn after(error: &Error) -> Option<Error> {
        let host = || "x.example".to_owned();
        let kind = ErrorKind::ConnectionRefused;
        let timed_out = |step| Error::TimedOut { host: host(), step };
        let certificate = |problem| Error::Certificate {
            host: host(),
            problem,
        };
        Some(match error {
            Error::NotHttps => Error::InvalidRequest("x"),
            Error::InvalidRequest(_) => Error::HostNotAllowed {
                host: host(),
                port: 443,
            },
            Error::HostNotAllowed { .. } => Error::RequestNotGranted {
                host: host(),
                what: RequestPart::Path,
            },
            Error::RequestNotGranted { .. } => Error::AddressNotAllowed { host: host() },
            Error::AddressNotAllowed { .. } => Error::Busy,
            Error::Busy => Error::TooManyFiles,
            Error::TooManyFiles => Error::NameNotResolved { host: host() },
            Error::NameNotResolved { .. } => Error::Connect { host: host(), kind },
            Error::Connect { .. } => Error::GatewayNotFound { gateway: host() },
            Error::GatewayNotFound { .. } => Error::GatewayConnect {
                gateway: host(),
                kind,
            },
            Error::GatewayConnect { .. } => Error::ProxySetting {
                setting: "HTTPS_PROXY",
            },
            Error::ProxySetting { .. } => Error::ProxyNotFound { proxy: host() },
            Error::ProxyNotFound { .. } => Error::ProxyConnect {
                proxy: host(),
                kind,
            },
            Error::ProxyConnect { .. } => Error::ProxyRefused {
                proxy: host(),
                status: StatusCode::PROXY_AUTHENTICATION_REQUIRED,
            },
            Error::ProxyRefused { .. } => Error::ProxyNotSupported { proxy: host() },
            Error::ProxyNotSupported { .. } => certificate(CertificateProblem::ALL[0]),
            Error::Certificate { problem, .. } => {
                let mut problems = CertificateProblem::ALL.into_iter();
                problems.find(|it| it == problem);
                problems
                    .next()
                    .map_or_else(|| Error::Tls { host: host() }, certificate)
            }
            Error::Tls { .. } => timed_out(Step::NameResolution),
            Error::TimedOut { step, .. } => match step {
                Step::NameResolution => timed_out(Step::Connect),
                Step::Connect => timed_out(Step::ProxyTunnel),
                Step::ProxyTunnel => timed_out(Step::TlsHandshake),
                Step::TlsHandshake => timed_out(Step::FirstByte),
                Step::FirstByte => timed_out(Step::NextByte),
                Step::NextByte => Error::Disconnected { host: host() },
            },
            Error::Disconnected { .. } => Error::Incomplete { host: host() },
            Error::Incomplete { .. } => Error::Protocol { host: host() },
            Error::Protocol { .. } => Error::HeadTooLarge { host: host() },
            Error::HeadTooLarge { .. } => Error::BodyTooLarge {
                host: host(),
                limit: 1,
            },
            Error::BodyTooLarge { .. } => Error::RequestBody { host: host() },
            Error::RequestBody { .. } => return None,
        })
    }

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
                unreadable.localized("en"),
                unreadable.localized("de_DE.UTF-8"),
            ],
            [GatewayError.localized("en"), GatewayError.localized("de")],
        ];
        let ca = [
            CaFileError::TooLarge { path: path() },
            CaFileError::Malformed { path: path() },
            CaFileError::NoCertificate { path: path() },
        ];
        let ca = ca.map(|error| ["en", "de"].map(|it| error.localized(it)));
        let grant = [
            GrantError::Method(text()),
            GrantError::Path(text()),
            GrantError::Header(text()),
            PatternError::Malformed(text()).into(),
            PatternError::PartialWildcard(text()).into(),
            PatternError::TooBroad(text()).into(),
            PatternError::Port(text()).into(),
        ];
        let grant = grant.map(|error| ["en", "de"].map(|it| error.localized(it)));
        let setup = [
            SetupError::Certificate,
            SetupError::NoCertificate,
            SetupError::Tls,
        ];
        let setup = setup.map(|error| ["en", "de"].map(|it| error.localized(it)));
        let request = std::iter::successors(Some(Error::NotHttps), after);
        let request = request.map(|error| ["en", "de"].map(|it| error.localized(it)));
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
