//! The host's one door to the network, and the HTTP client behind it.
//!
//! A bot runner holds other people's secrets and runs other people's components. Whatever leaves the
//! process (an action's request, a step's API call, the Control Room's refresh of a token) leaves it
//! here, and everything is refused that was not allowed. A request passes, in this order:
//!
//! 1. its form: https, no user info, not `CONNECT`;
//! 2. its host and port, against the [`AllowList`], before any name is looked up;
//! 3. the addresses that the name has, against [`is_public`]; only an address that was looked at is
//!    connected to, so that a name cannot change its meaning in between (DNS rebinding);
//! 4. TLS: certificate and name, before a byte of the request is sent;
//! 5. time-outs and size limits on all that comes back.
//!
//! Two things of the operator's replace step 3. With a [`Gateway`], every allowed name is connected to
//! there. With a proxy (`HTTPS_PROXY`), the proxy looks the name up, so that the host sees no address but
//! the proxy's; names are still checked here, and so are addresses written in a URL.
//!
//! A redirect is an answer like any other: nothing here follows one, decodes a body or tries again,
//! except where a request provably never left (see [`Client::send`]).
//!
//! # The forms of a pattern
//!
//! | pattern | allows |
//! |---|---|
//! | `api.example.com` | that host, port 443 |
//! | `*.example.com` | any one label in that place: `a.example.com`, but neither `example.com` nor `a.b.example.com`, as in a certificate (RFC 6125, section 6.4.3) |
//! | `login.*.example.com` | the same in the middle |
//! | `api.example.com:8443`, `*.example.com:8443` | port 8443, and no other |
//! | `192.0.2.1`, `[2001:db8::1]`, with or without a port | that address, written so in the URL; it must pass step 3 as well |
//!
//! Letter case does not matter. An empty list allows nothing. `*` alone, `*` as a part of a label and `*`
//! among the last two labels are mistakes: each would allow more than it seems to say.
//!
//! # What this module must not know
//!
//! Bots, actions, sessions, OAuth, when to try again. It knows which names are Genesys' only as
//! [`AllowList::genesys`], on purpose a second statement beside the action's own.

mod address;
mod allow_list;
mod body;
mod client;
mod connect;
mod connection;
mod error;
mod gateway;
mod options;
mod pool;
mod proxy;
mod request;
mod trust;

pub use address::is_public;
pub use allow_list::{AllowList, PatternError};
pub use body::Body;
pub use client::{Client, Statistics};
pub use error::{CertificateProblem, Error, Step};
pub use gateway::{Gateway, GatewayError};
pub use options::{Options, SetupError, Timeouts};
pub use proxy::{Proxies, ProxySettings};
pub use trust::{CaFileError, Trust, read_ca_file};
