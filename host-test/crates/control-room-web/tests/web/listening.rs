//! The address that the pages are served on, and TLS.

use std::fs;
use std::path::Path;

use bot_engine::Catalogue;
use control_room::{KeySource, Place, Store};
use control_room_web::{Options, Pages, StartError, Tls, TlsError};
use egress::AllowList;

use crate::client::engine;

async fn options(listen: [u8; 4], tls: Option<Tls>) -> Options {
    let store = Store::open(Place::Memory, KeySource::InFolder)
        .await
        .unwrap();
    let network = egress::Options::new(AllowList::default());
    let engine = engine(network.clone());
    Options {
        listen: (listen, 0).into(),
        tls,
        catalogue: Catalogue::load(&*engine.actions).await.unwrap().into(),
        engine,
        connections: store.connections(network),
        simulation: None,
        store,
    }
}

/// A certificate and its key, in files.
fn certificate(folder: &Path) -> (std::path::PathBuf, std::path::PathBuf) {
    let generated = rcgen::generate_simple_self_signed(["localhost".into()]).unwrap();
    let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
    fs::write(&certificate, generated.cert.pem()).unwrap();
    fs::write(&key, generated.signing_key.serialize_pem()).unwrap();
    (certificate, key)
}

#[tokio::test]
async fn plain_http_is_served_on_loopback_only() {
    for listen in [[0, 0, 0, 0], [192, 0, 2, 1]] {
        let refused = Pages::serve(options(listen, None).await).await;
        assert!(matches!(refused, Err(StartError::NeedsTls(_))));
    }
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = certificate(folder.path());
    let tls = Tls::read(&certificate, &key).unwrap();
    let pages = Pages::serve(options([0, 0, 0, 0], Some(tls)).await)
        .await
        .unwrap();
    assert!(pages.url().starts_with("https://0.0.0.0:"));
}

#[tokio::test]
async fn with_tls_the_cookie_is_secure_and_host_only() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = certificate(folder.path());
    let tls = Tls::read(&certificate, &key).unwrap();
    let pages = Pages::serve(options([127, 0, 0, 1], Some(tls)).await)
        .await
        .unwrap();
    let root = reqwest::Certificate::from_pem(&fs::read(&certificate).unwrap()).unwrap();
    let client = reqwest::Client::builder()
        .add_root_certificate(root)
        .resolve("localhost", pages.address())
        .build()
        .unwrap();
    let url = format!("https://localhost:{}/sign-in", pages.address().port());
    let answer = client.get(url).send().await.unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    let name = format!("__Host-control-room-{}=", pages.address().port());
    assert!(cookie.starts_with(&name), "{cookie}");
    assert!(
        cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict; Secure"),
        "{cookie}"
    );
    assert!(answer.headers().contains_key("strict-transport-security"));
}

#[tokio::test]
async fn unusable_certificates_are_rejected_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = certificate(folder.path());
    let nothing = folder.path().join("nothing");
    assert!(matches!(
        Tls::read(&nothing, &key),
        Err(TlsError::Read { .. })
    ));
    assert!(matches!(
        Tls::read(&key, &key),
        Err(TlsError::NotPem { .. })
    ));
    assert!(matches!(
        Tls::read(&certificate, &certificate),
        Err(TlsError::NotPem { .. })
    ));
}
