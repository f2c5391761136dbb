//! A TCP proxy that can be interrupted: open connections break, and no new one gets through until it is restored.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

pub(crate) struct InterruptibleProxy {
    address: SocketAddr,
    is_open: watch::Sender<bool>,
}

impl InterruptibleProxy {
    pub(crate) async fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (is_open, seen) = watch::channel(true);
        tokio::spawn(async move {
            while let Ok((mut browser, _)) = listener.accept().await {
                let mut seen = seen.clone();
                tokio::spawn(async move {
                    if !*seen.borrow_and_update() {
                        return;
                    }
                    let Ok(mut server) = TcpStream::connect(server).await else {
                        return;
                    };
                    tokio::select! {
                        _ = copy_bidirectional(&mut browser, &mut server) => {}
                        _ = seen.changed() => {}
                    }
                });
            }
        });
        Self { address, is_open }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    pub(crate) fn cut(&self) {
        self.is_open.send_replace(false);
    }

    pub(crate) fn restore(&self) {
        self.is_open.send_replace(true);
    }
}
