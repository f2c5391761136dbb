//! Sends the requests of a component, with or without a mistake.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HOST, LOCATION};
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use serde_json::Value;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    self, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};
use wasmtime_wasi_http::{Error as HttpError, RequestOptions, WasiBody, WasiHttpHooks};

use crate::grant;
use crate::mistakes::Mistake;

/// The requests of one call.
pub(crate) struct HttpClient {
    inner: Arc<Inner>,
    requests_left: u64,
}

pub(crate) struct Inner {
    mistake: Option<Mistake>,
    connect: SocketAddr,
    tls: TlsConnector,
    grant: Value,
}

impl Inner {
    pub(crate) fn new(mistake: Option<Mistake>, request: &Value) -> Arc<Self> {
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = if mistake == Some(Mistake::TrustsAnyCertificate) {
            builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(TrustAll))
        } else {
            let mut roots = RootCertStore::empty();
            let ca = request["ca"].as_str().unwrap();
            roots
                .add(CertificateDer::from_pem_slice(ca.as_bytes()).unwrap())
                .unwrap();
            builder.with_root_certificates(roots)
        };
        Arc::new(Self {
            mistake,
            connect: request["connect"].as_str().unwrap().parse().unwrap(),
            tls: TlsConnector::from(Arc::new(builder.with_no_client_auth())),
            grant: request["grant"].clone(),
        })
    }

    /// Connects and sends, once.
    async fn exchange(
        &self,
        address: SocketAddr,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, HttpError> {
        let tcp = tokio::net::TcpStream::connect(address).await;
        let tcp = tcp.map_err(|_| HttpError::ConnectionRefused)?;
        let host = request.uri().host().unwrap_or_default().to_owned();
        let name = ServerName::try_from(host).map_err(|_| HttpError::HttpRequestUriInvalid)?;
        let tls = self.tls.connect(name, tcp).await;
        let tls = tls.map_err(|error| {
            let error = error.get_ref().and_then(|it| it.downcast_ref());
            let is_alert = matches!(error, Some(rustls::Error::AlertReceived(_)));
            if is_alert && self.mistake == Some(Mistake::TakesAlertsForVerdicts) {
                HttpError::TlsCertificateError
            } else {
                HttpError::TlsProtocolError
            }
        })?;
        let io = hyper_util::rt::TokioIo::new(tls);
        let protocol = |_| HttpError::HttpProtocolError;
        let (mut sender, connection) = http1::handshake(io).await.map_err(protocol)?;
        tokio::spawn(connection);
        let (mut parts, body) = request.into_parts();
        parts.uri = parts
            .uri
            .path_and_query()
            .unwrap()
            .as_str()
            .parse()
            .unwrap();
        sender
            .send_request(Request::from_parts(parts, body))
            .await
            .map_err(protocol)
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, HttpError> {
        let attempts = if self.mistake == Some(Mistake::RetriesByItself) {
            3
        } else {
            1
        };
        let mut outcome = Err(HttpError::ConfigurationError);
        for _ in 0..attempts {
            outcome = self.exchange(self.connect, request.clone()).await;
            let is_final = outcome.as_ref().is_ok_and(|it| it.status().as_u16() < 429);
            if is_final {
                break;
            }
        }
        let response = outcome?;
        if self.mistake != Some(Mistake::FollowsRedirects) || !response.status().is_redirection() {
            return Ok(response);
        }
        // As a client that keeps the headers. An address is connected to as it is.
        let location = response.headers()[LOCATION].to_str().unwrap();
        let location: Uri = location.parse().unwrap();
        let authority = location.authority().unwrap().clone();
        let address = authority.as_str().parse().unwrap_or(self.connect);
        let mut request = request;
        request
            .headers_mut()
            .insert(HOST, authority.as_str().parse().unwrap());
        *request.uri_mut() = location;
        self.exchange(address, request).await
    }
}

impl HttpClient {
    pub(crate) fn new(inner: &Arc<Inner>, requests_left: u64) -> Self {
        Self {
            inner: Arc::clone(inner),
            requests_left,
        }
    }
}

type SentResponse = (
    Response<WasiBody>,
    Box<dyn Future<Output = Result<(), HttpError>> + Send>,
);

impl WasiHttpHooks for HttpClient {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), HttpError>> + Send>,
    ) -> Box<dyn Future<Output = Result<SentResponse, HttpError>> + Send> {
        let inner = Arc::clone(&self.inner);
        let is_left_to_the_component = inner.mistake == Some(Mistake::LeavesTimeToTheComponent);
        let is_granted = inner.mistake == Some(Mistake::IgnoresTheGrant)
            || grant::allows(&inner.grant, &request);
        let Some(left) = self.requests_left.checked_sub(1).filter(|_| is_granted) else {
            return Box::new(async { Err(HttpError::HttpRequestDenied) });
        };
        self.requests_left = left;
        Box::new(async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await?.to_bytes();
            let sending = inner.send(Request::from_parts(parts, Full::new(body)));
            let options = options.filter(|_| is_left_to_the_component);
            let limit = options.and_then(|it| it.first_byte_timeout);
            let limit = limit.unwrap_or(Duration::from_hours(1));
            let sent = tokio::time::timeout(limit, sending).await;
            let mut response = sent.map_err(|_| HttpError::HttpResponseTimeout)??;
            if inner.mistake == Some(Mistake::DropsHeaders) {
                response.headers_mut().remove("retry-after");
            }
            let response = response.map(|body| {
                body.map_err(|_| HttpError::HttpResponseIncomplete)
                    .boxed_unsync()
            });
            let nothing: Box<dyn Future<Output = _> + Send> = Box::new(async { Ok(()) });
            Ok((response, nothing))
        })
    }
}

/// Trusts every certificate.
#[derive(Debug)]
struct TrustAll;

impl ServerCertVerifier for TrustAll {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ring::default_provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}
