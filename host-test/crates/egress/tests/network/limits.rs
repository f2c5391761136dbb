//! What a server may send, and the errors for the rest.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use egress::{Client, Error, Options, Timeouts};
use http::{Request, StatusCode};
use http_body::{Body, Frame};
use test_support::https::{Reply, Server};
use test_support::{HOST, URL, client, get, options, request};

/// The outcome of a request that is answered with `reply`.
async fn outcome(reply: Reply) -> Result<(u16, String), Error> {
    let server = Server::start(reply).await;
    let (status, body) = get(&client(&server), URL).await?;
    Ok((status.as_u16(), String::from_utf8(body.to_vec()).unwrap()))
}

fn host() -> String {
    HOST.to_owned()
}

fn head_of(fields: usize, size: usize) -> Reply {
    let field = |i| format!("x-{i}: {}\r\n", "a".repeat(size));
    let fields: String = (0..fields).map(field).collect();
    Reply::keep(format!(
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n{fields}\r\n"
    ))
}

#[tokio::test]
async fn a_head_has_at_most_64_kib() {
    assert!(outcome(head_of(60, 1000)).await.is_ok());
    for reply in [head_of(70, 1000), head_of(1, 1 << 20)] {
        let error = outcome(reply).await.unwrap_err();
        assert_eq!(error, Error::HeadTooLarge { host: host() });
    }
}

#[tokio::test]
async fn a_head_has_at_most_100_fields() {
    assert!(outcome(head_of(99, 1)).await.is_ok());
    let error = outcome(head_of(100, 1)).await.unwrap_err();
    assert_eq!(error, Error::HeadTooLarge { host: host() });
}

#[tokio::test]
async fn a_body_has_at_most_the_given_size() {
    let chunked = |size: usize| {
        Reply::keep(format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{size:x}\r\n{}\r\n0\r\n\r\n",
            "a".repeat(size)
        ))
    };
    let until_close =
        |size: usize| Reply::close(format!("HTTP/1.1 200 OK\r\n\r\n{}", "a".repeat(size)));
    let with_length = |size: usize| Reply::ok(&"a".repeat(size));
    for (reply, fits) in [
        (with_length(1000), true),
        (with_length(1001), false),
        (chunked(1000), true),
        (chunked(1001), false),
        (until_close(1000), true),
        (until_close(1001), false),
    ] {
        let server = Server::start(reply).await;
        let options = Options {
            max_body: 1000,
            ..options(&server)
        };
        let result = get(&Client::new(options).unwrap(), URL).await;
        if fits {
            assert_eq!(result.unwrap().1.len(), 1000);
        } else {
            assert_eq!(
                result,
                Err(Error::BodyTooLarge {
                    host: host(),
                    limit: 1000
                })
            );
        }
    }
}

#[tokio::test]
async fn a_content_length_that_is_too_large_is_an_error_before_the_body_arrives() {
    let endless = "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551613\r\n\r\n";
    let error = outcome(Reply::keep(endless)).await.unwrap_err();
    assert!(matches!(error, Error::BodyTooLarge { .. }), "{error}");
}

#[tokio::test]
async fn a_truncated_response_is_an_error() {
    for response in [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nshort",
    ] {
        let error = outcome(Reply::close(response)).await.unwrap_err();
        assert_eq!(error, Error::Incomplete { host: host() }, "{response}");
    }
}

#[tokio::test]
async fn a_connection_that_ends_before_the_response_is_an_error() {
    for response in ["", "HTTP/1.1 200 OK\r\nContent-"] {
        let error = outcome(Reply::close(response)).await.unwrap_err();
        assert_eq!(error, Error::Disconnected { host: host() }, "{response}");
    }
}

#[tokio::test]
async fn a_header_over_several_lines_is_one_with_spaces() {
    let response =
        "HTTP/1.1 200 OK\r\nX-Policy: one;\r\n  two;\r\n\tthree\r\nContent-Length: 0\r\n\r\n";
    let server = Server::start(Reply::keep(response)).await;
    let client = client(&server);
    let sent = client.send(request(URL), Timeouts::default());
    let response = sent.await.unwrap();
    let policy = response.headers()["x-policy"].to_str().unwrap();
    let words: Vec<_> = policy.split_whitespace().collect();
    assert_eq!(words, ["one;", "two;", "three"]);
}

#[tokio::test]
async fn a_response_that_is_not_http_is_an_error() {
    for response in [
        "nonsense\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
    ] {
        let error = outcome(Reply::close(response)).await.unwrap_err();
        assert_eq!(error, Error::Protocol { host: host() }, "{response}");
    }
}

#[tokio::test]
async fn bytes_beyond_the_content_length_end_the_connection_not_the_response() {
    let server = Server::start(Reply::keep(
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\nsmuggled",
    ))
    .await;
    let client = client(&server);
    for _ in 0..2 {
        assert_eq!(get(&client, URL).await.unwrap().1, "ok");
    }
    assert_eq!(server.accepted(), 2);
}

#[tokio::test]
async fn http_1_0_without_a_length_ends_with_the_connection() {
    let response = "HTTP/1.0 200 OK\r\n\r\nold";
    assert_eq!(
        outcome(Reply::close(response)).await,
        Ok((200, "old".into()))
    );
}

#[tokio::test]
async fn interim_responses_are_skipped() {
    let response = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n\
                  HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    assert_eq!(outcome(Reply::keep(response)).await, Ok((200, "ok".into())));
}

#[tokio::test]
async fn a_switch_of_protocols_is_a_response_and_ends_the_connection() {
    let response = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n";
    let server = Server::start(Reply::keep(response)).await;
    let client = client(&server);
    for _ in 0..2 {
        let (status, body) = get(&client, URL).await.unwrap();
        assert_eq!(status, StatusCode::SWITCHING_PROTOCOLS);
        assert!(body.is_empty());
    }
    assert_eq!(server.accepted(), 2);
}

#[tokio::test]
async fn a_compressed_body_is_not_decoded() {
    let response = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nbytes";
    assert_eq!(
        outcome(Reply::keep(response)).await,
        Ok((200, "bytes".into()))
    );
}

/// A body that ends with an error.
struct Broken;

impl Body for Broken {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        Poll::Ready(Some(Err("canary")))
    }
}

#[tokio::test]
async fn a_request_body_that_fails_is_an_error() {
    let server = Server::start(Reply::ok("")).await;
    let request = Request::post(URL).body(Broken).unwrap();
    let response = client(&server).send(request, Timeouts::default()).await;
    assert_eq!(response.unwrap_err(), Error::RequestBody { host: host() });
}
