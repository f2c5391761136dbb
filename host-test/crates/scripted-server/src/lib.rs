//! A server that misbehaves as told, for tests of HTTP clients over TLS.
//!
//! A [`Script`] says what happens on each connection: one [`Act`] after the other, from the TCP connection to the end of the
//! body. So a server can close, reset or stall the connection before TLS, in the handshake, before the head, in the head or
//! in the body; send garbage, alerts, endless or slow bodies; or answer like any server. It keeps a [`Record`] of what
//! arrived, so that a test can also assert that something was *not* sent.
//!
//! ```
//! use scripted_server::{Act, Authority, Script, Server, response};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let authority = Authority::new("Tests")?;
//! let tls = authority.server(&["api.example.com"])?;
//! let script = Script::each([
//!     Act::Handshake,
//!     Act::AwaitRequest,
//!     Act::send("HTTP/1.1 200 OK\r\nContent-Len"),
//!     Act::Reset,
//! ]);
//! let server = Server::start(tls, script).await?;
//! // A client that trusts `authority.pem()` connects to `server.address()` …
//! let record = server.finish().await;
//! assert_eq!(record.requests().count(), 0);
//! # Ok(())
//! # }
//! ```
//!
//! - [`Authority`] (`authority.rs`): certificates, good and bad;
//! - [`Script`], [`Act`] (`script.rs`): what a server does;
//! - [`Server`] (`server.rs`): does it;
//! - [`Record`], [`Request`] (`record.rs`): what arrived.

mod authority;
mod record;
mod script;
mod server;

pub use authority::{Authority, CertificateError};
pub use record::{Connection, Record, Request};
pub use script::{Act, Answers, Script, response};
pub use server::Server;
pub use tokio_rustls::rustls::{ALL_VERSIONS, ServerConfig};
