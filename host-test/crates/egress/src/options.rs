//! What the operator and the host configure.

use std::time::Duration;

use super::allow_list::AllowList;
use super::gateway::Gateway;
use super::proxy::Proxies;
use super::trust::Trust;

/// How a [`Client`](super::Client) is set up. [`Options::new`] has the defaults.
///
/// ```no_run
/// use egress::{AllowList, Client, Options, Proxies, Trust, read_ca_file};
///
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::new(Options {
///     gateway: Some("gateway.example.com:443".parse()?),
///     trust: Trust::Only(read_ca_file("ca.pem".as_ref())?),
///     proxies: Proxies::None,
///     max_body: 64 << 10,
///     ..Options::new(AllowList::genesys())
/// })?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    /// The hosts and ports that requests may go to.
    pub allow: AllowList,
    /// Where to connect to instead of the allowed hosts, if anywhere.
    pub gateway: Option<Gateway>,
    /// Whose certificates are trusted.
    pub trust: Trust,
    /// Which proxies are used.
    pub proxies: Proxies,
    /// The largest body of a response, in bytes.
    pub max_body: usize,
    /// The most connections that may be open at once, idle ones included.
    pub max_connections: usize,
    /// How long an idle connection is kept open.
    pub max_idle: Duration,
}

impl Options {
    /// 1 MiB: a response of Genesys Cloud has some kilobytes, and a host that holds a thousand of them must not run out
    /// of memory.
    pub const MAX_BODY: usize = 1 << 20;

    /// 512: half of the usual limit of 1,024 file descriptors per process.
    pub const MAX_CONNECTIONS: usize = 512;

    /// 30 s: half of the 60 s after which load balancers, and the embedded Genesys Cloud, close an idle connection. If the
    /// server closes it just as a request is sent, nobody knows whether the request arrived.
    pub const MAX_IDLE: Duration = Duration::from_secs(30);

    /// The default limits, the platform's roots, the proxies of the environment and no gateway.
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

/// The time-outs of one request.
///
/// ```
/// # use std::time::Duration;
/// use egress::Timeouts;
///
/// let patient = Timeouts { first_byte: Duration::from_secs(120), ..Timeouts::default() };
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For a new connection: name resolution, TCP, a proxy's tunnel and TLS together.
    pub connect: Duration,
    /// From the connection to the complete head of the response, including sending the request.
    pub first_byte: Duration,
    /// Between one chunk of the response's body and the next.
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
