//! What can go wrong between a request and the end of its response: one variant for each thing that the caller, or the
//! operator who reads the message, can do about it. A message contains no text of the server, no header, and nothing of
//! a URL but its host.

use std::error::Error as StdError;
use std::fmt;
use std::io;

use http::StatusCode;
use tokio_rustls::rustls::{self, CertificateError};

/// Why a request has no response, or only part of one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The scheme of the URL is missing or not https.
    #[error("only https is allowed")]
    NotHttps,
    /// The request is malformed, whatever its host.
    #[error("the request is malformed: {0}")]
    InvalidRequest(&'static str),
    /// The allow-list does not name this host and port.
    #[error("connections to {host} port {port} are not allowed")]
    HostNotAllowed {
        /// The host of the URL.
        host: String,
        /// The port of the URL; 443 if it has none.
        port: u16,
    },
    /// The grant names this host, but not this request.
    #[error("a request to {host} with this {what} is not granted")]
    RequestNotGranted {
        /// The host of the URL.
        host: String,
        /// `method`, `path` or `header`.
        what: &'static str,
    },
    /// Every address of the name is loopback, private or otherwise not public. See [`is_public`](crate::is_public).
    #[error("{host} has no public address")]
    AddressNotAllowed {
        /// The host of the URL.
        host: String,
    },
    /// All [`Options::max_connections`](crate::Options::max_connections) are in use.
    #[error("too many connections are in use")]
    Busy,
    /// The name has no address, or no name server answered.
    #[error("the name {host} could not be resolved")]
    NameNotResolved {
        /// The name that was looked up: of the URL, the gateway or the proxy.
        host: String,
    },
    /// No address of the host accepted a connection.
    #[error("could not connect to {host}: {kind}")]
    Connect {
        /// The host of the URL, or the gateway.
        host: String,
        /// The operating system's error for the last address.
        kind: io::ErrorKind,
    },
    /// The proxy cannot be reached, or is not an HTTP proxy.
    #[error("could not connect through the proxy {proxy}: {kind}")]
    ProxyConnect {
        /// The proxy's host.
        proxy: String,
        /// The kind of failure.
        kind: io::ErrorKind,
    },
    /// The proxy refuses a tunnel: 407 if it requires (other) credentials, 403 if it does not allow the host, 502 if it
    /// cannot reach it.
    #[error("the proxy {proxy} refused with status {}", status.as_u16())]
    ProxyRefused {
        /// The proxy's host.
        proxy: String,
        /// The status of its response to `CONNECT`.
        status: StatusCode,
    },
    /// The URL of the proxy has another scheme than `http`.
    #[error("the proxy {proxy} is not supported: its URL must begin with http://")]
    ProxyNotSupported {
        /// The proxy's host.
        proxy: String,
    },
    /// The server's certificate is not trusted. Nothing of the request was sent.
    #[error("the certificate of {host} is not trusted: {problem}")]
    Certificate {
        /// The host of the URL.
        host: String,
        /// What is wrong with it.
        problem: CertificateProblem,
    },
    /// The server does not speak TLS, or no acceptable version of it. Nothing of the request was sent.
    #[error("the TLS handshake with {host} failed")]
    Tls {
        /// The host of the URL.
        host: String,
    },
    /// A step took longer than its time-out.
    #[error("{host} timed out: {step}")]
    TimedOut {
        /// The host of the URL.
        host: String,
        /// The step that took too long.
        step: Step,
    },
    /// The connection ended before the head of a response was complete.
    #[error("{host} closed the connection without a response")]
    Disconnected {
        /// The host of the URL.
        host: String,
    },
    /// The connection ended within the body of the response.
    #[error("{host} closed the connection within the response")]
    Incomplete {
        /// The host of the URL.
        host: String,
    },
    /// The response is not HTTP/1.1 (RFC 9112).
    #[error("the response of {host} is not valid HTTP")]
    Protocol {
        /// The host of the URL.
        host: String,
    },
    /// The head of the response has more than 64 KiB or more than 100 header fields.
    #[error("the response head of {host} is too large")]
    HeadTooLarge {
        /// The host of the URL.
        host: String,
    },
    /// The body of the response is larger than [`Options::max_body`](crate::Options::max_body).
    #[error("the response of {host} is larger than {limit} bytes")]
    BodyTooLarge {
        /// The host of the URL.
        host: String,
        /// The limit, in bytes.
        limit: usize,
    },
    /// The body of the request failed while it was being sent.
    #[error("the body of the request to {host} failed")]
    RequestBody {
        /// The host of the URL.
        host: String,
    },
}

