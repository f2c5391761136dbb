//! The address that the pages are served on, and TLS.

use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::mpsc;

use bot_engine::Catalogue;
use control_room::{KeySource, Place, Store};
use control_room_web::{Options, Pages, StartError, Tls, TlsError};
use egress::AllowList;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpSocket;
use tokio::task::spawn_blocking;
use tokio::time::pause;

use crate::client::{ControlRoom, PASSWORD, engine};

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
        pool: None,
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

#[test]
fn certificate_and_key_may_begin_with_a_byte_order_mark() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = certificate(folder.path());
    for file in [&certificate, &key] {
        let pem = fs::read_to_string(file).unwrap();
        fs::write(file, format!("\u{feff}{pem}")).unwrap();
    }
    Tls::read(&certificate, &key).unwrap();
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

/// Of one address and of many: 127.0.0.0/8 is loopback.
#[tokio::test]
async fn idle_half_open_and_slow_connections_do_not_keep_others_out() {
    let room = ControlRoom::start().await;
    let port = room.pages.address().port();
    let mut open = Vec::new();
    for n in 0..1200_u32 {
        let socket = TcpSocket::new_v4().unwrap();
        let from = Ipv4Addr::from_bits(Ipv4Addr::LOCALHOST.to_bits() + n % 5);
        socket.bind((from, 0).into()).unwrap();
        let stream = socket.connect((Ipv4Addr::LOCALHOST, port).into()).await;
        let mut stream = stream.unwrap();
        let sent: &[u8] = match n % 3 {
            0 => b"",
            1 => b"GET /sign-in HTTP/1.1\r\nHo",
            // A body that never comes.
            _ => b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nx",
        };
        // It may have been closed already.
        let _ = stream.write_all(sent).await;
        open.push(stream);
    }
    // Nobody has to wait until they time out: the server's time stands still, as long as a thread is busy.
    pause();
    let (done, until_done) = mpsc::channel::<()>();
    let busy = spawn_blocking(move || until_done.recv());
    let mut ada = room.client();
    assert_eq!(ada.sign_in("ada", PASSWORD).await.status, 303);
    assert_eq!(ada.get("/bots").await.status, 200);
    drop(done);
    busy.await.unwrap().unwrap_err();
}
