//! What can go wrong between a request and the end of its response: one variant for each thing that the caller, or the
//! operator who reads the message, can do about it. A message contains no text of the server, no header, and nothing of
//! a URL but its host.

use std::error::Error as StdError;
use std::fmt;
use std::io;

use http::StatusCode;
use tokio_rustls::rustls::{self, CertificateError, OtherError};

/// Why a request has no response, or only part of one.
///
/// ```
/// use egress::{Error, Step};
///
/// # fn example(error: &Error) {
/// match (error, error.cause()) {
///     (Error::HostNotAllowed { host, port }, _) => println!("allow {host}:{port} first"),
///     (error, _) if !error.may_have_been_sent() => println!("nothing was sent: {error}"),
///     (_, Some(cause)) => println!("{}", cause.localized("en")), // for the operator
///     (_, None) => println!("{error}"),
/// }
/// # }
/// ```
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
        /// What the grant lacks.
        what: RequestPart,
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
    /// The process, or the machine, has as many files and connections open as it may have.
    #[error("too many files are open")]
    TooManyFiles,
    /// The name has no address, or no name server answered.
    #[error("the name {host} could not be resolved")]
    NameNotResolved {
        /// The host of the URL.
        host: String,
    },
    /// No address of the host accepted a connection.
    #[error("could not connect to {host}: {kind}")]
    Connect {
        /// The host of the URL.
        host: String,
        /// The operating system's error for the last address.
        kind: io::ErrorKind,
    },
    /// The name of the gateway has no address, or no name server answered.
    #[error("the name of the gateway {gateway} could not be resolved")]
    GatewayNotFound {
        /// The gateway's host.
        gateway: String,
    },
    /// No address of the gateway accepted a connection.
    #[error("could not connect to the gateway {gateway}: {kind}")]
    GatewayConnect {
        /// The gateway's host and port.
        gateway: String,
        /// The operating system's error for the last address.
        kind: io::ErrorKind,
    },
    /// The proxy setting that the request needs is not valid. It is not ignored: a direct connection may be what the
    /// operator wants to prevent.
    #[error("{setting} is not a valid proxy setting")]
    ProxySetting {
        /// Its name, such as `HTTPS_PROXY`.
        setting: &'static str,
    },
    /// The name of the proxy has no address, or no name server answered.
    #[error("the name of the proxy {proxy} could not be resolved")]
    ProxyNotFound {
        /// The proxy's host.
        proxy: String,
    },
    /// The proxy cannot be reached, or is not an HTTP proxy.
    #[error("could not connect through the proxy {proxy}: {kind}")]
    ProxyConnect {
        /// The proxy's host and port.
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
    /// The server does not speak TLS, or no acceptable version of it, or ended it with an alert, such as for want of a
    /// client certificate. An alert may arrive after the request was sent.
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

impl Error {
    /// Whether the request, or a part of it, may have reached the server, which may have acted on it. If not, it can be sent
    /// again, whatever it does. See the example of [`Error`].
    pub fn may_have_been_sent(&self) -> bool {
        match self {
            Self::NotHttps
            | Self::InvalidRequest(_)
            | Self::HostNotAllowed { .. }
            | Self::RequestNotGranted { .. }
            | Self::AddressNotAllowed { .. }
            | Self::Busy
            | Self::TooManyFiles
            | Self::NameNotResolved { .. }
            | Self::Connect { .. }
            | Self::GatewayNotFound { .. }
            | Self::GatewayConnect { .. }
            | Self::ProxySetting { .. }
            | Self::ProxyNotFound { .. }
            | Self::ProxyConnect { .. }
            | Self::ProxyRefused { .. }
            | Self::ProxyNotSupported { .. }
            | Self::Certificate { .. } => false,
            Self::TimedOut { step, .. } => match step {
                Step::NameResolution | Step::Connect | Step::ProxyTunnel | Step::TlsHandshake => {
                    false
                }
                Step::FirstByte | Step::NextByte => true,
            },
            Self::Tls { .. }
            | Self::Disconnected { .. }
            | Self::Incomplete { .. }
            | Self::Protocol { .. }
            | Self::HeadTooLarge { .. }
            | Self::BodyTooLarge { .. }
            | Self::RequestBody { .. } => true,
        }
    }
}

/// A part of a request that a grant names.
///
/// See the example of [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestPart {
    /// The method.
    Method,
    /// The path.
    Path,
    /// The name of a header.
    Header,
}

impl fmt::Display for RequestPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Method => "method",
            Self::Path => "path",
            Self::Header => "header",
        })
    }
}

/// What a request was waiting for when it timed out.
///
/// See the example of [`Error`].
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

