//! Why there is no token: one case for each thing that can be done about it. Of a response it contains only a code and
//! a description, both truncated and sanitized.

use std::fmt;
use std::time::Duration;

use bot_engine::Language;
use thiserror::Error;

use super::network;

/// Why there is no token. `Display` is the message in English.
///
/// Only [`SignInNeeded`](Self::SignInNeeded) invalidates a refresh token. After every other error it must be kept: the
/// provider may not have seen the request, or may still accept the token.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", self.message(Language::English))]
pub enum TokenError {
    /// The code or the refresh token is not valid, or no longer valid (`invalid_grant`). Somebody has to sign in.
    SignInNeeded(Refusal),
    /// The provider refused the client, its secret, its scopes or the request. Only a change of the
    /// connection, or of the client at the provider, helps.
    Refused(Refusal),
    /// A transient fault; a retry may help. Whether the provider acted on the request is not known, so a code must not
    /// be sent again, and a refresh token may have been rotated.
    Transient {
        /// What happened.
        fault: Fault,
        /// How long to wait, if the provider said so.
        retry_after: Option<Duration>,
    },
    /// The server's certificate is not the provider's. Nothing was sent.
    Untrusted(egress::Error),
    /// This machine's network rules do not permit the request. Nothing was sent.
    NotPermitted(egress::Error),
    /// The response is neither a token nor a refusal.
    Unexpected {
        /// The token host.
        host: String,
        /// What is wrong with it.
        what: Unexpected,
    },
    /// The connection's grant has no such request; nothing was sent.
    WrongGrant,
}

impl TokenError {
    /// The message for people: what happened, what to do and who can do it.
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::SignInNeeded(refusal) => {
                texts::sign_in_again(language, refusal.message(language))
            }
            Self::Refused(refusal) => texts::refused_client(language, refusal.message(language)),
            Self::Transient { fault, .. } => fault.message(language),
            Self::Untrusted(error) | Self::NotPermitted(error) => network::message(error, language),
            Self::Unexpected { host, what } => {
                texts::no_token(language, host, what.message(language))
            }
            Self::WrongGrant => texts::nobody_signs_in(language).into(),
        }
    }

    /// Whether the refresh token, if there was one, is now invalid (RFC 6749, section 5.2).
    pub fn ends_sign_in(&self) -> bool {
        matches!(self, Self::SignInNeeded(_))
    }
}

/// A refusal of a provider (RFC 6749, section 5.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The token host.
    pub host: String,
    /// Its code, such as `invalid_client`; `http-401` and the like if it has none.
    pub code: String,
    /// Its description, sanitized. It is text, never markup.
    pub description: Option<String>,
    /// `ININ-Correlation-Id`, which Genesys' support asks for.
    pub correlation_id: Option<String>,
}

impl Refusal {
    fn message(&self, language: Language) -> String {
        let mut message = texts::refused(language, &self.host, &self.code);
        if let Some(description) = &self.description {
            message += &format!(": {description}");
        }
        if let Some(id) = &self.correlation_id {
            message += &format!(" ({})", texts::correlation(language, id));
        }
        message
    }
}

/// In English.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Language::English))
    }
}

/// A transient fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Too many requests.
    Throttled {
        /// The token host.
        host: String,
    },
    /// Status 5xx or 408.
    Server {
        /// The token host.
        host: String,
        /// The status.
        status: u16,
    },
    /// The response was not complete in time.
    TooSlow {
        /// The token host.
        host: String,
    },
    /// The network connection failed.
    Network(egress::Error),
}

impl Fault {
    fn message(&self, language: Language) -> String {
        let reason = match self {
            Self::Network(error) => return network::message(error, language),
            Self::Throttled { host } => texts::throttled(language, host),
            Self::Server { host, status } => texts::not_available(language, host, status),
            Self::TooSlow { host } => texts::too_slow(language, host),
        };
        texts::transient(language, reason)
    }
}

/// What is wrong with a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unexpected {
    /// It is larger than the limit.
    TooLarge,
    /// It is not valid HTTP.
    NotHttp,
    /// A redirect, which is not followed.
    Redirect(u16),
    /// A status that is neither success nor a refusal.
    Status(u16),
    /// Another content type, or a body that is not JSON.
    NotJson,
    /// JSON with a missing, duplicate or mistyped member (RFC 6749, section 5.1).
    Malformed,
    /// A token that is empty, too long, or has characters that a header may not have.
    UnusableToken,
    /// An unknown type of token (RFC 6749, section 7.1).
    TokenType,
}

impl Unexpected {
    fn message(self, language: Language) -> String {
        match self {
            Self::TooLarge => texts::too_large(language).into(),
            Self::NotHttp => texts::not_http(language).into(),
            Self::Redirect(status) => texts::redirect(language, status),
            Self::Status(status) => texts::status(language, status),
            Self::NotJson => texts::not_json(language).into(),
            Self::Malformed => texts::malformed(language).into(),
            Self::UnusableToken => texts::unusable(language).into(),
            Self::TokenType => texts::token_type(language).into(),
        }
    }
}

