//! The callback: the URL that the provider redirects the browser to, and its parameters (RFC 6749, section 4.1.2).

use std::fmt;
use std::net::{Ipv4Addr, TcpListener};

use bot_engine::Language;
use oauth_authentication::refusal::printable;
use secrecy::SecretString;
use thiserror::Error;

/// The path of the callback URL.
pub(super) const PATH: &str = "/oauth/callback";

/// The range of ports from which one is chosen. It is below the ports that systems use for outgoing connections, so that
/// none of those occupies it when a browser is redirected to it.
const PORTS: std::ops::Range<u16> = 20_000..30_000;

/// How many ports are tried.
const PORT_ATTEMPTS: usize = 50;

/// The longest query or pasted text, in bytes.
const MAX_QUERY: usize = 16 * 1024;

/// The maximum length of an error's code and of its description, in characters. The rest is cut off.
const MAX_CODE: usize = 64;
const MAX_DESCRIPTION: usize = 200;

/// The host of a callback URL: how the browser names the machine that it runs on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CallbackHost {
    /// `127.0.0.1`: a loopback address literal, which no name server can send elsewhere (RFC 8252, sections 7.3 and 8.3).
    #[default]
    Address,
    /// `localhost`, for providers that accept no address.
    Localhost,
}

impl CallbackHost {
    /// As it is in a URL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Address => "127.0.0.1",
            Self::Localhost => "localhost",
        }
    }
}

/// The URL to register with the provider. It stays the same as long as its host and port do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackUrl {
    text: String,
    host: CallbackHost,
    port: u16,
}

impl CallbackUrl {
    /// The callback URL on `port` of this machine.
    pub fn on_loopback(host: CallbackHost, port: u16) -> Self {
        let text = format!("http://{}:{port}{PATH}", host.as_str());
        Self { text, host, port }
    }

    /// The callback URL on a random port that is free at the moment. Random, so that two Control Rooms rarely share one.
    pub fn on_free_port() -> Self {
        let draw = || {
            let random = getrandom::u32().unwrap_or_default();
            let port = random % u32::from(PORTS.end - PORTS.start);
            PORTS.start + u16::try_from(port).unwrap_or_default()
        };
        let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
        let mut ports = std::iter::repeat_with(draw).take(PORT_ATTEMPTS);
        let port = ports.find(is_free).unwrap_or_else(draw);
        Self::on_loopback(CallbackHost::default(), port)
    }

    /// The URL, letter by letter as it has to be registered.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its host.
    pub fn host(&self) -> CallbackHost {
        self.host
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl fmt::Display for CallbackUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The parameters of a callback, not checked yet.
pub struct Callback {
    pub(super) state: Option<SecretString>,
    pub(super) code: Option<SecretString>,
    pub(super) error: Option<Refused>,
    pub(super) iss: Option<String>,
}

/// The provider or the person refused (RFC 6749, section 4.1.2.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The code, such as `access_denied`.
    pub code: String,
    /// The provider's description, sanitized. It is text, never markup.
    pub description: Option<String>,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.code)?;
        match &self.description {
            Some(description) => write!(f, ": {description}"),
            None => Ok(()),
        }
    }
}

/// Why a callback is not accepted. `Display` is the message in English.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", self.message(Language::English))]
pub enum CallbackError {
    /// What was pasted is neither the callback URL with its parameters nor those parameters.
    NotACallback,
    /// It is too long.
    TooLong,
    /// A parameter occurs more than once (RFC 6749, section 3.1).
    Repeated(&'static str),
    /// It does not belong to this sign-in. The sign-in goes on.
    WrongState,
    /// The sign-in is over already, or its callback has arrived already.
    Over,
    /// The callback did not arrive in time.
    Expired,
    /// Another provider sent it (RFC 9207).
    WrongIssuer,
    /// It has neither a code nor an error, or both.
    NoCode,
    /// The provider or the person refused.
    Refused(Refused),
    /// The person who began it said no when they were asked whether to store the token.
    NotConfirmed,
}

impl CallbackError {
    /// The message for people at the command line.
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::NotACallback => texts::not_a_callback(language).into(),
            Self::TooLong => texts::too_long(language, MAX_QUERY),
            Self::Repeated(parameter) => texts::repeated(language, parameter),
            Self::WrongState => texts::wrong_state(language).into(),
            Self::Over => texts::over(language).into(),
            Self::Expired => texts::expired(language).into(),
            Self::WrongIssuer => texts::wrong_issuer(language).into(),
            Self::NoCode => texts::no_code(language).into(),
            Self::Refused(refused) => texts::refused(language, refused),
            Self::NotConfirmed => texts::not_confirmed(language).into(),
        }
    }

    /// Whether the sign-in is over with this error. Otherwise another callback may come.
    pub fn ends_sign_in(&self) -> bool {
        match self {
            Self::NotACallback
            | Self::TooLong
            | Self::Repeated(_)
            | Self::WrongState
            | Self::Over => false,
            Self::Expired
            | Self::WrongIssuer
            | Self::NoCode
            | Self::Refused(_)
            | Self::NotConfirmed => true,
        }
    }
}

