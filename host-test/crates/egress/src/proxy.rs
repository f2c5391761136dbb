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

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{HOST, PROXY_AUTHORIZATION};
use http::uri::Authority;
use http::{HeaderValue, Method, Request};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpStream;

use super::error::Error;
use super::no_proxy;

const HTTPS_PROXY: &str = "HTTPS_PROXY";
const ALL_PROXY: &str = "ALL_PROXY";

/// The port of a proxy whose URL has none.
const HTTP: u16 = 80;

/// Which proxies requests go through. See the example of [`ProxySettings`].
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

/// Proxy settings, with the same meaning as in curl. One that is not valid is an error of the requests that would go
/// through the proxy, and of no others.
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
    /// Hosts to connect to directly, separated by commas or blanks: names (with their subdomains), addresses, networks.
    /// `*` alone is every host.
    pub no_proxy: Option<String>,
}

impl ProxySettings {
    /// Upper case takes precedence.
    fn from_variables(get: impl Fn(&str) -> Option<OsString>) -> Self {
        let variable = |upper: &str| {
            let set = |name: &str| get(name).filter(|value| !value.is_empty());
            let value = set(upper).or_else(|| set(&upper.to_ascii_lowercase()))?;
            // What is not UTF-8 is not valid in any of them.
            Some(value.to_string_lossy().into_owned())
        };
        Self {
            https: variable(HTTPS_PROXY).map(SecretString::from),
            all: variable(ALL_PROXY).map(SecretString::from),
            no_proxy: variable("NO_PROXY"),
        }
    }

    fn rules(&self) -> Rules {
        let set = |name, url: &Option<SecretString>| {
            let url = url.clone().filter(|it| !it.expose_secret().is_empty());
            url.map(|url| (name, url))
        };
        let setting = set(HTTPS_PROXY, &self.https).or_else(|| set(ALL_PROXY, &self.all));
        Rules {
            proxy: setting.map(|(name, url)| {
                Proxy::parse(url.expose_secret()).ok_or(Error::ProxySetting { setting: name })
            }),
            no_proxy: self.no_proxy.clone().unwrap_or_default(),
        }
    }
}

impl Proxies {
    pub(super) fn rules(&self) -> Rules {
        match self {
            Self::None => ProxySettings::default().rules(),
            Self::FromEnvironment => {
                ProxySettings::from_variables(|name| env::var_os(name)).rules()
            }
            Self::Explicit(settings) => settings.rules(),
        }
    }
}

/// The settings, parsed once.
pub(super) struct Rules {
    proxy: Option<Result<Proxy, Error>>,
    no_proxy: String,
}

impl Rules {
    /// The proxy for connections to `host`, if they go through one.
    ///
    /// # Errors
    ///
    /// [`Error::ProxySetting`], or [`Error::ProxyNotSupported`].
    pub(super) fn proxy_for(&self, host: &str) -> Result<Option<&Proxy>, Error> {
        match &self.proxy {
            Some(proxy) if !no_proxy::is_direct(&self.no_proxy, host) => match proxy {
                Ok(proxy) if proxy.is_supported => Ok(Some(proxy)),
                Ok(proxy) => Err(Error::ProxyNotSupported {
                    proxy: proxy.host.clone(),
                }),
                Err(error) => Err(error.clone()),
            },
            _ => Ok(None),
        }
    }
}

/// A proxy to connect through.
pub(super) struct Proxy {
    /// Host name or address, without user info.
    pub(super) host: String,
    pub(super) port: u16,
    credentials: Option<HeaderValue>,
    /// Whether it is one for HTTP without TLS.
    is_supported: bool,
}

impl Proxy {
    /// `None` if the URL is not valid: above all if its password has an `@`, `/`, `#` or `?` that is not percent-encoded.
    /// It would be cut there, and its end taken for a host.
    fn parse(url: &str) -> Option<Self> {
        let url = url.trim();
        let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
        let is_supported = scheme.eq_ignore_ascii_case("http");
        let is_known = ["https", "socks", "socks4", "socks4a", "socks5", "socks5h"]
            .iter()
            .any(|known| scheme.eq_ignore_ascii_case(known));
        let is_unreadable =
            |c: char| c.is_control() || c == ' ' || c == char::REPLACEMENT_CHARACTER;
        if !(is_supported || is_known) || rest.contains(is_unreadable) {
            return None;
        }
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.contains(['/', '?', '#', '\\']) {
            return None;
        }
        let (user_info, authority) = match rest.split_once('@') {
            Some((user_info, authority)) => (Some(user_info), authority),
            None => (None, rest),
        };
        let authority: Authority = authority.parse().ok()?;
        let host = authority.host();
        let port = match authority.port_u16() {
            None if host.len() == authority.as_str().len() => Some(HTTP),
            port => port.filter(|port| *port != 0),
        };
        if host.is_empty() || authority.as_str().contains('@') {
            return None;
        }
        Some(Self {
            host: host.to_owned(),
            port: port?,
            credentials: match user_info {
                None | Some("") => None,
                Some(user_info) => Some(basic(user_info)?),
            },
            is_supported,
        })
    }
}

