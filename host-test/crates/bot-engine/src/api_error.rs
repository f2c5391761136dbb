//! Why an API request failed.

use std::time::Duration;

use http::{Method, StatusCode};
use thiserror::Error;

use crate::messages::{Language, escaped};
use crate::network;

/// Why an API request failed. `Display` is the message in English.
#[derive(Debug, Error)]
#[error("{}", self.message(Language::English))]
pub enum ApiError {
    /// The path is not valid after its placeholders were filled in.
    BadPath {
        /// The path.
        path: String,
    },
    /// The status of the response is not a success.
    Refused(Box<Refusal>),
    /// The response is not JSON.
    NotJson {
        /// The host.
        host: String,
    },
    /// A listing has more pages than are requested.
    TooManyPages(usize),
    /// The server may have executed a request that must not be sent twice.
    Unconfirmed(Box<Self>),
    /// The first attempt did not finish within the deadline of all attempts.
    TimedOut(Duration),
    /// There was no complete response.
    Network(#[from] egress::Error),
}

/// A response whose status is not a success.
#[derive(Debug)]
pub struct Refusal {
    /// The host.
    pub host: String,
    /// The method of the request.
    pub method: Method,
    /// The path of the request.
    pub path: String,
    /// The status.
    pub status: StatusCode,
    /// The API's code for the error, such as `not.found`.
    pub code: Option<String>,
    /// What the API says of the error.
    pub message: Option<String>,
    /// How long the API asks to wait with `Retry-After` (RFC 9110, section 10.2.3), if it may be tried again.
    pub retry_after: Option<Duration>,
    /// `ININ-Correlation-Id`, for Genesys' support.
    pub correlation_id: Option<String>,
    /// Whether Genesys Cloud refused, and not a gateway, firewall or portal before it.
    pub is_of_genesys: bool,
}

impl ApiError {
    /// The response that refuses the request, if there was one.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::Unconfirmed(error) => error.refusal(),
            _ => None,
        }
    }

    /// The message for people: what happened, and what to do.
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::BadPath { path } => texts::bad_path(language, escaped(path)),
            Self::Refused(refusal) => refusal.message(language),
            Self::NotJson { host } => texts::not_json(language, host),
            Self::Unconfirmed(error) => {
                format!(
                    "{} {}",
                    error.message(language),
                    texts::unconfirmed(language)
                )
            }
            Self::TooManyPages(most) => texts::too_many_pages(language, most),
            Self::TimedOut(limit) => texts::too_slow(language, limit.as_secs()),
            Self::Network(error) => network::message(error, language),
        }
    }
}

impl Refusal {
    /// Who answered, and with which status.
    pub(crate) fn answer(&self, language: Language) -> String {
        texts::status(language, &self.host, self.status)
    }

    fn message(&self, language: Language) -> String {
        let advice = match (self.status.as_u16(), self.retry_after) {
            (401 | 403, _) if !self.is_of_genesys => texts::not_of_genesys(language, &self.host),
            (401, _) => texts::status_401(language).into(),
            (403, _) => texts::status_403(language).into(),
            (404, _) => texts::status_404(language).into(),
            (_, Some(wait)) => texts::retry_after(language, wait.as_secs()),
            (429, None) => texts::status_429(language).into(),
            (500.., None) => texts::status_5xx(language).into(),
            _ => texts::status_other(language).into(),
        };
        // A full stop follows anyway.
        let said = self.message.as_deref().map(|it| it.trim_end_matches('.'));
        let said = match (said, self.code.as_deref()) {
            (None, None) => String::new(),
            (Some(said), None) | (None, Some(said)) => format!(": {said}"),
            (Some(said), Some(code)) => format!(": {said} ({code})"),
        };
        let mut message = format!(
            "{} {} {}{said}. {advice}",
            self.answer(language),
            self.method,
            self.path
        );
        if let Some(id) = &self.correlation_id {
            message += &format!(" {}", texts::correlation(language, id));
        }
        message
    }
}

