//! A server that accepts, reads the request and never answers, as a process of its own. It says on one line
//! of standard output where it is, and writes the certificate to trust to the file that it is told.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use anyhow::Context;
use rcgen::{CertificateParams, KeyPair};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

use super::cloud::LOGIN_HOST;

/// The argument that makes this program the server; after it, the file for the certificate.
pub(crate) const CHILD: &str = "--silent-server";

/// The server's side: runs until it is killed.
pub(crate) async fn serve() -> anyhow::Result<()> {
    let ca_file = std::env::args().nth(2).context("a file")?;
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new([LOGIN_HOST.into()])?.self_signed(&key)?;
    fs::write(ca_file, certificate.pem())?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )?;
    let tls = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        let tls = tls.clone();
        tokio::spawn(async move {
            let mut stream = tls.accept(stream).await?;
            let mut buffer = [0; 1024];
            while stream.read(&mut buffer).await? > 0 {}
            std::io::Result::Ok(())
        });
    }
}

/// A running server. It stops when this is dropped.
pub(crate) struct Silent {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl Silent {
    pub(crate) fn start(ca_file: &Path) -> anyhow::Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg(CHILD)
            .arg(ca_file)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut address = String::new();
        let output = process.stdout.take().context("its output")?;
        BufReader::new(output).read_line(&mut address)?;
        let address = address.trim().parse().context("the silent server")?;
        Ok(Self { process, address })
    }
}

impl Drop for Silent {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
