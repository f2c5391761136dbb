//! Which servers are trusted, and the errors for those that are not.

use std::env::temp_dir;
use std::fs;
use std::path::PathBuf;
use std::process;
use std::sync::Arc;

use egress::{
    CaFileError, CertificateProblem, Client, Error, Options, SetupError, Trust, read_ca_file,
};
use test_support::https::{Reply, Server};
use test_support::{Ca, HOST, Log, URL, client, get, options, settle};
use tokio::net::TcpListener;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The problem with the TLS configuration that `issue` makes. The server must receive nothing of the request.
async fn refused(issue: impl Fn(&Ca) -> ServerConfig) -> CertificateProblem {
    let ca = Ca::new("Test CA");
    let config = issue(&ca);
    let server = Server::with_certificate(ca, config, |_| Reply::ok("")).await;
    let Err(Error::Certificate { host, problem }) = get(&client(&server), URL).await else {
        panic!("the certificate was accepted");
    };
    assert_eq!(host, HOST);
    server.closed().await;
    assert_eq!(server.bytes(), 0);
    problem
}

#[tokio::test]
async fn an_expired_certificate_is_an_error_before_a_byte_is_sent() {
    let problem = refused(|ca| ca.server_in_years(&[HOST], 2000..=2001)).await;
    assert_eq!(problem, CertificateProblem::Expired);
}

#[tokio::test]
async fn a_certificate_that_is_not_valid_yet_is_an_error_before_a_byte_is_sent() {
    let problem = refused(|ca| ca.server_in_years(&[HOST], 3000..=3001)).await;
    assert_eq!(problem, CertificateProblem::Expired);
}

#[tokio::test]
async fn a_wrong_name_is_an_error_before_a_byte_is_sent() {
    let problem = refused(|ca| ca.server("api.example.org")).await;
    assert_eq!(problem, CertificateProblem::WrongName);
}

#[tokio::test]
async fn an_unknown_issuer_is_an_error_before_a_byte_is_sent() {
    let problem = refused(|_| Ca::new("Another CA").server(HOST)).await;
    assert_eq!(problem, CertificateProblem::UnknownIssuer);
}

#[tokio::test]
async fn a_certificate_for_clients_is_refused_with_its_purpose() {
    let problem = refused(|ca| ca.server_for_clients(HOST)).await;
    assert_eq!(problem, CertificateProblem::Purpose);
}

/// The outcome of a request to a server with this certificate, for a client that trusts `trusted`.
async fn outcome(trusted: &Ca, config: ServerConfig) -> Result<(), Error> {
    let server = Server::with_certificate(Ca::new("Not used"), config, |_| Reply::ok("")).await;
    let options = Options {
        trust: Trust::Only(vec![trusted.certificate()]),
        ..options(&server)
    };
    get(&Client::new(options).unwrap(), URL).await.map(drop)
}

fn refused_for(problem: CertificateProblem) -> Result<(), Error> {
    let host = HOST.to_owned();
    Err(Error::Certificate { host, problem })
}

#[tokio::test]
async fn the_names_that_a_ca_may_issue_for_are_respected() {
    let ca = Ca::limited_to("example.com");
    assert_eq!(outcome(&ca, ca.server(HOST)).await, Ok(()));
    let ca = Ca::limited_to("example.org");
    assert_eq!(
        outcome(&ca, ca.server(HOST)).await,
        refused_for(CertificateProblem::NameConstraints)
    );
}

/// A CA and the certificate that it has issued for [`HOST`], in PEM. Made with `openssl`, as the library that issues the
/// others does not sign in these ways.
const UNSUPPORTED: [(&str, &str); 2] = [
    (
        include_str!("fixtures/ca-p521.pem"),
        include_str!("fixtures/by-p521.pem"),
    ),
    (
        include_str!("fixtures/ca-pss.pem"),
        include_str!("fixtures/by-pss.pem"),
    ),
];

