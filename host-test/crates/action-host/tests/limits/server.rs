//! A server in place of Genesys Cloud that responds late, slowly, with too much, or not at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use egress::{AllowList, Client, Options, Trust};
use test_support::Ca;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer {
    /// A short body, after a delay.
    After(Duration),
    /// This many pieces of one byte, with a pause before each.
    Pieces(usize, Duration),
    /// A body of this many bytes.
    OfSize(usize),
    Never,
}

/// Serves until it is dropped.
pub(crate) struct Server {
    /// Connects to this server for every Genesys host.
    pub(crate) client: Client,
    requests: Arc<AtomicUsize>,
    _serving: JoinSet<()>,
}

impl Server {
    pub(crate) async fn start(answer: Answer) -> Self {
        let ca = Ca::new("Test CA");
        let tls = TlsAcceptor::from(Arc::new(ca.server("login.mypurecloud.de")));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = Client::new(Options {
            gateway: Some(listener.local_addr().unwrap().try_into().unwrap()),
            trust: Trust::Only(vec![ca.certificate()]),
            ..Options::new(AllowList::default())
        });
        let requests = Arc::new(AtomicUsize::new(0));
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, tls, answer, Arc::clone(&requests)));
        Self {
            client: client.unwrap(),
            requests,
            _serving: serving,
        }
    }

    /// The number of requests so far.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }
}

async fn serve(listener: TcpListener, tls: TlsAcceptor, answer: Answer, count: Arc<AtomicUsize>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let (tls, count) = (tls.clone(), Arc::clone(&count));
        connections.spawn(async move {
            // Clients leave early in some tests.
            let _ = connection(stream, tls, answer, &count).await;
        });
    }
}

async fn connection(
    stream: TcpStream,
    tls: TlsAcceptor,
    answer: Answer,
    count: &AtomicUsize,
) -> std::io::Result<()> {
    let mut stream = tls.accept(stream).await?;
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    count.fetch_add(1, Ordering::Relaxed);
    let size = match answer {
        Answer::After(_) => 2,
        Answer::Pieces(pieces, _) => pieces,
        Answer::OfSize(size) => size,
        Answer::Never => return std::future::pending().await,
    };
    if let Answer::After(delay) = answer {
        sleep(delay).await;
    }
    let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {size}\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    if let Answer::Pieces(pieces, pause) = answer {
        for _ in 0..pieces {
            sleep(pause).await;
            stream.write_all(b"x").await?;
            stream.flush().await?;
        }
    } else {
        stream.write_all(&vec![b'x'; size]).await?;
    }
    stream.shutdown().await
}
