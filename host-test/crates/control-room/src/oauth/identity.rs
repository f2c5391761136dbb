//! Who signed in: Genesys Cloud's API names the person whose token it is (`GET /api/v2/users/me`).

use std::time::Duration;

use bot_engine::Language;
use bot_engine::action::Redactor;
use bytes::Bytes;
use http::Request;
use http::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use http_body_util::{BodyExt, Empty};
use oauth_authentication::refusal::printable;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use thiserror::Error;
use tokio::time::timeout;

use super::provider::Provider;
use egress::{AllowList, Client, Error, Grant, Options, SetupError, Timeouts};

/// How long the whole request may take: somebody waits for it.
const LONGEST: Duration = Duration::from_secs(10);

/// The longest text about a person, in characters; the rest is cut off.
const MAX_PERSON: usize = 100;

const PATH: &str = "/api/v2/users/me";

/// Why it is not known who signed in. `Display` is the message in English.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", self.message(Language::English))]
pub enum IdentityError {
    /// The HTTP client cannot be set up.
    Setup(#[from] SetupError),
    /// The request failed.
    Network(#[from] Error),
    /// The host did not respond in time.
    TooSlow(String),
    /// The host refused the request.
    Refused {
        /// The host.
        host: String,
        /// The status of its answer.
        status: u16,
    },
    /// The answer of the host has no name in it.
    Unnamed(String),
}

impl IdentityError {
    /// The message for people at the command line.
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::Setup(error) => error.localized(language.tag()),
            Self::Network(error) => error.localized(language.tag()),
            Self::TooSlow(host) => texts::too_slow(language, host),
            Self::Refused { host, status } => texts::refused(language, host, status),
            Self::Unnamed(host) => texts::unnamed(language, host),
        }
    }
}

mod texts {
    bot_engine::messages! {
        too_slow(host) {
            en: "{host} did not respond in time",
            de: "{host} hat nicht rechtzeitig geantwortet",
        }
        refused(host, status) { en: "{host} answered {status}", de: "{host} antwortete mit {status}" }
        unnamed(host) {
            en: "the answer of {host} has no name in it",
            de: "die Antwort von {host} enthält keinen Namen",
        }
    }
}

/// The members of `UserMe` that are shown.
#[derive(Deserialize)]
struct User {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
}

/// The person whose token this is, by name and e-mail address: one line without unprintable characters. `None` if the
/// provider has no known API. The request is sent with these `options`, except for the allow-list, which is that one host,
/// and for what may be sent there: reading requests.
///
/// # Errors
///
/// Why that is not known.
pub(crate) async fn person(
    provider: &Provider,
    token: &SecretString,
    options: Options,
) -> Result<Option<String>, IdentityError> {
    let Some(host) = provider.api_host() else {
        return Ok(None);
    };
    match timeout(LONGEST, request(host, token, options)).await {
        Ok(person) => person.map(Some),
        Err(_) => Err(IdentityError::TooSlow(host.into())),
    }
}

async fn request(
    host: &str,
    token: &SecretString,
    options: Options,
) -> Result<String, IdentityError> {
    let allow = AllowList::parse([host]).unwrap_or_default();
    let client = Client::new(Options { allow, ..options })?.with_grant(Grant::genesys_api());
    let mut bearer = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
        .map_err(|_| Error::InvalidRequest("the token is malformed"))?;
    bearer.set_sensitive(true);
    let request = Request::get(format!("https://{host}{PATH}"))
        .header(ACCEPT, "application/json")
        .header(AUTHORIZATION, bearer)
        .body(Empty::<Bytes>::new())
        .map_err(|_| Error::InvalidRequest("the address is malformed"))?;
    let answer = client.send(request, Timeouts::default()).await?;
    let status = answer.status();
    if !status.is_success() {
        return Err(IdentityError::Refused {
            host: host.into(),
            status: status.into(),
        });
    }
    let body = answer.into_body().collect().await?.to_bytes();
    let user = serde_json::from_slice::<User>(&body).ok();
    let mut redactor = Redactor::default();
    redactor.add(token);
    let person = user.and_then(|user| described(&user, &redactor));
    person.ok_or_else(|| IdentityError::Unnamed(host.into()))
}

fn described(user: &User, redactor: &Redactor) -> Option<String> {
    let shown = |text: &String| printable(&redactor.redact(text), MAX_PERSON);
    let [name, email] = [&user.name, &user.email].map(shown);
    match (name.is_empty(), email.is_empty()) {
        (true, true) => None,
        (false, true) => Some(name),
        (true, false) => Some(email),
        (false, false) => Some(format!("{name} ({email})")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_one_line_without_unprintable_characters() {
        let mut redactor = Redactor::default();
        redactor.add(&"the-token".into());
        for (name, email, expected) in [
            ("the-token", "x the-token", Some("*** (x ***)")),
            ("Ada", "ada@example.com", Some("Ada (ada@example.com)")),
            (" Ada\r\nok  signed in", "", Some("Ada  ok  signed in")),
            ("\u{1b}[31m\u{202e}", "a@b", Some(" [31m  (a@b)")),
            ("", "a@b", Some("a@b")),
            (" ", "", None),
        ] {
            let user = User {
                name: name.into(),
                email: email.into(),
            };
            assert_eq!(described(&user, &redactor).as_deref(), expected);
        }
        let user = User {
            name: "x".repeat(1000),
            email: String::new(),
        };
        let described = described(&user, &redactor).unwrap();
        assert_eq!(described.chars().count(), MAX_PERSON);
    }
}
