//! What an operator needs to know about an error: facts for programs, and a sentence in the language of the reader. Most errors
//! need none, because the code that a caller makes of them says it all.

use super::error::{CertificateProblem, Error};
use super::localized::is_german;

/// The part of an error that only the operator can do something about.
///
/// ```
/// use egress::Error;
///
/// let error = Error::ProxyNotFound { proxy: "proxy.example.com".into() };
/// if let Some(cause) = error.cause() {
///     println!("{}", cause.localized("de")); // for the operator
///     let facts = cause.facts(); // for a program
///     assert_eq!(facts[0], ("network", "proxy-not-found".to_owned()));
///     assert_eq!(facts[1], ("proxy", "proxy.example.com".to_owned()));
/// }
/// assert_eq!(Error::Busy.cause(), None); // the error says it all
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A proxy setting is not valid.
    ProxySetting(String),
    /// The name of the proxy has no address.
    ProxyNotFound(String),
    /// The proxy (`HOST:PORT`) does not accept connections, or is not a proxy.
    ProxyUnreachable(String),
    /// The proxy refuses a tunnel, with this status.
    ProxyRefused(String, String),
    /// The proxy's URL has another scheme than `http`.
    ProxyNotSupported(String),
    /// The name of the gateway has no address.
    GatewayNotFound(String),
    /// The gateway (`HOST:PORT`) does not accept connections.
    GatewayUnreachable(String),
    /// A certificate is not trusted.
    Certificate(CertificateProblem),
    /// The process, or the machine, has too many files and connections open.
    TooManyFiles,
}

/// The names of facts.
const NETWORK: &str = "network";
const SETTING: &str = "proxy-setting";
const PROXY: &str = "proxy";
const STATUS: &str = "proxy-status";
const GATEWAY: &str = "gateway";

impl Cause {
    /// The names of all facts.
    pub const FACTS: [&str; 5] = [NETWORK, SETTING, PROXY, STATUS, GATEWAY];

    /// Its stable name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::ProxySetting(_) => "proxy-setting-not-valid",
            Self::ProxyNotFound(_) => "proxy-not-found",
            Self::ProxyUnreachable(_) => "proxy-unreachable",
            Self::ProxyRefused(..) => "proxy-refused",
            Self::ProxyNotSupported(_) => "proxy-not-supported",
            Self::GatewayNotFound(_) => "gateway-not-found",
            Self::GatewayUnreachable(_) => "gateway-unreachable",
            Self::Certificate(problem) => problem.code(),
            Self::TooManyFiles => "too-many-files",
        }
    }

    /// The cause as named facts: the code under `network`, and what it is about.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = vec![(NETWORK, self.code().to_owned())];
        match self {
            Self::ProxySetting(setting) => facts.push((SETTING, setting.clone())),
            Self::ProxyNotFound(proxy)
            | Self::ProxyUnreachable(proxy)
            | Self::ProxyNotSupported(proxy) => facts.push((PROXY, proxy.clone())),
            Self::ProxyRefused(proxy, status) => {
                facts.push((PROXY, proxy.clone()));
                facts.push((STATUS, status.clone()));
            }
            Self::GatewayNotFound(gateway) | Self::GatewayUnreachable(gateway) => {
                facts.push((GATEWAY, gateway.clone()));
            }
            Self::Certificate(_) | Self::TooManyFiles => {}
        }
        facts
    }

    /// The cause with these facts.
    pub fn from_facts<'a>(fact: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        let text = |name| fact(name).unwrap_or_default().to_owned();
        let code = fact(NETWORK)?;
        let of_certificate = || {
            CertificateProblem::ALL
                .into_iter()
                .find(|it| it.code() == code)
        };
        let known = [
            Self::ProxySetting(text(SETTING)),
            Self::ProxyNotFound(text(PROXY)),
            Self::ProxyUnreachable(text(PROXY)),
            Self::ProxyRefused(text(PROXY), text(STATUS)),
            Self::ProxyNotSupported(text(PROXY)),
            Self::GatewayNotFound(text(GATEWAY)),
            Self::GatewayUnreachable(text(GATEWAY)),
            Self::TooManyFiles,
        ];
        let mut known = known.into_iter();
        known
            .find(|it| it.code() == code)
            .or_else(|| of_certificate().map(Self::Certificate))
    }

    /// Whether it is a setting that is not valid, so that nothing could be done as it was asked.
    pub fn is_setting(&self) -> bool {
        matches!(self, Self::ProxySetting(_))
    }

    /// The cause as a sentence in the language of `locale` (BCP 47, or POSIX), English or German.
    pub fn localized(&self, locale: &str) -> String {
        if is_german(locale) {
            self.in_german()
        } else {
            self.in_english()
        }
    }

    fn in_english(&self) -> String {
        match self {
            Self::ProxySetting(setting) => format!(
                "{setting} is not a valid proxy setting: expected http://USER:PASSWORD@HOST:PORT, with @ / # ? in the \
                 password percent-encoded."
            ),
            Self::ProxyNotFound(proxy) => format!("The name of the proxy {proxy} was not found."),
            Self::ProxyUnreachable(proxy) => {
                format!("No connection could be made through the proxy {proxy}.")
            }
            Self::ProxyRefused(proxy, status) => {
                let why = match status.as_str() {
                    "407" => ": it requires valid credentials",
                    _ => "",
                };
                format!("The proxy {proxy} refused the connection with status {status}{why}.")
            }
            Self::ProxyNotSupported(proxy) => format!(
                "The proxy {proxy} is of a kind that is not supported: its URL must begin with http://."
            ),
            Self::GatewayNotFound(gateway) => {
                format!("The name of the gateway {gateway} was not found.")
            }
            Self::GatewayUnreachable(gateway) => {
                format!("The gateway {gateway} accepts no connections.")
            }
            Self::Certificate(problem) => format!("The certificate is refused: {problem}."),
            Self::TooManyFiles => {
                "This process, or this machine, has too many files and connections open.".into()
            }
        }
    }

    fn in_german(&self) -> String {
        match self {
            Self::ProxySetting(setting) => format!(
                "{setting} ist keine gültige Proxy-Einstellung: erwartet wird http://BENUTZER:KENNWORT@HOST:PORT, mit \
                 @ / # ? im Kennwort prozentkodiert."
            ),
            Self::ProxyNotFound(proxy) => {
                format!("Der Name des Proxys {proxy} wurde nicht gefunden.")
            }
            Self::ProxyUnreachable(proxy) => {
                format!("Über den Proxy {proxy} kam keine Verbindung zustande.")
            }
            Self::ProxyRefused(proxy, status) => {
                let why = match status.as_str() {
                    "407" => ": er verlangt gültige Anmeldedaten",
                    _ => "",
                };
                format!("Der Proxy {proxy} hat die Verbindung mit Status {status} abgelehnt{why}.")
            }
            Self::ProxyNotSupported(proxy) => format!(
                "Der Proxy {proxy} ist von einer Art, die nicht unterstützt wird: Seine URL muss mit http:// beginnen."
            ),
            Self::GatewayNotFound(gateway) => {
                format!("Der Name des Gateways {gateway} wurde nicht gefunden.")
            }
            Self::GatewayUnreachable(gateway) => {
                format!("Das Gateway {gateway} nimmt keine Verbindungen an.")
            }
            Self::Certificate(problem) => {
                format!("Das Zertifikat wird abgelehnt: {}.", problem.in_german())
            }
            Self::TooManyFiles => {
                "Dieser Prozess oder dieser Rechner hat zu viele Dateien und Verbindungen offen."
                    .into()
            }
        }
    }
}

