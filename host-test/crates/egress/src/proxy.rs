//! The operator's proxies: which one a request goes through, and the tunnel through it (`CONNECT`, RFC 9110,
//! section 9.3.6).
//!
//! A proxy's URL may contain credentials. They are sent to that proxy and appear nowhere else: errors and logs contain
//! only its host.

use std::env;
use std::ffi::OsString;
use std::future::poll_fn;
use std::io;
use std::pin::pin;

use bytes::Bytes;
use http::header::{HOST, PROXY_AUTHORIZATION};
use http::{HeaderValue, Method, Request, Uri};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpStream;

use super::error::Error;
use super::options::SetupError;

const HTTPS_PROXY: &str = "HTTPS_PROXY";
const ALL_PROXY: &str = "ALL_PROXY";

/// Which proxies requests go through.
#[derive(Clone, Debug)]
pub enum Proxies {
    /// No proxy is used.
    None,
    /// Those of the variables `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, or the same in lower case. An empty variable
    /// counts as not set.
    FromEnvironment,
    /// These.
    Explicit(ProxySettings),
}

/// Proxy settings, with the same meaning as in curl.
///
/// ```
/// use egress::{AllowList, Client, Options, Proxies, ProxySettings};
///
/// let client = Client::new(Options {
///     proxies: Proxies::Explicit(ProxySettings {
///         https: Some("http://user:password@proxy.example.com:3128".into()),
///         no_proxy: Some("internal.example.com".into()),
///         ..ProxySettings::default()
///     }),
///     ..Options::new(AllowList::genesys())
/// })?;
/// # Ok::<(), egress::SetupError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ProxySettings {
    /// The proxy's URL, `http://[USER:PASSWORD@]HOST[:PORT]`, with percent-encoded credentials. The default port is 80.
    pub https: Option<SecretString>,
    /// The same, used if `https` is not set.
    pub all: Option<SecretString>,
    /// Hosts to connect to directly, separated by commas: names (with their subdomains), addresses, networks; `*` is
    /// every host.
    pub no_proxy: Option<String>,
}

impl ProxySettings {
    /// Upper case takes precedence.
    fn from_variables(get: impl Fn(&str) -> Option<OsString>) -> Result<Self, SetupError> {
        let variable = |upper: &'static str| {
            let set = |name: &str| get(name).filter(|value| !value.is_empty());
            set(upper)
                .or_else(|| set(&upper.to_ascii_lowercase()))
                .map(|value| value.into_string().map_err(|_| SetupError::Proxy(upper)))
                .transpose()
        };
        Ok(Self {
            https: variable(HTTPS_PROXY)?.map(SecretString::from),
            all: variable(ALL_PROXY)?.map(SecretString::from),
            no_proxy: variable("NO_PROXY")?,
        })
    }

    fn matcher(&self) -> Result<Matcher, SetupError> {
        let https = url(HTTPS_PROXY, self.https.as_ref())?;
        let all = url(ALL_PROXY, self.all.as_ref())?;
        Ok(Matcher::builder()
            .https(https)
            .all(all)
            .no(self.no_proxy.as_deref().unwrap_or_default())
            .build())
    }
}

impl Proxies {
    /// The compiled rules; `None` if no request goes through a proxy.
    pub(super) fn matcher(&self) -> Result<Option<Matcher>, SetupError> {
        match self {
            Self::None => Ok(None),
            Self::FromEnvironment => ProxySettings::from_variables(|name| env::var_os(name))?
                .matcher()
                .map(Some),
            Self::Explicit(settings) => settings.matcher().map(Some),
        }
    }
}

/// The URL as it was set. The matcher ignores a URL that it cannot parse, so that is an error here.
fn url<'a>(name: &'static str, value: Option<&'a SecretString>) -> Result<&'a str, SetupError> {
    let value = value.map_or("", ExposeSecret::expose_secret);
    let anywhere = Uri::from_static("https://host.invalid/");
    let readable = || Matcher::builder().https(value).build().intercept(&anywhere);
    if value.is_empty() || readable().is_some() {
        Ok(value)
    } else {
        Err(SetupError::Proxy(name))
    }
}

