//! The client: takes a request through the checks, a connection and the exchange.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::uri::Authority;
use http::{Request, Response};
use http_body::Body as _;
use tokio::time::timeout;

use super::allow_list::AllowList;
use super::body::{Body, Limits};
use super::connect::Connector;
use super::connection::{Connection, RequestBody};
use super::error::{self, Error, Step};
use super::options::{Options, SetupError, Timeouts};
use super::pool::Pool;
use super::request::prepare;

/// The one HTTP client of the process; clones share everything.
///
/// HTTP/1.1 over TLS, with connections kept and TLS sessions resumed. It belongs to the tokio runtime that
/// it is first used in; [`Client::for_another_runtime`] gives one for a second.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    rules: Arc<Rules>,
    pool: Arc<Pool>,
}

/// What does not belong to a runtime.
struct Rules {
    allow: AllowList,
    connector: Connector,
    max_body: usize,
    max_connections: usize,
    max_idle: Duration,
    connections_opened: AtomicU64,
    requests_sent: AtomicU64,
}

/// What a client has done since it was made, with those that it gave to other runtimes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// Connections whose TLS handshake was completed.
    pub connections_opened: u64,
    /// Requests that were given to a connection.
    pub requests_sent: u64,
}

impl Client {
    /// A client that follows `options`. Nothing is read but the environment's proxies, and nothing is
    /// connected to.
    ///
    /// # Errors
    ///
    /// See [`SetupError`].
    pub fn new(options: Options) -> Result<Self, SetupError> {
        Ok(Self::with(Arc::new(Rules {
            connector: Connector::new(&options)?,
            allow: options.allow,
            max_body: options.max_body,
            max_connections: options.max_connections,
            max_idle: options.max_idle,
            connections_opened: AtomicU64::new(0),
            requests_sent: AtomicU64::new(0),
        })))
    }

    /// A client for another tokio runtime, by the same rules: it has connections of its own, as many as
    /// this one may have, and its [`Statistics`] are the sum of both. TLS sessions are resumed across them.
    ///
    /// A runtime of one thread for each core, each with such a client, serves many at once with less than
    /// one runtime over all cores: no request waits for another thread to wake up.
    #[must_use]
    pub fn for_another_runtime(&self) -> Self {
        Self::with(Arc::clone(&self.shared.rules))
    }

    fn with(rules: Arc<Rules>) -> Self {
        let pool = Arc::new(Pool::new(rules.max_connections, rules.max_idle));
        Self {
            shared: Arc::new(Shared { rules, pool }),
        }
    }

    /// Sends `request`, whose URL is absolute, and waits for the head of the answer. Any status is an
    /// answer. When the future is dropped, the connection is closed.
    ///
    /// A server may close a kept connection at any moment. If that is noticed before the first byte of the
    /// request was handed to the connection, the request goes to another one; its body, of whatever kind,
    /// was not touched. If it is noticed after that, the end is [`Error::Disconnected`] even for requests
    /// that would bear repetition: the server may have acted on it, and only the caller knows whether that
    /// matters.
    ///
    /// # Errors
    ///
    /// See [`Error`]; those of the body come with it.
    pub async fn send<B>(
        &self,
        request: Request<B>,
        timeouts: Timeouts,
    ) -> Result<Response<Body>, Error>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn StdError + Send + Sync>>,
    {
        let (origin, request) = prepare(request, &self.shared.rules.allow)?;
        self.shared.exchange(origin, request, timeouts).await
    }

    /// What this client and its clones have done so far.
    pub fn statistics(&self) -> Statistics {
        Statistics {
            connections_opened: self.shared.rules.connections_opened.load(Ordering::Relaxed),
            requests_sent: self.shared.rules.requests_sent.load(Ordering::Relaxed),
        }
    }
}

impl Shared {
    async fn exchange(
        &self,
        origin: Authority,
        mut request: Request<RequestBody>,
        timeouts: Timeouts,
    ) -> Result<Response<Body>, Error> {
        let host = origin.host();
        loop {
            let (mut connection, kept) = match self.kept_connection(&origin).await {
                Some(connection) => (connection, true),
                // Boxed: what a handshake needs is not to be part of every request that waits.
                None => (
                    Box::pin(self.new_connection(&origin, timeouts)).await?,
                    false,
                ),
            };
            self.rules.requests_sent.fetch_add(1, Ordering::Relaxed);
            let mut outcome = timeout(timeouts.first_byte, connection.exchange(request)).await;
            if let Ok(Err(failure)) = &mut outcome
                && kept
                && let Some(unsent) = failure.take_message()
            {
                self.rules.requests_sent.fetch_sub(1, Ordering::Relaxed);
                request = unsent;
                continue;
            }
            return match outcome {
                Ok(Ok(answer)) => Ok(self.with_body(answer, connection, origin, timeouts).await),
                Ok(Err(failure)) => Err(error::of_exchange(failure.error(), host)),
                Err(_) => Err(Error::TimedOut {
                    host: host.to_owned(),
                    step: Step::FirstByte,
                }),
            };
        }
    }

    /// A connection with `origin` from the pool that is still open.
    async fn kept_connection(&self, origin: &Authority) -> Option<Box<Connection>> {
        while let Some(mut connection) = self.pool.take(origin) {
            if connection.is_free().await {
                return Some(connection);
            }
        }
        None
    }

    async fn new_connection(
        &self,
        origin: &Authority,
        timeouts: Timeouts,
    ) -> Result<Box<Connection>, Error> {
        let slot = self.pool.slot()?;
        let stream = self
            .rules
            .connector
            .connect(origin, timeouts.connect)
            .await?;
        self.rules
            .connections_opened
            .fetch_add(1, Ordering::Relaxed);
        match Connection::new(stream, slot).await {
            Ok(connection) => Ok(Box::new(connection)),
            Err(error) => Err(error::of_exchange(&error, origin.host())),
        }
    }

    /// The answer with the body that is to be read from `connection`, or with none, the connection being
    /// free at once.
    async fn with_body(
        &self,
        answer: Response<hyper::body::Incoming>,
        mut connection: Box<Connection>,
        origin: Authority,
        timeouts: Timeouts,
    ) -> Response<Body> {
        let (head, incoming) = answer.into_parts();
        let body = if incoming.is_end_stream() {
            if connection.is_free().await {
                self.pool.put(origin, connection);
            }
            Body::empty()
        } else {
            let limits = Limits {
                size: self.rules.max_body,
                between_bytes: timeouts.between_bytes,
            };
            Body::new(incoming, connection, Arc::clone(&self.pool), origin, limits)
        };
        Response::from_parts(head, body)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("statistics", &self.statistics())
            .finish_non_exhaustive()
    }
}