impl Error {
    /// What an operator needs to know about it, if its kind does not say it.
    pub fn cause(&self) -> Option<Cause> {
        Some(match self {
            Self::ProxySetting { setting } => Cause::ProxySetting((*setting).into()),
            Self::ProxyNotFound { proxy } => Cause::ProxyNotFound(proxy.clone()),
            Self::ProxyConnect { proxy, .. } => Cause::ProxyUnreachable(proxy.clone()),
            Self::ProxyRefused { proxy, status } => {
                Cause::ProxyRefused(proxy.clone(), status.as_u16().to_string())
            }
            Self::ProxyNotSupported { proxy } => Cause::ProxyNotSupported(proxy.clone()),
            Self::GatewayNotFound { gateway } => Cause::GatewayNotFound(gateway.clone()),
            Self::GatewayConnect { gateway, .. } => Cause::GatewayUnreachable(gateway.clone()),
            Self::Certificate { problem, .. } => Cause::Certificate(*problem),
            Self::TooManyFiles => Cause::TooManyFiles,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn causes() -> Vec<Cause> {
        let name = || "proxy.example.com".to_owned();
        let mut causes = vec![
            Cause::ProxySetting("HTTPS_PROXY".into()),
            Cause::ProxyNotFound(name()),
            Cause::ProxyUnreachable(name()),
            Cause::ProxyRefused(name(), "407".into()),
            Cause::ProxyRefused(name(), "403".into()),
            Cause::ProxyNotSupported(name()),
            Cause::GatewayNotFound(name()),
            Cause::GatewayUnreachable(name()),
            Cause::TooManyFiles,
        ];
        causes.extend(CertificateProblem::ALL.map(Cause::Certificate));
        causes
    }

    #[test]
    fn a_cause_is_the_same_after_it_was_turned_into_facts() {
        for cause in causes() {
            let facts = cause.facts();
            assert!(facts.iter().all(|(name, _)| Cause::FACTS.contains(name)));
            let fact = |name: &str| {
                let found = facts.iter().find(|(other, _)| *other == name)?;
                Some(found.1.as_str())
            };
            assert_eq!(Cause::from_facts(fact), Some(cause));
        }
        assert_eq!(Cause::from_facts(|_| None), None);
        assert_eq!(Cause::from_facts(|_| Some("another")), None);
    }

    #[test]
    fn each_cause_is_worded_in_both_languages() {
        let mut sentences: Vec<_> = causes()
            .iter()
            .flat_map(|cause| [cause.localized("en-GB"), cause.localized("de_AT.UTF-8")])
            .collect();
        for sentence in &sentences {
            assert!(sentence.ends_with('.'), "{sentence}");
        }
        let count = sentences.len();
        sentences.sort();
        sentences.dedup();
        assert_eq!(sentences.len(), count);
    }
}