mod texts {
    crate::messages! {
        bad_path(path) {
            en: "“{path}” is not a valid API path. Check the values of its placeholders.",
            de: "„{path}“ ist kein gültiger API-Pfad. Prüfen Sie die Werte der Platzhalter.",
        }
        not_json(host) {
            en: "{host} did not answer like the Genesys Cloud API. Check the path, then ask your operator.",
            de: "{host} hat nicht wie die Genesys-Cloud-API geantwortet. Prüfen Sie den Pfad, dann fragen Sie Ihren Betreiber.",
        }
        unconfirmed {
            en: "But it is not known whether the request was executed: check in Genesys Cloud before you run the bot again.",
            de: "Es ist aber nicht bekannt, ob die Anfrage ausgeführt wurde: Prüfen Sie das in Genesys Cloud, bevor Sie den Bot noch einmal ausführen.",
        }
        too_many_pages(most) {
            en: "The listing has more than {most} pages. Ask for less, or for larger pages with pageSize in the path.",
            de: "Die Auflistung hat mehr als {most} Seiten. Fragen Sie weniger ab, oder größere Seiten mit pageSize im Pfad.",
        }
        too_slow(seconds) {
            en: "There was no response within {seconds} s. Try again; if the problem persists, ask your operator.",
            de: "Innerhalb von {seconds} s kam keine Antwort. Versuchen Sie es noch einmal; besteht das Problem weiter, fragen Sie Ihren Betreiber.",
        }
        status(host, status) { en: "{host} answered {status}.", de: "{host} antwortete {status}." }
        status_401 {
            en: "The session is no longer accepted. Run the bot again.",
            de: "Die Sitzung wird nicht mehr akzeptiert. Führen Sie den Bot noch einmal aus.",
        }
        not_of_genesys(host) {
            en: "{host} did not answer like the Genesys Cloud API: a proxy or firewall on the way may have refused the request. Ask your operator.",
            de: "{host} hat nicht wie die Genesys-Cloud-API geantwortet: Vielleicht hat ein Proxy oder eine Firewall auf dem Weg die Anfrage abgelehnt. Fragen Sie Ihren Betreiber.",
        }
        status_403 {
            en: "The session's token lacks a permission for this. Ask your Genesys administrator.",
            de: "Dem Token der Sitzung fehlt dafür eine Berechtigung. Fragen Sie Ihren Genesys-Administrator.",
        }
        status_404 {
            en: "There is nothing at this path. Check it.",
            de: "Unter diesem Pfad gibt es nichts. Prüfen Sie ihn.",
        }
        status_429 {
            en: "There were too many requests. Try again in a minute.",
            de: "Es waren zu viele Anfragen. Versuchen Sie es in einer Minute noch einmal.",
        }
        retry_after(seconds) {
            en: "Wait {seconds} s, then try again.",
            de: "Warten Sie {seconds} s, und versuchen Sie es dann noch einmal.",
        }
        status_5xx {
            en: "Genesys Cloud has an internal problem. Try again later.",
            de: "Genesys Cloud hat ein internes Problem. Versuchen Sie es später noch einmal.",
        }
        status_other { en: "Check the path and the body of the request.", de: "Prüfen Sie den Pfad und den Body der Anfrage." }
        correlation(id) {
            en: "Correlation id for Genesys’ support: {id}.",
            de: "Correlation-ID für den Support von Genesys: {id}.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, retry_after: Option<u64>) -> ApiError {
        ApiError::Refused(Box::new(Refusal {
            host: "api.mypurecloud.de".into(),
            method: Method::GET,
            path: "/api/v2/users/me".into(),
            status: StatusCode::from_u16(status).unwrap(),
            code: Some("bad.request".into()),
            message: Some("It is bad.".into()),
            retry_after: retry_after.map(Duration::from_secs),
            correlation_id: Some("c-1".into()),
            is_of_genesys: true,
        }))
    }

    #[test]
    fn each_error_is_said_in_both_languages() {
        let host = || "api.mypurecloud.de".to_owned();
        for error in [
            ApiError::BadPath { path: "/x".into() },
            ApiError::NotJson { host: host() },
            ApiError::TooManyPages(400),
            ApiError::Unconfirmed(Box::new(refused(503, None))),
            ApiError::TimedOut(Duration::from_secs(3)),
            ApiError::Network(egress::Error::NameNotResolved { host: host() }),
            refused(400, None),
            refused(401, None),
            refused(403, None),
            refused(404, None),
            refused(429, None),
            refused(429, Some(7)),
            refused(503, None),
            refused(503, Some(7)),
        ] {
            let [english, german] = Language::ALL.map(|language| error.message(language));
            assert_ne!(english, german);
            assert_eq!(english, error.to_string());
        }
    }

    #[test]
    fn a_refusal_says_who_answered_what_and_what_to_do() {
        assert_eq!(
            refused(503, Some(7)).to_string(),
            "api.mypurecloud.de answered 503 Service Unavailable. GET /api/v2/users/me: It is bad (bad.request). \
             Wait 7 s, then try again. Correlation id for Genesys’ support: c-1."
        );
    }
}
