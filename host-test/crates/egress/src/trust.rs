//! Whose certificates are trusted, and when the roots are read: as late as possible.
//!
//! The platform's roots are some hundred files or a large one. A run against the embedded Genesys Cloud,
//! or behind an inspecting firewall, needs none of them, because a CA that the operator named verifies
//! every server. So the named CAs are asked first, and the platform's are read once, at the first
//! certificate that those do not verify.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::{
    CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    self, CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};

use super::options::SetupError;

/// Whose certificates are trusted.
#[derive(Clone, Debug)]
pub enum Trust {
    /// The platform's roots (where none are found, Mozilla's, which are compiled in), and these CA
    /// certificates as well.
    Platform {
        /// CA certificates, DER.
        extra: Vec<CertificateDer<'static>>,
    },
    /// These CA certificates, DER, and no others.
    Only(Vec<CertificateDer<'static>>),
}

impl Default for Trust {
    /// The platform's roots.
    fn default() -> Self {
        Self::Platform { extra: Vec::new() }
    }
}

/// Why a file of CA certificates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CaFileError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A section of it is not PEM (RFC 7468).
    #[error("{} is not a PEM file", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
    },
    /// There is no `BEGIN CERTIFICATE` in it.
    #[error("{} contains no certificate", path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
}

/// The certificates, DER, of a PEM file, as `--ca-file` names one.
///
/// # Errors
///
/// See [`CaFileError`]. That each is a usable CA is found out by [`Client::new`](super::Client::new).
pub fn read_ca_file(path: &Path) -> Result<Vec<CertificateDer<'static>>, CaFileError> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    let path = path.to_owned();
    match read {
        Ok(certificates) if Vec::is_empty(&certificates) => {
            Err(CaFileError::NoCertificate { path })
        }
        Ok(certificates) => Ok(certificates),
        Err(pem::Error::Io(source)) => Err(CaFileError::Unreadable { path, source }),
        Err(_) => Err(CaFileError::Malformed { path }),
    }
}

/// What all TLS connections of a client have in common, the memory of sessions to resume included.
pub(super) fn client_config(trust: &Trust) -> Result<ClientConfig, SetupError> {
    let provider = Arc::new(ring::default_provider());
    let verifier = Verifier::new(trust, Arc::clone(&provider))?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| SetupError::Tls)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// rustls' own verifier, over roots that are read on demand.
#[derive(Debug)]
struct Verifier {
    provider: Arc<CryptoProvider>,
    given: Option<Arc<WebPkiServerVerifier>>,
    /// None where only the given certificates are trusted; the verifier within is none where the
    /// platform's roots proved unusable.
    platform: Option<OnceLock<Option<Arc<WebPkiServerVerifier>>>>,
}

impl Verifier {
    fn new(trust: &Trust, provider: Arc<CryptoProvider>) -> Result<Self, SetupError> {
        let (given, platform) = match trust {
            Trust::Only(given) if given.is_empty() => return Err(SetupError::NoCertificate),
            Trust::Only(given) => (given, None),
            Trust::Platform { extra } => (extra, Some(OnceLock::new())),
        };
        let mut roots = RootCertStore::empty();
        for certificate in given {
            roots
                .add(certificate.clone())
                .map_err(|_| SetupError::Certificate)?;
        }
        let given = web_pki(roots, &provider);
        Ok(Self {
            provider,
            given,
            platform,
        })
    }

    /// The verifier over the platform's roots. Reading them blocks this thread for some milliseconds,
    /// once in the life of a client.
    fn platform(&self) -> Option<&WebPkiServerVerifier> {
        let platform = self.platform.as_ref()?;
        platform
            .get_or_init(|| web_pki(platform_roots(), &self.provider))
            .as_deref()
    }
}

/// None where there is no root.
fn web_pki(
    roots: RootCertStore,
    provider: &Arc<CryptoProvider>,
) -> Option<Arc<WebPkiServerVerifier>> {
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .ok()
}

fn platform_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    let (usable, ignored) = roots.add_parsable_certificates(found.certs);
    if usable == 0 {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    tracing::debug!(
        usable,
        ignored,
        unreadable = found.errors.len(),
        "read the platform's root certificates"
    );
    roots
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verify = |verifier: &WebPkiServerVerifier| {
            verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        };
        let unknown = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let by_given = match &self.given {
            Some(given) => verify(given),
            None => Err(unknown.clone()),
        };
        // Only to an issuer that the given roots do not know can the platform's make a difference.
        if by_given.as_ref().err() != Some(&unknown) {
            return by_given;
        }
        match self.platform() {
            Some(platform) => verify(platform),
            None => by_given,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