mod texts {
    bot_engine::messages! {
        not_a_callback {
            en: "this is not the address that the browser was sent to after signing in",
            de: "das ist nicht die Adresse, zu der der Browser nach der Anmeldung weitergeleitet wurde",
        }
        too_long(most) {
            en: "the callback is longer than {most} bytes",
            de: "der Callback ist länger als {most} Bytes",
        }
        repeated(parameter) {
            en: "the callback has the parameter \"{parameter}\" more than once",
            de: "der Callback hat den Parameter „{parameter}“ mehr als einmal",
        }
        wrong_state {
            en: "the callback does not belong to this sign-in",
            de: "der Callback gehört nicht zu dieser Anmeldung",
        }
        over {
            en: "this sign-in has ended already; start another one",
            de: "diese Anmeldung ist schon zu Ende; beginnen Sie eine neue",
        }
        expired {
            en: "nobody signed in in time; start another sign-in",
            de: "es hat sich niemand rechtzeitig angemeldet; beginnen Sie eine neue Anmeldung",
        }
        wrong_issuer {
            en: "the callback was refused: it did not come from the provider of this connection",
            de: "der Callback wurde abgelehnt: er kam nicht vom Anbieter dieser Verbindung",
        }
        no_code {
            en: "the callback has no authorization code",
            de: "der Callback hat keinen Autorisierungscode",
        }
        refused(refused) {
            en: "the sign-in was refused with {refused}",
            de: "die Anmeldung wurde mit {refused} abgelehnt",
        }
        not_confirmed {
            en: "the token was not stored, as the sign-in was not confirmed",
            de: "das Token wurde nicht gespeichert, da die Anmeldung nicht bestätigt wurde",
        }
    }
}

impl Callback {
    /// Reads the query of a callback, without its `?`. Unknown parameters are ignored.
    ///
    /// # Errors
    ///
    /// [`CallbackError::TooLong`] and [`CallbackError::Repeated`].
    pub fn parse(query: &str) -> Result<Self, CallbackError> {
        if query.len() > MAX_QUERY {
            return Err(CallbackError::TooLong);
        }
        let parameter = |name: &'static str| {
            let mut values = form_urlencoded::parse(query.as_bytes())
                .filter(|(key, _)| *key == name)
                .map(|(_, value)| value.into_owned());
            let value = values.next();
            if values.next().is_some() {
                return Err(CallbackError::Repeated(name));
            }
            // A parameter without a value is treated as omitted (RFC 6749, section 3.1).
            Ok(value.filter(|value| !value.is_empty()))
        };
        let description = parameter("error_description")?;
        Ok(Self {
            state: parameter("state")?.map(SecretString::from),
            code: parameter("code")?.map(SecretString::from),
            iss: parameter("iss")?,
            error: parameter("error")?.map(|code| Refused {
                code: printable(&code, MAX_CODE),
                description: description.map(|text| printable(&text, MAX_DESCRIPTION)),
            }),
        })
    }

    /// Reads what a person copied from the browser: the whole address, which has to be `url` with a
    /// query, or the query alone, with white space around it.
    ///
    /// # Errors
    ///
    /// Those of [`parse`](Self::parse), and [`CallbackError::NotACallback`].
    pub fn pasted(text: &str, url: &CallbackUrl) -> Result<Self, CallbackError> {
        let text = text.trim();
        if text.len() > MAX_QUERY {
            return Err(CallbackError::TooLong);
        }
        let (address, query) = text.split_once('?').unwrap_or(("", text));
        // Some browsers do not show the scheme.
        let without_scheme = url.as_str().trim_start_matches("http://");
        if !["", url.as_str(), without_scheme].contains(&address) {
            return Err(CallbackError::NotACallback);
        }
        let query = query.split('#').next().unwrap_or_default();
        let callback = Self::parse(query)?;
        if callback.state.is_none() && callback.code.is_none() && callback.error.is_none() {
            return Err(CallbackError::NotACallback);
        }
        Ok(callback)
    }
}

