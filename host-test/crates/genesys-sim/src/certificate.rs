//! A CA of this simulation, and a server certificate that it issues for the hosts of all regions. Both exist in
//! memory only.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

use super::StartError;
use super::region::Region;

/// The certificate of the CA that clients must trust to use the HTTPS address.
#[derive(Clone, Debug)]
pub struct CaCertificate {
    pem: String,
    der: Vec<u8>,
}

impl CaCertificate {
    /// The certificate in PEM.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The certificate in DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }
}

/// Makes the CA, and the acceptor of a server with a certificate from it.
///
/// The server certificate has the names `*.<domain>` of every region and no others, in particular neither `localhost`
/// nor an IP address: a client that verifies the address instead of the name fails.
pub(super) fn generate() -> Result<(CaCertificate, TlsAcceptor), StartError> {
    let ca_key = KeyPair::generate()?;
    let mut ca = CertificateParams::default();
    ca.distinguished_name
        .push(DnType::CommonName, "Embedded Genesys Cloud CA");
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let ca_certificate = ca.self_signed(&ca_key)?;

    let server_key = KeyPair::generate()?;
    let wildcards: Vec<String> = Region::ALL
        .iter()
        .map(|region| format!("*.{}", region.domain()))
        .collect();
    let mut server = CertificateParams::new(wildcards)?;
    server
        .distinguished_name
        .push(DnType::CommonName, "Embedded Genesys Cloud");
    server.is_ca = IsCa::ExplicitNoCa;
    server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    // OpenSSL in strict mode, the default of Python 3.13, rejects a certificate without it.
    server.use_authority_key_identifier_extension = true;
    let server_certificate = server.signed_by(&server_key, &Issuer::from_params(&ca, &ca_key))?;

    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(
            vec![server_certificate.der().clone()],
            PrivatePkcs8KeyDer::from(server_key.serialize_der()).into(),
        )?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];

    let ca_certificate = CaCertificate {
        pem: ca_certificate.pem(),
        der: ca_certificate.der().to_vec(),
    };
    Ok((ca_certificate, TlsAcceptor::from(Arc::new(config))))
}
