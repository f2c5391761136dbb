//! The pages of the Control Room, for a browser.
//!
//! A request is processed as follows: `server` accepts the connection and speaks TLS and HTTP; `guard` rejects
//! cross-site requests and adds the security headers; `user_session` loads the user by the session token in a
//! `cookie`, and picks the `language`; `routes` finds the handler. A handler takes its input through the extractors of
//! `extract` and, if it changes something, of `forms`, which check the form token. It answers with a page in the
//! common `layout`, or with a `Failure`, which becomes an error page.
//!
//! The modules are layers, and each uses only those above it:
//!
//! 1. `messages` (English and German), `language`, `token`, `assets` (style sheets and scripts), `tls`, `server` with
//!    `open_connections` (their limits) and `health` (what load balancers ask),
//!    `document` (a bot file as it is stored), `run_log`, `localize` (problems of a bot, in the editor), `run_messages` (events
//!    of a run, as entries of its log);
//! 2. the state behind the handlers: `sessions`, `cookie`, `form_token`, `attempts` (rate limit of sign-ins),
//!    `known_browsers` (in which a user has signed in before),
//!    `kept_secrets` (of forms with mistakes), `pending_sign_ins` (OAuth), `active_runs`, `actions` (the forms of the actions), `simulation` (the
//!    embedded Genesys Cloud), all in `app`;
//! 3. what handlers share: `layout`, `failure`, `user_session`, `permissions`, `extract`, `forms`, `lists` (search and
//!    pagination), `form_components`, `new_password`, `check` (problems of a bot), `editor_dialogs` (create from the editor), `bot_references`
//!    (which bots use something);
//! 4. the pages: `sign_in`, `first_run`, `bots` with `first_steps`, `inputs`, `editor` with `credential_picker`, `run` with `run_page`, `runs` (the
//!    history), `schedules` and `new_schedule`, `credentials`, `connections`, `users`, `workers`, `learn` (the guides);
//! 5. `worker`, which is no page: it runs what is queued, with the log of layer 1;
//! 6. `guard`, `route_table` and `routes`, which put them together.
//!
//! Pages are made with `maud`: checked at compile time, and every text is escaped. Nothing is loaded from elsewhere, and
//! no page has an inline script or style.

mod actions;
mod active_runs;
mod app;
mod assets;
mod attachment;
mod attempts;
mod bot_references;
mod bots;
mod check;
mod connections;
mod cookie;
mod credential_picker;
mod credentials;
mod document;
mod editor;
mod editor_dialogs;
mod editor_run;
mod extract;
mod failure;
mod first_run;
mod first_steps;
mod form_components;
mod form_token;
mod forms;
mod guard;
mod health;
mod inputs;
mod kept_secrets;
mod known_browsers;
mod language;
mod layout;
mod learn;
mod lists;
mod localize;
mod messages;
mod moments;
mod new_password;
mod new_schedule;
mod open_connections;
mod pending_sign_ins;
mod permissions;
mod route_table;
mod routes;
mod run;
mod run_log;
mod run_messages;
mod run_page;
mod runs;
mod schedules;
mod server;
mod sessions;
mod sign_in;
mod simulation;
mod tls;
mod token;
mod user_bots;
mod user_session;
mod users;
mod versions;
pub mod worker;
mod workers;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::http::Method;
use thiserror::Error;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use active_runs::ActiveRuns;
pub use active_runs::Engine;
use app::App;
use attempts::Attempts;
use bot_engine::{Catalogue, Language};
use control_room::passwords::PasswordError;
use control_room::{Connections, Name, Store};
use cookie::Cookies;
use form_token::FormKey;
use health::Health;
use kept_secrets::KeptSecrets;
use open_connections::OpenConnections;
use pending_sign_ins::PendingSignIns;
use route_table::Route;
use server::Listener;
use sessions::Sessions;
pub use simulation::Simulation;
pub use tls::{Pem, Tls, TlsError};
use token::Token;

/// The configuration of the pages.
pub struct Options {
    /// The address to listen on; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// The certificate; `None` for plain HTTP, on loopback only.
    pub tls: Option<Tls>,
    /// The Control Room.
    pub store: Store,
    /// The actions that bots can use.
    pub catalogue: Arc<Catalogue>,
    /// What bots run with.
    pub engine: Engine,
    /// The OAuth connections of that Control Room. The caller runs their refresher.
    pub connections: Connections,
    /// The workers that run what users start on the pages; otherwise the pages run it themselves. What the editor runs or
    /// tests always runs here.
    pub pool: Option<Name>,
    /// The simulation of Genesys Cloud, if bots that run here use it: every page says so, and links to it for
    /// administrators.
    pub simulation: Option<Simulation>,
}

