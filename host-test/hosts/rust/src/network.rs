//! What the actions of a call may do on the network, and the client that does it: grants, address, certificates, time-outs.
//!
//! The default sender of `wasmtime-wasi-http` sends requests to any host, trusts only the compiled-in CAs, connects to what the
//! name resolves to, and gives a TLS handshake all the time in the world. `WasiHttpHooks` replaces it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};
use wasmtime_wasi_http::{Error as HttpError, RequestOptions, WasiBody, WasiHttpHooks};

use crate::json::{Grant, Request};

const MAX_BODY: usize = 1 << 20;
const MAX_HEAD: usize = 64 << 10;
/// A component may only shorten these.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const FIRST_BYTE_TIMEOUT: Duration = Duration::from_secs(30);
const FREE_HEADERS: [header::HeaderName; 6] = [
    header::ACCEPT,
    header::ACCEPT_ENCODING,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::HOST,
    header::USER_AGENT,
];

type Outcome<T> = Box<dyn Future<Output = Result<T, HttpError>> + Send>;
/// A response, and the work that its body needs to arrive.
type SentResponse = (http::Response<WasiBody>, Outcome<()>);

#[derive(Clone)]
pub(crate) struct Network {
    grant: Vec<Grant>,
    address: String,
    tls: TlsConnector,
    requests_left: usize,
}

impl Network {
    pub(crate) fn new(request: &Request) -> wasmtime::Result<Self> {
        let mut trusted = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(request.ca.as_bytes()) {
            trusted.add(certificate?)?;
        }
        let tls = ClientConfig::builder()
            .with_root_certificates(trusted)
            .with_no_client_auth();
        Ok(Self {
            grant: request.grant.clone(),
            address: request.connect.clone(),
            tls: Arc::new(tls).into(),
            requests_left: request.limits.requests,
        })
    }

    fn grants(&self, request: &http::Request<WasiBody>) -> bool {
        let uri = request.uri();
        let is_https = uri.scheme() == Some(&http::uri::Scheme::HTTPS)
            && matches!(uri.port_u16(), None | Some(443));
        let host = uri.host().unwrap_or_default();
        is_https
            && !is_ambiguous(uri.path())
            && self.grant.iter().any(|grant| {
                grant
                    .hosts
                    .iter()
                    .any(|pattern| allows_host(pattern, host))
                    && grant
                        .methods
                        .iter()
                        .any(|method| method == request.method().as_str())
                    && grant
                        .paths
                        .iter()
                        .any(|pattern| matches(pattern, uri.path(), '/'))
                    && allows_headers(grant, request.headers())
            })
    }

    async fn send(
        self,
        mut request: http::Request<WasiBody>,
        options: RequestOptions,
    ) -> Result<SentResponse, HttpError> {
        let limit =
            |time: Option<Duration>, longest| time.map_or(longest, |time| time.min(longest));
        let connecting = self.connect(request.uri().host().unwrap_or_default());
        let stream = timeout(limit(options.connect_timeout, CONNECT_TIMEOUT), connecting)
            .await
            .map_err(|_| HttpError::ConnectionTimeout)??;
        let mut http = http1::Builder::new();
        let (mut sender, connection) = http
            .max_buf_size(MAX_HEAD)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(http_error)?;
        // It ends with the sender and the response.
        let connection = tokio::spawn(connection);

        let host = request.uri().host().unwrap_or_default();
        let host = HeaderValue::from_str(host).map_err(|_| HttpError::HttpRequestUriInvalid)?;
        request.headers_mut().insert(header::HOST, host);
        let path = request
            .uri()
            .path_and_query()
            .map_or("/", |path| path.as_str());
        *request.uri_mut() = path.parse().map_err(|_| HttpError::HttpRequestUriInvalid)?;
        let response = timeout(
            limit(options.first_byte_timeout, FIRST_BYTE_TIMEOUT),
            sender.send_request(request),
        )
        .await
        .map_err(|_| HttpError::HttpResponseTimeout)?
        .map_err(http_error)?;
        let response = response.map(|body| {
            Limited::new(body, MAX_BODY)
                .map_err(body_error)
                .boxed_unsync()
        });
        let arrive = async {
            // An error of the connection is also one of the body, which reports it.
            let _ = connection.await;
            Ok(())
        };
        Ok((response, Box::new(arrive)))
    }

    async fn connect(
        &self,
        host: &str,
    ) -> Result<tokio_rustls::client::TlsStream<TcpStream>, HttpError> {
        let name =
            ServerName::try_from(host.to_owned()).map_err(|_| HttpError::HttpRequestUriInvalid)?;
        // The address does not depend on the name.
        let stream =
            TcpStream::connect(&self.address)
                .await
                .map_err(|error| match error.kind() {
                    io::ErrorKind::ConnectionRefused => HttpError::ConnectionRefused,
                    _ => HttpError::DestinationUnavailable,
                })?;
        self.tls
            .connect(name, stream)
            .await
            .map_err(|error| tls_error(&error))
    }
}

impl WasiHttpHooks for Network {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _processed: Outcome<()>,
    ) -> Outcome<SentResponse> {
        if !self.grants(&request) {
            return Box::new(async { Err(HttpError::HttpRequestDenied) });
        }
        let Some(left) = self.requests_left.checked_sub(1) else {
            return Box::new(async { Err(HttpError::ConnectionLimitReached) });
        };
        self.requests_left = left;
        Box::new(self.clone().send(request, options.unwrap_or_default()))
    }
}

/// `*` does not stand for one of the last two labels.
fn allows_host(pattern: &str, host: &str) -> bool {
    !pattern.rsplit('.').take(2).any(|label| label == "*") && matches(pattern, host, '.')
}

fn allows_headers(grant: &Grant, headers: &HeaderMap) -> bool {
    headers.keys().all(|name| {
        FREE_HEADERS.contains(name) || grant.headers.iter().any(|granted| name == granted.as_str())
    })
}

/// Whether a server may take a path for another one than the one that was compared with the grant.
fn is_ambiguous(path: &str) -> bool {
    let path = path.to_ascii_lowercase().replace("%2e", ".");
    ["\\", "%2f", "%5c"].iter().any(|part| path.contains(part))
        || path.split('/').any(|segment| matches!(segment, "." | ".."))
}

/// `*` stands for one label of a host, or one segment of a path.
fn matches(pattern: &str, value: &str, separator: char) -> bool {
    let (parts, values) = (pattern.split(separator), value.split(separator));
    parts.clone().count() == values.clone().count()
        && parts
            .zip(values)
            .all(|(part, value)| part == value || (part == "*" && !value.is_empty()))
}

/// An untrusted certificate is not reported as an alert: those are what a server sends.
fn tls_error(error: &io::Error) -> HttpError {
    let problem = error
        .get_ref()
        .and_then(|error| error.downcast_ref::<rustls::Error>());
    match problem {
        Some(rustls::Error::InvalidCertificate(_)) => HttpError::TlsCertificateError,
        Some(_) => HttpError::TlsProtocolError,
        None => HttpError::ConnectionTerminated,
    }
}

fn http_error(error: hyper::Error) -> HttpError {
    if error.is_parse_too_large() {
        HttpError::HttpResponseHeaderSectionSize(None)
    } else if error.is_parse() {
        HttpError::HttpProtocolError
    } else {
        HttpError::ConnectionTerminated
    }
}

fn body_error(error: Box<dyn std::error::Error + Send + Sync>) -> HttpError {
    if error.is::<LengthLimitError>() {
        HttpError::HttpResponseBodySize(Some(MAX_BODY as u64))
    } else {
        HttpError::HttpResponseIncomplete
    }
}