impl From<egress::Error> for TokenError {
    fn from(error: egress::Error) -> Self {
        use egress::Error as E;
        let unexpected = |host: &str, what| Self::Unexpected {
            host: host.to_owned(),
            what,
        };
        match &error {
            E::NotHttps
            | E::InvalidRequest(_)
            | E::HostNotAllowed { .. }
            | E::RequestNotGranted { .. }
            | E::AddressNotAllowed { .. }
            | E::ProxySetting { .. }
            | E::ProxyNotSupported { .. } => Self::NotPermitted(error),
            // A proxy that requires credentials or forbids the host. Any other status may be transient.
            E::ProxyRefused { status, .. } if status.is_client_error() => Self::NotPermitted(error),
            E::Certificate { .. } => Self::Untrusted(error),
            E::Protocol { host } => unexpected(host, Unexpected::NotHttp),
            E::HeadTooLarge { host } | E::BodyTooLarge { host, .. } => {
                unexpected(host, Unexpected::TooLarge)
            }
            _ => Self::Transient {
                fault: Fault::Network(error),
                retry_after: None,
            },
        }
    }
}

pub(crate) mod texts {
    bot_engine::messages! {
        sign_in_again(reason) {
            en: "Somebody has to sign in again: {reason}",
            de: "Jemand muss sich neu anmelden: {reason}",
        }
        refused_client(reason) {
            en: "The provider refused: {reason}. An administrator has to correct the connection, or the OAuth client at the provider.",
            de: "Der Anbieter hat abgelehnt: {reason}. Ein Administrator muss die Verbindung oder den OAuth-Client beim Anbieter korrigieren.",
        }
        transient(reason) {
            en: "The request to the provider did not succeed: {reason}. Try again later.",
            de: "Die Anfrage an den Anbieter ist nicht gelungen: {reason}. Versuchen Sie es später noch einmal.",
        }
        no_token(host, reason) {
            en: "The response of {host} is not a token. An administrator has to check the token URL. ({reason})",
            de: "Die Antwort von {host} ist kein Token. Ein Administrator muss die Token-URL prüfen. ({reason})",
        }
        nobody_signs_in {
            en: "The connection needs no sign-in: it uses client credentials.",
            de: "Die Verbindung braucht keine Anmeldung: Sie verwendet Client-Anmeldedaten.",
        }
        refused(host, code) { en: "{host} answered “{code}”", de: "{host} antwortete mit „{code}“" }
        correlation(id) { en: "correlation id {id}", de: "Correlation-ID {id}" }
        throttled(host) { en: "{host} limits the number of requests", de: "{host} begrenzt die Zahl der Anfragen" }
        not_available(host, status) {
            en: "{host} is not available, status {status}",
            de: "{host} ist nicht verfügbar, Status {status}",
        }
        too_slow(host) { en: "{host} took too long", de: "{host} hat zu lange gebraucht" }
        too_large { en: "too large", de: "zu groß" }
        not_http { en: "not valid HTTP", de: "kein gültiges HTTP" }
        redirect(status) { en: "a redirect, status {status}", de: "eine Umleitung, Status {status}" }
        status(status) { en: "status {status}", de: "Status {status}" }
        not_json { en: "not JSON", de: "kein JSON" }
        malformed {
            en: "no access token, or not as RFC 6749 requires",
            de: "kein Access-Token, oder nicht wie in RFC 6749",
        }
        unusable { en: "an access token that cannot be used", de: "ein unbrauchbares Access-Token" }
        token_type { en: "a token that is not of the type Bearer", de: "ein Token, das nicht vom Typ Bearer ist" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_for_no_token_is_said_in_both_languages() {
        let host = || "login.mypurecloud.de".to_owned();
        let refusal = || Refusal {
            host: host(),
            code: "invalid_client".into(),
            description: Some("authentication failed".into()),
            correlation_id: Some("c-1".into()),
        };
        let transient = |fault| TokenError::Transient {
            fault,
            retry_after: None,
        };
        let timed_out = || egress::Error::TimedOut {
            host: host(),
            step: egress::Step::Connect,
        };
        let unexpected = [
            Unexpected::TooLarge,
            Unexpected::NotHttp,
            Unexpected::Redirect(302),
            Unexpected::Status(204),
            Unexpected::NotJson,
            Unexpected::Malformed,
            Unexpected::UnusableToken,
            Unexpected::TokenType,
        ];
        let unexpected = unexpected.map(|what| TokenError::Unexpected { host: host(), what });
        let others = [
            TokenError::SignInNeeded(refusal()),
            TokenError::Refused(refusal()),
            transient(Fault::Throttled { host: host() }),
            transient(Fault::TooSlow { host: host() }),
            transient(Fault::Network(timed_out())),
            transient(Fault::Server {
                host: host(),
                status: 503,
            }),
            TokenError::Untrusted(egress::Error::Tls { host: host() }),
            TokenError::NotPermitted(egress::Error::NotHttps),
            TokenError::WrongGrant,
        ];
        for error in unexpected.into_iter().chain(others) {
            let [english, german] = Language::ALL.map(|language| error.message(language));
            assert_ne!(english, german);
            assert_eq!(english, error.to_string());
        }
    }
}
