//! Listens on this machine for callbacks (RFC 8252, section 7.3). It does not know tokens: it returns codes, and the
//! caller decides which page the browser is shown.
//!
//! The sign-ins of a process share the listener of their port, which finds the sign-in of a callback by its `state`. A
//! browser that requests a callback again is shown the same page again. If another process has the port, the listener
//! waits until it is free.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bot_engine::Language;
use bytes::Bytes;
use http::header::ACCEPT_LANGUAGE;
use http::{Method, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use secrecy::ExposeSecret;
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex as AsyncMutex, mpsc, watch};
use tokio::task::{AbortHandle, JoinHandle, JoinSet};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::callback::{Callback, CallbackError, CallbackUrl, PATH};
use super::callback_page::{Page, Subject};
use super::sign_in::{Code, SignIn};
use crate::accept_language::preferred;
use crate::store::random::row_id;

/// The longest head of a request, in bytes: a callback of the longest length, and the browser's headers, with the cookies
/// of all other servers on this machine.
const MAX_HEAD: usize = 128 * 1024;

/// How long a request may take to arrive. Browsers open connections in advance and leave them idle.
const HEAD_TIME: Duration = Duration::from_secs(10);

/// The most connections at a time; a browser opens six. One more closes the oldest that has sent no request.
const MAX_CONNECTIONS: usize = 64;

/// How long the browser may take to read the last page.
const LAST_PAGE_TIME: Duration = Duration::from_secs(5);

/// The pause after a failed `accept`, which fails again at once while there are no file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The pause before another attempt to get a port that is in use.
const BIND_PAUSE: Duration = Duration::from_millis(50);

/// The listeners for callbacks on 127.0.0.1, one for each port.
#[derive(Default)]
pub struct Loopback(AsyncMutex<HashMap<u16, Listener>>);

/// A listener that has not ended, or whose task has not.
struct Listener {
    port: Weak<Port>,
    task: JoinHandle<()>,
}

/// Why this machine does not listen for the callback now. `Display` is the message in English.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", self.message(Language::English))]
pub enum LoopbackError {
    /// Another program, or a sign-in of another process, uses the port.
    PortInUse(u16),
    /// The system does not let this program listen there.
    Bind {
        /// The port.
        port: u16,
        /// What the system said.
        kind: io::ErrorKind,
    },
}

impl LoopbackError {
    /// The message for people at the command line.
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::PortInUse(port) => texts::port_in_use(language, port),
            Self::Bind { port, kind } => texts::cannot_listen(language, port, kind),
        }
    }
}

mod texts {
    bot_engine::messages! {
        port_in_use(port) {
            en: "port {port} of this machine is in use: is another sign-in waiting? This one listens when the port is free; the callback can also be pasted",
            de: "Port {port} dieses Rechners ist belegt: wartet eine andere Anmeldung? Diese hier nimmt den Port, sobald er frei ist; die Adresse des Callbacks lässt sich auch einfügen",
        }
        cannot_listen(port, kind) {
            en: "cannot listen on port {port} of this machine: {kind}",
            de: "Port {port} dieses Rechners lässt sich nicht belegen: {kind}",
        }
    }
}

/// Which page the browser is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum After {
    /// How the sign-in ended.
    Outcome,
    /// The page at this URL, where the sign-in goes on. The URL has a query, to which a [ticket](Browser::ticket) is added.
    GoOn(String),
}

/// A sign-in whose callback is expected. The port is listened on until it is dropped, and its [`Browser`]s are.
pub struct Expected {
    browser: Browser,
    arrived: mpsc::UnboundedReceiver<Result<Code, CallbackError>>,
}

/// The browsers that request the callback of a sign-in, and wait for a page.
#[derive(Clone)]
pub struct Browser {
    waiting: Arc<Waiting>,
    port: Arc<Port>,
}

/// A listener. It ends when this is dropped.
struct Port {
    sign_ins: Arc<SignIns>,
    listens: watch::Receiver<Result<(), LoopbackError>>,
    task: AbortHandle,
}

