//! Listens on this machine for the callback (RFC 8252, section 7.3). It does not know tokens: it returns a code, and
//! the caller decides which page the browser is shown.

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until, timeout};

use super::callback::{Callback, CallbackError, CallbackUrl, PATH};
use super::callback_page::Page;
use super::sign_in::{Code, SignIn};

/// The longest head of a request, in bytes: a callback of the longest length, and the browser's headers.
const MAX_HEAD: usize = 32 * 1024;

/// How long a request may take to arrive. Browsers open connections in advance and leave them idle.
const HEAD_TIME: Duration = Duration::from_secs(10);

/// The most connections at a time; a browser opens six.
const MAX_CONNECTIONS: usize = 16;

/// How long the browser may take to read the last page.
const LAST_PAGE_TIME: Duration = Duration::from_secs(5);

/// The pause after a failed `accept`, which fails again at once while there are no file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A listener for callbacks on 127.0.0.1.
pub struct Loopback {
    listener: TcpListener,
    port: u16,
}

/// Why this machine cannot listen for the callback.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LoopbackError {
    /// Another program, or another sign-in, uses the port.
    #[error(
        "port {0} of this machine is in use: is another sign-in waiting? The callback can also be pasted"
    )]
    PortInUse(u16),
    /// The system does not let this program listen there.
    #[error("cannot listen on port {port} of this machine: {kind}")]
    Bind {
        /// The port.
        port: u16,
        /// What the system said.
        kind: io::ErrorKind,
    },
}

/// A received callback, and the channel to answer it.
struct Received {
    query: SecretString,
    page: oneshot::Sender<Page>,
}

impl Loopback {
    /// Listens on `port`, which is a part of the callback URL that is registered with the provider. Port
    /// 0 lets the system choose, for providers that accept any port (RFC 8252, section 7.3).
    ///
    /// # Errors
    ///
    /// See [`LoopbackError`].
    pub async fn bind(port: u16) -> Result<Self, LoopbackError> {
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::AddrInUse => LoopbackError::PortInUse(port),
            kind => LoopbackError::Bind { port, kind },
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port));
        let listener = listener.await.map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        Ok(Self { listener, port })
    }

    /// The callback URL that this listens for.
    pub fn callback_url(&self) -> CallbackUrl {
        CallbackUrl::on_loopback(self.port)
    }

    /// Waits for the callback of `sign_in`, until that expires. Callbacks that do not belong to it are
    /// answered with a page that says so, and the wait goes on. If this future is dropped, for example because the
    /// callback was pasted meanwhile, `sign_in` can still be used.
    ///
    /// # Errors
    ///
    /// Why the sign-in is over.
    pub async fn wait(&mut self, sign_in: &mut SignIn) -> Result<(Code, Browser), CallbackError> {
        let (callbacks, mut received) = mpsc::channel(MAX_CONNECTIONS);
        let mut connections = Connections::new();
        let expired = sleep_until(sign_in.expires());
        tokio::pin!(expired);
        loop {
            let callback_request: Received = tokio::select! {
                Some(callback_request) = received.recv() => callback_request,
                Some(_) = connections.tasks.join_next() => continue,
                accepted = self.listener.accept(), if connections.tasks.len() < MAX_CONNECTIONS => {
                    match accepted {
                        Ok((stream, _)) => connections.serve(stream, callbacks.clone()),
                        Err(error) => {
                            tracing::warn!(%error, "cannot accept a callback");
                            sleep(ACCEPT_PAUSE).await;
                        }
                    }
                    continue;
                }
                () = &mut expired => return Err(CallbackError::Expired),
            };
            let callback = Callback::parse(callback_request.query.expose_secret());
            let error = match callback.and_then(|callback| sign_in.accept(callback)) {
                Ok(code) => {
                    let page = callback_request.page;
                    return Ok((code, Browser { page, connections }));
                }
                Err(error) => error,
            };
            tracing::debug!(%error, "a callback was not accepted");
            if sign_in.is_over() {
                let _ = callback_request.page.send(Page::of(&error));
                connections.finish().await;
                return Err(error);
            }
            let _ = callback_request.page.send(Page::NotExpected);
        }
    }
}

impl fmt::Debug for Loopback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loopback")
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

/// The browser that sent the callback and waits for a page. If this is dropped, it gets none.
pub struct Browser {
    page: oneshot::Sender<Page>,
    connections: Connections,
}

impl Browser {
    /// Shows whether the connection got a token, and returns when the browser has read that, or after some seconds.
    pub async fn show(self, signed_in: bool) {
        let page = if signed_in {
            Page::SignedIn
        } else {
            Page::Failed
        };
        let _ = self.page.send(page);
        self.connections.finish().await;
    }
}

impl fmt::Debug for Browser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Browser").finish_non_exhaustive()
    }
}

/// The connections of one wait; they are closed when this is dropped.
struct Connections {
    tasks: JoinSet<()>,
    /// Dropped to let connections end.
    stop: watch::Sender<()>,
}

impl Connections {
    fn new() -> Self {
        Self {
            tasks: JoinSet::new(),
            stop: watch::Sender::new(()),
        }
    }

    fn serve(&mut self, stream: TcpStream, callbacks: mpsc::Sender<Received>) {
        self.tasks
            .spawn(serve(stream, callbacks, self.stop.subscribe()));
    }

    /// Completes the responses in progress, and closes the connections.
    async fn finish(self) {
        let Self { mut tasks, stop } = self;
        drop(stop);
        let all = async { while tasks.join_next().await.is_some() {} };
        let _ = timeout(LAST_PAGE_TIME, all).await;
    }
}

async fn serve(
    stream: TcpStream,
    callbacks: mpsc::Sender<Received>,
    mut stop: watch::Receiver<()>,
) {
    let service = service_fn(|request| answer(request, &callbacks));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let served = tokio::select! {
        served = connection.as_mut() => served,
        _ = stop.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a browser's connection failed");
    }
}

async fn answer(
    request: Request<Incoming>,
    callbacks: &mpsc::Sender<Received>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    if request.uri().path() != PATH {
        return Ok(Page::NotFound.response());
    }
    if request.method() != Method::GET {
        return Ok(Page::NotAllowed.response());
    }
    let (page, answered) = oneshot::channel();
    let query = request.uri().query().unwrap_or_default().into();
    let _ = callbacks.send(Received { query, page }).await;
    Ok(answered.await.unwrap_or(Page::Failed).response())
}
