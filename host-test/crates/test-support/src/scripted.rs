//! A server that plays a script on each connection, byte for byte, and records what it received. It knows only as much of
//! HTTP as it needs to find the end of a request, so that a script can violate the rest.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

use crate::Ca;

/// Names that cover the hosts of three Genesys regions, one of which does not exist yet.
pub const GENESYS: [&str; 3] = ["*.mypurecloud.de", "*.mypurecloud.com", "*.itc1.pure.cloud"];

/// The common name of [`ca`].
pub const CA_NAME: &str = "Authority of the tests";

/// The authority that issues a server's certificate unless a test brings its own.
pub fn ca() -> &'static Ca {
    static CA: OnceLock<Ca> = OnceLock::new();
    CA.get_or_init(|| Ca::new(CA_NAME))
}

/// What happens on each connection. After the last act, the connection is closed properly.
#[derive(Clone, Debug)]
pub enum Script {
    /// These acts take place instead of a TLS handshake.
    InsteadOfTls(Vec<Act>),
    /// These acts take place after a request was received.
    Answer(Vec<Act>),
}

/// One action of the server.
///
/// Acts that take time pause tokio's clock, which then jumps from one timer to the next: a minute passes in a moment, and
/// measured times are exact.
#[derive(Clone, Debug)]
pub enum Act {
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Sends these bytes one by one, one a second.
    Drip(Vec<u8>),
    /// Sends these bytes repeatedly, as fast as possible.
    Flood(Vec<u8>),
    /// Sends these bytes every five seconds.
    Trickle(Vec<u8>),
    /// Does nothing until the client closes the connection.
    Silence,
    /// The same, without pausing the clock.
    KeepOpen,
    /// Closes the TCP connection without TLS's close alert.
    Cut,
}

/// What a server has recorded.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// TCP connections.
    pub connections: usize,
    /// Completed TLS handshakes.
    pub handshakes: usize,
    /// What was received on each connection: decrypted, if there was TLS.
    pub received: Vec<String>,
}

/// The server. Each connection gets the same script.
pub struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
    shared: Arc<Shared>,
}

struct Shared {
    tls: TlsAcceptor,
    script: Script,
    seen: Mutex<Seen>,
    paused: AtomicBool,
}

impl Server {
    /// A server with a valid certificate of [`ca`] for [`GENESYS`].
    pub async fn start(script: Script) -> Self {
        Self::start_with(ca().server_for(&GENESYS), script).await
    }

    /// A server with another TLS configuration.
    pub async fn start_with(tls: ServerConfig, script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            tls: TlsAcceptor::from(Arc::new(tls)),
            script,
            seen: Mutex::default(),
            paused: AtomicBool::new(false),
        });
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(accept(listener, Arc::clone(&shared), stopped));
        Self {
            address,
            stop,
            serving,
            shared,
        }
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until all connections are closed, and returns what the server has recorded. Drop the clients before.
    pub async fn finish(self) -> Seen {
        self.stop.send(()).unwrap();
        self.serving.await.unwrap();
        self.shared.seen.lock().unwrap().clone()
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, mut stop: oneshot::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, _) = accepted.unwrap();
                shared.seen.lock().unwrap().connections += 1;
                connections.spawn(serve(stream, Arc::clone(&shared)));
            }
            _ = &mut stop => break,
        }
    }
    // Connections that the system has accepted count as well.
    let listener = listener.into_std().unwrap();
    while listener.accept().is_ok() {
        shared.seen.lock().unwrap().connections += 1;
    }
    while let Some(served) = connections.join_next().await {
        // A client may close its connection at any time; a panic is a bug.
        let _: io::Result<()> = served.unwrap();
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut received = Vec::new();
    let served = match &shared.script {
        Script::InsteadOfTls(acts) => perform(stream, acts, &shared, &mut received).await,
        Script::Answer(acts) => {
            let mut stream = shared.tls.accept(stream).await?;
            shared.seen.lock().unwrap().handshakes += 1;
            match read_request(&mut stream, &mut received).await {
                Ok(()) => perform(stream, acts, &shared, &mut received).await,
                Err(error) => Err(error),
            }
        }
    };
    let received = String::from_utf8_lossy(&received).into_owned();
    shared.seen.lock().unwrap().received.push(received);
    served
}

/// Reads to the end of a request, which has a `Content-Length` or no body.
async fn read_request(
    stream: &mut (impl AsyncRead + Unpin),
    received: &mut Vec<u8>,
) -> io::Result<()> {
    loop {
        let text = String::from_utf8_lossy(received).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.split("content-length:").nth(1);
            let length = length.and_then(|rest| rest.lines().next()?.trim().parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return Ok(());
            }
        }
        if stream.read_buf(received).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

async fn perform(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    acts: &[Act],
    shared: &Shared,
    received: &mut Vec<u8>,
) -> io::Result<()> {
    for act in acts {
        match act {
            Act::Send(bytes) => send(&mut stream, bytes).await?,
            Act::Drip(bytes) => {
                shared.pause();
                for byte in bytes {
                    send(&mut stream, &[*byte]).await?;
                    sleep(Duration::from_secs(1)).await;
                }
            }
            Act::Flood(bytes) => loop {
                send(&mut stream, bytes).await?;
            },
            Act::Trickle(bytes) => {
                shared.pause();
                loop {
                    send(&mut stream, bytes).await?;
                    sleep(Duration::from_secs(5)).await;
                }
            }
            Act::Silence => {
                shared.pause();
                return drain(&mut stream, received).await;
            }
            Act::KeepOpen => return drain(&mut stream, received).await,
            Act::Cut => return Ok(()),
        }
    }
    stream.shutdown().await?;
    drain(&mut stream, received).await
}

async fn send(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await
}

async fn drain(stream: &mut (impl AsyncRead + Unpin), received: &mut Vec<u8>) -> io::Result<()> {
    stream.read_to_end(received).await.map(|_| ())
}

impl Shared {
    fn pause(&self) {
        if !self.paused.swap(true, Ordering::Relaxed) {
            tokio::time::pause();
        }
    }
}

/// A response with a `Content-Length`, JSON unless `headers` say otherwise. Each line of `headers` ends with CR LF.
pub fn answer(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let content_type = if headers.contains("Content-Type:") {
        ""
    } else {
        "Content-Type: application/json\r\n"
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\n{content_type}Content-Length: {length}\r\n\
         ININ-Correlation-Id: c-1\r\n{headers}\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// The script of a server that sends this response.
pub fn answers(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Script {
    sends(answer(status, headers, body))
}

/// The script of a server that sends these bytes.
pub fn sends(bytes: impl Into<Vec<u8>>) -> Script {
    Script::Answer(vec![Act::Send(bytes.into())])
}