/// The key of these certificates (P-256).
const KEY: &str = include_str!("fixtures/server-key.pem");

#[tokio::test]
async fn a_certificate_with_the_signature_of_p_521_or_rsa_pss_is_refused_with_its_algorithm() {
    for (ca, certificate) in UNSUPPORTED {
        let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
        let key = PrivateKeyDer::from_pem_slice(KEY.as_bytes()).unwrap();
        let provider = Arc::new(ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        let server = Server::with_certificate(Ca::new("Not used"), config, |_| Reply::ok("")).await;
        let options = Options {
            trust: Trust::Only(vec![CertificateDer::from_pem_slice(ca.as_bytes()).unwrap()]),
            ..options(&server)
        };
        let answer = get(&Client::new(options).unwrap(), URL).await.map(drop);
        assert_eq!(answer, refused_for(CertificateProblem::Algorithm));
        server.closed().await;
        assert_eq!(server.bytes(), 0);
    }
}

#[tokio::test]
async fn a_self_signed_certificate_of_a_ca_is_accepted_if_it_is_trusted_itself() {
    let ca = Ca::that_is_a_server(HOST);
    assert_eq!(outcome(&ca, ca.as_server()).await, Ok(()));
    let other = Ca::that_is_a_server("api.example.org");
    assert_eq!(
        outcome(&other, other.as_server()).await,
        refused_for(CertificateProblem::WrongName)
    );
    assert_eq!(
        outcome(&Ca::new("Another CA"), ca.as_server()).await,
        refused_for(CertificateProblem::CaAsServer)
    );
    // An impostor with the same name has another key.
    assert_eq!(
        outcome(&ca, Ca::that_is_a_server(HOST).as_server()).await,
        refused_for(CertificateProblem::CaAsServer)
    );
}

#[tokio::test]
async fn a_server_that_wants_a_client_certificate_is_the_same_error_in_both_versions_of_tls() {
    let ca = Ca::new("Test CA");
    for config in ca.servers_for_known_clients(HOST) {
        let host = HOST.to_owned();
        assert_eq!(outcome(&ca, config).await, Err(Error::Tls { host }));
    }
}

#[test]
fn each_problem_has_its_own_message() {
    let message = |problem| {
        let host = HOST.to_owned();
        Error::Certificate { host, problem }.to_string()
    };
    let mut messages = CertificateProblem::ALL.map(message).to_vec();
    assert_eq!(
        messages[0],
        "the certificate of api.example.com is not trusted: it is expired or not yet valid"
    );
    messages.sort();
    messages.dedup();
    assert_eq!(messages.len(), CertificateProblem::ALL.len());
}

/// Whether the platform's roots were read for a request that trusts them and `extra` as well, and its
/// outcome.
async fn with_the_platforms_roots(extra: &[&Ca], server: &Server) -> (bool, Result<(), Error>) {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let options = Options {
        trust: Trust::Platform {
            extra: extra.iter().map(|ca| ca.certificate()).collect(),
        },
        ..options(server)
    };
    let outcome = get(&Client::new(options).unwrap(), URL).await;
    let read = log.text().contains("read the platform's root certificates");
    (read, outcome.map(drop))
}

#[tokio::test]
async fn with_an_extra_ca_that_verifies_the_platforms_roots_are_not_read() {
    let server = Server::start(Reply::ok("")).await;
    let extra = [&Ca::new("Another CA"), server.ca()];
    let (read, outcome) = with_the_platforms_roots(&extra, &server).await;
    assert_eq!((read, outcome), (false, Ok(())));
}

#[tokio::test]
async fn the_platforms_roots_are_read_if_no_extra_ca_verifies() {
    let server = Server::start(Reply::ok("")).await;
    for extra in [&[][..], &[&Ca::new("Another CA")]] {
        let (read, outcome) = with_the_platforms_roots(extra, &server).await;
        let unknown = Error::Certificate {
            host: HOST.to_owned(),
            problem: CertificateProblem::UnknownIssuer,
        };
        assert_eq!((read, outcome), (true, Err(unknown)));
    }
}

#[tokio::test]
async fn a_server_without_tls_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = Server::start(Reply::ok("")).await;
    let options = Options {
        gateway: Some(listener.local_addr().unwrap().try_into().unwrap()),
        ..options(&server)
    };
    let client = Client::new(options).unwrap();
    let response = async {
        let (stream, _) = listener.accept().await.unwrap();
        stream.writable().await.unwrap();
        stream
            .try_write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .unwrap();
        stream
    };
    let (result, _stream) = tokio::join!(get(&client, URL), response);
    let host = HOST.to_owned();
    assert_eq!(result, Err(Error::Tls { host }));
}

