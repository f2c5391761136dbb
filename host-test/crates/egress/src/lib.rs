//! The host's only way to the network: an HTTP client that sends nothing unless the operator allowed it.
//!
//! A bot runner keeps other people's secrets and runs other people's components. An HTTP client that follows any URL would
//! let a component send these secrets anywhere, or reach services inside the operator's network. So every request of
//! the process (of an action, of a step that calls an API, of the Control Room that refreshes a token) goes through one
//! [`Client`] with one [`AllowList`]:
//!
//! ```no_run
//! use bytes::Bytes;
//! use egress::{AllowList, Client, Options, Timeouts};
//! use http_body_util::{BodyExt, Empty};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::new(Options::new(AllowList::parse(["api.example.com"])?))?;
//! let request = http::Request::get("https://api.example.com/status").body(Empty::<Bytes>::new())?;
//! let response = client.send(request, Timeouts::default()).await?;
//! let body = response.into_body().collect().await?.to_bytes(); // at most 1 MiB
//! # Ok(())
//! # }
//! ```
//!
//! # Checks
//!
//! Each request is checked in this order:
//!
//! 1. its form: https, no user info, not `CONNECT`;
//! 2. its host and port, against the [`AllowList`], before the name is resolved; for a client with a [`Grant`] of its own,
//!    its host, method, path and headers;
//! 3. the addresses of the name, with [`is_public`]; connections are opened only to addresses that were checked, so a name
//!    cannot change its address in between (DNS rebinding);
//! 4. TLS: certificate and name, before a byte of the request is sent;
//! 5. time-outs and size limits, for all of the response.
//!
//! The operator can replace step 3. With a [`Gateway`], all connections go there. With a proxy (`HTTPS_PROXY`), the proxy
//! resolves the name, so this process sees no address but the proxy's; an address in a URL is still checked.
//!
//! A redirect is a response like any other: nothing here follows redirects, decodes bodies or retries, except if a request
//! provably was not sent (see [`Client::send`]).
//!
//! # Out of scope
//!
//! Bots, actions, sessions, OAuth, retries. The hosts of Genesys Cloud are known only as [`AllowList::genesys`], and are
//! deliberately stated a second time, independently of the action.

mod address;
mod allow_list;
mod body;
mod cause;
mod client;
mod connect;
mod connection;
mod error;
mod gateway;
mod grant;
mod localized;
mod no_proxy;
mod options;
mod pool;
mod proxy;
mod read_file;
mod request;
mod setup_error;
mod trust;

pub use address::is_public;
pub use allow_list::{AllowList, PatternError};
pub use body::Body;
pub use cause::Cause;
pub use client::{Client, Statistics};
pub use connect::Route;
pub use error::{CertificateProblem, Error, RequestPart, Step};
pub use gateway::{Gateway, GatewayError};
pub use grant::{Grant, GrantError, RequestRule, stays_below};
pub use localized::is_german;
pub use options::{Options, Timeouts};
pub use proxy::{Proxies, ProxySettings};
pub use read_file::read_file;
pub use setup_error::SetupError;
pub use trust::{CaFileError, Trust, read_ca_file};
