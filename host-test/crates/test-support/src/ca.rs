use std::ops::RangeInclusive;

use scripted_server::Authority;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::version::TLS12;

/// A certification authority for tests, independent of that of the embedded Genesys Cloud: [`Authority`], which panics if it
/// cannot make a certificate.
pub struct Ca(Authority);

impl Ca {
    /// An authority with this common name and a new key.
    pub fn new(name: &str) -> Self {
        Self(Authority::new(name).unwrap())
    }

    /// Its certificate.
    pub fn certificate(&self) -> CertificateDer<'static> {
        self.0.certificate()
    }

    /// Its certificate as PEM.
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// The TLS side of a server for `host`.
    pub fn server(&self, host: &str) -> ServerConfig {
        self.server_for(&[host])
    }

    /// The TLS side of a server for several names, which may have wildcards.
    pub fn server_for(&self, names: &[&str]) -> ServerConfig {
        self.0.server(names).unwrap()
    }

    /// The same for TLS 1.2 only.
    pub fn tls12_server(&self, host: &str) -> ServerConfig {
        self.0.server_with_versions(&[host], &[&TLS12]).unwrap()
    }

    /// The same with a certificate that is valid from the first to the last day of these years.
    pub fn server_in_years(&self, names: &[&str], years: RangeInclusive<i32>) -> ServerConfig {
        self.0.server_in_years(names, years).unwrap()
    }
}
