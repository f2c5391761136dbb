//! The HTTP/1.1 server, with or without TLS: listens, accepts, and shuts down. It knows nothing of the pages.

use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::error::Elapsed;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::StartError;
use super::open_connections::{Activity, OpenConnections};
use super::tls::Tls;
use super::user_session::Peer;

/// The time limit of a TLS handshake.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);

/// The time limit of a request's head, and of an idle connection.
const HEAD_TIME: Duration = Duration::from_mins(1);

/// The time limit of a request if not even the error page can be sent.
const REQUEST_TIME: Duration = Duration::from_secs(40);

/// The longest head of a request, in bytes.
const MAX_HEAD: usize = 64 * 1024;

/// The pause after a failed `accept`, which fails again at once while the process is out of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A bound listener.
pub(super) struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
}

impl Listener {
    pub(super) async fn bind(address: SocketAddr, tls: Option<Tls>) -> Result<Self, StartError> {
        let failed = |source| StartError::Bind { address, source };
        let socket = TcpListener::bind(address).await.map_err(failed)?;
        let address = socket.local_addr().map_err(failed)?;
        let tls = tls.map(Tls::acceptor);
        Ok(Self {
            socket,
            address,
            tls,
        })
    }

    /// The bound address, with the port that the system chose.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves connections until the sender of `stop` is dropped; then closes all of them and returns when they
    /// are closed.
    pub(super) async fn serve(self, routes: Router, mut stop: watch::Receiver<()>) {
        let mut connections = JoinSet::new();
        let mut open = OpenConnections::default();
        loop {
            tokio::select! {
                _ = stop.changed() => break,
                Some(_) = connections.join_next() => {}
                accepted = self.socket.accept() => match accepted {
                    Ok((stream, peer)) if open.make_room(peer.ip()) => {
                        let activity = Activity::idle();
                        let tls = self.tls.clone();
                        let serving = connection(stream, peer, tls, routes.clone(), activity.clone());
                        open.add(peer.ip(), activity, connections.spawn(serving));
                    }
                    Ok((_, peer)) => tracing::debug!(%peer, "too many connections"),
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

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    routes: Router,
    activity: Activity,
) {
    // Answers are small and complete: waiting for more to send only delays them.
    let _ = stream.set_nodelay(true);
    let peer = Peer(peer.ip());
    let Some(tls) = tls else {
        return http(stream, peer, routes, activity).await;
    };
    match timeout(HANDSHAKE_TIME, tls.accept(stream)).await {
        Ok(Ok(stream)) => http(stream, peer, routes, activity).await,
        Ok(Err(error)) => tracing::debug!(%error, "TLS handshake failed"),
        Err(_) => tracing::debug!("TLS handshake took too long"),
    }
}

async fn http(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    peer: Peer,
    routes: Router,
    activity: Activity,
) {
    let routes = TowerToHyperService::new(routes);
    let service = service_fn(|mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(peer);
        let busy = activity.request(request.body().is_end_stream());
        let request = request.map(|body| Arriving {
            body,
            activity: activity.clone(),
        });
        let answer = timeout(REQUEST_TIME, routes.call(request));
        async {
            let Ok(answer) = answer.await?;
            // Until the body has been sent: it may be a stream of events.
            let body = move |frame| {
                let _ = &busy;
                frame
            };
            Ok::<_, Elapsed>(answer.map(|sent| sent.map_frame(body)))
        }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "connection failed");
    }
}

/// The body of a request. The connection is busy once all of it has arrived: before that, a slow client would keep others waiting.
struct Arriving {
    body: Incoming,
    activity: Activity,
}

impl Body for Arriving {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if matches!(frame, Poll::Ready(None)) || self.body.is_end_stream() {
            self.activity.has_arrived();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
