//! A proxy for tests.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// A proxy on loopback for `CONNECT`.
pub struct Proxy {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// A proxy that opens every tunnel to `server`.
    pub async fn to(server: SocketAddr) -> Self {
        Self::start("HTTP/1.1 200 Connection established\r\n\r\n", Some(server)).await
    }

    /// A proxy that sends `answer` and nothing else.
    pub async fn answering(answer: &'static str) -> Self {
        Self::start(answer, None).await
    }

    async fn start(answer: &'static str, server: Option<SocketAddr>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn({
            let requests = Arc::clone(&requests);
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(serve(stream, answer, server, Arc::clone(&requests)));
                }
            }
        });
        Self { address, requests }
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The heads of the requests received.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    answer: &str,
    server: Option<SocketAddr>,
    requests: Arc<Mutex<Vec<String>>>,
) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut head).await.unwrap_or(0) == 0 {
            return;
        }
    }
    let head = String::from_utf8(head).unwrap();
    requests.lock().unwrap().push(head);
    stream.write_all(answer.as_bytes()).await.unwrap();
    match server {
        Some(server) => {
            let mut far = TcpStream::connect(server).await.unwrap();
            let _ = copy_bidirectional(&mut stream, &mut far).await;
        }
        // Waits until the client has read the response and gone.
        None => {
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
    }
}
