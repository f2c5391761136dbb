//! One HTTP/1.1 connection over TLS, driven by whoever uses it.
//!
//! hyper splits a connection into a sender and a driver, and its examples spawn a task for the driver.
//! Here the driver is polled by the task that waits for the answer, and after that by the one that reads
//! the body: no task, no wake-up from one thread to another for each request. It also makes exact when a
//! connection is free again: at the moment its answer is read to the end, before the reader knows.
//!
//! Nobody drives an idle connection. What came meanwhile, such as the server's end of it, is found when
//! it is taken out of the pool, before a request is given to it.

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

/// The most that the head of an answer may have, in bytes. hyper's own limit of 100 fields stands beside
/// it: to set that one, even to the same, would cost an allocation for each answer.
const MAX_HEAD: usize = 64 * 1024;

/// The body of any request.
pub(super) type RequestBody = UnsyncBoxBody<Bytes, Box<dyn StdError + Send + Sync>>;

type Io = TokioIo<TlsStream<TcpStream>>;

/// A connection, at rest or in use.
pub(super) struct Connection {
    sender: SendRequest<RequestBody>,
    driver: Driver,
    /// The place among the connections that may be open.
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
            .handshake(TokioIo::new(stream))
            .await?;
        Ok(Self {
            sender,
            driver: Driver { http, ended: false },
            _slot: slot,
        })
    }

    /// Sends what is to be sent and receives what has come. An error of the connection is told by the
    /// answer, or its body, that it concerns.
    pub(super) fn drive(&mut self, cx: &mut Context<'_>) {
        self.driver.drive(cx);
    }

    /// Whether another request can be sent on it.
    pub(super) fn poll_free(&mut self, cx: &mut Context<'_>) -> bool {
        self.driver.drive(cx);
        !self.driver.ended && self.sender.is_ready()
    }

    /// The same outside of a poll.
    pub(super) async fn is_free(&mut self) -> bool {
        poll_fn(|cx| Poll::Ready(self.poll_free(cx))).await
    }

    /// Sends `request` and waits for the head of the answer. The error has the request in it when nothing
    /// of it was sent.
    pub(super) async fn exchange(
        &mut self,
        request: Request<RequestBody>,
    ) -> Result<Response<Incoming>, TrySendError<Request<RequestBody>>> {
        let mut answer = pin!(self.sender.try_send_request(request));
        let driver = &mut self.driver;
        poll_fn(|cx| {
            driver.drive(cx);
            answer.as_mut().poll(cx)
        })
        .await
    }
}
