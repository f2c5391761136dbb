//! An embedded Genesys Cloud: the login and the token side of the real one, simulated on loopback,
//! so that bots can be tried on a machine without an account or a network.
//!
//! It is the other side of everything else in this crate and shares no code with it, not even the
//! table of regions: a mistake on one side must show on the other. What it answers is what the real
//! one was seen or documented to answer. In the doc comments, **\[dated\]** marks what was seen
//! once and may have changed, **\[unsure\]** what nobody outside Genesys knows.
//!
//! Read it in the order of a request: `server` accepts a connection, `routes` finds out by the
//! host name (`virtual_host`) what the client has reached. `authorization_endpoint` reads the request of a browser
//! (`authorization_request`), lets somebody sign in (`pending_sign_ins`, on the `sign_in_page`) and leads
//! them back with a code (`redirect_uri`); `token_endpoint` answers token requests (`token_request`), and
//! `api` those that bring a token (`api_error` where they fail). Behind them, `cloud` holds what
//! all connections share, by a `clock` that tests can advance: the `accounts`, which are the OAuth
//! clients (`client`), the people (`user`), and what came of their sign-ins
//! (`authorization_code` with `pkce`, `refresh_token`, `access_token`; made in `random`, some
//! in a `token_map`), with limits per minute (`rate_limit`). `administration` changes them at
//! run time. `certificate` makes the CA that clients have to trust.
//!
//! # Limits
//!
//! A TLS handshake may take [`HANDSHAKE_TIME`], the head of a request [`HEAD_TIME`], its body
//! [`REQUEST_TIME`]; past them the connection is closed. Bodies are read up to [`MAX_BODY`], and
//! [`MAX_TOKENS_PER_CLIENT`] tokens are kept. A sign-in may take [`SIGN_IN_TIME`], a code works for
//! [`CODE_LIFETIME`], and [`MAX_WRONG_PASSWORDS`] lock a user out for [`LOCKED_OUT`]. A request that is not HTTP at all gets hyper's bare
//! 400, without Genesys' headers.

mod access_token;
mod accounts;
mod administration;
mod api;
mod api_error;
mod authorization_code;
mod authorization_endpoint;
mod authorization_request;
mod certificate;
mod client;
mod clock;
mod cloud;
mod organization;
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
mod virtual_host;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::rustls;

pub use access_token::MAX_TOKENS_PER_CLIENT;
pub use authorization_code::CODE_LIFETIME;
pub use certificate::CaCertificate;
pub use client::{
    AddClientError, ClientType, DEFAULT_TOKEN_DURATION, GrantType, OAuthClient, TOKEN_DURATIONS,
};
pub use clock::{Clock, ManualClock};
pub use pending_sign_ins::SIGN_IN_TIME;
pub use region::Region;
pub use routes::MAX_BODY;
pub use server::{HANDSHAKE_TIME, HEAD_TIME, REQUEST_TIME};
pub use statistics::Statistics;
pub use user::{AddUserError, LOCKED_OUT, MAX_WRONG_PASSWORDS, User};

use cloud::Cloud;
use routes::Routes;
use server::Listener;

/// How to start a [`GenesysCloud`]. The default serves HTTPS on a port of loopback that the system
/// chooses, and limits nothing.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to serve HTTPS; port 0 lets the system choose.
    pub https: Option<SocketAddr>,
    /// Where to serve plain HTTP, for SDKs that are pointed at it as a "gateway"; port 0 lets the
    /// system choose.
    pub http: Option<SocketAddr>,
    /// How many tokens a client may have made in a minute; none for no limit.
    pub token_requests_per_minute: Option<u32>,
    /// How many API requests may be made with one token in a minute; none for no limit. The real
    /// one allows 300.
    pub api_requests_per_minute: Option<u32>,
    /// The time that tokens expire by.
    pub clock: Clock,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            https: Some((Ipv4Addr::LOCALHOST, 0).into()),
            http: None,
            token_requests_per_minute: None,
            api_requests_per_minute: None,
            clock: Clock::system(),
        }
    }
}

/// Why a [`GenesysCloud`] did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The options name neither an HTTPS nor an HTTP address.
    #[error("there is no address to serve")]
    NoAddress,
    /// The address is taken, forbidden, or not this machine's.
    #[error("cannot listen on {address}")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The certificates could not be made.
    #[error("cannot make a certificate")]
    Certificate(#[from] rcgen::Error),
    /// The certificates could not be used.
    #[error("cannot set up TLS")]
    Tls(#[from] rustls::Error),
}

/// A running simulation of Genesys Cloud, of all its regions at once. It stops when it is dropped.
pub struct GenesysCloud {
    cloud: Arc<Cloud>,
    https_addr: Option<SocketAddr>,
    http_addr: Option<SocketAddr>,
    ca_certificate: CaCertificate,
    listeners: JoinSet<()>,
    /// Dropped to stop the listeners.
    stop: watch::Sender<()>,
}

impl GenesysCloud {
    /// Starts it on the current tokio runtime, and returns once it accepts connections.
    ///
    /// # Errors
    ///
    /// Where an address cannot be bound, or there is none.
    pub async fn start(options: Options) -> Result<GenesysCloud, StartError> {
        if options.https.is_none() && options.http.is_none() {
            return Err(StartError::NoAddress);
        }
        let (ca_certificate, tls) = certificate::make()?;
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
        Ok(GenesysCloud {
            cloud,
            https_addr,
            http_addr,
            ca_certificate,
            listeners,
            stop,
        })
    }

    /// Where HTTPS is served.
    pub fn https_addr(&self) -> Option<SocketAddr> {
        self.https_addr
    }

    /// Where plain HTTP is served.
    pub fn http_addr(&self) -> Option<SocketAddr> {
        self.http_addr
    }

    /// The CA that a client must trust to connect to [`https_addr`](Self::https_addr).
    pub fn ca_certificate(&self) -> &CaCertificate {
        &self.ca_certificate
    }

    /// What has happened since the start.
    pub fn statistics(&self) -> Statistics {
        self.cloud.counters.read()
    }

    /// Stops accepting, closes all connections, and returns when all its tasks have ended.
    pub async fn shutdown(mut self) {
        drop(self.stop);
        while self.listeners.join_next().await.is_some() {}
    }
}
