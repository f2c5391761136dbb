//! A proxy to the embedded Genesys Cloud that forwards requests and holds back the response to a refresh.

use std::net::SocketAddr;
use std::sync::Arc;

use egress::Options;
use genesys_sim::GenesysCloud;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};

use crate::fixture::gateway_options;

pub(crate) struct HoldingProxy {
    cloud: Arc<GenesysCloud>,
    address: SocketAddr,
    held: mpsc::UnboundedReceiver<()>,
    open: watch::Sender<bool>,
}

impl HoldingProxy {
    /// Starts a proxy that holds back the cloud's responses from its next refresh on.
    pub(crate) async fn before(cloud: &Arc<GenesysCloud>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (notify, held) = mpsc::unbounded_channel();
        let (open, opened) = watch::channel(false);
        let so_far = cloud.statistics().refresh_requests;
        let to = Arc::clone(cloud);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (to, notify, opened) = (Arc::clone(&to), notify.clone(), opened.clone());
                tokio::spawn(serve(stream, to, so_far, notify, opened));
            }
        });
        Self {
            cloud: Arc::clone(cloud),
            address,
            held,
            open,
        }
    }

    /// Network options that lead through this proxy.
    pub(crate) fn options(&self) -> Options {
        let ca = self.cloud.ca_certificate().der().to_vec();
        gateway_options(&self.address.to_string(), ca)
    }

    /// Waits until the cloud has answered a refresh.
    pub(crate) async fn held(&mut self) {
        self.held.recv().await.unwrap();
    }

    /// Releases all responses.
    pub(crate) fn open(&self) {
        self.open.send_replace(true);
    }
}

async fn serve(
    stream: TcpStream,
    cloud: Arc<GenesysCloud>,
    so_far: u64,
    held: mpsc::UnboundedSender<()>,
    mut open: watch::Receiver<bool>,
) {
    let there = TcpStream::connect(cloud.https_addr().unwrap()).await;
    let (mut from, mut back) = stream.into_split();
    let (mut answers, mut requests) = there.unwrap().into_split();
    let forth = async {
        let _ = copy(&mut from, &mut requests).await;
        let _ = requests.shutdown().await;
    };
    let back = async {
        let mut bytes = vec![0; 16 * 1024];
        while let Ok(count @ 1..) = answers.read(&mut bytes).await {
            if cloud.statistics().refresh_requests > so_far {
                let _ = held.send(());
                let _ = open.wait_for(|open| *open).await;
            }
            if back.write_all(&bytes[..count]).await.is_err() {
                break;
            }
        }
        let _ = back.shutdown().await;
    };
    tokio::join!(forth, back);
}
