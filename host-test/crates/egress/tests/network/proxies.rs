//! Requests through the operator's proxies.

use egress::{AllowList, Client, Error, Options, Proxies, ProxySettings};
use http::StatusCode;
use test_support::https::{Reply, Server};
use test_support::{Proxy, URL, get, options};

fn settings(proxy: &Proxy) -> ProxySettings {
    ProxySettings {
        https: Some(format!("http://{}", proxy.address()).into()),
        ..ProxySettings::default()
    }
}

fn through(server: &Server, settings: ProxySettings) -> Client {
    Client::new(Options {
        gateway: None,
        proxies: Proxies::Explicit(settings),
        ..options(server)
    })
    .unwrap()
}

#[tokio::test]
async fn a_proxy_opens_a_tunnel_and_sees_nothing_of_the_request() {
    let server = Server::start(Reply::ok("hello")).await;
    let proxy = Proxy::to(server.address()).await;
    let client = through(&server, settings(&proxy));
    for _ in 0..2 {
        assert_eq!(get(&client, URL).await.unwrap().1, "hello");
    }
    assert_eq!(
        proxy.requests(),
        ["CONNECT api.example.com:443 HTTP/1.1\r\nhost: api.example.com:443\r\n\r\n"]
    );
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn all_proxy_is_used_if_https_proxy_is_not_set() {
    let server = Server::start(Reply::ok("")).await;
    let proxy = Proxy::to(server.address()).await;
    let settings = ProxySettings {
        all: settings(&proxy).https,
        ..ProxySettings::default()
    };
    get(&through(&server, settings), URL).await.unwrap();
    assert_eq!(proxy.requests().len(), 1);
}

#[tokio::test]
async fn credentials_are_decoded_and_sent_to_the_proxy_only() {
    let server = Server::start(Reply::ok("")).await;
    let proxy = Proxy::to(server.address()).await;
    let url = format!("http://user%40corp:p%3Ass@{}", proxy.address());
    let settings = ProxySettings {
        https: Some(url.into()),
        ..ProxySettings::default()
    };
    get(&through(&server, settings), URL).await.unwrap();
    // The base64 of "user@corp:p:ss".
    let basic = "proxy-authorization: Basic dXNlckBjb3JwOnA6c3M=\r\n";
    assert!(
        proxy.requests()[0].contains(basic),
        "{:?}",
        proxy.requests()
    );
    assert!(!server.requests()[0].contains("roxy"));
}

#[tokio::test]
async fn with_no_proxy_connections_are_direct_and_addresses_checked_again() {
    let server = Server::start(Reply::ok("")).await;
    let proxy = Proxy::to(server.address()).await;
    let client = |no_proxy: &str| {
        let settings = ProxySettings {
            no_proxy: Some(no_proxy.to_owned()),
            ..settings(&proxy)
        };
        let mut options = Options {
            gateway: None,
            proxies: Proxies::Explicit(settings),
            ..options(&server)
        };
        options.allow = AllowList::parse(["localhost"]).unwrap();
        Client::new(options).unwrap()
    };
    for no_proxy in ["localhost", "example.com, localhost", "*"] {
        let error = get(&client(no_proxy), "https://localhost/").await;
        assert!(matches!(error, Err(Error::AddressNotAllowed { .. })));
    }
    assert!(proxy.requests().is_empty());
    // Through the proxy, the name is not resolved here; only the certificate is for another name.
    let error = get(&client("example.com"), "https://localhost/").await;
    assert!(matches!(error, Err(Error::Certificate { .. })), "{error:?}");
    assert_eq!(proxy.requests().len(), 1);
}

#[tokio::test]
async fn an_address_that_is_not_public_is_not_reached_through_a_proxy_either() {
    let server = Server::start(Reply::ok("")).await;
    let proxy = Proxy::to(server.address()).await;
    let options = Options {
        gateway: None,
        proxies: Proxies::Explicit(settings(&proxy)),
        allow: AllowList::parse(["169.254.169.254"]).unwrap(),
        ..options(&server)
    };
    let error = get(&Client::new(options).unwrap(), "https://169.254.169.254/").await;
    assert!(matches!(error, Err(Error::AddressNotAllowed { .. })));
    assert!(proxy.requests().is_empty());
}

#[tokio::test]
async fn the_allow_list_applies_with_a_proxy() {
    let server = Server::start(Reply::ok("")).await;
    let proxy = Proxy::to(server.address()).await;
    let client = through(&server, settings(&proxy));
    let error = get(&client, "https://example.org/").await;
    assert!(matches!(error, Err(Error::HostNotAllowed { .. })));
    assert!(proxy.requests().is_empty());
}

#[tokio::test]
async fn no_proxy_is_used_to_reach_a_gateway() {
    let server = Server::start(Reply::ok("")).await;
    let proxy = Proxy::to(server.address()).await;
    let options = Options {
        proxies: Proxies::Explicit(settings(&proxy)),
        ..options(&server)
    };
    get(&Client::new(options).unwrap(), URL).await.unwrap();
    assert!(proxy.requests().is_empty());
}

#[tokio::test]
async fn the_error_for_a_proxy_that_refuses_has_its_status() {
    let server = Server::start(Reply::ok("")).await;
    for (response, status) in [
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
            StatusCode::PROXY_AUTHENTICATION_REQUIRED,
        ),
        ("HTTP/1.1 403 Forbidden\r\n\r\n", StatusCode::FORBIDDEN),
        ("HTTP/1.1 502 Bad Gateway\r\n\r\n", StatusCode::BAD_GATEWAY),
    ] {
        let proxy = Proxy::answering(response).await;
        let url = format!("http://canary:canary@{}", proxy.address());
        let settings = ProxySettings {
            https: Some(url.into()),
            ..ProxySettings::default()
        };
        let error = get(&through(&server, settings), URL).await.unwrap_err();
        let proxy = "127.0.0.1".to_owned();
        assert_eq!(error, Error::ProxyRefused { proxy, status });
        assert!(!format!("{error} {error:?}").contains("canary"));
    }
}

