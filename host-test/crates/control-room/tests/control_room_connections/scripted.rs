//! A provider with scripted responses, and a connection to it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use control_room::BorrowedToken;
use control_room::connections::{ConnectionError, Connections, SignInOwner};
use control_room::oauth::{Grant, Provider, Registration};
use control_room::{Store, TokenOwner};
use egress::Options;
use tempfile::TempDir;
use test_support::https::{Reply, Server};
use test_support::{HOST, options};
use tokio::sync::{Semaphore, mpsc};

use crate::fixture::{ada, connection, create, create_user, open, quick_retries, set_remaining};

pub(crate) const SECRET: &str = "s3cret-canary";

/// A token response with this refresh token, valid for an hour.
pub(crate) fn tokens(refresh_token: &str) -> (&'static str, String) {
    let body = format!(
        r#"{{"access_token":"a-{refresh_token}","token_type":"Bearer","expires_in":3600,
            "refresh_token":"{refresh_token}"}}"#
    );
    ("200 OK", body)
}

pub(crate) fn error(status: &'static str, code: &str) -> (&'static str, String) {
    (status, format!(r#"{{"error":"{code}"}}"#))
}

pub(crate) struct Scripted {
    pub(crate) server: Server,
    pub(crate) folder: TempDir,
    pub(crate) store: Store,
    pub(crate) connections: Connections,
    arrivals: mpsc::UnboundedReceiver<()>,
    released: Arc<Semaphore>,
}

/// Prefix for the status of a response that is held back until it is released.
const HELD: &str = "held ";

pub(crate) fn held_tokens(refresh_token: &str) -> (&'static str, String) {
    ("held 200 OK", tokens(refresh_token).1)
}

pub(crate) fn held_error(code: &str) -> (&'static str, String) {
    error("held 400 Bad Request", code)
}

impl Scripted {
    /// A provider that sends these responses in order and none after them. The first has been used up for a sign-in.
    pub(crate) async fn new(answers: Vec<(&'static str, String)>) -> Self {
        let (arrived, arrivals) = mpsc::unbounded_channel();
        let released = Arc::new(Semaphore::new(0));
        let of_server = Arc::clone(&released);
        let answers = Mutex::new(VecDeque::from(answers));
        let server = Server::with(move |_| {
            let _ = arrived.send(());
            let answer = answers.lock().unwrap().pop_front();
            match answer {
                None => Reply::keep(""),
                Some((status, body)) => {
                    let held = status.strip_prefix(HELD);
                    let reply = format!(
                        "HTTP/1.1 {}\r\nContent-Type: application/json\r\n\
                         Content-Length: {}\r\n\r\n{body}",
                        held.unwrap_or(status),
                        body.len()
                    );
                    match held {
                        Some(_) => Reply::Held(Arc::clone(&of_server), reply.into()),
                        None => Reply::keep(reply),
                    }
                }
            }
        })
        .await;
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).await;
        create_user(&store).await;
        let connections = connections(&store, options(&server));
        let url = |path| format!("https://{HOST}/{path}");
        let registration = Registration::new(
            Provider::custom(&url("authorize"), &url("token"), None).unwrap(),
            Grant::AuthorizationCode,
            "the-id",
            Some(&SECRET.into()),
            Default::default(),
        );
        create(&connections, registration.unwrap()).await;
        let mut scripted = Self {
            server,
            folder,
            store,
            connections,
            arrivals,
            released,
        };
        scripted.sign_in().await.unwrap();
        scripted.arrival().await;
        scripted
    }

    pub(crate) async fn sign_in(&self) -> Result<(), ConnectionError> {
        let connections = &self.connections;
        let mut started = connections
            .sign_in(&connection(), &SignInOwner::Shared)
            .await?;
        let callback = callback(&started.authorization_url());
        started.paste(&callback).await.map(|_| ())
    }

    /// Lets the token expire and requests another one.
    pub(crate) async fn refreshed(&self) -> Result<BorrowedToken, ConnectionError> {
        set_remaining(self.folder.path(), 0).await;
        self.token().await
    }

    pub(crate) async fn token(&self) -> Result<BorrowedToken, ConnectionError> {
        let shared = TokenOwner::Shared;
        self.connections.token(&connection(), &ada(), shared).await
    }

    /// Waits for one more request.
    pub(crate) async fn arrival(&mut self) {
        self.arrivals.recv().await.unwrap();
    }

    /// Releases a held response, which blocks a thread of the runtime until then.
    pub(crate) fn release(&self) {
        self.released.add_permits(1);
    }

    /// The refresh tokens that were sent, in order.
    pub(crate) fn sent(&self) -> Vec<String> {
        let requests = self.server.requests();
        let sent = requests.iter().filter_map(|request| {
            let (_, form) = request.split_once("\r\n\r\n")?;
            let mut form = form_urlencoded::parse(form.as_bytes());
            let (_, token) = form.find(|(name, _)| name == "refresh_token")?;
            Some(token.into_owned())
        });
        sent.collect()
    }
}

/// The callback that the provider redirects the browser to after a sign-in on this page.
pub(crate) fn callback(page: &str) -> String {
    let (_, query) = page.split_once('?').unwrap();
    let parameters = form_urlencoded::parse(query.as_bytes()).into_owned();
    let parameters: HashMap<_, _> = parameters.collect();
    let (url, state) = (&parameters["redirect_uri"], &parameters["state"]);
    format!("{url}?code=c0de-canary&state={state}")
}

pub(crate) fn connections(store: &Store, options: Options) -> Connections {
    store.connections(options).with_retry(quick_retries())
}
