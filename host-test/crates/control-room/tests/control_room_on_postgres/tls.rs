//! TLS to the server: who answers is verified, and this program shows a certificate where the server wants one.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use control_room::{DatabaseUrl, Place, Store, StoreError};
use test_support::Ca;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

use super::support::place;

/// Serves TLS before the server of the tests, which has none, and returns the port.
async fn serve(tls: ServerConfig, server: String) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let (acceptor, server) = (acceptor.clone(), server.clone());
            tokio::spawn(async move {
                // `SSLRequest`, and that it is granted (PostgreSQL, section 54.2.11).
                let mut request = [0; 8];
                client.read_exact(&mut request).await.unwrap();
                assert_eq!(request, [0, 0, 0, 8, 4, 210, 22, 47]);
                client.write_all(b"S").await.unwrap();
                // Fails if the client refuses the certificate.
                let Ok(mut client) = acceptor.accept(client).await else {
                    return;
                };
                let mut server = TcpStream::connect(server).await.unwrap();
                let _ = copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    port
}

/// Opens a store through TLS, with these parameters in its URL.
async fn open(tls: ServerConfig, parameters: &str) -> Result<Store, StoreError> {
    let folder = tempfile::tempdir().unwrap();
    let (Place::Database(url), key) = place(folder.path()).await else {
        panic!("these tests run on a server");
    };
    let url = url::Url::parse(&url.to_string()).unwrap();
    let server = url.socket_addrs(|| None).unwrap()[0];
    let mut through_tls = url;
    through_tls.set_host(Some("localhost")).unwrap();
    through_tls
        .set_port(Some(serve(tls, server.to_string()).await))
        .unwrap();
    let url = DatabaseUrl::parse(&format!("{through_tls}?{parameters}")).unwrap();
    let store = Store::open(Place::Database(url), key).await?;
    store.check().await?;
    Ok(store)
}

/// Writes a file that only its owner may read, and returns its path.
fn private(folder: &Path, name: &str, content: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path.to_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_certificate_of_the_server_is_verified() {
    let folder = tempfile::tempdir().unwrap();
    let (ca, other) = (Ca::new("Database CA"), Ca::new("Another CA"));
    let roots = private(folder.path(), "ca.pem", &ca.pem());
    let verified = format!("sslmode=verify-full&sslrootcert={roots}");
    open(ca.server("localhost"), &verified).await.unwrap();
    for (tls, problem) in [
        (other.server("localhost"), "UnknownIssuer"),
        (ca.server("db.example.com"), "not valid for name"),
        (ca.server_in_years(&["localhost"], 2020..=2021), "expired"),
    ] {
        let error = open(tls, &verified).await.unwrap_err();
        let error = error.to_string();
        assert!(error.contains(problem), "{error}");
    }
    // The system's certificates do not include it.
    let error = open(ca.server("localhost"), "sslmode=verify-full").await;
    assert!(error.unwrap_err().to_string().contains("UnknownIssuer"));
}

#[tokio::test]
async fn a_certificate_is_shown_to_a_server_that_wants_one() {
    let folder = tempfile::tempdir().unwrap();
    let ca = Ca::new("Database CA");
    let roots = private(folder.path(), "ca.pem", &ca.pem());
    let (certificate, key) = ca.client("bots");
    let certificate = private(folder.path(), "client.pem", &certificate);
    let key = private(folder.path(), "client.key", &key);
    let verified = format!("sslmode=verify-full&sslrootcert={roots}");
    let with_certificate = format!("{verified}&sslcert={certificate}&sslkey={key}");
    for tls in ca.servers_for_known_clients("localhost") {
        open(tls.clone(), &verified).await.unwrap_err();
        open(tls, &with_certificate).await.unwrap();
    }
}
