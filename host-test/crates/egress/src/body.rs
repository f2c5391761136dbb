//! The body of a response, limited in size and in the time between its chunks.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::uri::Authority;
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Sleep, sleep};

use super::connection::Connection;
use super::error::{self, Error, Step};
use super::pool::Pool;

/// The body of a response, as a stream: each frame as it arrives, neither decoded nor buffered.
///
/// If it is read to its end, the connection returns to the pool; if it is dropped before, the connection is closed. It
/// must be polled in the tokio runtime that the request was sent in. After an error it has ended.
///
/// ```no_run
/// use http_body_util::BodyExt;
///
/// # async fn example(mut body: egress::Body) -> Result<(), egress::Error> {
/// while let Some(frame) = body.frame().await {
///     if let Some(chunk) = frame?.data_ref() {
///         println!("{} bytes", chunk.len());
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub struct Body {
    /// `None` once the body has ended.
    reading: Option<Reading>,
}

struct Reading {
    incoming: Incoming,
    connection: Box<Connection>,
    pool: Arc<Pool>,
    origin: Authority,
    limits: Limits,
    received: usize,
    /// Runs while the next chunk is awaited.
    idle_timer: Option<Pin<Box<Sleep>>>,
}

/// The limits of a body.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// In bytes.
    pub(super) size: usize,
    pub(super) between_bytes: Duration,
}

impl Body {
    /// The body that arrives on `connection`, which returns to `pool` afterwards.
    pub(super) fn new(
        incoming: Incoming,
        connection: Box<Connection>,
        pool: Arc<Pool>,
        origin: Authority,
        limits: Limits,
    ) -> Self {
        let reading = Reading {
            incoming,
            connection,
            pool,
            origin,
            limits,
            received: 0,
            idle_timer: None,
        };
        Self {
            reading: Some(reading),
        }
    }

    /// An empty body.
    pub(super) fn empty() -> Self {
        Self { reading: None }
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let Some(reading) = &mut self.reading else {
            return Poll::Ready(None);
        };
        let frame = std::task::ready!(reading.poll_frame(cx));
        match frame {
            Some(Ok(_)) if !reading.incoming.is_end_stream() => {}
            Some(Err(_)) => self.reading = None,
            Some(Ok(_)) | None => {
                if let Some(reading) = self.reading.take() {
                    reading.return_connection(cx);
                }
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.reading.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        match &self.reading {
            Some(reading) => reading.incoming.size_hint(),
            None => SizeHint::with_exact(0),
        }
    }
}

impl Reading {
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if self.least_size() > self.limits.size {
            return Poll::Ready(Some(Err(self.too_large())));
        }
        let mut frame = Pin::new(&mut self.incoming).poll_frame(cx);
        if frame.is_pending() {
            self.connection.drive(cx);
            frame = Pin::new(&mut self.incoming).poll_frame(cx);
        }
        match frame {
            Poll::Ready(frame) => {
                self.idle_timer = None;
                Poll::Ready(frame.map(|frame| self.accept(frame)))
            }
            Poll::Pending => self.poll_idle_timer(cx).map(|error| Some(Err(error))),
        }
    }

    /// The least size of the whole body, in bytes: what was received, and what is left of `Content-Length`.
    fn least_size(&self) -> usize {
        let remaining = usize::try_from(self.incoming.size_hint().lower()).unwrap_or(usize::MAX);
        self.received.saturating_add(remaining)
    }

    fn accept(&mut self, frame: hyper::Result<Frame<Bytes>>) -> Result<Frame<Bytes>, Error> {
        let frame = frame.map_err(|error| error::of_body(&error, self.origin.host()))?;
        let size = frame.data_ref().map_or(0, Bytes::len);
        self.received = self.received.saturating_add(size);
        if self.received > self.limits.size {
            return Err(self.too_large());
        }
        Ok(frame)
    }

    fn too_large(&self) -> Error {
        Error::BodyTooLarge {
            host: self.origin.host().to_owned(),
            limit: self.limits.size,
        }
    }

    fn poll_idle_timer(&mut self, cx: &mut Context<'_>) -> Poll<Error> {
        let between_bytes = self.limits.between_bytes;
        self.idle_timer
            .get_or_insert_with(|| Box::pin(sleep(between_bytes)))
            .as_mut()
            .poll(cx)
            .map(|()| Error::TimedOut {
                host: self.origin.host().to_owned(),
                step: Step::NextByte,
            })
    }

    fn return_connection(mut self, cx: &mut Context<'_>) {
        if self.connection.poll_free(cx) {
            self.pool.put(self.origin, self.connection);
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").finish_non_exhaustive()
    }
}
