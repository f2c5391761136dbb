//! Listeners with TLS and HTTP/1.1, their timeouts, and graceful shutdown.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::StartError;
use super::cloud::Cloud;
use super::routes::Routes;

/// How long a TLS handshake can take.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// How long the head of a request can take. It counts from the previous response, so it is also the idle timeout.
pub const HEAD_TIMEOUT: Duration = Duration::from_mins(1);

/// How long a request can take from its head to its response, in which the body has to arrive.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// The longest head of a request, in bytes.
const MAX_HEAD: usize = 64 * 1024;

/// The pause after a failed `accept`, which fails again at once while there are no file descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A bound socket.
pub(super) struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    /// `None` for plain HTTP.
    tls: Option<TlsAcceptor>,
}

impl Listener {
    pub(super) async fn bind(
        address: SocketAddr,
        tls: Option<TlsAcceptor>,
    ) -> Result<Self, StartError> {
        let failed = |source| StartError::Bind { address, source };
        let socket = TcpListener::bind(address).await.map_err(failed)?;
        let address = socket.local_addr().map_err(failed)?;
        Ok(Self {
            socket,
            address,
            tls,
        })
    }

    /// The address with the port that the system chose.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves connections until the sender of `stop` is dropped, then closes all of them.
    pub(super) async fn serve(
        self,
        cloud: Arc<Cloud>,
        routes: Arc<Routes>,
        mut stop: watch::Receiver<()>,
    ) {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                _ = stop.changed() => break,
                Some(_) = connections.join_next() => {}
                accepted = self.socket.accept() => match accepted {
                    Ok((stream, _)) => {
                        if self.tls.is_some() {
                            cloud.counters.https_connections.increment();
                        }
                        connections.spawn(connection(stream, self.tls.clone(), Arc::clone(&routes)));
                    }
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept a connection");
                        sleep(ACCEPT_PAUSE).await;
                    }
                },
            }
        }
        drop(self.socket);
        connections.shutdown().await;
    }
}

async fn connection(stream: TcpStream, tls: Option<TlsAcceptor>, routes: Arc<Routes>) {
    // Answers are small and complete: Nagle's algorithm would only delay them.
    let _ = stream.set_nodelay(true);
    let Some(tls) = tls else {
        return http(stream, routes).await;
    };
    match timeout(HANDSHAKE_TIMEOUT, tls.accept(stream)).await {
        Ok(Ok(stream)) => http(stream, routes).await,
        Ok(Err(error)) => tracing::debug!(%error, "TLS handshake failed"),
        Err(_) => tracing::debug!("TLS handshake took too long"),
    }
}

async fn http(stream: impl AsyncRead + AsyncWrite + Unpin, routes: Arc<Routes>) {
    let service = service_fn(|request| timeout(REQUEST_TIMEOUT, routes.respond(request)));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "connection failed");
    }
}
