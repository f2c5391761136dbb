//! An embedded Genesys Cloud: a simulation of sign-in, tokens and a few API resources on loopback, so that bots can be
//! tried without an account and without a network.
//!
//! It shares no code with the clients under test, not even the table of regions: a mistake on one side must show on the
//! other. Its responses are those that the real one was observed or documented to send. In the doc comments, **\[dated\]**
//! marks what was observed once and may have changed, **\[unsure\]** what is not public.
//!
//! In the order of a request: `server` accepts connections, and `routes` dispatches requests by `virtual_host`. On
//! `login.<domain>`, `authorization_endpoint` parses an `authorization_request`, keeps it among the `pending_sign_ins`
//! while the user is on the `sign_in_page`, and redirects to the client (`redirect_uri`); `token_endpoint` answers a
//! `token_request`. On `api.<domain>`, `api` and `users_api` answer requests with a token, or with an `api_error`.
//!
//! Behind them, `cloud` is the state that all connections share: the `accounts`, which are OAuth clients (`client`),
//! users (`user`), authorization codes (`authorization_code`, `pkce`), refresh tokens and access tokens (`refresh_token`,
//! `access_token`, both from `random`; `token_map` expires and evicts), limits per minute (`rate_limit`), and the
//! `clock`, which tests can advance. `administration` is what an administrator changes at run
//! time, in a program or, with the feature `admin-pages`, in a browser (`admin_pages`). `certificate`
//! generates the CA that clients have to trust.
//!
//! # Limits
//!
//! A TLS handshake can take [`HANDSHAKE_TIMEOUT`], the head of a request [`HEAD_TIMEOUT`], its body
//! [`REQUEST_TIMEOUT`]; after that the connection is closed. Bodies are read up to [`MAX_BODY`]. A client has at most
//! [`MAX_TOKENS_PER_CLIENT`] tokens. A sign-in can take [`SIGN_IN_TIMEOUT`], a code is valid for [`CODE_LIFETIME`], and
//! [`MAX_WRONG_PASSWORDS`] lock a user out for [`LOCKOUT`]. The API creates users until there are 10,000. A request that is
//! not HTTP gets hyper's bare 400, without Genesys' headers.

mod access_token;
mod accounts;
#[cfg(feature = "admin-pages")]
mod admin_pages;
mod administration;
mod api;
mod api_error;
mod authorization_code;
mod authorization_endpoint;
mod authorization_request;
mod call;
mod certificate;
mod client;
mod clock;
mod cloud;
mod pending_sign_ins;
mod pkce;
mod random;
mod rate_limit;
mod redirect_uri;
mod refresh_token;
mod region;
mod routes;
mod server;
mod sign_in_page;
mod statistics;
mod token_endpoint;
mod token_map;
mod token_request;
mod user;
mod users_api;
mod virtual_host;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::rustls;

pub use access_token::MAX_TOKENS_PER_CLIENT;
#[cfg(feature = "admin-pages")]
pub use admin_pages::ADMIN_PATH;
pub use authorization_code::CODE_LIFETIME;
pub use certificate::CaCertificate;
pub use client::{
    AddClientError, ClientType, DEFAULT_TOKEN_DURATION, GrantType, OAuthClient, TOKEN_DURATIONS,
};
pub use clock::{Clock, ManualClock};
pub use pending_sign_ins::SIGN_IN_TIMEOUT;
pub use region::Region;
pub use routes::MAX_BODY;
pub use server::{HANDSHAKE_TIMEOUT, HEAD_TIMEOUT, REQUEST_TIMEOUT};
pub use statistics::Statistics;
pub use user::{AddUserError, LOCKOUT, MAX_WRONG_PASSWORDS, User};

use cloud::Cloud;
use routes::Routes;
use server::Listener;

