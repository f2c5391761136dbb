//! The certificate that the pages are served with.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use thiserror::Error;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

/// A certificate with its key.
pub struct Tls(Arc<ServerConfig>);

/// Why a certificate cannot be used.
#[derive(Debug, Error)]
pub enum TlsError {
    /// The file cannot be read.
    #[error("{} cannot be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file does not contain what it should.
    #[error("{} has no {expected} in PEM", path.display())]
    NotPem {
        /// The file.
        path: PathBuf,
        /// What was expected.
        expected: &'static str,
    },
    /// The key does not match the certificate, or its type is not supported.
    #[error("this certificate and this key cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
}

impl Tls {
    /// Reads PEM files: the certificate chain, and the private key.
    ///
    /// # Errors
    ///
    /// The reason why they cannot be used.
    pub fn read(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let certificates = read(certificate)
            .and_then(|pem| CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>())
            .map_err(|error| wrong(certificate, "certificate", error))?;
        if certificates.is_empty() {
            return Err(wrong(certificate, "certificate", pem::Error::NoItemsFound));
        }
        let key = read(key)
            .and_then(|pem| PrivateKeyDer::from_pem_slice(&pem))
            .map_err(|error| wrong(key, "private key", error))?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(certificates, key)?;
        Ok(Self(Arc::new(config)))
    }

    pub(super) fn acceptor(self) -> TlsAcceptor {
        TlsAcceptor::from(self.0)
    }
}

/// The file, without a byte order mark, with which editors of Windows begin one.
fn read(path: &Path) -> Result<Vec<u8>, pem::Error> {
    let file = fs::read(path).map_err(pem::Error::Io)?;
    let mark = "\u{feff}".as_bytes();
    Ok(file.strip_prefix(mark).map(<[u8]>::to_vec).unwrap_or(file))
}

fn wrong(path: &Path, expected: &'static str, error: pem::Error) -> TlsError {
    let path = path.to_owned();
    match error {
        pem::Error::Io(source) => TlsError::Read { path, source },
        _ => TlsError::NotPem { path, expected },
    }
}