/// Code and state are secrets while the sign-in lasts.
impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn code(callback: &Callback) -> Option<&str> {
        callback.code.as_ref().map(ExposeSecret::expose_secret)
    }

    #[test]
    fn the_parameters_of_a_callback_are_read_and_others_ignored() {
        let callback = Callback::parse("code=a%2Bb+c&state=s&x=1&x=2&iss=https%3A%2F%2Fi").unwrap();
        assert_eq!(code(&callback), Some("a+b c"));
        assert_eq!(callback.iss.as_deref(), Some("https://i"));
        assert!(callback.error.is_none());
        assert!(!format!("{callback:?}").contains("a+b"));
    }

    #[test]
    fn a_repeated_parameter_is_refused() {
        for name in ["code", "state", "iss", "error", "error_description"] {
            let query = format!("{name}=a&{name}=a");
            assert_eq!(
                Callback::parse(&query).unwrap_err(),
                CallbackError::Repeated(name)
            );
        }
        let encoded = Callback::parse("code=a&c%6fde=b").unwrap_err();
        assert_eq!(encoded, CallbackError::Repeated("code"));
    }

    #[test]
    fn a_callback_that_is_too_long_is_refused() {
        let long = format!("code={}", "x".repeat(MAX_QUERY));
        assert_eq!(Callback::parse(&long).unwrap_err(), CallbackError::TooLong);
        let url = CallbackUrl::on_loopback(CallbackHost::Address, 1);
        assert_eq!(
            Callback::pasted(&long, &url).unwrap_err(),
            CallbackError::TooLong
        );
    }

    #[test]
    fn the_providers_description_is_truncated_and_sanitized() {
        let long = "x".repeat(1000);
        let query = format!("error=a%0Ab&error_description=%1B[31m%E2%80%AE<b>{long}");
        let refused = Callback::parse(&query).unwrap().error.unwrap();
        assert_eq!(refused.code, "a b");
        let description = refused.description.unwrap();
        assert!(description.starts_with(" [31m <b>x"), "{description}");
        assert_eq!(description.chars().count(), MAX_DESCRIPTION);
    }

    #[test]
    fn a_callback_may_be_pasted_as_a_url_or_as_its_query() {
        let url = CallbackUrl::on_loopback(CallbackHost::Address, 8976);
        for text in [
            "http://127.0.0.1:8976/oauth/callback?code=c&state=s",
            "127.0.0.1:8976/oauth/callback?code=c&state=s",
            "  code=c&state=s\r\n",
            "?code=c&state=s",
            "http://127.0.0.1:8976/oauth/callback?code=c&state=s#_=_",
        ] {
            let callback = Callback::pasted(text, &url).unwrap();
            assert_eq!(code(&callback), Some("c"), "{text}");
        }
        for text in [
            "",
            "hello",
            "http://127.0.0.1:8976/oauth/callback",
            "http://127.0.0.1:8976/oauth/callback?",
            "http://127.0.0.1:8977/oauth/callback?code=c&state=s",
            "http://127.0.0.1:8976/oauth/callback/?code=c&state=s",
            "https://evil.example/?code=c&state=s",
            "https://login.example/authorize?response_type=code&state=s",
        ] {
            let error = Callback::pasted(text, &url).unwrap_err();
            assert_eq!(error, CallbackError::NotACallback, "{text}");
        }
    }
}
