//! The certificate that the pages are served with.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bot_engine::Language;
use egress::read_file;
use thiserror::Error;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

use super::messages;

/// A certificate with its key.
pub struct Tls(Arc<ServerConfig>);

/// Why a certificate cannot be used.
#[derive(Debug, Error)]
#[error("{}", self.message(Language::English))]
pub enum TlsError {
    /// The file cannot be read.
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is larger than 1 MiB, or has no end.
    TooLarge(PathBuf),
    /// The file does not contain what it should.
    NotPem {
        /// The file.
        path: PathBuf,
        /// What was expected.
        expected: Pem,
    },
    /// The key does not match the certificate, or its type is not supported.
    Unusable(#[from] rustls::Error),
}

/// What a PEM file contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pem {
    /// A certificate.
    Certificate,
    /// A private key.
    PrivateKey,
}

impl TlsError {
    /// The message for the operator.
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::Read { path, source } => {
                messages::tls_unreadable(language, path.display(), source)
            }
            Self::TooLarge(path) => {
                messages::tls_too_large(language, path.display(), MAX_FILE >> 20)
            }
            Self::NotPem { path, expected } => match expected {
                Pem::Certificate => messages::no_certificate(language, path.display()),
                Pem::PrivateKey => messages::no_private_key(language, path.display()),
            },
            Self::Unusable(error) => messages::tls_unusable(language, error),
        }
    }
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
            .map_err(|error| wrong(certificate, Pem::Certificate, error))?;
        if certificates.is_empty() {
            return Err(wrong(
                certificate,
                Pem::Certificate,
                pem::Error::NoItemsFound,
            ));
        }
        let key = read(key)
            .and_then(|pem| PrivateKeyDer::from_pem_slice(&pem))
            .map_err(|error| wrong(key, Pem::PrivateKey, error))?;
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

/// The largest file, in bytes.
const MAX_FILE: usize = 1 << 20;

/// The file, without a byte order mark, with which editors of Windows begin one.
fn read(path: &Path) -> Result<Vec<u8>, pem::Error> {
    let file = read_file(path, MAX_FILE).map_err(pem::Error::Io)?;
    let mark = "\u{feff}".as_bytes();
    Ok(file.strip_prefix(mark).map(<[u8]>::to_vec).unwrap_or(file))
}

fn wrong(path: &Path, expected: Pem, error: pem::Error) -> TlsError {
    let path = path.to_owned();
    match error {
        pem::Error::Io(source) if source.kind() == io::ErrorKind::FileTooLarge => {
            TlsError::TooLarge(path)
        }
        pem::Error::Io(source) => TlsError::Read { path, source },
        _ => TlsError::NotPem { path, expected },
    }
}
