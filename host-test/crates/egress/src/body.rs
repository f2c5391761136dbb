//! The body of an answer: limited in size and in the time between its pieces.

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

/// The body of an answer, as it comes.
///
/// Its connection serves another request only when it was read to the end; dropped before that, it closes
/// the connection. It is to be polled within the runtime that its request was sent in. After an error it
/// is at its end.
pub struct Body {
    /// None when all is read, or was empty from the beginning.
    reading: Option<Reading>,
}

struct Reading {
    incoming: Incoming,
    connection: Box<Connection>,
    pool: Arc<Pool>,
    origin: Authority,
    limits: Limits,
    received: usize,
    /// Runs while the next piece is waited for.
    patience: Option<Pin<Box<Sleep>>>,
}

/// What a body is held to.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// In bytes.
    pub(super) size: usize,
    pub(super) between_bytes: Duration,
}

impl Body {
    /// The body that comes on `connection`, which goes to `pool` after it.
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
            patience: None,
        };
        Self {
            reading: Some(reading),
        }
    }

    /// No body.
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
                    reading.give_back(cx);
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
        if self.announced() > self.limits.size {
            return Poll::Ready(Some(Err(self.too_large())));
        }
        let mut frame = Pin::new(&mut self.incoming).poll_frame(cx);
        if frame.is_pending() {
            self.connection.drive(cx);
            frame = Pin::new(&mut self.incoming).poll_frame(cx);
        }
        match frame {
            Poll::Ready(frame) => {
                self.patience = None;
                Poll::Ready(frame.map(|frame| self.accept(frame)))
            }
            Poll::Pending => self.poll_patience(cx).map(|error| Some(Err(error))),
        }
    }

    /// The size that the body has at least, in bytes: what came, and what `Content-Length` says is still
    /// to come.
    fn announced(&self) -> usize {
        let to_come = usize::try_from(self.incoming.size_hint().lower()).unwrap_or(usize::MAX);
        self.received.saturating_add(to_come)
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

    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<Error> {
        let between_bytes = self.limits.between_bytes;
        self.patience
            .get_or_insert_with(|| Box::pin(sleep(between_bytes)))
            .as_mut()
            .poll(cx)
            .map(|()| Error::TimedOut {
                host: self.origin.host().to_owned(),
                step: Step::NextByte,
            })
    }

    fn give_back(mut self, cx: &mut Context<'_>) {
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
