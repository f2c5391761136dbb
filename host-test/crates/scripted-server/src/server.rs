//! The server, which plays a script on each connection.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::server::Acceptor;
use tokio_rustls::server::TlsStream;

use super::record::{Connection, Record, Request};
use super::script::{Act, Script};

/// How long [`Server::finish`] waits for connections that the clients have not closed.
const SETTLE: Duration = Duration::from_millis(500);

/// How long a closed connection waits for the client to close its side, so that the client is not sent a reset.
const LINGER: Duration = Duration::from_secs(2);

/// A server on loopback. It ends when it is dropped.
pub struct Server {
    address: SocketAddr,
    accepting: JoinHandle<()>,
    shared: Arc<Shared>,
}

struct Shared {
    listener: TcpListener,
    tls: Arc<ServerConfig>,
    script: Script,
    record: Mutex<Record>,
    connections: Mutex<JoinSet<()>>,
}

impl Server {
    /// Starts a server on a free port of loopback.
    ///
    /// # Errors
    ///
    /// As [`TcpListener::bind`].
    pub async fn start(tls: ServerConfig, script: Script) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            listener,
            tls: Arc::new(tls),
            script,
            record: Mutex::default(),
            connections: Mutex::default(),
        });
        let accepting = tokio::spawn({
            let shared = Arc::clone(&shared);
            async move {
                while let Ok((stream, _)) = shared.listener.accept().await {
                    Shared::serve(&shared, stream);
                }
            }
        });
        Ok(Self {
            address,
            accepting,
            shared,
        })
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What arrived so far.
    pub fn record(&self) -> Record {
        lock(&self.shared.record).clone()
    }

    /// Accepts what the system has accepted, waits a moment for open connections, and returns what arrived.
    pub async fn finish(self) -> Record {
        self.accepting.abort();
        let waiting = async { while self.accept_next().await {} };
        // A connection that the system has accepted is there at once.
        let _ = timeout(Duration::from_millis(10), waiting).await;
        let mut connections = std::mem::take(&mut *lock(&self.shared.connections));
        let _ = timeout(SETTLE, async {
            while connections.join_next().await.is_some() {}
        })
        .await;
        self.record()
    }

    async fn accept_next(&self) -> bool {
        match self.shared.listener.accept().await {
            Ok((stream, _)) => {
                Shared::serve(&self.shared, stream);
                true
            }
            Err(_) => false,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
        lock(&self.shared.connections).abort_all();
    }
}

impl Shared {
    fn serve(shared: &Arc<Self>, stream: TcpStream) {
        let index = {
            let connections = &mut lock(&shared.record).connections;
            connections.push(Connection {
                accepted: Some(Instant::now()),
                ..Connection::default()
            });
            connections.len() - 1
        };
        let mut peer = Peer {
            stream: Stream::Plain(stream),
            received: Vec::new(),
            shared: Arc::clone(shared),
            index,
        };
        lock(&shared.connections).spawn(async move {
            // A client may end a connection at any time, and refuse a certificate.
            let _ = peer.play().await;
        });
    }
}

/// The other end of a connection.
struct Peer {
    stream: Stream,
    /// What was received and belongs to no request yet.
    received: Vec<u8>,
    shared: Arc<Shared>,
    index: usize,
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    /// While the handshake takes place, and after the end.
    None,
}

