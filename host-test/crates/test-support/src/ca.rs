use std::ops::RangeInclusive;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, date_time_ymd,
};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::version::TLS12;
use tokio_rustls::rustls::{ALL_VERSIONS, ServerConfig, SupportedProtocolVersion};

/// The years in which certificates are valid by default.
const VALID: RangeInclusive<i32> = 2020..=2099;

/// A certification authority for tests, independent of that of the embedded Genesys Cloud.
pub struct Ca {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Ca {
    /// An authority with this common name and a new key.
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let issuer = CertifiedIssuer::self_signed(params, key).unwrap();
        Self { issuer }
    }

    /// Its certificate.
    pub fn certificate(&self) -> CertificateDer<'static> {
        self.issuer.der().clone()
    }

    /// Its certificate as PEM.
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// The TLS side of a server for `host`.
    pub fn server(&self, host: &str) -> ServerConfig {
        self.issue(&[host], VALID, ALL_VERSIONS)
    }

    /// The TLS side of a server for several names, which may have wildcards.
    pub fn server_for(&self, names: &[&str]) -> ServerConfig {
        self.issue(names, VALID, ALL_VERSIONS)
    }

    /// The same for TLS 1.2 only.
    pub fn tls12_server(&self, host: &str) -> ServerConfig {
        self.issue(&[host], VALID, &[&TLS12])
    }

    /// The same with a certificate that is valid from the first to the last day of these years.
    pub fn server_in_years(&self, names: &[&str], years: RangeInclusive<i32>) -> ServerConfig {
        self.issue(names, years, ALL_VERSIONS)
    }

    fn issue(
        &self,
        names: &[&str],
        years: RangeInclusive<i32>,
        versions: &[&'static SupportedProtocolVersion],
    ) -> ServerConfig {
        let names: Vec<_> = names.iter().copied().map(String::from).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.not_before = date_time_ymd(*years.start(), 1, 1);
        params.not_after = date_time_ymd(*years.end(), 12, 31);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key.into())
            .unwrap();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        config
    }
}