#[tokio::test]
async fn a_server_that_is_not_a_proxy_is_an_error() {
    let server = Server::start(Reply::ok("")).await;
    for response in [
        "SSH-2.0-OpenSSH_9.6\r\n",
        "HTTP/1.1 200 OK\r\n\r\nand bytes before TLS began",
    ] {
        let proxy = Proxy::answering(response).await;
        let error = get(&through(&server, settings(&proxy)), URL).await;
        assert!(
            matches!(error, Err(Error::ProxyConnect { .. })),
            "{response}: {error:?}"
        );
    }
    let settings = ProxySettings {
        https: Some("http://127.0.0.1:1".into()),
        ..ProxySettings::default()
    };
    let error = get(&through(&server, settings), URL).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "could not connect through the proxy 127.0.0.1:1: connection refused"
    );
}

#[tokio::test]
async fn an_unsupported_proxy_is_an_error_and_not_ignored() {
    let server = Server::start(Reply::ok("")).await;
    for url in [
        "https://user:canary@proxy.example.com",
        "socks5://proxy.example.com",
    ] {
        let settings = ProxySettings {
            https: Some(url.into()),
            ..ProxySettings::default()
        };
        let error = get(&through(&server, settings), URL).await;
        let proxy = "proxy.example.com".to_owned();
        assert_eq!(error, Err(Error::ProxyNotSupported { proxy }));
    }
}

/// Settings with a URL whose password has an `@` that is not encoded.
fn not_valid(no_proxy: &str) -> ProxySettings {
    ProxySettings {
        https: Some("http://bob:can@ry@proxy.example.com:3128".into()),
        all: None,
        no_proxy: Some(no_proxy.into()),
    }
}

#[tokio::test]
async fn a_proxy_setting_that_is_not_valid_is_an_error_of_what_goes_through_it() {
    let server = Server::start(Reply::ok("")).await;
    let client = through(&server, not_valid(""));
    let setting = "HTTPS_PROXY";
    let expected = Error::ProxySetting { setting };
    let error = get(&client, URL).await.unwrap_err();
    assert_eq!(error, expected);
    assert!(!format!("{error} {error:?}").contains("can"));
    let all = ProxySettings {
        all: not_valid("").https,
        ..ProxySettings::default()
    };
    let error = get(&through(&server, all), URL).await;
    let setting = "ALL_PROXY";
    assert_eq!(error, Err(Error::ProxySetting { setting }));
}

#[tokio::test]
async fn a_proxy_setting_that_is_not_valid_does_not_matter_to_what_goes_elsewhere() {
    let server = Server::start(Reply::ok("")).await;
    let gateway = Options {
        proxies: Proxies::Explicit(not_valid("")),
        ..options(&server)
    };
    get(&Client::new(gateway).unwrap(), URL).await.unwrap();
    for no_proxy in ["*", "example.com"] {
        let client = through(&server, not_valid(no_proxy));
        // There is no such host.
        let error = get(&client, URL).await.unwrap_err();
        assert!(matches!(error, Error::NameNotResolved { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_name_that_was_not_found_is_that_of_the_proxy_or_of_the_gateway() {
    let server = Server::start(Reply::ok("")).await;
    let settings = ProxySettings {
        https: Some("http://proxy.invalid:3128".into()),
        ..ProxySettings::default()
    };
    let proxy = "proxy.invalid".to_owned();
    let error = get(&through(&server, settings), URL).await;
    assert_eq!(error, Err(Error::ProxyNotFound { proxy }));
    let with_gateway = |gateway: &str| {
        let options = Options {
            gateway: Some(gateway.parse().unwrap()),
            ..options(&server)
        };
        Client::new(options).unwrap()
    };
    let gateway = "gateway.invalid".to_owned();
    let error = get(&with_gateway("gateway.invalid:443"), URL).await;
    assert_eq!(error, Err(Error::GatewayNotFound { gateway }));
}