/// What a request was waiting for when it timed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The addresses of a name.
    NameResolution,
    /// A TCP connection.
    Connect,
    /// A proxy's response to `CONNECT`.
    ProxyTunnel,
    /// The end of the TLS handshake.
    TlsHandshake,
    /// The head of the response; sending the request counts as well.
    FirstByte,
    /// More of the response's body.
    NextByte,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NameResolution => "its name was not resolved",
            Self::Connect => "no connection was accepted",
            Self::ProxyTunnel => "the proxy did not open a tunnel",
            Self::TlsHandshake => "the TLS handshake did not end",
            Self::FirstByte => "the response did not begin",
            Self::NextByte => "the response stopped before its end",
        })
    }
}

/// What is wrong with a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateProblem {
    /// It has expired or is not valid yet, or this machine's clock is wrong.
    #[error("it is expired or not yet valid")]
    Expired,
    /// It is for another name.
    #[error("it is for another name")]
    WrongName,
    /// It does not chain to a trusted root.
    #[error("it was issued by an unknown authority")]
    UnknownIssuer,
    /// Anything else: a bad signature, another purpose, revoked, unreadable.
    #[error("it is not valid")]
    Invalid,
}

impl From<&CertificateError> for CertificateProblem {
    fn from(error: &CertificateError) -> Self {
        use CertificateError as E;
        match error {
            E::Expired
            | E::ExpiredContext { .. }
            | E::NotValidYet
            | E::NotValidYetContext { .. } => Self::Expired,
            E::NotValidForName | E::NotValidForNameContext { .. } => Self::WrongName,
            E::UnknownIssuer => Self::UnknownIssuer,
            _ => Self::Invalid,
        }
    }
}

/// The error for a failed TLS handshake with `host`.
pub(super) fn of_handshake(error: &io::Error, host: &str) -> Error {
    let host = host.to_owned();
    match error.get_ref().and_then(|e| e.downcast_ref()) {
        Some(rustls::Error::InvalidCertificate(problem)) => Error::Certificate {
            host,
            problem: problem.into(),
        },
        _ => Error::Tls { host },
    }
}

/// The error for a failure while the request was sent or the head of the response awaited.
pub(super) fn of_exchange(error: &hyper::Error, host: &str) -> Error {
    let host = host.to_owned();
    if error.is_parse_too_large() {
        Error::HeadTooLarge { host }
    } else if error.is_parse() || tls_failed(error) {
        Error::Protocol { host }
    } else if error.is_user() {
        Error::RequestBody { host }
    } else {
        Error::Disconnected { host }
    }
}

/// The error for a failure while the body of the response was read.
pub(super) fn of_body(error: &hyper::Error, host: &str) -> Error {
    let host = host.to_owned();
    let kind = source::<io::Error>(error).map(io::Error::kind);
    // hyper reports a malformed chunk (RFC 9112, section 7.1) as an I/O error of these kinds.
    let malformed = matches!(
        kind,
        Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput)
    );
    if error.is_parse() || malformed {
        Error::Protocol { host }
    } else {
        Error::Incomplete { host }
    }
}

/// Whether bytes arrived that are not TLS records of this connection.
fn tls_failed(error: &hyper::Error) -> bool {
    source::<io::Error>(error).is_some_and(|e| e.kind() == io::ErrorKind::InvalidData)
}

/// The first error of type `E` among the causes of `error`.
fn source<E: StdError + 'static>(error: &hyper::Error) -> Option<&E> {
    let mut next = error.source();
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}