/// Declares [`CertificateProblem`] with the code and the texts of each.
macro_rules! certificate_problems {
    ($($(#[$doc:meta])* $name:ident: $code:literal, $english:literal, $german:literal;)+) => {
        /// What is wrong with a certificate.
        ///
        /// ```
        /// use egress::{CertificateProblem, Error};
        ///
        /// # fn example(error: &Error) {
        /// if let Error::Certificate { host, problem } = error {
        ///     match problem {
        ///         CertificateProblem::UnknownIssuer => println!("trust the CA of {host}, if it is yours"),
        ///         _ => println!("{host}: {problem} ({})", problem.code()),
        ///     }
        /// }
        /// # }
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
        pub enum CertificateProblem {
            $($(#[$doc])* #[error($english)] $name,)+
        }

        impl CertificateProblem {
            /// All of them.
            pub const ALL: [Self; [$($code),+].len()] = [$(Self::$name),+];

            /// Its stable name.
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)+
                }
            }

            pub(super) fn in_german(self) -> &'static str {
                match self {
                    $(Self::$name => $german,)+
                }
            }
        }
    };
}

certificate_problems! {
    /// It has expired or is not valid yet, or this machine's clock is wrong.
    Expired: "certificate-expired", "it is expired or not yet valid",
        "es ist abgelaufen oder noch nicht gültig";
    /// It is for another name.
    WrongName: "certificate-name", "it is for another name",
        "es gilt für einen anderen Namen";
    /// It does not chain to a trusted root.
    UnknownIssuer: "certificate-issuer", "it was issued by an unknown authority",
        "es stammt von einer unbekannten Stelle";
    /// The server shows the certificate of a CA as its own, and it is not among those that are trusted.
    CaAsServer: "certificate-of-a-ca", "it belongs to a CA itself, and is not among those that are trusted",
        "es gehört einer Zertifizierungsstelle selbst und zählt nicht zu den vertrauten";
    /// It, or one of its issuers, has a kind of key or signature that is not supported, such as P-521.
    Algorithm: "certificate-algorithm",
        "it, or one of its issuers, has a kind of key or signature that is not supported",
        "es oder einer seiner Aussteller hat eine Art von Schlüssel oder Signatur, die nicht unterstützt wird";
    /// Its signature, or that of one of its issuers, is wrong.
    Signature: "certificate-signature", "its signature is wrong", "seine Signatur ist falsch";
    /// Its CA may not issue certificates for this name (RFC 5280, section 4.2.1.10).
    NameConstraints: "certificate-name-constraints", "its authority may not issue it for this name",
        "seine Stelle darf es für diesen Namen nicht ausstellen";
    /// It is for another purpose, such as for clients (RFC 5280, section 4.2.1.12).
    Purpose: "certificate-purpose", "it is not for servers", "es ist nicht für Server";
    /// It was revoked.
    Revoked: "certificate-revoked", "it was revoked", "es wurde widerrufen";
    /// Anything else, such as one that cannot be read.
    Invalid: "certificate-invalid", "it is not valid", "es ist nicht gültig";
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
            E::UnsupportedSignatureAlgorithmContext { .. }
            | E::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => Self::Algorithm,
            E::BadSignature => Self::Signature,
            E::InvalidPurpose | E::InvalidPurposeContext { .. } => Self::Purpose,
            E::Revoked => Self::Revoked,
            E::Other(OtherError(error)) => match error.downcast_ref() {
                Some(webpki::Error::CaUsedAsEndEntity) => Self::CaAsServer,
                Some(webpki::Error::NameConstraintViolation) => Self::NameConstraints,
                _ => Self::Invalid,
            },
            _ => Self::Invalid,
        }
    }
}

/// Whether the process, or the machine, has no file descriptor left.
pub(super) fn is_out_of_files(error: &io::Error) -> bool {
    const ENFILE: i32 = 23;
    const EMFILE: i32 = 24;
    cfg!(unix) && matches!(error.raw_os_error(), Some(ENFILE | EMFILE))
}

/// The error for a failed TLS handshake with `host`.
pub(super) fn of_handshake(error: &io::Error, host: &str) -> Error {
    tracing::debug!(host, %error, "the TLS handshake failed");
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
    } else if has_alert(error) {
        // In TLS 1.3 the server's part of the handshake ends after the request may be sent.
        Error::Tls { host }
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
    if !has_alert(error) && (error.is_parse() || malformed) {
        Error::Protocol { host }
    } else {
        Error::Incomplete { host }
    }
}

/// Whether the server ended TLS with an alert.
fn has_alert(error: &hyper::Error) -> bool {
    let tls = source::<io::Error>(error).and_then(io::Error::get_ref);
    let alert = tls.and_then(|error| error.downcast_ref());
    matches!(alert, Some(rustls::Error::AlertReceived(_)))
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
