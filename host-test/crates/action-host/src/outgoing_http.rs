//! `wasi:http` for components: requests are sent by the process's [`Client`], and its errors become those of `wasi:http`.
//!
//! Which hosts may be reached is decided by the client alone, so that one rule applies to everything that the process
//! sends.

use std::collections::HashSet;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use action_types::Redactor;
use http_body_util::BodyExt;
use tracing::Instrument;
use wasmtime_wasi_http::{Error as HttpError, RequestOptions, WasiBody, WasiHttpHooks};

use egress::{Cause, Client, Timeouts};

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
    log: Log,
    last_cause: LastCause,
}

/// Logs why requests failed, without the secrets of the call. The operator reads it with `-v`.
#[derive(Clone, Default)]
struct Log {
    redactor: Redactor,
    refusals: Arc<Refusals>,
}

/// The hosts that a component tried to reach in vain. The operator has to know of each once: either the grant lacks
/// something, or the component is not to be trusted. A component that goes on trying does not flood the log.
#[derive(Default)]
pub(super) struct Refusals(Mutex<HashSet<String>>);

impl Refusals {
    /// The most hosts that are remembered; a component can make up any number.
    const MAX: usize = 100;

    /// Whether a host is refused for the first time.
    fn is_new(&self, host: &str) -> bool {
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hosts.len() < Self::MAX && hosts.insert(host.into())
    }
}

impl Log {
    fn failed(&self, error: &egress::Error) {
        use egress::Error;
        let text = error.to_string();
        let text = self.redactor.redact(&text);
        let is_new = match error {
            Error::HostNotAllowed { host, .. }
            | Error::RequestNotGranted { host, .. }
            | Error::AddressNotAllowed { host } => self.refusals.is_new(host),
            _ => true,
        };
        if is_new {
            tracing::warn!("{text}");
        } else {
            tracing::debug!("{text}");
        }
    }
}

/// What an operator has to know of the last request of a call. The errors of `wasi:http` cannot say it.
#[derive(Clone, Default)]
pub(super) struct LastCause(Arc<Mutex<Option<Cause>>>);

impl LastCause {
    fn set(&self, cause: Option<Cause>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = cause;
    }

    pub(super) fn take(&self) -> Option<Cause> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl OutgoingHttp {
    /// For a call that may send up to `requests` requests, through `client`. Further ones fail with
    /// `connection-limit-reached`.
    pub fn new(client: Client, requests: usize) -> Self {
        Self {
            client,
            requests_left: requests,
            log: Log::default(),
            last_cause: LastCause::default(),
        }
    }

    /// Keeps the secrets of the call out of the log and out of host names, and logs refusals that are not known yet.
    pub(super) fn with_log(mut self, redactor: Redactor, refusals: Arc<Refusals>) -> Self {
        self.log = Log { redactor, refusals };
        self
    }

    pub(super) fn last_cause(&self) -> LastCause {
        self.last_cause.clone()
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
        // That of an earlier request would be reported otherwise.
        self.last_cause.set(None);
        let Some(remaining) = self.requests_left.checked_sub(1) else {
            return Box::new(async { Err(HttpError::ConnectionLimitReached) });
        };
        self.requests_left = remaining;
        // The name of a host is looked up, and appears in logs and errors on the way.
        let host = request.uri().host().unwrap_or_default();
        if self.log.redactor.finds(host) {
            tracing::warn!(
                "a request to a host whose name contains a secret of the call is refused"
            );
            return Box::new(async { Err(HttpError::HttpRequestDenied) });
        }
        let (client, log) = (self.client.clone(), self.log.clone());
        let last_cause = self.last_cause();
        let sending = async move {
            let sent = client.send(request, timeouts(options)).await;
            last_cause.set(sent.as_ref().err().and_then(egress::Error::cause));
            let response = sent.map_err(|error| to_wasi(error, &log))?;
            let to_wasi = move |error| to_wasi(error, &log);
            let response = response.map(|body| body.map_err(to_wasi).boxed_unsync());
            let nothing: Box<dyn Future<Output = _> + Send> = Box::new(async { Ok(()) });
            Ok((response, nothing))
        };
        // wasmtime spawns it as a separate task, which would not inherit the span.
        Box::new(sending.in_current_span())
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

/// The error of `wasi:http` that is closest to the client's. The client's own is in the log.
#[expect(
    clippy::needless_pass_by_value,
    reason = "`map_err` passes it by value"
)]
fn to_wasi(error: egress::Error, log: &Log) -> HttpError {
    use egress::{Error, Step};
    log.failed(&error);
    match error {
        Error::NotHttps
        | Error::HostNotAllowed { .. }
        | Error::RequestNotGranted { .. }
        | Error::ProxySetting { .. }
        | Error::ProxyNotSupported { .. } => HttpError::HttpRequestDenied,
        // The same request would be refused again, and a wrong password lock an account. Only what the proxy says of
        // itself or of the way beyond it may pass.
        Error::ProxyRefused { status, .. } if !status.is_server_error() => {
            HttpError::HttpRequestDenied
        }
        Error::AddressNotAllowed { .. } => HttpError::DestinationIpProhibited,
        Error::Busy | Error::TooManyFiles => HttpError::ConnectionLimitReached,
        Error::NameNotResolved { .. } => HttpError::DnsError {
            rcode: None,
            info_code: None,
        },
        Error::Connect {
            kind: io::ErrorKind::ConnectionRefused,
            ..
        }
        | Error::GatewayConnect {
            kind: io::ErrorKind::ConnectionRefused,
            ..
        } => HttpError::ConnectionRefused,
        Error::Connect { .. }
        | Error::GatewayConnect { .. }
        | Error::GatewayNotFound { .. }
        | Error::ProxyConnect { .. }
        | Error::ProxyNotFound { .. }
        | Error::ProxyRefused { .. } => HttpError::DestinationUnavailable,
        // An alert would say more, but those are what a server sends.
        Error::Certificate { .. } => HttpError::TlsCertificateError,
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
