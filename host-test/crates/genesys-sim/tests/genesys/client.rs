//! A server under test, and a minimal HTTP client that can also send invalid requests.

use std::net::SocketAddr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use genesys_sim::{CaCertificate, GenesysCloud, ManualClock, OAuthClient, Options, Region};
use secrecy::ExposeSecret;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

pub(crate) fn region(domain: &str) -> Region {
    Region::with_domain(domain).unwrap()
}

/// A running simulation with a manual clock and one client in Frankfurt.
pub(crate) struct Server {
    pub(crate) cloud: GenesysCloud,
    pub(crate) clock: ManualClock,
    pub(crate) client: OAuthClient,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    pub(crate) async fn start_with(options: Options) -> Self {
        let clock = ManualClock::default();
        let options = Options {
            http: Some(([127, 0, 0, 1], 0).into()),
            clock: clock.clone().into(),
            ..options
        };
        let cloud = GenesysCloud::start(options).await.unwrap();
        let client = OAuthClient::new("test bot", region("mypurecloud.de"));
        let client = cloud.add_client(client).unwrap();
        Self {
            cloud,
            clock,
            client,
        }
    }

    pub(crate) fn https(&self) -> SocketAddr {
        self.cloud.https_addr().unwrap()
    }

    /// A TLS connection to the server, with the name `host`.
    pub(crate) async fn connect(&self, host: &str) -> Connection<TlsStream<TcpStream>> {
        let name = host.split(':').next().unwrap().to_owned();
        let stream = tls(self.https(), self.cloud.ca_certificate(), &name).await;
        Connection::new(stream.unwrap())
    }

    /// The response to a request on a connection of its own.
    pub(crate) async fn send(&self, request: Request) -> Answer {
        self.connect(&request.host).await.send(request).await
    }

    /// The response to a request over plain HTTP, as an SDK sends it to a gateway.
    pub(crate) async fn send_to_gateway(&self, mut request: Request) -> Answer {
        request.host = self.cloud.http_addr().unwrap().to_string();
        self.send_to_gateway_as(request).await
    }

    /// The same, with the request's own `Host`.
    pub(crate) async fn send_to_gateway_as(&self, request: Request) -> Answer {
        let address = self.cloud.http_addr().unwrap();
        let stream = TcpStream::connect(address).await.unwrap();
        Connection::new(stream).send(request).await
    }

    /// A new token of `client`, from its own region.
    pub(crate) async fn token_of(&self, client: &OAuthClient) -> String {
        let answer = self.send(Request::token(client)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn token(&self) -> String {
        self.token_of(&self.client).await
    }
}

pub(crate) async fn tls(
    address: SocketAddr,
    ca: &CaCertificate,
    name: &str,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(ca.der())).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from(name.to_owned()).unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}

/// A request that a test can modify before it is sent.
pub(crate) struct Request {
    method: &'static str,
    pub(crate) host: String,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Request {
    pub(crate) fn new(method: &'static str, host: impl Into<String>, path: &str) -> Self {
        Self {
            method,
            host: host.into(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: String::new(),
        }
    }

    /// A token request as the documentation has it.
    pub(crate) fn token(client: &OAuthClient) -> Self {
        Self::new("POST", client.region.login_host(), "/oauth/token")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .basic(&client.id, client.secret.expose_secret())
            .body("grant_type=client_credentials")
    }

    /// A request to the API of Frankfurt.
    pub(crate) fn api(method: &'static str, path: &str, token: &str) -> Self {
        Self::new(method, "api.mypurecloud.de", path).bearer(token)
    }

    pub(crate) fn host(mut self, host: impl Into<String>) -> Self {
        self.host = host.into();
        self
    }

    pub(crate) fn basic(self, id: &str, secret: &str) -> Self {
        let pair = STANDARD.encode(format!("{id}:{secret}"));
        self.header("Authorization", format!("Basic {pair}"))
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("Authorization", format!("Bearer {token}"))
    }

    /// Sets a header, in place of one that was set before.
    pub(crate) fn header(self, name: &'static str, value: impl Into<String>) -> Self {
        let mut request = self.without(name);
        request.headers.push((name, value.into()));
        request
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(set, _)| *set != name);
        self
    }

    pub(crate) fn body(mut self, body: impl Into<String>) -> Self {
        self.body = body.into();
        self
    }
}

pub(crate) struct Connection<S>(pub BufReader<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self(BufReader::new(stream))
    }

    pub(crate) async fn send(&mut self, request: Request) -> Answer {
        let mut text = format!(
            "{} {} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n",
            request.method,
            request.path,
            request.host,
            request.body.len()
        );
        for (name, value) in &request.headers {
            text += &format!("{name}: {value}\r\n");
        }
        text += "\r\n";
        text += &request.body;
        self.0.write_all(text.as_bytes()).await.unwrap();
        self.0.flush().await.unwrap();
        self.read(request.method == "HEAD").await
    }

    async fn read(&mut self, head_only: bool) -> Answer {
        let status_line = self.line().await;
        let status = status_line.split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers = Vec::new();
        while let Some((name, value)) = self.line().await.split_once(": ") {
            headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
        let mut answer = Answer {
            status,
            headers,
            body: String::new(),
        };
        let length = answer.header("content-length").map(str::parse);
        if !head_only && let Some(length) = length {
            let mut body = vec![0; length.unwrap()];
            self.0.read_exact(&mut body).await.unwrap();
            answer.body = String::from_utf8(body).unwrap();
        }
        answer
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).await.unwrap();
        line.trim_end().to_owned()
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    /// The value of the header `name`, which is in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), Some("application/json"));
        serde_json::from_str(&self.body).unwrap()
    }

    /// Status and code of an error of the API, whose body is checked on the way.
    pub(crate) fn api_error(&self) -> (u16, String) {
        let body = self.json();
        assert_eq!(body["status"], self.status);
        assert_eq!(
            body["contextId"],
            self.header("inin-correlation-id").unwrap()
        );
        assert_eq!(body["details"], serde_json::json!([]));
        assert_eq!(body["errors"], serde_json::json!([]));
        assert!(!body["message"].as_str().unwrap().is_empty());
        (self.status, body["code"].as_str().unwrap().to_owned())
    }
}
