//! Whether HTTP/1.1 or HTTP/2 is faster for this exchange: a token request and its answer. One and the same
//! client and server for both, `reqwest` and hyper; what they negotiate is all that differs.

use std::convert::Infallible;
use std::fs;
use std::net::SocketAddr;

use anyhow::ensure;
use bytes::Bytes;
use http::{Response, Version};
use http_body_util::{BodyExt, Full};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tempfile::TempDir;

use super::Options;
use super::cloud::{CLIENT_ID, CLIENT_SECRET, LOGIN_HOST};
use super::engine::{Authenticator, Engine};
use super::exchange::InTurn;
use super::load::{Load, at_once};
use super::server::{Server, listen};
use super::table::{Figure, Row, Table};

/// The argument that makes this program the server.
pub(crate) const CHILD: &str = "--server-of-both";

/// How often each of the two is measured, in turns.
const TURNS: usize = 8;

/// As long as a token answer of Genesys Cloud.
const ANSWER: &str = r#"{"access_token":"Zm9yLXRoZS1iZW5jaG1hcmstemZvci10aGUtYmVuY2htYXJrLWZvci10aGUtYmVuY2htYXJrLWZvci10aGUtYmVuY2g","token_type":"bearer","expires_in":86399}"#;

/// The server: answers every request when it has read it, until it is killed.
pub(crate) async fn serve() -> anyhow::Result<()> {
    let (listener, tls) = listen(&[b"h2", b"http/1.1"]).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let tls = tls.clone();
        tokio::spawn(async move {
            let Ok(stream) = tls.accept(stream).await else {
                return;
            };
            let answer = service_fn(async |request: hyper::Request<hyper::body::Incoming>| {
                let _ = request.into_body().collect().await;
                let answer = Response::builder()
                    .header("content-type", "application/json")
                    .body(Full::new(Bytes::from_static(ANSWER.as_bytes())))
                    .unwrap_or_default();
                Ok::<_, Infallible>(answer)
            });
            let _ = auto::Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(stream), answer)
                .await;
        });
    }
}

/// A client of one of the versions.
struct Exchange {
    version: Version,
    server: SocketAddr,
    ca: Vec<u8>,
    http: reqwest::Client,
}

impl Exchange {
    fn new(version: Version, server: SocketAddr, ca: &[u8]) -> anyhow::Result<Self> {
        let builder = reqwest::Client::builder()
            .use_rustls_tls()
            .tls_built_in_root_certs(false)
            .add_root_certificate(reqwest::Certificate::from_pem(ca)?)
            .no_proxy()
            .resolve(LOGIN_HOST, server);
        let builder = match version {
            Version::HTTP_2 => builder.http2_prior_knowledge(),
            _ => builder.http1_only(),
        };
        Ok(Self {
            version,
            server,
            ca: ca.to_vec(),
            http: builder.build()?,
        })
    }
}

impl Authenticator for Exchange {
    fn for_another_runtime(&self) -> anyhow::Result<Self> {
        Self::new(self.version, self.server, &self.ca)
    }

    async fn authenticate(&self) -> anyhow::Result<()> {
        let answer = self
            .http
            .post(format!("https://{LOGIN_HOST}/oauth/token"))
            .basic_auth(CLIENT_ID, Some(CLIENT_SECRET))
            .header("accept", "application/json")
            .header("content-type", "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials")
            .send()
            .await?;
        ensure!(answer.version() == self.version, "{:?}", answer.version());
        ensure!(answer.bytes().await?.len() == ANSWER.len(), "no answer");
        Ok(())
    }
}

pub(crate) async fn measure(options: &Options, table: &mut Table) -> anyhow::Result<()> {
    eprintln!("http-versions");
    let folder = TempDir::new()?;
    let ca_file = folder.path().join("ca.pem");
    let server = Server::start(CHILD, &ca_file)?;
    let ca = fs::read(&ca_file)?;
    let engine = |version| Engine::for_each_core(&Exchange::new(version, server.address, &ca)?);
    let (one, two) = (engine(Version::HTTP_11)?, engine(Version::HTTP_2)?);

    let each = options.count(800, 20);
    let (mut with_one, mut with_two) = (InTurn::default(), InTurn::default());
    InTurn::default().add(&one, each).await?;
    InTurn::default().add(&two, each).await?;
    for _ in 0..TURNS {
        with_one.add(&one, each).await?;
        with_two.add(&two, each).await?;
    }
    table.add(Row::beside(
        "`reqwest` over HTTP/1.1, one exchange after the other, median; over HTTP/2",
        with_one.median(),
        with_two.median(),
    ));
    table.add(Row::beside(
        "the same, CPU time of the client",
        with_one.cpu(),
        with_two.cpu(),
    ));

    let each = options.count(10_000, 200);
    let (mut with_one, mut with_two) = (Load::default(), Load::default());
    at_once(&one, 64, each).await?;
    at_once(&two, 64, each).await?;
    for _ in 0..TURNS / 2 {
        with_one += at_once(&one, 64, each).await?;
        with_two += at_once(&two, 64, each).await?;
    }
    table.add(Row::beside(
        "`reqwest` over HTTP/1.1, 64 at once; over HTTP/2",
        Figure::new(with_one.per_second(), "/s"),
        Figure::new(with_two.per_second(), "/s"),
    ));
    table.add(Row::beside(
        "the same, CPU time of the client for each",
        Figure::new(with_one.cpu_each(), "µs"),
        Figure::new(with_two.cpu_each(), "µs"),
    ));
    Ok(())
}
