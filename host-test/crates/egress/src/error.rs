//! What can go wrong between a request and the end of its answer: one case for each thing that the
//! caller, or the operator who reads the message, can do about it. No message carries text of the server,
//! a header or anything of a URL but its host.

use std::error::Error as StdError;
use std::fmt;
use std::io;

use http::StatusCode;
use tokio_rustls::rustls::{self, CertificateError};

/// Why a request has no answer, or its answer no end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The scheme of the URL is missing or not https.
    #[error("only https is allowed")]
    NotHttps,
    /// The request cannot be sent in this form to anyone.
    #[error("the request is malformed: {0}")]
    InvalidRequest(&'static str),
    /// The allow-list does not name this host and port.
    #[error("connections to {host} port {port} are not allowed")]
    HostNotAllowed {
        /// The host of the URL.
        host: String,
        /// The port of the URL, 443 where it says none.
        port: u16,
    },
    /// Every address of the name is loopback, private or otherwise not on the public internet.
    #[error("{host} has no address that connections are allowed to")]
    AddressNotAllowed {
        /// The host of the URL.
        host: String,
    },
    /// As many connections are in use as `Options::max_connections` allows.
    #[error("too many connections are in use")]
    Busy,
    /// The name has no address, or no name server answered.
    #[error("the name {host} could not be resolved")]
    NameNotResolved {
        /// The name that was looked up: the URL's, the gateway's or the proxy's.
        host: String,
    },
    /// No address of the host accepted a connection.
    #[error("could not connect to {host}: {kind}")]
    Connect {
        /// What was connected to: the host of the URL, or the gateway.
        host: String,
        /// What the operating system said of the last address.
        kind: io::ErrorKind,
    },
    /// The proxy cannot be reached, or is none.
    #[error("could not connect through the proxy {proxy}: {kind}")]
    ProxyConnect {
        /// The proxy's host.
        proxy: String,
        /// What the operating system said.
        kind: io::ErrorKind,
    },
    /// The proxy does not open a tunnel: 407 where it wants (other) credentials, 403 where it does not
    /// allow the host, 502 where it cannot reach it.
    #[error("the proxy {proxy} refused with status {}", status.as_u16())]
    ProxyRefused {
        /// The proxy's host.
        proxy: String,
        /// The status of its answer to `CONNECT`.
        status: StatusCode,
    },
    /// The environment names a proxy that is not an `http://` one.
    #[error("the proxy {proxy} is of a kind that is not supported, only http:// is")]
    ProxyNotSupported {
        /// The proxy's host.
        proxy: String,
    },
    /// The server's certificate is not to be trusted. Nothing of the request was sent.
    #[error("the certificate of {host} is not trusted: {problem}")]
    Certificate {
        /// The host of the URL.
        host: String,
        /// What is wrong with it.
        problem: CertificateProblem,
    },
    /// The server does not speak TLS, or none that is acceptable. Nothing of the request was sent.
    #[error("no TLS connection with {host} could be made")]
    Tls {
        /// The host of the URL.
        host: String,
    },
    /// A step took longer than its time-out.
    #[error("{host} did not answer in time: {step}")]
    TimedOut {
        /// The host of the URL.
        host: String,
        /// What was being waited for.
        step: Step,
    },
    /// The connection ended before a complete head of an answer came.
    #[error("{host} closed the connection without an answer")]
    Disconnected {
        /// The host of the URL.
        host: String,
    },
    /// The connection ended in the middle of the answer's body.
    #[error("the answer of {host} broke off")]
    Incomplete {
        /// The host of the URL.
        host: String,
    },
    /// What came is not HTTP/1.1 (RFC 9112).
    #[error("the answer of {host} is not valid HTTP")]
    Protocol {
        /// The host of the URL.
        host: String,
    },
    /// The head of the answer has more than 64 KiB or more than 100 fields.
    #[error("the head of the answer of {host} is too large")]
    HeadTooLarge {
        /// The host of the URL.
        host: String,
    },
    /// The body of the answer is larger than `Options::max_body`.
    #[error("the answer of {host} is larger than {limit} bytes")]
    BodyTooLarge {
        /// The host of the URL.
        host: String,
        /// The limit, in bytes.
        limit: usize,
    },
    /// The caller's own body ended with an error while it was being sent.
    #[error("the body of the request to {host} could not be read to its end")]
    RequestBody {
        /// The host of the URL.
        host: String,
    },
}

/// What was being waited for when the time was over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Addresses for a name.
    NameResolution,
    /// A TCP connection.
    Connect,
    /// A proxy's answer to `CONNECT`.
    ProxyTunnel,
    /// The end of the TLS handshake.
    TlsHandshake,
    /// The head of the answer, and before it the sending of the request.
    FirstByte,
    /// More of the answer's body.
    NextByte,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NameResolution => "its name was being resolved",
            Self::Connect => "a connection was being opened",
            Self::ProxyTunnel => "the proxy was opening a tunnel",
            Self::TlsHandshake => "TLS was being negotiated",
            Self::FirstByte => "the answer had not begun",
            Self::NextByte => "the answer stopped half-way",
        })
    }
}

/// What is wrong with a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateProblem {
    /// Its time is over, or has not begun; or this machine's clock is wrong.
    #[error("it is expired or not yet valid")]
    Expired,
    /// It is for other names.
    #[error("it is for another name")]
    WrongName,
    /// No root that is trusted here stands behind it.
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

/// The case for a failed TLS handshake with `host`.
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

/// The case for a failure while the request was sent or the head of the answer awaited.
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

/// The case for a failure while the body of the answer was read.
pub(super) fn of_body(error: &hyper::Error, host: &str) -> Error {
    let host = host.to_owned();
    let kind = source::<io::Error>(error).map(io::Error::kind);
    // hyper reports what is wrong with a chunk (RFC 9112, section 7.1) as an I/O error of these kinds.
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

/// Whether bytes came that are no TLS records of this connection.
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
