//! From a server's name to a TLS connection: the route, the addresses, the handshake.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use http::uri::Authority;
use tokio::net::{TcpStream, lookup_host};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;

use super::address::is_public;
use super::allow_list::parse_address;
use super::error::{self, Error, Step};
use super::gateway::Gateway;
use super::options::Options;
use super::proxy::Rules;
use super::setup_error::SetupError;
use super::trust;

/// How long to wait for one address before the next is tried in parallel (RFC 8305, section 5).
const NEXT_ADDRESS: Duration = Duration::from_millis(250);

/// Concurrent name lookups. Each blocks a thread, and a thousand requests that start together look up the same few
/// names.
const LOOKUPS: usize = 16;

/// How connections to a host are made.
///
/// ```
/// use egress::{AllowList, Client, Options, Route};
///
/// let client = Client::new(Options {
///     gateway: Some("gateway.example.com:443".parse()?),
///     ..Options::new(AllowList::genesys())
/// })?;
/// let route = client.route("login.mypurecloud.de")?;
/// assert_eq!(route, Route::Gateway("gateway.example.com:443".into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// To an address of the host.
    Direct,
    /// To this gateway, `HOST:PORT`.
    Gateway(String),
    /// Through this proxy, `HOST:PORT`, which resolves the host's name.
    Proxy(String),
}

/// Opens connections.
pub(super) struct Connector {
    gateway: Option<Gateway>,
    proxies: Rules,
    tls: TlsConnector,
    lookups: Semaphore,
}

impl Connector {
    pub(super) fn new(options: &Options) -> Result<Self, SetupError> {
        Ok(Self {
            gateway: options.gateway.clone(),
            proxies: options.proxies.rules(),
            tls: TlsConnector::from(Arc::new(trust::client_config(&options.trust)?)),
            lookups: Semaphore::new(LOOKUPS),
        })
    }

    /// How connections to `host` are made.
    pub(super) fn route(&self, host: &str) -> Result<Route, Error> {
        if let Some(gateway) = &self.gateway {
            return Ok(Route::Gateway(gateway.to_string()));
        }
        let proxy = self.proxies.proxy_for(host)?;
        Ok(proxy.map_or(Route::Direct, |proxy| Route::Proxy(proxy.address())))
    }

    /// A TLS connection to `origin`, which the allow-list has passed, within `limit`.
    pub(super) async fn connect(
        &self,
        origin: &Authority,
        limit: Duration,
    ) -> Result<TlsStream<TcpStream>, Error> {
        let mut step = Step::NameResolution;
        match timeout(limit, self.connect_in_steps(origin, &mut step)).await {
            Ok(result) => result,
            Err(_) => Err(Error::TimedOut {
                host: origin.host().to_owned(),
                step,
            }),
        }
    }

    async fn connect_in_steps(
        &self,
        origin: &Authority,
        step: &mut Step,
    ) -> Result<TlsStream<TcpStream>, Error> {
        let stream = self.reach(origin, step).await?;
        *step = Step::TlsHandshake;
        let host = origin.host();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(bare.to_owned()).map_err(|_| Error::Tls {
            host: host.to_owned(),
        })?;
        self.tls
            .connect(name, stream)
            .await
            .map_err(|error| error::of_handshake(&error, host))
    }

    /// A TCP connection to `origin`, or to the gateway or proxy that the operator configured.
    async fn reach(&self, origin: &Authority, step: &mut Step) -> Result<TcpStream, Error> {
        let (host, port) = (origin.host(), origin.port_u16().unwrap_or(443));
        if let Some(gateway) = &self.gateway {
            let dialled = self.dial(gateway.host(), gateway.port(), |_| true, step);
            return dialled.await.map_err(|error| match error {
                Error::NameNotResolved { host: gateway } => Error::GatewayNotFound { gateway },
                Error::Connect { kind, .. } => Error::GatewayConnect {
                    gateway: gateway.to_string(),
                    kind,
                },
                error => error,
            });
        }
        let Some(proxy) = self.proxies.proxy_for(host)? else {
            return self
                .dial(host, port, |address| is_public(address.ip()), step)
                .await;
        };
        if parse_address(host).is_some_and(|address| !is_public(address)) {
            return Err(Error::AddressNotAllowed {
                host: host.to_owned(),
            });
        }
        let dialled = self.dial(&proxy.host, proxy.port, |_| true, step);
        let stream = dialled.await.map_err(|error| match error {
            Error::NameNotResolved { host: proxy } => Error::ProxyNotFound { proxy },
            Error::Connect { kind, .. } => Error::ProxyConnect {
                proxy: proxy.address(),
                kind,
            },
            error => error,
        })?;
        *step = Step::ProxyTunnel;
        proxy.tunnel(stream, &format!("{host}:{port}")).await
    }