impl Drop for Port {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The sign-ins that share a port.
#[derive(Default)]
struct SignIns(Mutex<Vec<Weak<Waiting>>>);

/// What the listener knows of a sign-in.
struct Waiting {
    sign_in: Mutex<SignIn>,
    subject: Subject,
    arrived: mpsc::UnboundedSender<Result<Code, CallbackError>>,
    /// The key of tickets.
    key: String,
    /// The ticket of the callback that was accepted.
    accepted: Mutex<Option<String>>,
    /// The page; `None` until it is known how the sign-in ends.
    page: watch::Sender<Option<Page>>,
    /// The browsers that have not read it yet.
    browsers: TaskTracker,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Loopback {
    /// Listens for the callback of a sign-in, on the port of its callback URL. If that is in use, the callback can be
    /// pasted, and is listened for as soon as the port is free.
    pub async fn expect(&self, sign_in: SignIn, subject: Subject, after: After) -> Expected {
        let port = self.port(sign_in.callback_url().port()).await;
        let (sender, arrived) = mpsc::unbounded_channel();
        let waiting = Arc::new(Waiting {
            sign_in: Mutex::new(sign_in),
            subject,
            arrived: sender,
            key: row_id() + &row_id(),
            accepted: Mutex::default(),
            page: watch::Sender::new(match after {
                After::Outcome => None,
                After::GoOn(url) => Some(Page::GoOn(url)),
            }),
            browsers: TaskTracker::new(),
        });
        port.sign_ins.add(&waiting);
        let browser = Browser { waiting, port };
        Expected { browser, arrived }
    }

    async fn port(&self, number: u16) -> Arc<Port> {
        let mut ports = self.0.lock().await;
        if let Some(listener) = ports.get_mut(&number) {
            if let Some(port) = listener.port.upgrade() {
                return port;
            }
            // An aborted task frees the port a moment later.
            if !listener.task.is_finished() {
                let _ = (&mut listener.task).await;
            }
        }
        let bound = bind(number).await;
        let (sender, listens) = watch::channel(bound.as_ref().map(|_| ()).map_err(Clone::clone));
        let sign_ins = Arc::default();
        let listening = listen(number, bound.ok(), sender, Arc::clone(&sign_ins));
        let task = tokio::spawn(listening);
        let port = Arc::new(Port {
            sign_ins,
            listens,
            task: task.abort_handle(),
        });
        ports.retain(|_, listener| !listener.task.is_finished());
        let listener = Listener {
            port: Arc::downgrade(&port),
            task,
        };
        ports.insert(number, listener);
        port
    }
}

impl SignIns {
    fn add(&self, waiting: &Arc<Waiting>) {
        let mut all = lock(&self.0);
        all.retain(|waiting| waiting.strong_count() > 0);
        all.push(Arc::downgrade(waiting));
    }

    /// The sign-in that a callback belongs to.
    fn of(&self, callback: &Callback) -> Option<Arc<Waiting>> {
        let all = lock(&self.0);
        let mut all = all.iter().filter_map(Weak::upgrade);
        all.find(|waiting| lock(&waiting.sign_in).is_of(callback))
    }
}

impl Expected {
    /// Waits for the callback, until the sign-in expires. This future can be dropped at any time: what has arrived is
    /// returned by the next call. It returns once only.
    ///
    /// # Errors
    ///
    /// Why the sign-in is over.
    pub async fn arrival(&mut self) -> Result<Code, CallbackError> {
        let expires = self.expires();
        tokio::select! {
            biased;
            Some(arrived) = self.arrived.recv() => arrived,
            () = sleep_until(expires) => Err(CallbackError::Expired),
        }
    }

    /// Accepts a callback that was pasted.
    ///
    /// # Errors
    ///
    /// As [`Callback::pasted`] and [`SignIn::accept`].
    pub fn paste(&self, text: &str) -> Result<Code, CallbackError> {
        let mut sign_in = self.sign_in();
        let callback = Callback::pasted(text, sign_in.callback_url())?;
        sign_in.accept(callback)
    }

    /// Whether this machine listens for the callback now.
    ///
    /// # Errors
    ///
    /// Why the callback can only be pasted.
    pub fn listening(&self) -> Result<(), LoopbackError> {
        self.browser.port.listens.borrow().clone()
    }

    /// The browsers that request the callback.
    pub fn browser(&self) -> &Browser {
        &self.browser
    }

    /// See [`SignIn::authorization_url`].
    pub fn authorization_url(&self) -> String {
        self.sign_in().authorization_url().to_owned()
    }

    /// See [`SignIn::callback_url`].
    pub fn callback_url(&self) -> CallbackUrl {
        self.sign_in().callback_url().clone()
    }

    /// See [`SignIn::expires`].
    pub fn expires(&self) -> Instant {
        self.sign_in().expires()
    }

    /// See [`SignIn::is_over`].
    pub fn is_over(&self) -> bool {
        self.sign_in().is_over()
    }

    fn sign_in(&self) -> MutexGuard<'_, SignIn> {
        lock(&self.browser.waiting.sign_in)
    }
}

impl Browser {
    /// Shows whether the connection got a token, now and to every browser that requests the callback again.
    pub fn show(&self, signed_in: bool) {
        let subject = self.waiting.subject.clone();
        self.waiting.show(if signed_in {
            Page::SignedIn(subject)
        } else {
            Page::Failed(subject)
        });
    }

    /// Proves that a browser brought the callback that was accepted: only those that bring the same code are given it.
    /// A caller who began the sign-in knows its state, and could request a callback as well. `None` until one is accepted.
    pub fn ticket(&self) -> Option<String> {
        lock(&self.waiting.accepted).clone()
    }

