//! One HTTP/1.1 connection over TLS, polled by the task that uses it.
//!
//! hyper splits a connection into a sender and a driver, and its examples spawn a task for the driver. Here the driver is
//! polled by the task that waits for the response, and then by the task that reads the body: no extra task, and no
//! wake-up across threads per request. It is also exact when a connection is free again: as soon as its response has
//! been read, before the reader continues.
//!
//! An idle connection is not polled. Whatever arrived meanwhile, such as the server's close, is noticed when it is taken
//! out of the pool, before a request is written to it.

use std::error::Error as StdError;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio_rustls::client::TlsStream;

/// The largest head of a response, in bytes. hyper's own limit of 100 header fields applies as well; setting it, even
/// to the same value, would cost an allocation per response.
const MAX_HEAD: usize = 64 * 1024;

/// The body of any request.
pub(super) type RequestBody = UnsyncBoxBody<Bytes, Box<dyn StdError + Send + Sync>>;

type Io = TokioIo<TlsStream<TcpStream>>;

/// A connection, idle or in use.
pub(super) struct Connection {
    sender: SendRequest<RequestBody>,
    driver: Driver,
    /// Counts against the limit of open connections.
    _slot: OwnedSemaphorePermit,
}

struct Driver {
    http: http1::Connection<Io, RequestBody>,
    ended: bool,
}

impl Driver {
    fn drive(&mut self, cx: &mut Context<'_>) {
        if !self.ended {
            self.ended = Pin::new(&mut self.http).poll(cx).is_ready();
        }
    }
}

impl Connection {
    pub(super) async fn new(
        stream: TlsStream<TcpStream>,
        slot: OwnedSemaphorePermit,
    ) -> hyper::Result<Self> {
        let (sender, http) = http1::Builder::new()
            .max_buf_size(MAX_HEAD)
            .max_header_size(MAX_HEAD)
            // Read as spaces (RFC 9112, section 5.2).
            .allow_obsolete_multiline_headers_in_responses(true)
            .handshake(TokioIo::new(stream))
            .await?;
        Ok(Self {
            sender,
            driver: Driver { http, ended: false },
            _slot: slot,
        })
    }

    /// Writes and reads what is pending. An error of the connection is reported by the response, or body, in progress.
    pub(super) fn drive(&mut self, cx: &mut Context<'_>) {
        self.driver.drive(cx);
    }

    /// Whether another request can be sent on this connection.
    pub(super) fn poll_free(&mut self, cx: &mut Context<'_>) -> bool {
        self.driver.drive(cx);
        !self.driver.ended && self.sender.is_ready()
    }

    /// The same, outside a poll.
    pub(super) async fn is_free(&mut self) -> bool {
        poll_fn(|cx| Poll::Ready(self.poll_free(cx))).await
    }

    /// Sends `request` and waits for the head of the response. The error returns the request if nothing of it was sent.
    pub(super) async fn exchange(
        &mut self,
        request: Request<RequestBody>,
    ) -> Result<Response<Incoming>, TrySendError<Request<RequestBody>>> {
        let mut response = pin!(self.sender.try_send_request(request));
        let driver = &mut self.driver;
        poll_fn(|cx| {
            driver.drive(cx);
            response.as_mut().poll(cx)
        })
        .await
    }
}
