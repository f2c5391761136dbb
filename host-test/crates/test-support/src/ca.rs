use std::ops::RangeInclusive;

use scripted_server::Authority;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::version::{TLS12, TLS13};

/// A certification authority for tests, independent of that of the embedded Genesys Cloud: [`Authority`], which panics if it
/// cannot make a certificate.
pub struct Ca(Authority);

impl Ca {
    /// An authority with this common name and a new key.
    pub fn new(name: &str) -> Self {
        Self(Authority::new(name).unwrap())
    }

    /// One whose certificate is also that of a server for `host`.
    pub fn that_is_a_server(host: &str) -> Self {
        Self(Authority::that_is_a_server(&[host]).unwrap())
    }

    /// One that may issue certificates only for this domain.
    pub fn limited_to(domain: &str) -> Self {
        Self(Authority::limited_to(domain).unwrap())
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

    /// The TLS side of a server that shows the authority's own certificate.
    pub fn as_server(&self) -> ServerConfig {
        self.0.as_server().unwrap()
    }

    /// The TLS side of a server for `host` whose certificate is for clients only.
    pub fn server_for_clients(&self, host: &str) -> ServerConfig {
        self.0.server_for_clients(&[host]).unwrap()
    }

    /// The TLS sides of servers for `host` that want a certificate from their clients: with TLS 1.2 only, and with TLS 1.3
    /// only.
    pub fn servers_for_known_clients(&self, host: &str) -> [ServerConfig; 2] {
        [&TLS12, &TLS13].map(|version| {
            let server = self.0.server_for_known_clients(&[host], &[version]);
            server.unwrap()
        })
    }

    /// A certificate with which a client proves who it is, and its key, both as PEM.
    pub fn client(&self, name: &str) -> (String, String) {
        self.0.client(name).unwrap()
    }

    /// The TLS side of a server for `host`, for TLS 1.2 only.
    pub fn tls12_server(&self, host: &str) -> ServerConfig {
        self.0.server_with_versions(&[host], &[&TLS12]).unwrap()
    }

    /// The same with a certificate that is valid from the first to the last day of these years.
    pub fn server_in_years(&self, names: &[&str], years: RangeInclusive<i32>) -> ServerConfig {
        self.0.server_in_years(names, years).unwrap()
    }
}
