//! Which requests are sent, and the order of the checks.

use bytes::Bytes;
use egress::{AllowList, Client, Error, Options, Proxies, Timeouts};
use http::{Method, Request, StatusCode};
use http_body_util::Full;
use test_support::https::{Reply, Server};
use test_support::{HOST, URL, client, get, options, request};

/// A client without a gateway that may reach `host`.
fn direct(host: &str) -> Client {
    Client::new(Options {
        proxies: Proxies::None,
        ..Options::new(AllowList::parse([host]).unwrap())
    })
    .unwrap()
}

#[tokio::test]
async fn only_https_passes() {
    let server = Server::start(Reply::ok("")).await;
    for url in ["http://api.example.com/", "ftp://api.example.com/", "/path"] {
        let error = get(&client(&server), url).await.unwrap_err();
        assert_eq!(error, Error::NotHttps, "{url}");
    }
    assert_eq!(server.accepted(), 0);
}

#[tokio::test]
async fn user_info_in_a_url_is_refused_and_not_shown() {
    let server = Server::start(Reply::ok("")).await;
    let error = get(&client(&server), "https://canary@api.example.com/").await;
    let error = error.unwrap_err();
    assert!(matches!(error, Error::InvalidRequest(_)), "{error}");
    assert!(!error.to_string().contains("canary"));
}

#[tokio::test]
async fn an_invalid_port_does_not_become_443() {
    let server = Server::start(Reply::ok("")).await;
    for url in [
        "https://api.example.com:99999/",
        "https://api.example.com:/",
    ] {
        let error = get(&client(&server), url).await.unwrap_err();
        assert!(matches!(error, Error::InvalidRequest(_)), "{url}: {error}");
    }
}

#[tokio::test]
async fn connect_is_refused() {
    let server = Server::start(Reply::ok("")).await;
    let mut request = request(URL);
    *request.method_mut() = Method::CONNECT;
    let error = client(&server).send(request, Timeouts::default()).await;
    assert!(matches!(error, Err(Error::InvalidRequest(_))));
}

#[tokio::test]
async fn a_host_is_checked_before_its_name_is_resolved() {
    let client = direct("api.example.com");
    for (url, host, port) in [
        ("https://no.such.host.invalid/", "no.such.host.invalid", 443),
        ("https://api.example.com:8443/", "api.example.com", 8443),
        ("https://127.0.0.1/", "127.0.0.1", 443),
    ] {
        let host = host.to_owned();
        let error = get(&client, url).await.unwrap_err();
        assert_eq!(error, Error::HostNotAllowed { host, port }, "{url}");
    }
}

#[tokio::test]
async fn an_allowed_name_of_a_loopback_address_is_refused() {
    let host = "localhost".to_owned();
    let error = get(&direct("localhost"), "https://localhost/").await;
    assert_eq!(error, Err(Error::AddressNotAllowed { host }));
}

#[tokio::test]
async fn an_allowed_address_that_is_not_public_is_refused() {
    for host in [
        "127.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "169.254.169.254",
    ] {
        let error = get(&direct(host), &format!("https://{host}/")).await;
        let host = host.to_owned();
        assert_eq!(error, Err(Error::AddressNotAllowed { host }));
    }
}

#[tokio::test]
async fn a_name_without_an_address_is_an_error() {
    let host = "no.such.host.invalid".to_owned();
    let error = get(&direct(&host), "https://no.such.host.invalid/").await;
    assert_eq!(error, Err(Error::NameNotResolved { host }));
}

#[tokio::test]
async fn a_private_address_is_known_before_a_request() {
    let client = direct("localhost");
    for (host, is_refused) in [
        ("localhost", true),
        ("10.0.0.1", true),
        ("[::1]", true),
        ("1.1.1.1", false),
        ("no.such.host.invalid", false),
    ] {
        assert_eq!(
            client.refuses_address(host, 443).await,
            is_refused,
            "{host}"
        );
    }
}

#[tokio::test]
async fn a_gateway_is_connected_to_whatever_its_address() {
    let server = Server::start(Reply::ok("hello")).await;
    assert!(!client(&server).refuses_address("10.0.0.1", 443).await);
    let (status, body) = get(&client(&server), URL).await.unwrap();
    assert_eq!((status, &body[..]), (StatusCode::OK, &b"hello"[..]));
}

#[tokio::test]
async fn a_gateway_may_be_a_name() {
    let server = Server::start(Reply::ok("")).await;
    let gateway = format!("localhost:{}", server.address().port());
    let options = Options {
        gateway: Some(gateway.parse().unwrap()),
        ..options(&server)
    };
    get(&Client::new(options).unwrap(), URL).await.unwrap();
}

#[tokio::test]
async fn behind_a_gateway_tls_name_and_host_header_stay_those_of_the_url() {
    let server = Server::start(Reply::ok("")).await;
    get(&client(&server), URL).await.unwrap();
    assert_eq!(server.names(), [HOST]);
    assert!(server.requests()[0].starts_with("GET /path?query HTTP/1.1\r\n"));
    assert!(server.requests()[0].contains("host: api.example.com\r\n"));
}

#[tokio::test]
async fn a_gateway_does_not_widen_the_allow_list() {
    let server = Server::start(Reply::ok("")).await;
    let url = format!("https://127.0.0.1:{}/", server.address().port());
    let error = get(&client(&server), &url).await.unwrap_err();
    assert!(matches!(error, Error::HostNotAllowed { .. }), "{error}");
}

#[tokio::test]
async fn a_gateway_that_refuses_is_an_error() {
    let server = Server::start(Reply::ok("")).await;
    // Nothing listens on port 1 of loopback.
    let options = Options {
        gateway: Some("127.0.0.1:1".parse().unwrap()),
        ..options(&server)
    };
    let error = get(&Client::new(options).unwrap(), URL).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "could not connect to the gateway 127.0.0.1:1: connection refused"
    );
}

#[tokio::test]
async fn a_host_header_of_the_caller_is_replaced() {
    let server = Server::start(Reply::ok("")).await;
    let request = Request::post(URL)
        .header("host", "evil.example.net")
        .body(Full::new(Bytes::from_static(b"body")))
        .unwrap();
    let response = client(&server).send(request, Timeouts::default()).await;
    assert_eq!(response.unwrap().status(), StatusCode::OK);
    let received = &server.requests()[0];
    assert!(received.contains("host: api.example.com\r\n"));
    assert!(!received.contains("evil"));
    assert!(received.ends_with("\r\n\r\nbody"));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let head = format!("HTTP/1.1 {status} X\r\nLocation: {URL}\r\nContent-Length: 0\r\n\r\n");
        let server = Server::start(Reply::keep(head)).await;
        let (response, _) = get(&client(&server), URL).await.unwrap();
        assert_eq!(response.as_u16(), status);
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_client_with_an_empty_list_sends_nothing() {
    let client = Client::new(Options {
        proxies: Proxies::None,
        ..Options::new(AllowList::default())
    });
    let error = get(&client.unwrap(), "https://api.mypurecloud.de/").await;
    assert!(matches!(error, Err(Error::HostNotAllowed { .. })));
}
