//! Every wait has a time-out, and the error names the step.

use std::time::Duration;

use egress::{Client, Error, Options, Proxies, ProxySettings, Step, Timeouts};
use http_body_util::BodyExt as _;
use test_support::https::{Reply, Server};
use test_support::{HOST, Proxy, URL, client, options, read, request};
use tokio::net::TcpListener;

const SHORT: Duration = Duration::from_millis(100);

fn timed_out(step: Step) -> Error {
    let host = HOST.to_owned();
    Error::TimedOut { host, step }
}

#[tokio::test]
async fn a_tls_handshake_without_a_reply_times_out() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = Server::start(Reply::ok("")).await;
    let options = Options {
        gateway: Some(listener.local_addr().unwrap().try_into().unwrap()),
        ..options(&server)
    };
    let timeouts = Timeouts {
        connect: SHORT,
        ..Timeouts::default()
    };
    let client = Client::new(options).unwrap();
    let error = client.send(request(URL), timeouts).await.unwrap_err();
    assert_eq!(error, timed_out(Step::TlsHandshake));
}

#[tokio::test]
async fn a_proxy_that_does_not_respond_times_out() {
    let server = Server::start(Reply::ok("")).await;
    let proxy = Proxy::answering("").await;
    let settings = ProxySettings {
        https: Some(format!("http://{}", proxy.address()).into()),
        ..ProxySettings::default()
    };
    let options = Options {
        gateway: None,
        proxies: Proxies::Explicit(settings),
        ..options(&server)
    };
    let timeouts = Timeouts {
        connect: SHORT,
        ..Timeouts::default()
    };
    let client = Client::new(options).unwrap();
    let error = client.send(request(URL), timeouts).await.unwrap_err();
    assert_eq!(error, timed_out(Step::ProxyTunnel));
}

#[tokio::test]
async fn a_server_that_does_not_respond_times_out() {
    for beginning in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 100 Continue\r\n\r\n"] {
        let server = Server::start(Reply::keep(beginning)).await;
        let timeouts = Timeouts {
            first_byte: SHORT,
            ..Timeouts::default()
        };
        let client = client(&server);
        let error = client.send(request(URL), timeouts).await.unwrap_err();
        assert_eq!(error, timed_out(Step::FirstByte));
        // A late response must not become that of another request.
        server.closed().await;
    }
}

#[tokio::test]
async fn a_body_that_stalls_times_out() {
    for beginning in [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n",
        "HTTP/1.1 200 OK\r\n\r\n",
    ] {
        let server = Server::start(Reply::keep(beginning)).await;
        let timeouts = Timeouts {
            between_bytes: SHORT,
            ..Timeouts::default()
        };
        let client = client(&server);
        let response = client.send(request(URL), timeouts).await.unwrap();
        let error = read(response).await.unwrap_err();
        assert_eq!(error, timed_out(Step::NextByte), "{beginning}");
        server.closed().await;
    }
}

#[tokio::test]
async fn after_an_error_a_body_has_ended() {
    let server = Server::start(Reply::close(
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
    ))
    .await;
    let response = client(&server)
        .send(request(URL), Timeouts::default())
        .await;
    let mut body = response.unwrap().into_body();
    assert!(body.frame().await.unwrap().is_ok());
    assert!(body.frame().await.unwrap().is_err());
    assert!(body.frame().await.is_none());
}
