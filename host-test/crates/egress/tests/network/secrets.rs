//! Secrets do not appear in logs or `Debug`: a canary goes in, and all output is searched for it.

use std::fmt::Write as _;

use bytes::Bytes;
use egress::{Client, Options, Proxies, ProxySettings, Timeouts};
use http::Request;
use http_body_util::Full;
use test_support::https::{Reply, Server};
use test_support::{Log, Proxy, options, read};

#[tokio::test]
async fn no_secret_is_traced_or_shown_by_debug() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());

    let server = Server::start(Reply::ok("canary")).await;
    let proxy = Proxy::to(server.address()).await;
    let settings = ProxySettings {
        https: Some(format!("http://canary:canary@{}", proxy.address()).into()),
        ..ProxySettings::default()
    };
    let options = Options {
        gateway: None,
        proxies: Proxies::Explicit(settings),
        ..options(&server)
    };
    let mut shown = format!("{options:?}");
    let client = Client::new(options).unwrap();
    let request = Request::post("https://api.example.com/canary?canary")
        .header("authorization", "Bearer canary")
        .body(Full::new(Bytes::from_static(b"canary")))
        .unwrap();
    let response = client.send(request, Timeouts::default()).await.unwrap();
    write!(shown, "{client:?} {response:?}").unwrap();
    read(response).await.unwrap();

    // The server did receive it.
    assert!(server.requests()[0].contains("Bearer canary"));
    // What an operator needs to know is logged.
    assert!(
        log.text().contains("message=connected host=\"127.0.0.1\""),
        "{}",
        log.text()
    );
    for text in [shown, log.text()] {
        assert!(!text.contains("canary"), "{text}");
        assert!(!text.contains("Y2FuYXJ5"), "{text}");
    }
}
