//! The HTTP/1.1 server, with or without TLS: listens, accepts, and shuts down. It knows nothing of the pages except the
//! paths of the health checks.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
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
use super::health;
use super::open_connections::{Activity, OpenConnections};
use super::tls::Tls;
use super::user_session::Peer;

/// The time limit of a TLS handshake.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);

/// The time limit of a request's head, and of an idle connection.
const HEAD_TIME: Duration = Duration::from_mins(1);

/// The time limit of a request if not even the error page can be sent.
const REQUEST_TIME: Duration = Duration::from_secs(40);

/// How long requests in progress may take at shutdown.
const FINISH_TIME: Duration = Duration::from_secs(10);

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

    /// Serves connections until the sender of `stop` is dropped. Then requests in progress are finished, within
    /// [`FINISH_TIME`], and this returns when all connections are closed.
    pub(super) async fn serve(
        self,
        routes: Router,
        open: Arc<Mutex<OpenConnections>>,
        stop: watch::Receiver<()>,
    ) {
        let mut begun = JoinSet::new();
        let mut stopped = stop.clone();
        tokio::select! {
            never = self.accept(&routes, &open, &stop, &mut begun) => match never {},
            _ = stopped.changed() => {}
        }
        // Keep answering health checks, so that load balancers learn to stop sending requests.
        let mut late = JoinSet::new();
        tokio::select! {
            never = self.accept(&routes, &open, &stop, &mut late) => match never {},
            _ = timeout(FINISH_TIME, async { while begun.join_next().await.is_some() {} }) => {}
        }
        drop(self.socket);
        begun.shutdown().await;
        late.shutdown().await;
    }

    /// Accepts connections.
    async fn accept(
        &self,
        routes: &Router,
        open: &Mutex<OpenConnections>,
        stop: &watch::Receiver<()>,
        connections: &mut JoinSet<()>,
    ) -> Infallible {
        let open = || open.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            tokio::select! {
                Some(_) = connections.join_next() => {}
                accepted = self.socket.accept() => match accepted {
                    Ok((stream, peer)) if open().make_room(peer.ip()) => {
                        let activity = Activity::idle();
                        let (tls, routes) = (self.tls.clone(), routes.clone());
                        let serving = connection(stream, peer, tls, routes, activity.clone(), stop.clone());
                        open().add(peer.ip(), activity, connections.spawn(serving));
                    }
                    Ok((_, peer)) => tracing::debug!(%peer, "too many connections"),
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept a connection");
                        sleep(ACCEPT_PAUSE).await;
                    }
                },
            }
        }
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    routes: Router,
    activity: Activity,
    stop: watch::Receiver<()>,
) {
    // Answers are small and complete: waiting for more to send only delays them.
    let _ = stream.set_nodelay(true);
    let peer = Peer(peer.ip());
    let Some(tls) = tls else {
        return http(stream, peer, routes, activity, stop).await;
    };
    match timeout(HANDSHAKE_TIME, tls.accept(stream)).await {
        Ok(Ok(stream)) => http(stream, peer, routes, activity, stop).await,
        Ok(Err(error)) => tracing::debug!(%error, "TLS handshake failed"),
        Err(_) => tracing::debug!("TLS handshake took too long"),
    }
}

async fn http(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    peer: Peer,
    routes: Router,
    activity: Activity,
    mut stop: watch::Receiver<()>,
) {
    let routes = TowerToHyperService::new(routes);
    let service = service_fn(|mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(peer);
        let is_check = health::PATHS.contains(&request.uri().path());
        let busy = activity.request(!is_check && request.body().is_end_stream());
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
    let is_late = stop.has_changed().is_err();
    let served = http1::Builder::new()
        .keep_alive(!is_late)
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let mut served = pin!(served);
    let served = tokio::select! {
        served = &mut served => served,
        _ = stop.changed(), if !is_late => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
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
