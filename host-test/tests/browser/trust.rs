//! The browser trusts only the embedded Genesys Cloud, by its key.

use std::net::SocketAddr;
use std::sync::Arc;
use test_peers::{Test, tests};

use genesys_sim::{ClientType, GenesysCloud, Options};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::SubjectPublicKeyInfoDer;
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::connection_fixture::ConnectionFixture;

/// The public key of the certificate of the cloud at `address`, which `ca` must have issued.
pub(crate) async fn public_key(address: SocketAddr, ca: &[u8]) -> SubjectPublicKeyInfoDer<'static> {
    let mut roots = RootCertStore::empty();
    roots.add(ca.to_vec().into()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await.unwrap();
    let name = "login.mypurecloud.de".try_into().unwrap();
    let stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .unwrap();
    let certificates = stream.get_ref().1.peer_certificates().unwrap();
    let certificate = ParsedCertificate::try_from(&certificates[0]).unwrap();
    certificate.subject_public_key_info()
}

async fn other_servers_are_not_trusted_and_other_hosts_not_reached() {
    let fixture = ConnectionFixture::start(ClientType::Confidential).await;
    let other = GenesysCloud::start(Options::default()).await.unwrap();
    let browser = fixture.browser().await;
    let other = format!("https://{}/", other.https_addr().unwrap());
    for (url, reason) in [
        (other.as_str(), "ERR_CERT_AUTHORITY_INVALID"),
        ("https://example.com/", "ERR_NAME_NOT_RESOLVED"),
    ] {
        let shown = match browser.client.goto(url).await {
            Ok(()) => browser.client.source().await.unwrap(),
            Err(error) => error.to_string(),
        };
        // A browser without a user interface shows an empty page for each error.
        let address = browser.evaluate("location.href").await;
        let is_error = address.as_str() == Some("chrome-error://chromewebdata/");
        assert!(
            is_error || shown.contains(reason),
            "{url}: {address} {shown}"
        );
    }
    browser
        .go("https://login.mypurecloud.de/oauth/authorize")
        .await;
    browser.find("problem").await;
}

pub(crate) const TESTS: &[Test] =
    tests![other_servers_are_not_trusted_and_other_hosts_not_reached,];
