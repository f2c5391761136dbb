//! Servers of the benchmark's own, each as a process of its own. It says on one line of standard output where
//! it is, and writes the certificate to trust to the file that it is told.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use anyhow::Context;
use rcgen::{CertificateParams, KeyPair};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

use super::cloud::LOGIN_HOST;

/// A running server. It stops when this is dropped.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts this program with `child`, the argument that makes it that server.
    pub(crate) fn start(child: &str, ca_file: &Path) -> anyhow::Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg(child)
            .arg(ca_file)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut address = String::new();
        let output = process.stdout.take().context("its output")?;
        BufReader::new(output).read_line(&mut address)?;
        let address = address.trim().parse().with_context(|| child.to_owned())?;
        Ok(Self { process, address })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The server's side: listens, and says where. `protocols` are those of ALPN (RFC 7301).
pub(crate) async fn listen(protocols: &[&[u8]]) -> anyhow::Result<(TcpListener, TlsAcceptor)> {
    let ca_file = std::env::args().nth(2).context("a file")?;
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new([LOGIN_HOST.into()])?.self_signed(&key)?;
    fs::write(ca_file, certificate.pem())?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )?;
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    Ok((listener, TlsAcceptor::from(Arc::new(config))))
}
