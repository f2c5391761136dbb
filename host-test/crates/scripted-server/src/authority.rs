//! A certification authority, and the TLS side of servers with its certificates.

use std::ops::RangeInclusive;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, KeyPair, KeyUsagePurpose, NameConstraints, date_time_ymd,
};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{ALL_VERSIONS, RootCertStore, ServerConfig, SupportedProtocolVersion};

/// The years in which certificates are valid unless said otherwise.
const VALID: RangeInclusive<i32> = 2020..=2099;

/// A certification authority with a key of its own. An *unknown issuer* is another authority.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate cannot be made, such as for a name that is not valid.
#[derive(Debug, thiserror::Error)]
#[error("the certificate cannot be made: {0}")]
pub struct CertificateError(String);

impl Authority {
    /// An authority with this common name and a new key. Clients that insist on RFC 5280, such as Python's, accept it.
    ///
    /// # Errors
    ///
    /// [`CertificateError`]
    pub fn new(name: &str) -> Result<Self, CertificateError> {
        Self::with(name, &[], None)
    }

    /// One whose certificate is also that of a server for these names, as `openssl req -x509` makes them.
    ///
    /// # Errors
    ///
    /// [`CertificateError`]
    pub fn that_is_a_server(names: &[&str]) -> Result<Self, CertificateError> {
        Self::with("Server and authority", names, None)
    }

    /// One that may issue certificates only for this domain (RFC 5280, section 4.2.1.10).
    ///
    /// # Errors
    ///
    /// [`CertificateError`]
    pub fn limited_to(domain: &str) -> Result<Self, CertificateError> {
        Self::with("Limited authority", &[], Some(domain))
    }

    fn with(name: &str, names: &[&str], domain: Option<&str>) -> Result<Self, CertificateError> {
        let names: Vec<_> = names.iter().copied().map(String::from).collect();
        let mut params = CertificateParams::new(names)?;
        params.name_constraints = domain.map(|domain| NameConstraints {
            permitted_subtrees: vec![GeneralSubtree::DnsName(domain.into())],
            excluded_subtrees: Vec::new(),
        });
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![
            KeyUsagePurpose::KeyCertSign,
            KeyUsagePurpose::CrlSign,
            KeyUsagePurpose::DigitalSignature,
        ];
        params.not_before = date_time_ymd(*VALID.start(), 1, 1);
        params.not_after = date_time_ymd(*VALID.end(), 12, 31);
        let key = KeyPair::generate()?;
        let issuer = CertifiedIssuer::self_signed(params, key)?;
        Ok(Self { issuer })
    }

    /// Its certificate, DER.
    pub fn certificate(&self) -> CertificateDer<'static> {
        self.issuer.der().clone()
    }

    /// Its certificate as PEM.
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// The TLS side of a server for these names, which may have wildcards or be addresses.
    ///
    /// # Errors
    ///
    /// [`CertificateError`]
    pub fn server(&self, names: &[&str]) -> Result<ServerConfig, CertificateError> {
        self.issue(names, VALID, ALL_VERSIONS)
    }

    /// The TLS side of a server that shows the authority's own certificate.
    ///
    /// # Errors
    ///
    /// [`CertificateError`]
    pub fn as_server(&self) -> Result<ServerConfig, CertificateError> {
        server(self.certificate(), self.issuer.key(), ALL_VERSIONS)
    }

    /// The TLS side of a server whose certificate is for clients only (RFC 5280, section 4.2.1.12).
    ///
    /// # Errors
    ///
    /// [`CertificateError`]
    pub fn server_for_clients(&self, names: &[&str]) -> Result<ServerConfig, CertificateError> {
        let mut params = params(names, VALID)?;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(&params, ALL_VERSIONS)
    }

    /// The TLS side of a server that wants a certificate of this authority from its clients, with these versions of TLS
    /// only.
    ///
    /// # Errors
    ///
    /// [`CertificateError`]
    pub fn server_for_known_clients(
        &self,
        names: &[&str],
        versions: &[&'static SupportedProtocolVersion],
    ) -> Result<ServerConfig, CertificateError> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate())?;
        let provider = Arc::new(ring::default_provider());
        let clients = WebPkiClientVerifier::builder_with_provider(roots.into(), provider)
            .build()
            .map_err(|error| CertificateError(error.to_string()))?;
        let key = KeyPair::generate()?;
        let certificate = params(names, VALID)?.signed_by(&key, &self.issuer)?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(versions)?
            .with_client_cert_verifier(clients)
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            )?;
        Ok(config)
    }

    /// A certificate with which a client proves who it is, and its key, both as PEM.
    ///
    /// # Errors
    ///
    /// [`CertificateError`]
    pub fn client(&self, name: &str) -> Result<(String, String), CertificateError> {
        let mut params = params(&[], VALID)?;
        params.distinguished_name.push(DnType::CommonName, name);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok((certificate.pem(), key.serialize_pem()))
    }

    /// The TLS side of a server whose certificate is valid from the first to the last day of these years only.
    ///
    /// # Errors
    ///
    /// [`CertificateError`]
    pub fn server_in_years(
        &self,
        names: &[&str],
        years: RangeInclusive<i32>,
    ) -> Result<ServerConfig, CertificateError> {
        self.issue(names, years, ALL_VERSIONS)
    }

    /// The same with these versions of TLS only.
    ///
    /// # Errors
    ///
    /// [`CertificateError`]
    pub fn server_with_versions(
        &self,
        names: &[&str],
        versions: &[&'static SupportedProtocolVersion],
    ) -> Result<ServerConfig, CertificateError> {
        self.issue(names, VALID, versions)
    }

    fn issue(
        &self,
        names: &[&str],
        years: RangeInclusive<i32>,
        versions: &[&'static SupportedProtocolVersion],
    ) -> Result<ServerConfig, CertificateError> {
        self.sign(&params(names, years)?, versions)
    }

    fn sign(
        &self,
        params: &CertificateParams,
        versions: &[&'static SupportedProtocolVersion],
    ) -> Result<ServerConfig, CertificateError> {
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        server(certificate.der().clone(), &key, versions)
    }
}

/// What is in the certificate of a server.
fn params(
    names: &[&str],
    years: RangeInclusive<i32>,
) -> Result<CertificateParams, CertificateError> {
    let names: Vec<_> = names.iter().copied().map(String::from).collect();
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, "Server");
    params.not_before = date_time_ymd(*years.start(), 1, 1);
    params.not_after = date_time_ymd(*years.end(), 12, 31);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

fn server(
    certificate: CertificateDer<'static>,
    key: &KeyPair,
    versions: &[&'static SupportedProtocolVersion],
) -> Result<ServerConfig, CertificateError> {
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)?
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key.into())?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

impl From<rcgen::Error> for CertificateError {
    fn from(error: rcgen::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<tokio_rustls::rustls::Error> for CertificateError {
    fn from(error: tokio_rustls::rustls::Error) -> Self {
        Self(error.to_string())
    }
}
