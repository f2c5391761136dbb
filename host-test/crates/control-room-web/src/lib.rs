//! The Control Room as pages: what a bot designer does in a browser.
//!
//! In the order of a request: `server` accepts a connection and speaks TLS and HTTP; `guard` looks at where
//! a request comes from and gives every answer its headers; `visitor` finds out who it is, by a cookie
//! (`cookie`) and the session that it stands for (`sessions`), and in which `language`; `routes` says what
//! answers it, and `addresses` keeps a list of that. `forms` takes what a form sends, only with its token, and `asked` what an address
//! says; `failure` is what goes wrong, as a page.
//!
//! - `sign_in` and `first_run`: how somebody comes in, with `attempts` limited;
//! - `bots`: the list, and what is done with a bot as a whole; `document`: a bot file as far as that goes;
//! - `editor`: a bot's steps and their forms, `check`ed as one types; `actions`: what there is to drop;
//! - `run`: a bot is run by the `run_engine`, which keeps a `run_log` in words (`run_words`); `run_page` shows it,
//!   and `runs` is the history;
//! - `offers`: lockers, credentials and attributes to pick from;
//! - `credentials`: lockers, what is in them, and who used it; `connections`: OAuth connections, with the
//!   `sign_ins` that wait for their callback; `rights`: who may do what in both;
//! - `users`: users and roles, for administrators; `new_password` is typed there and at the first run;
//! - `simulation`: the link to the simulation of Genesys Cloud, if it runs;
//! - `lists` and `parts`: what pages with lists and forms have in common;
//! - `layout` is what all pages have around them, `texts` what they say, `assets` their style and scripts.
//!
//! Pages are made with `maud`: checked at compile time, and every text is escaped where it is put in. Nothing
//! is loaded from elsewhere, and no page has a script or a style within it.
//!
//! It knows the Control Room, bots and the action, and nothing of the command line.

mod actions;
mod active_runs;
mod app;
mod assets;
mod attempts;
mod bots;
mod check;
mod connections;
mod cookie;
mod credential_picker;
mod credentials;
mod document;
mod editor;
mod extract;
mod failure;
mod first_run;
mod form_components;
mod forms;
mod guard;
mod language;
mod layout;
mod lists;
mod localize;
mod messages;
mod new_password;
mod pending_sign_ins;
mod permissions;
mod route_table;
mod routes;
mod run;
mod run_log;
mod run_page;
mod run_words;
mod runs;
mod server;
mod sessions;
mod sign_in;
mod simulation;
mod tls;
mod token;
mod user_session;
mod users;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::http::Method;
use thiserror::Error;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use actions::Forms;
pub use active_runs::Engine;
use active_runs::Runs;
use app::App;
use attempts::Attempts;
use bot_engine::{ActionRunner, CallError};
use control_room::passwords::PasswordError;
use control_room::{Connections, Store};
use cookie::Cookies;
use first_run::FirstRun;
use forms::FormKey;
use pending_sign_ins::SignIns;
use route_table::Address;
use server::Listener;
use sessions::Sessions;
pub use simulation::Simulation;
pub use tls::{Tls, TlsError};

/// What the pages are served with.
pub struct Options {
    /// Where to listen; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Not there for plain HTTP, which is for loopback only.
    pub tls: Option<Tls>,
    /// The Control Room.
    pub store: Store,
    /// The action whose form is drawn, and which checks what is typed. It needs no way to the network.
    pub actions: Arc<dyn ActionRunner>,
    /// What bots are run with.
    pub engine: Engine,
    /// The OAuth connections of that Control Room. Whoever serves the pages keeps them alive.
    pub connections: Connections,
    /// The simulation of Genesys Cloud, if bots that run here use it: every page says so, and links to it for
    /// administrators.
    pub simulation: Option<Simulation>,
}

/// Why the pages are not served.
#[derive(Debug, Error)]
pub enum StartError {
    /// Others could read along.
    #[error("{0} can be reached from other machines, and is served with TLS only")]
    NeedsTls(SocketAddr),
    /// The address is taken, forbidden, or not this machine's.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The component does not say what its form is.
    #[error("the action does not describe its form: {0}")]
    Form(#[from] CallError),
    /// The system has no randomness to give.
    #[error("the system gives no random bytes: {0}")]
    Random(#[from] getrandom::Error),
    /// The Control Room cannot be read.
    #[error(transparent)]
    ControlRoom(#[from] PasswordError),
}

/// The pages, served until this is dropped.
pub struct Pages {
    address: SocketAddr,
    app: Arc<App>,
    secure: bool,
    addresses: Vec<Address>,
    stop: watch::Sender<()>,
    listener: JoinHandle<()>,
}

impl Pages {
    /// Serves the pages on the current tokio runtime, and returns once they can be opened.
    ///
    /// # Errors
    ///
    /// What stands against it.
    pub async fn serve(options: Options) -> Result<Pages, StartError> {
        if options.tls.is_none() && !options.listen.ip().is_loopback() {
            return Err(StartError::NeedsTls(options.listen));
        }
        let secure = options.tls.is_some();
        let listener = Listener::bind(options.listen, options.tls).await?;
        let address = listener.address();
        let app = Arc::new(App {
            forms: Forms::of(&*options.actions).await?,
            variables: Arc::clone(&options.engine.variables),
            runs: Arc::new(Runs::new(
                options.engine,
                options.store.clone(),
                options.connections.clone(),
            )?),
            store: options.store,
            actions: options.actions,
            connections: options.connections,
            sign_ins: SignIns::default(),
            simulation: options.simulation,
            secure,
            cookies: Cookies::new(address.port(), secure),
            sessions: Sessions::default(),
            attempts: Attempts::default(),
            first_run: FirstRun::new(),
            form_key: FormKey::random(),
        });
        let (stop, stopped) = watch::channel(());
        let (routes, addresses) = routes::routes(Arc::clone(&app));
        let listener = tokio::spawn(listener.serve(routes, stopped));
        Ok(Pages {
            address,
            app,
            secure,
            addresses,
            stop,
            listener,
        })
    }

    /// Where they are served.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// All that is answered: methods, and addresses with `{…}` for what differs. For whoever checks what each of
    /// them keeps to.
    pub fn addresses(&self) -> &[(Method, &'static str)] {
        &self.addresses
    }

    /// What to open in a browser.
    pub fn url(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}/", self.address)
    }

    /// The link that makes the first user, where nobody can sign in yet. It works once, and whoever has it
    /// may: treat it as a secret.
    ///
    /// # Errors
    ///
    /// Where the Control Room cannot be read.
    pub async fn first_run_url(&self) -> Result<Option<secrecy::SecretString>, StartError> {
        Ok(match self.app.store.passwords().any().await? {
            true => None,
            false => Some(self.app.first_run.url(&self.url())),
        })
    }

    /// Stops the bots that run and ends their sessions, then stops accepting, closes all connections, and
    /// returns when they are closed.
    pub async fn shutdown(self) {
        self.app.runs.shutdown().await;
        drop(self.stop);
        let _ = self.listener.await;
    }
}
