//! `wasi:http` for components: requests are sent by the process's [`Client`], and its errors become those of `wasi:http`.
//!
//! Which hosts may be reached is decided by the client alone, so that one rule applies to everything that the process
//! sends.

use std::io;
use std::time::Duration;

use http_body_util::BodyExt;
use wasmtime_wasi_http::{Error as HttpError, RequestOptions, WasiBody, WasiHttpHooks};

use egress::{CertificateProblem, Client, Timeouts};

/// The longest time-outs that an action may set.
const LONGEST: Timeouts = Timeouts {
    connect: Duration::from_secs(10),
    first_byte: Duration::from_secs(30),
    between_bytes: Duration::from_secs(10),
};

/// Sends the requests of one call: the hook of `wasmtime-wasi-http`, for hosts that link components themselves.
///
/// ```
/// use action_host::OutgoingHttp;
/// use wasmtime::component::ResourceTable;
/// use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};
///
/// struct State {
///     table: ResourceTable,
///     context: WasiHttpCtx,
///     http: OutgoingHttp,
/// }
///
/// impl WasiHttpView for State {
///     fn http(&mut self) -> WasiHttpCtxView<'_> {
///         WasiHttpCtxView {
///             hooks: &mut self.http,
///             table: &mut self.table,
///             ctx: &mut self.context,
///         }
///     }
/// }
/// ```
pub struct OutgoingHttp {
    client: Client,
    requests_left: usize,
}

impl OutgoingHttp {
    /// For a call that may send up to `requests` requests, through `client`. Further ones fail with
    /// `connection-limit-reached`.
    pub fn new(client: Client, requests: usize) -> Self {
        Self {
            client,
            requests_left: requests,
        }
    }
}

/// A response, and the work that its body needs to arrive: none here, as reading the body drives its connection.
type SentResponse = (
    http::Response<WasiBody>,
    Box<dyn Future<Output = Result<(), HttpError>> + Send>,
);

impl WasiHttpHooks for OutgoingHttp {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _processed: Box<dyn Future<Output = Result<(), HttpError>> + Send>,
    ) -> Box<dyn Future<Output = Result<SentResponse, HttpError>> + Send> {
        let Some(remaining) = self.requests_left.checked_sub(1) else {
            return Box::new(async { Err(HttpError::ConnectionLimitReached) });
        };
        self.requests_left = remaining;
        let client = self.client.clone();
        Box::new(async move {
            let response = client
                .send(request, timeouts(options))
                .await
                .map_err(to_wasi)?;
            let response = response.map(|body| body.map_err(to_wasi).boxed_unsync());
            let nothing: Box<dyn Future<Output = _> + Send> = Box::new(async { Ok(()) });
            Ok((response, nothing))
        })
    }
}

fn timeouts(options: Option<RequestOptions>) -> Timeouts {
    let options = options.unwrap_or_default();
    let shorter = |requested: Option<Duration>, longest: Duration| {
        requested.map_or(longest, |requested| requested.min(longest))
    };
    Timeouts {
        connect: shorter(options.connect_timeout, LONGEST.connect),
        first_byte: shorter(options.first_byte_timeout, LONGEST.first_byte),
        between_bytes: shorter(options.between_bytes_timeout, LONGEST.between_bytes),
    }
}

/// The error of `wasi:http` that is closest to the client's. The operator reads the client's own in the log, with `-v`.
#[expect(
    clippy::needless_pass_by_value,
    reason = "`map_err` passes it by value"
)]
fn to_wasi(error: egress::Error) -> HttpError {
    use egress::{Error, Step};
    tracing::warn!("{error}");
    match error {
        Error::NotHttps | Error::HostNotAllowed { .. } | Error::RequestNotGranted { .. } => {
            HttpError::HttpRequestDenied
        }
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

/// `tls-certificate-error` has no details, so the alert that a client sends for the problem stands for it (RFC 8446,
/// section 6.2). There is none for a wrong name; the closest is the one that a server sends for a name that it does not
/// have (RFC 6066, section 3).
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