    /// Returns when browsers have read the page, or after some seconds.
    pub async fn finish(&self) {
        self.waiting.browsers.close();
        let _ = timeout(LAST_PAGE_TIME, self.waiting.browsers.wait()).await;
    }
}

impl Waiting {
    /// Takes a callback with the right state. Only the first one counts.
    fn receive(&self, callback: Callback, ticket: String) {
        let arrived = lock(&self.sign_in).accept(callback);
        if matches!(arrived, Err(CallbackError::Over)) {
            return;
        }
        match &arrived {
            Ok(_) => *lock(&self.accepted) = Some(ticket),
            Err(error) => {
                tracing::debug!(%error, "a callback was not accepted");
                self.show(Page::of(error, self.subject.clone()));
            }
        }
        let _ = self.arrived.send(arrived);
    }

    /// A keyed hash of the code.
    fn ticket(&self, callback: &Callback) -> String {
        let code = callback.code.as_ref().map(ExposeSecret::expose_secret);
        let hash = Sha256::new_with_prefix(&self.key).chain_update(code.unwrap_or_default());
        URL_SAFE_NO_PAD.encode(hash.finalize())
    }

    /// The first page stays.
    fn show(&self, page: Page) {
        self.page.send_if_modified(|shown| {
            let is_first = shown.is_none();
            if is_first {
                *shown = Some(page);
            }
            is_first
        });
    }

    async fn page(&self) -> Page {
        let mut page = self.page.subscribe();
        let shown = page.wait_for(Option::is_some).await;
        shown
            .ok()
            .and_then(|page| page.clone())
            .unwrap_or(Page::NotExpected)
    }
}

async fn bind(port: u16) -> Result<TcpListener, LoopbackError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    listener.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => LoopbackError::PortInUse(port),
        kind => LoopbackError::Bind { port, kind },
    })
}

/// A connection of a browser.
struct Connection {
    task: AbortHandle,
    has_asked: Arc<AtomicBool>,
}

async fn listen(
    port: u16,
    bound: Option<TcpListener>,
    listens: watch::Sender<Result<(), LoopbackError>>,
    sign_ins: Arc<SignIns>,
) {
    let listener = match bound {
        Some(listener) => listener,
        None => loop {
            sleep(BIND_PAUSE).await;
            if let Ok(listener) = bind(port).await {
                break listener;
            }
        },
    };
    let _ = listens.send(Ok(()));
    let mut tasks = JoinSet::new();
    let mut connections = VecDeque::<Connection>::new();
    loop {
        tokio::select! {
            Some(_) = tasks.join_next() => connections.retain(|it| !it.task.is_finished()),
            accepted = listener.accept(), if tasks.len() <= MAX_CONNECTIONS => match accepted {
                Ok((stream, _)) => {
                    let has_asked = Arc::new(AtomicBool::new(false));
                    let serving = serve(stream, Arc::clone(&sign_ins), Arc::clone(&has_asked));
                    let task = tasks.spawn(serving);
                    connections.push_back(Connection { task, has_asked });
                    if connections.len() > MAX_CONNECTIONS
                        && let Some(idle) = connections
                            .iter()
                            .position(|it| !it.has_asked.load(Ordering::Relaxed))
                        && let Some(idle) = connections.remove(idle)
                    {
                        idle.task.abort();
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a callback");
                    sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
}

async fn serve(stream: TcpStream, sign_ins: Arc<SignIns>, has_asked: Arc<AtomicBool>) {
    // Held until the response has been written.
    let reading = Mutex::new(None);
    let service = service_fn(|request| {
        has_asked.store(true, Ordering::Relaxed);
        answer(request, &sign_ins, &reading)
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a browser's connection failed");
    }
}

async fn answer(
    request: Request<Incoming>,
    sign_ins: &SignIns,
    reading: &Mutex<Option<TaskTrackerToken>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let accepted = request.headers().get(ACCEPT_LANGUAGE);
    let accepted = accepted.and_then(|header| header.to_str().ok());
    let language = preferred(accepted.unwrap_or_default());
    if request.uri().path() != PATH {
        return Ok(Page::NotFound.response(language));
    }
    if request.method() != Method::GET {
        return Ok(Page::NotAllowed.response(language));
    }
    let callback = Callback::parse(request.uri().query().unwrap_or_default()).ok();
    let found = callback.and_then(|callback| Some((sign_ins.of(&callback)?, callback)));
    let Some((waiting, callback)) = found else {
        tracing::debug!("a callback was not accepted: no sign-in waits for it");
        return Ok(Page::NotExpected.response(language));
    };
    *lock(reading) = Some(waiting.browsers.token());
    let ticket = waiting.ticket(&callback);
    waiting.receive(callback, ticket.clone());
    let page = match waiting.page().await {
        Page::GoOn(url) => Page::GoOn(format!("{url}&ticket={ticket}")),
        page => page,
    };
    Ok(page.response(language))
}

impl fmt::Debug for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expected")
            .field("subject", &self.browser.waiting.subject)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Browser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Browser").finish_non_exhaustive()
    }
}

impl fmt::Debug for Loopback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loopback").finish_non_exhaustive()
    }
}