/// The header of HTTP Basic (RFC 7617) for `USER[:PASSWORD]`, percent-encoded.
fn basic(user_info: &str) -> Option<HeaderValue> {
    let (user, password) = user_info.split_once(':').unwrap_or((user_info, ""));
    let mut pair: Zeroizing<Vec<u8>> = Zeroizing::new(percent_decode_str(user).collect());
    pair.push(b':');
    pair.extend(percent_decode_str(password));
    let encoded = Zeroizing::new(format!("Basic {}", STANDARD.encode(&pair)));
    let mut header = HeaderValue::from_str(&encoded).ok()?;
    header.set_sensitive(true);
    Some(header)
}

impl Proxy {
    /// `HOST:PORT`.
    pub(super) fn address(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Turns a connection to this proxy into one to `target`, which is `HOST:PORT`.
    pub(super) async fn tunnel(&self, stream: TcpStream, target: &str) -> Result<TcpStream, Error> {
        let failed = |kind| Error::ProxyConnect {
            proxy: self.address(),
            kind,
        };
        let request = self
            .connect_request(target)
            .map_err(|_| failed(io::ErrorKind::InvalidInput))?;
        let (mut sender, mut driver) = http1::Builder::new()
            .allow_obsolete_multiline_headers_in_responses(true)
            .handshake(TokioIo::new(stream))
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
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use secrecy::ExposeSecret;

    use super::{Proxy, ProxySettings};

    fn read(variables: &[(&str, &str)]) -> [String; 3] {
        let settings = ProxySettings::from_variables(|name| {
            let set = variables.iter().find(|(n, _)| *n == name);
            set.map(|(_, value)| value.into())
        });
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

    #[test]
    fn the_url_of_a_proxy_is_read() {
        for (url, host, port) in [
            ("http://proxy.example.com:3128", "proxy.example.com", 3128),
            ("http://proxy.example.com:3128/", "proxy.example.com", 3128),
            ("HTTP://proxy.example.com", "proxy.example.com", 80),
            ("proxy_1:3128", "proxy_1", 3128),
            (" 192.0.2.1:8080 ", "192.0.2.1", 8080),
            ("http://[2001:db8::1]:3128", "[2001:db8::1]", 3128),
            ("http://user:p%40ss@proxy:1", "proxy", 1),
            ("http://@proxy:1", "proxy", 1),
        ] {
            let proxy = Proxy::parse(url).unwrap();
            assert_eq!((proxy.host.as_str(), proxy.port), (host, port), "{url}");
            assert!(proxy.is_supported);
        }
        for url in ["https://proxy", "socks5://proxy:1080", "SOCKS5H://proxy"] {
            assert!(!Proxy::parse(url).unwrap().is_supported, "{url}");
        }
    }

    #[test]
    fn credentials_are_decoded() {
        for (user_info, encoded) in [
            ("bob:pw", "bob:pw"),
            ("bob", "bob:"),
            ("bob:", "bob:"),
            ("bob:a:b", "bob:a:b"),
            ("CORP%5Cbob:a+b", "CORP\\bob:a+b"),
            ("b%40b:p%40%2F%23%3F", "b@b:p@/#?"),
            ("bob:%C3%BC", "bob:ü"),
            ("bob:ü", "bob:ü"),
            ("bob:100%25", "bob:100%"),
            ("bob:100%", "bob:100%"),
        ] {
            let proxy = Proxy::parse(&format!("http://{user_info}@proxy")).unwrap();
            let header = proxy.credentials.unwrap();
            let expected = format!("Basic {}", STANDARD.encode(encoded));
            assert_eq!(header, expected.as_str(), "{user_info}");
            assert!(header.is_sensitive());
        }
    }

    #[test]
    fn a_url_that_could_be_read_in_two_ways_is_not_valid() {
        for url in [
            "http://bob:p@ss@proxy:1",
            "http://bob:a/b@proxy:1",
            "http://bob:a#b@proxy:1",
            "http://bob:a?b@proxy:1",
            "http://bob:a\\b@proxy:1",
            "http://bob:a b@proxy:1",
            "http://proxy/proxy.pac",
            "ftp://proxy",
            "://proxy",
            "::::",
            "http://",
            "http://bob@",
            "http://proxy:",
            "http://proxy:0",
            "http://proxy:65536",
            "http://pro xy",
            "http://pr\u{fffd}xy",
            "http://proxy:1:2",
        ] {
            assert!(Proxy::parse(url).is_none(), "{url}");
        }
    }
}
