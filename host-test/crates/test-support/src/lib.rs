//! Fixtures that the tests of several crates share. They panic on any unexpected failure.
//!
//! - [`https`]: a server on loopback with configurable replies, which keeps its connections alive;
//! - [`scripted`]: a server that plays a script on each connection, byte for byte, so that it can violate HTTP;
//! - [`Ca`]: a certification authority, and the certificates of these servers;
//! - [`Proxy`]: a proxy for `CONNECT`;
//! - [`Log`]: captures tracing events and spans;
//! - [`options`], [`client`], [`get`], …: a client for a server, and requests.
//!
//! Fixtures of the Control Room and of its pages belong to the tests of those crates. If they were here, each change of a
//! page would rebuild the tests of every crate.

#![allow(
    clippy::missing_panics_doc,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a failing fixture fails its test"
)]

mod ca;
mod client;
mod host;
pub mod https;
mod log;
mod proxy;
pub mod scripted;

pub use ca::Ca;
pub use client::{client, get, options, read, request, settle};
pub use host::{HOST, URL};
pub use log::Log;
pub use proxy::Proxy;
