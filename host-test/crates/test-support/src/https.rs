//! A server with configurable replies.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{HandshakeKind, ServerConfig};
use tokio_rustls::server::TlsStream;

use crate::{Ca, HOST};

/// The reaction to a request.
#[derive(Clone)]
pub enum Reply {
    /// Sends these bytes and waits for the next request.
    Keep(Vec<u8>),
    /// Sends these bytes and closes the connection.
    Close(Vec<u8>),
    /// Takes a permit, as soon as there is one, before it sends these bytes. A reply that blocks its thread instead can hold up
    /// other connections.
    Held(Arc<Semaphore>, Vec<u8>),
}

impl Reply {
    /// A response with status 200 and this body.
    pub fn ok(body: &str) -> Self {
        Self::keep(format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    }

    /// [`Reply::Keep`] of text or bytes.
    pub fn keep(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Keep(bytes.into())
    }

    /// [`Reply::Close`] of text or bytes.
    pub fn close(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Close(bytes.into())
    }
}

/// An HTTPS server on loopback.
pub struct Server {
    address: SocketAddr,
    ca: Arc<Ca>,
    log: Arc<Log>,
    closed: Mutex<mpsc::UnboundedReceiver<()>>,
}

/// What the server has recorded.
#[derive(Default)]
struct Log {
    accepted: AtomicUsize,
    resumed: AtomicUsize,
    /// Bytes of requests, after TLS.
    bytes: AtomicUsize,
    requests: std::sync::Mutex<Vec<String>>,
    names: std::sync::Mutex<Vec<String>>,
}

impl Server {
    /// A server for [`HOST`] that gives the same reply to every request.
    pub async fn start(reply: Reply) -> Self {
        Self::with(move |_| reply.clone()).await
    }

    /// A server for [`HOST`] that replies to each request with what `reply` returns.
    pub async fn with(reply: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let ca = Ca::new("Test CA");
        let config = ca.server(HOST);
        Self::with_certificate(ca, config, reply).await
    }

    /// A server with another TLS configuration. `ca` is what [`Server::ca`] returns.
    pub async fn with_certificate(
        ca: Ca,
        config: ServerConfig,
        reply: impl Fn(&str) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let log = Arc::new(Log::default());
        let (closing, closed) = mpsc::unbounded_channel();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let reply = Arc::new(reply);
        tokio::spawn({
            let log = Arc::clone(&log);
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    log.accepted.fetch_add(1, Ordering::SeqCst);
                    let (acceptor, log) = (acceptor.clone(), Arc::clone(&log));
                    let (reply, closing) = (Arc::clone(&reply), closing.clone());
                    tokio::spawn(async move {
                        if let Ok(stream) = acceptor.accept(stream).await {
                            log.serve(stream, &*reply).await;
                        }
                        let _ = closing.send(());
                    });
                }
            }
        });
        Self {
            address,
            ca: Arc::new(ca),
            log,
            closed: Mutex::new(closed),
        }
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The authority that clients have to trust.
    pub fn ca(&self) -> &Ca {
        &self.ca
    }

    /// TCP connections accepted so far.
    pub fn accepted(&self) -> usize {
        self.log.accepted.load(Ordering::SeqCst)
    }

    /// TLS handshakes that resumed a session.
    pub fn resumed(&self) -> usize {
        self.log.resumed.load(Ordering::SeqCst)
    }

    /// Bytes of requests received.
    pub fn bytes(&self) -> usize {
        self.log.bytes.load(Ordering::SeqCst)
    }

    /// The requests, each with its head and body.
    pub fn requests(&self) -> Vec<String> {
        self.log.requests.lock().unwrap().clone()
    }

    /// The server names in the TLS handshakes (SNI).
    pub fn names(&self) -> Vec<String> {
        self.log.names.lock().unwrap().clone()
    }

    /// Waits until one more connection is closed.
    pub async fn closed(&self) {
        self.closed.lock().await.recv().await.unwrap();
    }
}

impl Log {
    async fn serve(&self, mut stream: TlsStream<TcpStream>, reply: &impl Fn(&str) -> Reply) {
        let (_, tls) = stream.get_ref();
        let name = tls.server_name().unwrap_or_default().to_owned();
        self.names.lock().unwrap().push(name);
        if tls.handshake_kind() == Some(HandshakeKind::Resumed) {
            self.resumed.fetch_add(1, Ordering::SeqCst);
        }
        while let Some(request) = self.receive(&mut stream).await {
            self.requests.lock().unwrap().push(request.clone());
            let (bytes, close) = match reply(&request) {
                Reply::Keep(bytes) => (bytes, false),
                Reply::Close(bytes) => (bytes, true),
                Reply::Held(released, bytes) => {
                    released.acquire().await.unwrap().forget();
                    (bytes, false)
                }
            };
            // The client may have closed the connection.
            if stream.write_all(&bytes).await.is_err() || stream.flush().await.is_err() {
                return;
            }
            if close {
                let _ = stream.shutdown().await;
                return;
            }
        }
    }

    /// One request: its head, and its body by `Content-Length` or in chunks.
    async fn receive(&self, stream: &mut TlsStream<TcpStream>) -> Option<String> {
        let mut received = Vec::new();
        loop {
            let text = String::from_utf8_lossy(&received);
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let head = head.to_ascii_lowercase();
                let length = head
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length: "))
                    .map_or(0, |length| length.parse().unwrap());
                let chunked = head.contains("transfer-encoding: chunked");
                let complete = if chunked {
                    body.ends_with("0\r\n\r\n")
                } else {
                    body.len() >= length
                };
                if complete {
                    return Some(text.into_owned());
                }
            }
            let count = stream.read_buf(&mut received).await.unwrap_or(0);
            if count == 0 {
                return None;
            }
            self.bytes.fetch_add(count, Ordering::SeqCst);
        }
    }
}
