//! How many connections there are, and when they are reused or closed.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use egress::{AllowList, Client, Error, Options, Timeouts};
use http::{Method, Request};
use http_body::{Body, Frame};
use test_support::https::{Reply, Server};
use test_support::{URL, client, get, options, read, request, settle};
use tokio::task::JoinSet;

const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn sequential_requests_share_one_connection() {
    for reply in [Reply::ok("hello"), Reply::keep(CHUNKED)] {
        let server = Server::start(reply).await;
        let client = client(&server);
        for _ in 0..200 {
            get(&client, URL).await.unwrap();
        }
        assert_eq!(server.accepted(), 1);
        assert_eq!(client.statistics().connections_opened, 1);
        assert_eq!(client.statistics().requests_sent, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_requests_use_at_most_one_connection_each() {
    let server = Server::start(Reply::ok("hello")).await;
    let client = client(&server);
    let mut workers = JoinSet::new();
    for _ in 0..64 {
        let client = client.clone();
        workers.spawn(async move {
            for _ in 0..10 {
                get(&client, URL).await.unwrap();
            }
        });
    }
    workers.join_all().await;
    assert_eq!(client.statistics().requests_sent, 640);
    assert!(client.statistics().connections_opened <= 64);
}

/// A connection belongs to the runtime that opened it, and is closed when that ends. So the client for another runtime opens
/// its own connections. Both share their counters.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_for_another_runtime_has_connections_of_its_own() {
    let server = Server::start(Reply::ok("hello")).await;
    let client = client(&server);
    get(&client, URL).await.unwrap();
    let other = client.for_another_runtime();
    let elsewhere = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            for _ in 0..2 {
                get(&other, URL).await.unwrap();
            }
        });
    });
    elsewhere.await.unwrap();
    get(&client, URL).await.unwrap();
    assert_eq!(server.accepted(), 2);
    assert_eq!(client.statistics().connections_opened, 2);
    assert_eq!(client.statistics().requests_sent, 4);
}

#[tokio::test]
async fn a_response_without_a_body_frees_its_connection_at_once() {
    let server = Server::with(|request| {
        if request.starts_with("HEAD") {
            Reply::keep("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
        } else {
            Reply::keep("HTTP/1.1 204 No Content\r\n\r\n")
        }
    })
    .await;
    let client = client(&server);
    let mut unread = Vec::new();
    for method in [Method::HEAD, Method::GET, Method::HEAD] {
        let mut request = request(URL);
        *request.method_mut() = method;
        unread.push(client.send(request, Timeouts::default()).await.unwrap());
    }
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn a_body_dropped_before_its_end_closes_its_connection() {
    let server = Server::start(Reply::ok("hello")).await;
    let client = client(&server);
    drop(client.send(request(URL), Timeouts::default()).await);
    server.closed().await;
    get(&client, URL).await.unwrap();
    assert_eq!(server.accepted(), 2);
}

/// A body that cannot be read twice.
struct Once(Option<&'static str>);

impl Body for Once {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|text| Ok(Frame::data(text.into()))))
    }
}

#[tokio::test]
async fn an_idle_connection_that_the_server_closed_does_not_fail_a_request() {
    // The server closes the connection after the first response without announcing it.
    let first = AtomicBool::new(true);
    let server = Server::with(move |_| {
        if first.swap(false, Ordering::SeqCst) {
            Reply::close("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        } else {
            Reply::ok("second")
        }
    })
    .await;
    let client = client(&server);
    get(&client, URL).await.unwrap();
    server.closed().await;
    settle().await;

    let request = Request::post(URL).body(Once(Some("only once"))).unwrap();
    let response = client.send(request, Timeouts::default()).await.unwrap();
    assert_eq!(read(response).await.unwrap().1, "second");
    assert!(server.requests()[1].contains("only once"));
    assert_eq!(server.accepted(), 2);
}

#[tokio::test]
async fn a_request_that_may_have_arrived_is_not_sent_again() {
    let server = Server::with(|request| {
        if request.contains("/first") {
            Reply::ok("")
        } else {
            Reply::close("")
        }
    })
    .await;
    let client = client(&server);
    get(&client, "https://api.example.com/first").await.unwrap();
    let error = get(&client, URL).await.unwrap_err();
    assert!(matches!(error, Error::Disconnected { .. }), "{error}");
    assert_eq!((server.accepted(), server.requests().len()), (1, 2));
}

#[tokio::test]
async fn a_connection_that_was_idle_for_too_long_is_closed() {
    let server = Server::start(Reply::ok("")).await;
    let options = Options {
        max_idle: Duration::from_millis(50),
        ..options(&server)
    };
    let client = Client::new(options).unwrap();
    get(&client, URL).await.unwrap();
    // Without another request, the server sees it closed.
    server.closed().await;
    get(&client, URL).await.unwrap();
    assert_eq!(server.accepted(), 2);
    server.closed().await;
}

#[tokio::test]
async fn a_dropped_client_closes_its_connections() {
    let server = Server::start(Reply::ok("")).await;
    let client = client(&server);
    get(&client, URL).await.unwrap();
    drop(client);
    server.closed().await;
}

#[tokio::test]
async fn a_request_beyond_the_limit_of_connections_is_refused_at_once() {
    let server = Server::start(Reply::ok("hello")).await;
    let options = Options {
        max_connections: 1,
        ..options(&server)
    };
    let client = Client::new(options).unwrap();
    let unread = client.send(request(URL), Timeouts::default()).await;
    assert_eq!(get(&client, URL).await, Err(Error::Busy));
    drop(unread);
    get(&client, URL).await.unwrap();
}

#[tokio::test]
async fn an_idle_connection_is_closed_for_one_to_another_host() {
    let server = Server::start(Reply::ok("")).await;
    let options = Options {
        max_connections: 1,
        allow: AllowList::parse(["api.example.com", "api.example.com:8443"]).unwrap(),
        ..options(&server)
    };
    let client = Client::new(options).unwrap();
    get(&client, URL).await.unwrap();
    get(&client, "https://api.example.com:8443/").await.unwrap();
    server.closed().await;
    assert_eq!(client.statistics().connections_opened, 2);
}
