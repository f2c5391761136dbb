//! A certification authority, and the TLS side of servers with its certificates.

use std::ops::RangeInclusive;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{ALL_VERSIONS, ServerConfig, SupportedProtocolVersion};

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
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
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

    /// The same with a certificate that is valid from the first to the last day of these years only.
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
        let names: Vec<_> = names.iter().copied().map(String::from).collect();
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name.push(DnType::CommonName, "Server");
        params.not_before = date_time_ymd(*years.start(), 1, 1);
        params.not_after = date_time_ymd(*years.end(), 12, 31);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(versions)?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key.into())?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
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
