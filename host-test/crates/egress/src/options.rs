//! What an operator or the host decides about the door, and the mistakes that can be made in it.

use std::time::Duration;

use super::allow_list::AllowList;
use super::gateway::Gateway;
use super::proxy::Proxies;
use super::trust::Trust;

/// How a [`Client`](super::Client) is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where requests may go to.
    pub allow: AllowList,
    /// Where to connect to instead, if anywhere.
    pub gateway: Option<Gateway>,
    /// Whose certificates are trusted.
    pub trust: Trust,
    /// Which proxies are used.
    pub proxies: Proxies,
    /// The largest body of an answer, in bytes.
    pub max_body: usize,
    /// The number of connections that may be open at once, idle ones included.
    pub max_connections: usize,
    /// How long a connection is kept for another request.
    pub max_idle: Duration,
}

impl Options {
    /// 1 MiB: an answer of Genesys Cloud has some kilobytes, and a host that holds a thousand at once must
    /// not run out of memory.
    pub const MAX_BODY: usize = 1 << 20;

    /// 512: half of the 1,024 file descriptors that a process usually may have.
    pub const MAX_CONNECTIONS: usize = 512;

    /// 30 s: half of the 60 s after which load balancers, and the embedded Genesys Cloud, close an idle
    /// connection. Who sends a request just as the server closes never learns whether it arrived.
    pub const MAX_IDLE: Duration = Duration::from_secs(30);

    /// The usual limits, the platform's roots, the environment's proxies and no gateway.
    pub fn new(allow: AllowList) -> Self {
        Self {
            allow,
            gateway: None,
            trust: Trust::default(),
            proxies: Proxies::FromEnvironment,
            max_body: Self::MAX_BODY,
            max_connections: Self::MAX_CONNECTIONS,
            max_idle: Self::MAX_IDLE,
        }
    }
}

/// How long one request waits for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For a new connection: name resolution, TCP, a proxy's tunnel and TLS together.
    pub connect: Duration,
    /// From the connection to the complete head of the answer, the sending of the request included.
    pub first_byte: Duration,
    /// Between one piece of the answer's body and the next.
    pub between_bytes: Duration,
}

impl Default for Timeouts {
    /// 10, 30 and 10 seconds.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(30),
            between_bytes: Duration::from_secs(10),
        }
    }
}

/// Why no client can be made of some [`Options`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The setting of this name cannot be read. Going out as if it were not there could be what the
    /// operator wants to prevent.
    #[error("{0} is not a valid proxy setting")]
    Proxy(&'static str),
    /// A certificate that is to be trusted cannot be read as one.
    #[error("a certificate that is to be trusted is malformed")]
    Certificate,
    /// Only given certificates are to be trusted, and none are given.
    #[error("no certificate is to be trusted")]
    NoCertificate,
    /// The TLS library was built without anything usable.
    #[error("TLS cannot be set up")]
    Tls,
}