    /// Whether [`Self::reach`] would refuse every address of `host`. False if its name cannot be resolved.
    pub(super) async fn refuses_address(&self, host: &str, port: u16) -> bool {
        let is_private = |address: IpAddr| !is_public(address);
        match (
            &self.gateway,
            parse_address(host),
            self.proxies.proxy_for(host),
        ) {
            (None, Some(address), _) => is_private(address),
            (None, None, Ok(None)) => {
                let found = self.resolve(host, port).await;
                found.is_ok_and(|found| found.iter().all(|address| is_private(address.ip())))
            }
            _ => false,
        }
    }

    /// A TCP connection to one of the addresses of `host` that pass `allowed`.
    async fn dial(
        &self,
        host: &str,
        port: u16,
        allowed: impl Fn(&SocketAddr) -> bool,
        step: &mut Step,
    ) -> Result<TcpStream, Error> {
        let mut addresses = self.resolve(host, port).await?;
        addresses.retain(allowed);
        if addresses.is_empty() {
            return Err(Error::AddressNotAllowed {
                host: host.to_owned(),
            });
        }
        *step = Step::Connect;
        let stream = first_to_accept(addresses).await.map_err(|error| {
            if error::is_out_of_files(&error) {
                return Error::TooManyFiles;
            }
            Error::Connect {
                host: host.to_owned(),
                kind: error.kind(),
            }
        })?;
        // A request is one write: Nagle's algorithm would only delay it.
        let _ = stream.set_nodelay(true);
        tracing::debug!(
            host,
            address = stream.peer_addr().ok().map(tracing::field::display),
            "connected"
        );
        Ok(stream)
    }

    /// The addresses of `host`, at least one.
    async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Error> {
        if let Some(address) = parse_address(host) {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        let not_resolved = || match UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)) {
            // The look-up itself does not say so.
            Err(error) if error::is_out_of_files(&error) => Error::TooManyFiles,
            _ => Error::NameNotResolved {
                host: host.to_owned(),
            },
        };
        let _permit = self.lookups.acquire().await.map_err(|_| not_resolved())?;
        match lookup_host((host, port)).await {
            Ok(addresses) => Some(addresses.collect::<Vec<_>>()).filter(|found| !found.is_empty()),
            Err(_) => None,
        }
        .ok_or_else(not_resolved)
    }
}

/// A connection to the first address that accepts one. The system's order is kept (RFC 6724); if an address does not
/// answer soon, the next one is tried in parallel ("happy eyeballs").
async fn first_to_accept(addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
    if let [address] = addresses[..] {
        return TcpStream::connect(address).await;
    }
    let mut failure = io::Error::from(io::ErrorKind::AddrNotAvailable);
    let mut attempts = JoinSet::new();
    let mut addresses = addresses.into_iter();
    loop {
        let finished = match addresses.next() {
            Some(address) => {
                attempts.spawn(TcpStream::connect(address));
                match timeout(NEXT_ADDRESS, attempts.join_next()).await {
                    Ok(finished) => finished,
                    Err(_) => continue,
                }
            }
            None => attempts.join_next().await,
        };
        match finished {
            Some(Ok(Ok(stream))) => return Ok(stream),
            Some(Ok(Err(error))) => failure = error,
            Some(Err(error)) => failure = error.into(),
            None => return Err(failure),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::net::SocketAddr;

    use tokio::net::TcpListener;

    use super::first_to_accept;

    /// Nothing listens on port 1 of loopback.
    fn closed() -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], 1))
    }

    #[tokio::test]
    async fn the_next_address_is_tried_when_one_refuses() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let open = listener.local_addr().unwrap();
        let stream = first_to_accept(vec![closed(), closed(), open]).await;
        assert_eq!(stream.unwrap().peer_addr().unwrap(), open);
    }

    #[tokio::test]
    async fn the_error_is_connection_refused_if_all_addresses_refuse() {
        for addresses in [vec![closed()], vec![closed(), closed()]] {
            let error = first_to_accept(addresses).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        }
    }
}