#[tokio::test]
async fn tls_1_2_is_supported() {
    let ca = Ca::new("Test CA");
    let config = ca.tls12_server(HOST);
    let server = Server::with_certificate(ca, config, |_| Reply::ok("")).await;
    get(&client(&server), URL).await.unwrap();

    let problem = refused(|_| Ca::new("Another CA").tls12_server(HOST)).await;
    assert_eq!(problem, CertificateProblem::UnknownIssuer);
}

#[tokio::test]
async fn a_tls_session_is_resumed() {
    let server = Server::start(Reply::close("HTTP/1.1 204 No Content\r\n\r\n")).await;
    let client = client(&server);
    for _ in 0..2 {
        get(&client, URL).await.unwrap();
        server.closed().await;
        settle().await;
    }
    assert_eq!((server.accepted(), server.resumed()), (2, 1));
}

#[test]
fn trusting_no_certificate_or_a_malformed_one_is_an_error() {
    let error = |trust| {
        let options = Options {
            trust,
            ..Options::new(Default::default())
        };
        Client::new(options).unwrap_err()
    };
    assert_eq!(error(Trust::Only(vec![])), SetupError::NoCertificate);
    let garbage = vec![b"garbage".to_vec().into()];
    assert_eq!(error(Trust::Only(garbage)), SetupError::Certificate);
}

/// A temporary file.
struct File(PathBuf);

impl File {
    fn new(name: &str, content: &str) -> Self {
        let path = temp_dir().join(format!("network-{}-{name}.pem", process::id()));
        fs::write(&path, content).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[test]
fn a_ca_file_may_hold_several_certificates() {
    let (one, two) = (Ca::new("One"), Ca::new("Two"));
    let file = File::new("two", &format!("A comment\n{}\n{}", one.pem(), two.pem()));
    let certificates = read_ca_file(&file.0).unwrap();
    assert_eq!(certificates, [one.certificate(), two.certificate()]);
}

#[test]
fn a_ca_file_may_begin_with_a_byte_order_mark() {
    let ca = Ca::new("One");
    let file = File::new("mark", &format!("\u{feff}{}", ca.pem()));
    assert_eq!(read_ca_file(&file.0).unwrap(), [ca.certificate()]);
}

#[test]
fn missing_empty_and_malformed_ca_files_are_errors() {
    let missing = temp_dir().join("network-there-is-no-such-file.pem");
    let error = read_ca_file(&missing).unwrap_err();
    assert!(matches!(error, CaFileError::Unreadable { .. }), "{error}");

    for content in ["", "no PEM at all"] {
        let file = File::new("empty", content);
        let error = read_ca_file(&file.0).unwrap_err();
        assert!(
            matches!(error, CaFileError::NoCertificate { .. }),
            "{error}"
        );
    }

    let unended = "-----BEGIN CERTIFICATE-----\nAAAA\n";
    let file = File::new("malformed", unended);
    let error = read_ca_file(&file.0).unwrap_err();
    assert!(matches!(error, CaFileError::Malformed { .. }), "{error}");
}