/// A proxy to connect through.
pub(super) struct Proxy {
    /// Host name or address, without user info.
    pub(super) host: String,
    pub(super) port: u16,
    credentials: Option<HeaderValue>,
}

impl TryFrom<Intercept> for Proxy {
    type Error = Error;

    fn try_from(intercept: Intercept) -> Result<Self, Error> {
        // Only host and port of the authority are used: it may contain the end of a password with an unescaped @.
        let uri = intercept.uri();
        let host = uri.host().unwrap_or_default().to_owned();
        if uri.scheme_str() != Some("http") {
            return Err(Error::ProxyNotSupported { proxy: host });
        }
        Ok(Self {
            host,
            port: uri.port_u16().unwrap_or(80),
            credentials: intercept.basic_auth().cloned(),
        })
    }
}

impl Proxy {
    /// Turns a connection to this proxy into one to `target`, which is `HOST:PORT`.
    pub(super) async fn tunnel(&self, stream: TcpStream, target: &str) -> Result<TcpStream, Error> {
        let failed = |kind| Error::ProxyConnect {
            proxy: self.host.clone(),
            kind,
        };
        let request = self
            .connect_request(target)
            .map_err(|_| failed(io::ErrorKind::InvalidInput))?;
        let (mut sender, mut driver) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|_| failed(io::ErrorKind::ConnectionAborted))?;
        let mut response = pin!(sender.send_request(request));
        let response = poll_fn(|cx| {
            // If the driver fails, so does the response.
            let _ = driver.poll_without_shutdown(cx);
            response.as_mut().poll(cx)
        })
        .await
        .map_err(|e| {
            failed(if e.is_parse() {
                io::ErrorKind::InvalidData
            } else {
                io::ErrorKind::ConnectionAborted
            })
        })?;
        if !response.status().is_success() {
            return Err(Error::ProxyRefused {
                proxy: self.host.clone(),
                status: response.status(),
            });
        }
        let parts = driver.into_parts();
        // In TLS the client speaks first: these bytes would be the proxy's.
        if !parts.read_buf.is_empty() {
            return Err(failed(io::ErrorKind::InvalidData));
        }
        Ok(parts.io.into_inner())
    }

    fn connect_request(&self, target: &str) -> http::Result<Request<Empty<Bytes>>> {
        let mut request = Request::builder()
            .method(Method::CONNECT)
            .uri(target)
            .header(HOST, target)
            .body(Empty::new())?;
        if let Some(credentials) = &self.credentials {
            let headers = request.headers_mut();
            headers.insert(PROXY_AUTHORIZATION, credentials.clone());
        }
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::ProxySettings;

    fn read(variables: &[(&str, &str)]) -> [String; 3] {
        let settings = ProxySettings::from_variables(|name| {
            let set = variables.iter().find(|(n, _)| *n == name);
            set.map(|(_, value)| value.into())
        })
        .unwrap();
        let url = |url: Option<secrecy::SecretString>| {
            url.map(|url| url.expose_secret().to_owned())
                .unwrap_or_default()
        };
        [
            url(settings.https),
            url(settings.all),
            settings.no_proxy.unwrap_or_default(),
        ]
    }

    #[test]
    fn the_variables_are_read_in_upper_and_lower_case() {
        assert_eq!(read(&[]), ["", "", ""]);
        assert_eq!(
            read(&[("HTTPS_PROXY", "a"), ("ALL_PROXY", "b"), ("NO_PROXY", "c")]),
            ["a", "b", "c"]
        );
        assert_eq!(
            read(&[("https_proxy", "a"), ("all_proxy", "b"), ("no_proxy", "c")]),
            ["a", "b", "c"]
        );
    }

    #[test]
    fn an_empty_variable_is_not_set() {
        assert_eq!(
            read(&[("HTTPS_PROXY", ""), ("https_proxy", "a")]),
            ["a", "", ""]
        );
    }

    #[test]
    fn http_proxy_is_for_plain_http_and_ignored() {
        assert_eq!(
            read(&[("HTTP_PROXY", "a"), ("http_proxy", "a")]),
            ["", "", ""]
        );
    }
}