/// Why the pages cannot be served.
#[derive(Debug, Error)]
#[error("{}", self.message(Language::English))]
pub enum StartError {
    /// Plain HTTP on an address that other machines can reach.
    NeedsTls(SocketAddr),
    /// The address is in use, forbidden, or not of this machine.
    Bind {
        /// The requested address.
        address: SocketAddr,
        /// The error of the system.
        source: std::io::Error,
    },
    /// The operating system provides no random bytes.
    Random(#[from] getrandom::Error),
    /// The Control Room cannot be read.
    #[error(transparent)]
    ControlRoom(#[from] PasswordError),
}

impl StartError {
    /// The message for the operator.
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::NeedsTls(address) => messages::needs_tls(language, address),
            Self::Bind { address, source } => messages::cannot_listen(language, address, source),
            Self::Random(error) => messages::no_random_bytes(language, error),
            Self::ControlRoom(error) => error.message(language),
        }
    }
}

/// The pages, served until this is dropped.
pub struct Pages {
    address: SocketAddr,
    app: Arc<App>,
    secure: bool,
    routes: Vec<Route>,
    stop: watch::Sender<()>,
    listener: JoinHandle<()>,
}

impl Pages {
    /// Serves the pages on the current tokio runtime, and returns once they can be opened.
    ///
    /// # Errors
    ///
    /// If the address cannot be served, or an action or the store fails.
    pub async fn serve(options: Options) -> Result<Self, StartError> {
        if options.tls.is_none() && !options.listen.ip().is_loopback() {
            return Err(StartError::NeedsTls(options.listen));
        }
        let secure = options.tls.is_some();
        let listener = Listener::bind(options.listen, options.tls).await?;
        let address = listener.address();
        let connections = Arc::new(Mutex::new(OpenConnections::default()));
        let shutdown = CancellationToken::new();
        let health = Health::new(
            options.store.clone(),
            Arc::clone(&connections),
            shutdown.clone(),
        );
        let app = Arc::new(App {
            catalogue: Arc::clone(&options.catalogue),
            actions: Arc::clone(&options.engine.actions),
            variables: Arc::clone(&options.engine.variables),
            runs: Arc::new(ActiveRuns::new(
                options.engine,
                options.catalogue,
                options.store.clone(),
                options.connections.clone(),
            )?),
            store: options.store,
            connections: options.connections,
            pending_sign_ins: PendingSignIns::default(),
            kept_secrets: KeptSecrets::default(),
            pool: options.pool,
            simulation: options.simulation,
            address,
            secure,
            cookies: Cookies::new(address.port(), secure),
            sessions: Sessions::default(),
            attempts: Attempts::default(),
            shutdown,
            first_run_token: Token::random(),
            form_key: FormKey::random(),
        });
        let (stop, stopped) = watch::channel(());
        let (router, routes) = routes::routes(Arc::clone(&app), health);
        let listener = tokio::spawn(listener.serve(router, connections, stopped));
        Ok(Self {
            address,
            app,
            secure,
            routes,
            stop,
            listener,
        })
    }

    /// The bound address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// All routes: methods, and path patterns with `{…}` for their parameters. For tests that check a rule for each.
    pub fn routes(&self) -> &[(Method, &'static str)] {
        &self.routes
    }

    /// The URL for a browser.
    pub fn url(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}/", self.address)
    }

    /// The link that creates the first user; `None` if a user can sign in already. It works once and is a secret.
    ///
    /// # Errors
    ///
    /// If the Control Room cannot be read.
    pub async fn first_run_url(&self) -> Result<Option<secrecy::SecretString>, StartError> {
        Ok(if self.app.store.passwords().is_set_up().await? {
            None
        } else {
            Some(first_run::url(&self.app.first_run_token, &self.url()))
        })
    }

    /// Makes `/readyz` fail at once, stops the active runs and closes their sessions, then finishes the requests in progress,
    /// within ten seconds, and returns once all connections are closed.
    pub async fn shutdown(self) {
        self.app.shutdown.cancel();
        self.app.runs.shutdown().await;
        drop(self.stop);
        let _ = self.listener.await;
    }
}
