//! The host: wasmtime, limits, access to the network, and what each component may request.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use egress::{AllowList, Client, Grant, Options};

use super::clock::Clock;
use super::component::{Component, Description, read};
use super::error::{LoadError, SetupError};
use super::limits::Limits;
use super::runtime::Runtime;

/// Loads components. One per process is enough. Cheap to clone; clones share everything.
///
/// ```no_run
/// use action_host::{Host, digest, read_component};
///
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let host = Host::builder().build()?;
/// let bytes = read_component("action.wasm".as_ref())?;
/// println!("{:?} imports {:?}", digest(&bytes), host.describe(&bytes)?.imports);
/// let component = host.load(&bytes)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Host {
    runtime: Runtime,
    client: Client,
    grants: HashMap<[u8; 32], Grant>,
}

/// Sets up a [`Host`].
///
/// ```no_run
/// use std::time::Duration;
///
/// use action_host::{Grant, Host, Limits, RequestRule};
/// use egress::{AllowList, Options, Proxies, ProxySettings, Trust, read_ca_file};
///
/// # fn example(component: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
/// let grant = Grant::new([RequestRule {
///     hosts: vec!["login.mypurecloud.de".into()],
///     methods: vec!["POST".into()],
///     paths: vec!["/oauth/token".into()],
///     headers: vec!["authorization".into()],
/// }])?;
/// let network = Options {
///     trust: Trust::Only(read_ca_file("ca.pem".as_ref())?),
///     proxies: Proxies::Explicit(ProxySettings {
///         https: Some("http://proxy.example.com:3128".into()),
///         ..ProxySettings::default()
///     }),
///     ..Options::new(AllowList::default())
/// };
/// let host = Host::builder()
///     .limits(Limits { requests: 1, deadline: Duration::from_secs(20), ..Limits::default() })
///     .network(network)
///     .grant(action_host::digest(component), grant)
///     .build()?;
/// let component = host.load(component)?; // with its grant
/// # Ok(())
/// # }
/// ```
pub struct HostBuilder {
    limits: Limits,
    network: Network,
    grants: HashMap<[u8; 32], Grant>,
    clock: Option<Clock>,
}

enum Network {
    Options(Box<Options>),
    Client(Client),
}

impl Host {
    /// A host with the default [`Limits`], the platform's settings of the network, and no grants.
    pub fn builder() -> HostBuilder {
        HostBuilder {
            limits: Limits::default(),
            network: Network::Options(Box::new(Options::new(AllowList::default()))),
            grants: HashMap::new(),
            clock: None,
        }
    }

    /// Loads a component: compiles it, or takes the compiled code from wasmtime's cache, and links it. What it may request
    /// is the grant of its digest; without one, nothing.
    ///
    /// # Errors
    ///
    /// See [`LoadError`].
    pub fn load(&self, bytes: &[u8]) -> Result<Component, LoadError> {
        let component = Component::new(&self.runtime, bytes, &self.client)?;
        Ok(match self.grants.get(component.digest()) {
            Some(grant) => component.with_grant(grant.clone()),
            None => component,
        })
    }

    /// Loads a component from a file of at most 64 MiB.
    ///
    /// # Errors
    ///
    /// [`LoadError::Read`] if the file cannot be read; otherwise as [`Host::load`].
    pub fn load_file(&self, path: &Path) -> Result<Component, LoadError> {
        self.load(&read(path)?)
    }

    /// Describes a component without running it, whether or not it implements the contract.
    ///
    /// # Errors
    ///
    /// [`LoadError::NotAComponent`] or [`LoadError::TooLarge`].
    pub fn describe(&self, bytes: &[u8]) -> Result<Description, LoadError> {
        Description::new(&self.runtime, bytes)
    }

    /// The client that sends the requests of components.
    pub fn client(&self) -> &Client {
        &self.client
    }

    #[cfg(test)]
    pub(super) fn runtime(&self) -> &Runtime {
        &self.runtime
    }
}

impl HostBuilder {
    /// What each call may use, and how many calls there may be.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Access to the network: trusted certificates (`trust`), proxies, time-outs. Its allow-list plays no part, as each
    /// component has a grant.
    #[must_use]
    pub fn network(mut self, options: Options) -> Self {
        self.network = Network::Options(Box::new(options));
        self
    }

    /// Sends requests with this client, which others may use too.
    ///
    /// ```
    /// use action_host::Host;
    /// use egress::{AllowList, Client, Options};
    ///
    /// let client = Client::new(Options::new(AllowList::parse(["api.example.com"])?))?;
    /// let host = Host::builder().client(client.clone()).build()?;
    /// // Components send what they are granted; `client` still sends requests to api.example.com only.
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn client(mut self, client: Client) -> Self {
        self.network = Network::Client(client);
        self
    }

    /// What the component with this digest may request. See [`digest`](crate::digest).
    #[must_use]
    pub fn grant(mut self, digest: [u8; 32], grant: Grant) -> Self {
        self.grants.insert(digest, grant);
        self
    }

    /// The time that components read from `wasi:clocks/monotonic-clock`, counted from any moment. It must not go back. The
    /// default is the platform's clock. A coarse one, or one that stands still, keeps a component from measuring how long
    /// something takes.
    ///
    /// Limits do not depend on it. Deadlines and the waits of components are timed by tokio, whose clock a test can pause
    /// (`tokio::time::pause`).
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use action_host::Host;
    /// let host = Host::builder().clock(|| Duration::ZERO).build()?;
    /// # Ok::<(), action_host::SetupError>(())
    /// ```
    #[must_use]
    pub fn clock(mut self, now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        self.clock = Some(Clock(Arc::new(now)));
        self
    }

    /// Sets up the host: wasmtime with its cache of compiled code, and the client.
    ///
    /// # Errors
    ///
    /// See [`SetupError`].
    pub fn build(self) -> Result<Host, SetupError> {
        let client = match self.network {
            Network::Options(options) => Client::new(*options)?,
            Network::Client(client) => client,
        };
        Ok(Host {
            runtime: Runtime::new(self.limits, self.clock)?,
            client,
            grants: self.grants,
        })
    }
}
