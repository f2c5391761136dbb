//! An action's way to the network: its requests go out through the process's own client, and what
//! comes of them comes back in the terms of `wasi:http`.
//!
//! What may be reached is the client's affair (`network`), so that it is one rule for all that goes
//! out.

use std::io;
use std::time::Duration;

use http_body_util::BodyExt;
use wasmtime_wasi_http::{Error as HttpError, RequestOptions, WasiBody, WasiHttpHooks};

use egress::{CertificateProblem, Client, Timeouts};

/// The longest time-outs that an action may ask for.
const LONGEST: Timeouts = Timeouts {
    connect: Duration::from_secs(10),
    first_byte: Duration::from_secs(30),
    between_bytes: Duration::from_secs(10),
};

/// The way to the network of one call: the hook of `wasmtime-wasi-http` that sends requests.
pub struct Egress {
    client: Client,
    requests_left: usize,
}

impl Egress {
    /// For a call that may make `requests` requests, by way of `client`.
    pub fn new(client: Client, requests: usize) -> Self {
        Self {
            client,
            requests_left: requests,
        }
    }
}

/// A response, and what must go on for its body to arrive: nothing here, as the client's pool does
/// that.
type Answer = (
    http::Response<WasiBody>,
    Box<dyn Future<Output = Result<(), HttpError>> + Send>,
);

impl WasiHttpHooks for Egress {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _processed: Box<dyn Future<Output = Result<(), HttpError>> + Send>,
    ) -> Box<dyn Future<Output = Result<Answer, HttpError>> + Send> {
        let Some(left) = self.requests_left.checked_sub(1) else {
            return Box::new(async { Err(HttpError::ConnectionLimitReached) });
        };
        self.requests_left = left;
        let client = self.client.clone();
        Box::new(async move {
            let response = client
                .send(request, timeouts(options))
                .await
                .map_err(in_terms_of_wasi)?;
            let response = response.map(|body| body.map_err(in_terms_of_wasi).boxed_unsync());
            let nothing: Box<dyn Future<Output = _> + Send> = Box::new(async { Ok(()) });
            Ok((response, nothing))
        })
    }
}

fn timeouts(options: Option<RequestOptions>) -> Timeouts {
    let options = options.unwrap_or_default();
    let shorter = |asked: Option<Duration>, longest: Duration| {
        asked.map_or(longest, |asked| asked.min(longest))
    };
    Timeouts {
        connect: shorter(options.connect_timeout, LONGEST.connect),
        first_byte: shorter(options.first_byte_timeout, LONGEST.first_byte),
        between_bytes: shorter(options.between_bytes_timeout, LONGEST.between_bytes),
    }
}

/// The case of `wasi:http` that says most of what the client says. The operator reads the rest in
/// the log, with `-v`.
fn in_terms_of_wasi(error: egress::Error) -> HttpError {
    use egress::{Error, Step};
    tracing::warn!("{error}");
    match error {
        Error::NotHttps | Error::HostNotAllowed { .. } => HttpError::HttpRequestDenied,
        Error::AddressNotAllowed { .. } => HttpError::DestinationIpProhibited,
        Error::Busy => HttpError::ConnectionLimitReached,
        Error::NameNotResolved { .. } => HttpError::DnsError {
            rcode: None,
            info_code: None,
        },
        Error::Connect {
            kind: io::ErrorKind::ConnectionRefused,
            ..
        } => HttpError::ConnectionRefused,
        Error::Connect { .. }
        | Error::ProxyConnect { .. }
        | Error::ProxyRefused { .. }
        | Error::ProxyNotSupported { .. } => HttpError::DestinationUnavailable,
        Error::Certificate { problem, .. } => certificate(problem),
        Error::Tls { .. } => HttpError::TlsProtocolError,
        Error::TimedOut { step, .. } => match step {
            Step::NameResolution => HttpError::DnsTimeout,
            Step::Connect | Step::ProxyTunnel | Step::TlsHandshake => HttpError::ConnectionTimeout,
            Step::FirstByte => HttpError::HttpResponseTimeout,
            Step::NextByte => HttpError::ConnectionReadTimeout,
        },
        Error::Disconnected { .. } => HttpError::ConnectionTerminated,
        Error::Incomplete { .. } => HttpError::HttpResponseIncomplete,
        Error::Protocol { .. } => HttpError::HttpProtocolError,
        Error::HeadTooLarge { .. } => HttpError::HttpResponseHeaderSectionSize(None),
        Error::BodyTooLarge { .. } => HttpError::HttpResponseBodySize(None),
        Error::InvalidRequest(_) => HttpError::HttpRequestUriInvalid,
        _ => HttpError::InternalError(None),
    }
}

/// `tls-certificate-error` cannot say what is wrong, so this says it with the alert that the client
/// sends for it (RFC 8446, section 6.2). For a wrong name there is none; the nearest is the one
/// with which a server says that it does not have the name (RFC 6066, section 3).
fn certificate(problem: CertificateProblem) -> HttpError {
    const CERTIFICATE_EXPIRED: u8 = 45;
    const UNKNOWN_CA: u8 = 48;
    const UNRECOGNIZED_NAME: u8 = 112;
    let alert = |id| HttpError::TlsAlertReceived {
        alert_id: Some(id),
        alert_message: None,
    };
    match problem {
        CertificateProblem::Expired => alert(CERTIFICATE_EXPIRED),
        CertificateProblem::UnknownIssuer => alert(UNKNOWN_CA),
        CertificateProblem::WrongName => alert(UNRECOGNIZED_NAME),
        CertificateProblem::Invalid => HttpError::TlsCertificateError,
    }
}