impl Peer {
    async fn play(&mut self) -> io::Result<()> {
        let shared = Arc::clone(&self.shared);
        for act in shared.script.acts() {
            match act {
                Act::AwaitBytes => self.await_bytes().await?,
                Act::Handshake => self.handshake().await?,
                Act::AwaitRequest => drop(self.request().await?),
                Act::Answer(answer) => loop {
                    let request = self.request().await?;
                    self.send(&answer(&request)).await?;
                },
                Act::Send(bytes) => self.send(bytes).await?,
                Act::Drip(bytes, pause) => {
                    for byte in bytes {
                        self.send(&[*byte]).await?;
                        sleep(*pause).await;
                    }
                }
                Act::Repeat(bytes, pause) => loop {
                    self.send(bytes).await?;
                    // A pause of zero would wait for the next millisecond.
                    if !pause.is_zero() {
                        sleep(*pause).await;
                    }
                },
                Act::Stall => while self.receive().await? > 0 {},
                Act::Close => return self.close().await,
                Act::Cut => {
                    self.tcp()?.set_nodelay(true)?;
                    // Dropping the stream with unread bytes would reset the connection.
                    let stream = std::mem::replace(&mut self.stream, Stream::None);
                    if let Some(mut tcp) = stream.into_tcp() {
                        tcp.shutdown().await?;
                        drain(&mut tcp).await;
                    }
                    return Ok(());
                }
                Act::Reset => {
                    let stream = std::mem::replace(&mut self.stream, Stream::None);
                    if let Some(tcp) = stream.into_tcp() {
                        tcp.set_zero_linger()?;
                    }
                    return Ok(());
                }
            }
        }
        self.close().await
    }

    async fn await_bytes(&self) -> io::Result<()> {
        match self.tcp()?.peek(&mut [0]).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    async fn handshake(&mut self) -> io::Result<()> {
        let Stream::Plain(tcp) = std::mem::replace(&mut self.stream, Stream::None) else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        let start = LazyConfigAcceptor::new(Acceptor::default(), tcp).await?;
        let name = start.client_hello().server_name().map(String::from);
        self.note(|it| it.server_name = name);
        let tls = start.into_stream(Arc::clone(&self.shared.tls)).await?;
        self.note(|it| it.is_encrypted = true);
        self.stream = Stream::Tls(Box::new(tls));
        Ok(())
    }

    /// The next request.
    async fn request(&mut self) -> io::Result<Request> {
        loop {
            if let Some(request) = Request::take(&mut self.received) {
                self.note(|it| it.requests.push(request.clone()));
                return Ok(request);
            }
            if self.receive().await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    async fn receive(&mut self) -> io::Result<usize> {
        let count = self.stream.read_buf(&mut self.received).await?;
        self.note(|it| it.bytes += count);
        Ok(count)
    }

    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }

    /// Ends our side, and records what still arrives.
    async fn close(&mut self) -> io::Result<()> {
        self.stream.shutdown().await?;
        let rest = async {
            while self.receive().await? > 0 {}
            Ok(())
        };
        timeout(LINGER, rest).await.unwrap_or(Ok(()))
    }

    fn tcp(&self) -> io::Result<&TcpStream> {
        match &self.stream {
            Stream::Plain(tcp) => Ok(tcp),
            Stream::Tls(tls) => Ok(tls.get_ref().0),
            Stream::None => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    fn note(&self, change: impl FnOnce(&mut Connection)) {
        if let Some(connection) = lock(&self.shared.record).connections.get_mut(self.index) {
            change(connection);
        }
    }
}

/// Reads what still arrives, for a moment.
async fn drain(tcp: &mut TcpStream) {
    let mut buffer = vec![0; 1 << 16];
    let reading = async { while tcp.read(&mut buffer).await.is_ok_and(|count| count > 0) {} };
    let _ = timeout(LINGER, reading).await;
}

/// A panic while the lock was held left nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Stream {
    fn into_tcp(self) -> Option<TcpStream> {
        match self {
            Self::Plain(tcp) => Some(tcp),
            Self::Tls(tls) => Some(tls.into_inner().0),
            Self::None => None,
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_read(context, buffer),
            Self::Tls(tls) => Pin::new(tls).poll_read(context, buffer),
            Self::None => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_write(context, bytes),
            Self::Tls(tls) => Pin::new(tls).poll_write(context, bytes),
            Self::None => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_flush(context),
            Self::Tls(tls) => Pin::new(tls).poll_flush(context),
            Self::None => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_shutdown(context),
            Self::Tls(tls) => Pin::new(tls).poll_shutdown(context),
            Self::None => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }
}