/// Settings of a [`GenesysCloud`]. The default serves HTTPS on loopback, on a port that the system chooses, without rate
/// limits.
#[derive(Clone, Debug)]
pub struct Options {
    /// The address of HTTPS; with port 0, the system chooses the port.
    pub https: Option<SocketAddr>,
    /// The address of plain HTTP, for browsers on this machine and for SDKs that use it as a "gateway"; with port 0, the
    /// system chooses the port.
    pub http: Option<SocketAddr>,
    /// The most tokens that a client gets per minute; `None` for no limit.
    pub token_requests_per_minute: Option<u32>,
    /// The most API requests with one token per minute; `None` for no limit. The real limit is 300.
    pub api_requests_per_minute: Option<u32>,
    /// The clock of expiry and rate limits.
    pub clock: Clock,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            https: Some((Ipv4Addr::LOCALHOST, 0).into()),
            http: None,
            token_requests_per_minute: None,
            api_requests_per_minute: None,
            clock: Clock::system(),
        }
    }
}

/// Why a [`GenesysCloud`] does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The options name neither an HTTPS nor an HTTP address.
    #[error("there is no address to serve")]
    NoAddress,
    /// The address cannot be bound.
    #[error("cannot listen on {address}")]
    Bind {
        /// The requested address.
        address: SocketAddr,
        /// The error of the system.
        source: io::Error,
    },
    /// The certificates cannot be generated.
    #[error("cannot generate a certificate")]
    Certificate(#[from] rcgen::Error),
    /// The certificates cannot be used.
    #[error("cannot set up TLS")]
    Tls(#[from] rustls::Error),
}

impl StartError {
    /// The error in German, without its cause. `Display` is in English.
    pub fn in_german(&self) -> String {
        match self {
            Self::NoAddress => "es gibt keine Adresse".into(),
            Self::Bind { address, .. } => format!("{address} lässt sich nicht belegen"),
            Self::Certificate(_) => "ein Zertifikat lässt sich nicht erzeugen".into(),
            Self::Tls(_) => "TLS lässt sich nicht einrichten".into(),
        }
    }
}

/// A running simulation of Genesys Cloud, of all its regions at once. It stops when it is dropped.
pub struct GenesysCloud {
    cloud: Arc<Cloud>,
    https_addr: Option<SocketAddr>,
    http_addr: Option<SocketAddr>,
    ca_certificate: CaCertificate,
    listeners: JoinSet<()>,
    /// Dropping it stops the listeners.
    stop: watch::Sender<()>,
}

impl GenesysCloud {
    /// Starts on the current tokio runtime, and returns once it accepts connections.
    ///
    /// # Errors
    ///
    /// If an address cannot be bound, or there is none.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        if options.https.is_none() && options.http.is_none() {
            return Err(StartError::NoAddress);
        }
        let (ca_certificate, tls) = certificate::generate()?;
        let https = match options.https {
            Some(address) => Some(Listener::bind(address, Some(tls)).await?),
            None => None,
        };
        let http = match options.http {
            Some(address) => Some(Listener::bind(address, None).await?),
            None => None,
        };
        let https_addr = https.as_ref().map(Listener::address);
        let http_addr = http.as_ref().map(Listener::address);

        let cloud = Arc::new(Cloud::new(&options));
        let routes = Arc::new(Routes::new(&cloud));
        let (stop, stopped) = watch::channel(());
        let mut listeners = JoinSet::new();
        for listener in https.into_iter().chain(http) {
            listeners.spawn(listener.serve(cloud.clone(), routes.clone(), stopped.clone()));
        }
        Ok(Self {
            cloud,
            https_addr,
            http_addr,
            ca_certificate,
            listeners,
            stop,
        })
    }

    /// The address of HTTPS.
    pub fn https_addr(&self) -> Option<SocketAddr> {
        self.https_addr
    }

    /// The address of plain HTTP.
    pub fn http_addr(&self) -> Option<SocketAddr> {
        self.http_addr
    }

    /// The CA that a client must trust to connect to [`https_addr`](Self::https_addr).
    pub fn ca_certificate(&self) -> &CaCertificate {
        &self.ca_certificate
    }

    /// The counters since the start.
    pub fn statistics(&self) -> Statistics {
        self.cloud.counters.read()
    }

    /// Stops listening, closes all connections, and returns when all tasks have ended.
    pub async fn shutdown(mut self) {
        drop(self.stop);
        while self.listeners.join_next().await.is_some() {}
    }
}
