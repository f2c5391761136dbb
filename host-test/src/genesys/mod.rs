//! An embedded Genesys Cloud: the login and the token side of the real one, simulated on loopback,
//! so that bots can be tried on a machine without an account or a network.
//!
//! It is the other side of everything else in this crate and shares no code with it, not even the
//! table of regions: a mistake on one side must show on the other. What it answers is what the real
//! one was seen or documented to answer. In the doc comments, **\[dated\]** marks what was seen
//! once and may have changed, **\[unsure\]** what nobody outside Genesys knows.
//!
//! Read it in the order of a request: `server` accepts a connection, `routes` finds out by the
//! host name (`front`) what the client has reached, `login` answers token requests
//! (`token_request`) and `api` those that bring a token (`api_error` where they fail).
//! Behind them, `cloud` holds what all connections share: the OAuth clients (`client`) and
//! their tokens (`access_token`, made in `random`), by a `clock` that tests can advance, and
//! with limits per minute (`rate_limit`). `certificate` makes the CA that clients have to
//! trust.
//!
//! # Limits
//!
//! A TLS handshake may take [`HANDSHAKE_TIME`], the head of a request [`HEAD_TIME`], its body
//! [`REQUEST_TIME`]; past them the connection is closed. Bodies are read up to [`MAX_BODY`], and
//! [`MAX_TOKENS_PER_CLIENT`] tokens are kept. A request that is not HTTP at all gets hyper's bare
//! 400, without Genesys' headers.

mod access_token;
mod api;
mod api_error;
mod certificate;
mod client;
mod clock;
mod cloud;
mod front;
mod login;
mod organization;
mod random;
mod rate_limit;
mod region;
mod routes;
mod server;
mod statistics;
mod token_request;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::rustls;

pub use access_token::MAX_TOKENS_PER_CLIENT;
pub use certificate::CaCertificate;
pub use client::{AddClientError, DEFAULT_TOKEN_DURATION, GrantType, OAuthClient, TOKEN_DURATIONS};
pub use clock::{Clock, ManualClock};
pub use region::Region;
pub use routes::MAX_BODY;
pub use server::{HANDSHAKE_TIME, HEAD_TIME, REQUEST_TIME};
pub use statistics::Statistics;

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

    /// Adds an OAuth client, and gives it back with the id and the secret it now has.
    ///
    /// # Errors
    ///
    /// Where a field of it is not acceptable, or its id is taken.
    pub fn add_client(&self, client: OAuthClient) -> Result<OAuthClient, AddClientError> {
        self.cloud.accounts().clients.add(client.clone())?;
        Ok(client)
    }

    /// Disables a client: it gets no more tokens, and those it has end at once. False where no
    /// client has this id.
    pub fn disable_client(&self, id: &str) -> bool {
        let mut accounts = self.cloud.accounts();
        accounts.access_tokens.end_all_of(id);
        accounts.clients.disable(id)
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
