//! A server that does what a script says, byte for byte, and keeps what it was sent. It knows no
//! HTTP beyond where a request ends, so that it can break all of it.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;

use crate::authority::{Authority, GENESYS, VALID};

/// What is done with each connection. After the last act it is closed as it should be.
#[derive(Clone, Debug)]
pub(crate) enum Script {
    /// In the place of TLS.
    InsteadOfTls(Vec<Act>),
    /// When a request has come.
    Answer(Vec<Act>),
}

/// One thing that a server does.
///
/// Those that take time pause tokio's clock, which then jumps from one time-out to the next: what
/// would take a minute takes a moment, and what is measured is exact.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Sends these bytes one by one, one a second.
    Drip(Vec<u8>),
    /// Sends these bytes again and again, as fast as they go.
    Flood(Vec<u8>),
    /// Sends these bytes again and again, every five seconds.
    Trickle(Vec<u8>),
    /// Does nothing until the client leaves.
    Silence,
    /// Listens on, without any effect on the clock, until the client leaves.
    KeepOpen,
    /// Ends the TCP connection without a word, and without TLS' own ending.
    Cut,
}

/// What a server has seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// TCP connections.
    pub(crate) connections: usize,
    /// Completed TLS handshakes.
    pub(crate) handshakes: usize,
    /// All that came, through TLS where there was TLS, a text for each connection.
    pub(crate) received: Vec<String>,
}

pub(crate) struct Server {
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
    /// One with a certificate that is as it should be.
    pub(crate) async fn start(script: Script) -> Server {
        Server::start_with(Authority::trusted().issue(&GENESYS, VALID), script).await
    }

    pub(crate) async fn start_with(tls: TlsAcceptor, script: Script) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            tls,
            script,
            seen: Mutex::default(),
            paused: AtomicBool::new(false),
        });
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(accept(listener, Arc::clone(&shared), stopped));
        Server {
            address,
            stop,
            serving,
            shared,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it has seen when the last client has left: so the clients have to be dropped before.
    pub(crate) async fn finish(self) -> Seen {
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
    // Those that the system has accepted and nobody has looked at yet count as well.
    let listener = listener.into_std().unwrap();
    while listener.accept().is_ok() {
        shared.seen.lock().unwrap().connections += 1;
    }
    while let Some(served) = connections.join_next().await {
        // That the client leaves in the middle is part of the game; a panic is not.
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

/// An answer with a `Content-Length`, JSON unless `headers` say otherwise. Lines of `headers` end
/// with CR LF.
pub(crate) fn answer(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
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

/// The script of a server that gives this answer.
pub(crate) fn answers(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Script {
    sends(answer(status, headers, body))
}

/// The script of a server that sends these bytes.
pub(crate) fn sends(bytes: impl Into<Vec<u8>>) -> Script {
    Script::Answer(vec![Act::Send(bytes.into())])
}
