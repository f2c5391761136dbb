//! The client: checks a request, takes or opens a connection, and exchanges the request for a response.

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

use super::body::{Body, Limits};
use super::connect::{Connector, Route};
use super::connection::{Connection, RequestBody};
use super::error::{self, Error, Step};
use super::grant::Grant;
use super::options::{Options, Timeouts};
use super::pool::Pool;
use super::request::prepare;
use super::setup_error::SetupError;

/// The process's only HTTP client. Clones share everything.
///
/// What it sends is limited by [`Options::allow`], or by a [`Grant`] of its own ([`Client::with_grant`]).
///
/// It speaks HTTP/1.1 over TLS, keeps connections alive and resumes TLS sessions. It belongs to the tokio runtime that it
/// is first used in; see [`Client::for_another_runtime`].
///
/// ```no_run
/// use bytes::Bytes;
/// use egress::{AllowList, Client, Error, Options, Timeouts};
/// use http_body_util::{BodyExt, Empty};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::new(Options::new(AllowList::parse(["api.example.com"])?))?;
/// let request = http::Request::get("https://api.example.com/status").body(Empty::<Bytes>::new())?;
/// match client.send(request, Timeouts::default()).await {
///     Ok(response) => {
///         let status = response.status();
///         let body = response.into_body().collect().await?.to_bytes();
///         println!("{status}: {} bytes", body.len());
///     }
///     Err(Error::TimedOut { host, step }) => println!("{host}: {step}"),
///     Err(error) => return Err(error.into()),
/// }
/// println!("{} connections", client.statistics().connections_opened);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    grant: Arc<Grant>,
}

struct Shared {
    rules: Arc<Rules>,
    pool: Arc<Pool>,
}

/// What the clients of all runtimes share.
struct Rules {
    connector: Connector,
    max_body: usize,
    max_connections: usize,
    max_idle: Duration,
    connections_opened: AtomicU64,
    requests_sent: AtomicU64,
}

/// What a client has done since it was made, including its clones and those for other runtimes.
///
/// See the example of [`Client`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// Completed TLS handshakes.
    pub connections_opened: u64,
    /// Requests handed to a connection.
    pub requests_sent: u64,
}

impl Client {
    /// A client with these options. It reads the proxies of the environment if asked to, and connects to nothing yet.
    ///
    /// # Errors
    ///
    /// See [`SetupError`].
    pub fn new(options: Options) -> Result<Self, SetupError> {
        let rules = Arc::new(Rules {
            connector: Connector::new(&options)?,
            max_body: options.max_body,
            max_connections: options.max_connections,
            max_idle: options.max_idle,
            connections_opened: AtomicU64::new(0),
            requests_sent: AtomicU64::new(0),
        });
        Ok(Self::with(
            rules,
            Grant::any_request_to(options.allow).into(),
        ))
    }

    /// The same client for what this grant allows, in place of what it sent before. Connections and limits are shared.
    ///
    /// ```
    /// use egress::{AllowList, Client, Grant, Options};
    ///
    /// let client = Client::new(Options::new(AllowList::default()))?; // sends nothing
    /// let sign_in = client.with_grant(Grant::genesys_oauth());
    /// let downloads = client.with_grant(Grant::any_request_to(AllowList::parse(["files.example.com"])?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_grant(&self, grant: impl Into<Arc<Grant>>) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            grant: grant.into(),
        }
    }

    /// A client with the same options for another tokio runtime. It has a connection pool of its own, with the same
    /// limit. [`Statistics`] and resumable TLS sessions are shared.
    ///
    /// One single-threaded runtime per core, each with a client of its own, needs less CPU time for many concurrent
    /// requests than one runtime over all cores: no request waits for another thread to wake up.
    ///
    /// ```no_run
    /// # fn example(client: egress::Client) {
    /// for _ in 0..2 {
    ///     let client = client.for_another_runtime();
    ///     std::thread::spawn(move || {
    ///         let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    ///         runtime.block_on(async {
    ///             // Requests with `client`.
    ///             # let _ = client;
    ///         });
    ///         std::io::Result::Ok(())
    ///     });
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn for_another_runtime(&self) -> Self {
        Self::with(Arc::clone(&self.shared.rules), Arc::clone(&self.grant))
    }

    fn with(rules: Arc<Rules>, grant: Arc<Grant>) -> Self {
        let pool = Arc::new(Pool::new(rules.max_connections, rules.max_idle));
        Self {
            shared: Arc::new(Shared { rules, pool }),
            grant,
        }
    }

    /// Sends `request`, whose URL must be absolute, and waits for the head of the response. Every status is a
    /// response, redirects included. If the future is dropped, the connection is closed.
    ///
    /// A server may close an idle connection at any moment. If this is noticed before the first byte of the request
    /// was written, the request is sent on another connection: its body is untouched. If it is noticed later, the
    /// result is [`Error::Disconnected`], even for an idempotent request: the server may have acted on it, and only the
    /// caller knows whether that matters.
    ///
    /// # Errors
    ///
    /// See [`Error`]. Reading the body has errors of its own, of the same type.
    pub async fn send<B>(
        &self,
        request: Request<B>,
        timeouts: Timeouts,
    ) -> Result<Response<Body>, Error>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn StdError + Send + Sync>>,
    {
        let (origin, request) = prepare(request, &self.grant)?;
        self.shared.exchange(origin, request, timeouts).await
    }

    /// How connections to `host` are made. Nothing is resolved or sent.
    ///
    /// # Errors
    ///
    /// [`Error::ProxySetting`] or [`Error::ProxyNotSupported`], as of a request to this host.
    pub fn route(&self, host: &str) -> Result<Route, Error> {
        self.shared.rules.connector.route(host)
    }

    /// Whether a request to this host would fail with [`Error::AddressNotAllowed`], as far as can be known before it: its
    /// name is resolved, and nothing is sent.
    pub async fn refuses_address(&self, host: &str, port: u16) -> bool {
        let connector = &self.shared.rules.connector;
        connector.refuses_address(host, port).await
    }

    /// The counters so far.
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
            let (mut connection, reused) = match self.idle_connection(&origin).await {
                Some(connection) => (connection, true),
                // Boxed, so that the state of a handshake does not enlarge every waiting request.
                None => (
                    Box::pin(self.new_connection(&origin, timeouts)).await?,
                    false,
                ),
            };
            self.rules.requests_sent.fetch_add(1, Ordering::Relaxed);
            let mut outcome = timeout(timeouts.first_byte, connection.exchange(request)).await;
            if let Ok(Err(failure)) = &mut outcome
                && reused
                && let Some(unsent) = failure.take_message()
            {
                self.rules.requests_sent.fetch_sub(1, Ordering::Relaxed);
                request = unsent;
                continue;
            }
            return match outcome {
                Ok(Ok(response)) => {
                    Ok(self.with_body(response, connection, origin, timeouts).await)
                }
                Ok(Err(failure)) => Err(error::of_exchange(failure.error(), host)),
                Err(_) => Err(Error::TimedOut {
                    host: host.to_owned(),
                    step: Step::FirstByte,
                }),
            };
        }
    }

    /// An open connection to `origin` from the pool.
    async fn idle_connection(&self, origin: &Authority) -> Option<Box<Connection>> {
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

    /// The response with a body that reads from `connection`; if the body is empty, the connection returns to the pool now.
    async fn with_body(
        &self,
        response: Response<hyper::body::Incoming>,
        mut connection: Box<Connection>,
        origin: Authority,
        timeouts: Timeouts,
    ) -> Response<Body> {
        let (head, incoming) = response.into_parts();
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
