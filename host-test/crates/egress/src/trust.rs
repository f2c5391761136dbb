//! Which certificates are trusted. The platform's roots are read as late as possible.
//!
//! They are one large file or some hundred small ones. A run against the embedded Genesys Cloud, or behind an inspecting
//! firewall, needs none of them, because a CA that the operator configured verifies every server. So these CAs are
//! tried first, and the platform's roots are read once, at the first certificate that they do not verify.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::client::{WebPkiServerVerifier, verify_server_name};
use tokio_rustls::rustls::crypto::{
    CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{
    self, CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};

use super::error::CertificateProblem;
use super::read_file::read_file;
use super::setup_error::SetupError;

/// Which CAs are trusted.
///
/// ```no_run
/// use egress::{Trust, read_ca_file};
///
/// // Those of the platform, and that of a firewall that inspects TLS.
/// let trust = Trust::Platform { extra: read_ca_file("firewall.pem".as_ref())? };
/// # Ok::<(), egress::CaFileError>(())
/// ```
#[derive(Clone, Debug)]
pub enum Trust {
    /// The platform's roots, or Mozilla's (compiled in) if the platform has none, and the extra ones.
    Platform {
        /// CA certificates, DER.
        extra: Vec<CertificateDer<'static>>,
    },
    /// Only these CA certificates, DER. At least one.
    Only(Vec<CertificateDer<'static>>),
}

impl Default for Trust {
    /// The platform's roots.
    fn default() -> Self {
        Self::Platform { extra: Vec::new() }
    }
}

/// Why a file of CA certificates is not usable.
///
/// ```no_run
/// use egress::{CaFileError, read_ca_file};
///
/// match read_ca_file("ca.pem".as_ref()) {
///     Ok(certificates) => println!("{} certificates", certificates.len()),
///     Err(CaFileError::NoCertificate { path }) => println!("is {} a key?", path.display()),
///     Err(error) => println!("{error}"),
/// }
/// ```
#[derive(Debug, thiserror::Error)]
pub enum CaFileError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// It is larger than 16 MiB.
    #[error("{} is larger than {} MiB", path.display(), MAX_FILE >> 20)]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// A section of it is malformed PEM (RFC 7468).
    #[error("{} is not a PEM file", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
    },
    /// It has no section `BEGIN CERTIFICATE`.
    #[error("{} contains no certificate", path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
}

/// The largest file with CAs, in bytes. Those of operating systems are half a megabyte.
pub(super) const MAX_FILE: usize = 16 << 20;

/// Reads the certificates (DER) of a PEM file, which may contain other text as well, and may begin with a byte order mark.
/// See the example of [`Trust`].
///
/// # Errors
///
/// See [`CaFileError`]. Whether each certificate is a usable CA is checked by [`Client::new`](super::Client::new).
pub fn read_ca_file(path: &Path) -> Result<Vec<CertificateDer<'static>>, CaFileError> {
    const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
    let path = path.to_owned();
    let content = match read_file(&path, MAX_FILE) {
        Ok(content) => content,
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            return Err(CaFileError::TooLarge { path });
        }
        Err(source) => return Err(CaFileError::Unreadable { path, source }),
    };
    let text = content.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&content);
    match CertificateDer::pem_slice_iter(text).collect() {
        Ok(certificates) if Vec::is_empty(&certificates) => {
            Err(CaFileError::NoCertificate { path })
        }
        Ok(certificates) => Ok(certificates),
        Err(_) => Err(CaFileError::Malformed { path }),
    }
}

/// The TLS configuration of a client, with its cache of resumable sessions.
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

/// The verifier of rustls, with platform roots that are read on demand.
#[derive(Debug)]
struct Verifier {
    provider: Arc<CryptoProvider>,
    /// For the CAs in the options, if any.
    configured: Option<Arc<WebPkiServerVerifier>>,
    /// The certificates in the options.
    certificates: Vec<CertificateDer<'static>>,
    /// `None` if the platform's roots are not trusted. The inner value is `None` if they are not usable.
    platform: Option<OnceLock<Option<Arc<WebPkiServerVerifier>>>>,
}

impl Verifier {
    fn new(trust: &Trust, provider: Arc<CryptoProvider>) -> Result<Self, SetupError> {
        let (configured, platform) = match trust {
            Trust::Only(only) if only.is_empty() => return Err(SetupError::NoCertificate),
            Trust::Only(only) => (only, None),
            Trust::Platform { extra } => (extra, Some(OnceLock::new())),
        };
        let mut roots = RootCertStore::empty();
        for certificate in configured {
            roots
                .add(certificate.clone())
                .map_err(|_| SetupError::Certificate)?;
        }
        let certificates = configured.clone();
        let configured = web_pki(roots, &provider);
        Ok(Self {
            provider,
            configured,
            certificates,
            platform,
        })
    }

    /// The verifier for the platform's roots. The first call reads them, which blocks the thread for some milliseconds.
    fn platform(&self) -> Option<&WebPkiServerVerifier> {
        let platform = self.platform.as_ref()?;
        platform
            .get_or_init(|| web_pki(platform_roots(), &self.provider))
            .as_deref()
    }
}

/// Whether a CA's certificate was refused as that of a server.
fn is_that_of_a_ca(result: &Result<ServerCertVerified, rustls::Error>) -> bool {
    matches!(
        result,
        Err(rustls::Error::InvalidCertificate(error))
            if CertificateProblem::from(error) == CertificateProblem::CaAsServer
    )
}

/// `None` if there is no root.
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
        let by_configured = match &self.configured {
            Some(configured) => verify(configured),
            None => Err(unknown.clone()),
        };
        // `openssl req -x509` makes certificates that are both a CA's and a server's. One that the operator trusts proves
        // as much as one that it has issued. Its validity has been checked before this error.
        if is_that_of_a_ca(&by_configured) && self.certificates.contains(end_entity) {
            let certificate = ParsedCertificate::try_from(end_entity)?;
            verify_server_name(&certificate, server_name)?;
            return Ok(ServerCertVerified::assertion());
        }
        // The platform's roots matter only for an issuer that the configured ones do not know.
        if by_configured.as_ref().err() != Some(&unknown) {
            return by_configured;
        }
        match self.platform() {
            Some(platform) => verify(platform),
            None => by_configured,
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
