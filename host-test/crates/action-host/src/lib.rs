//! Runs actions that are WebAssembly components, without trusting them.
//!
//! An action gets secrets as arguments and talks to servers, and its author may not be trusted. This crate calls it within
//! limits of memory, computing and requests, gives it no files, environment or sockets, sends its HTTP requests through
//! [`egress`], and drops the instance after each call, so that nothing of one call reaches the next.
//!
//! ```no_run
//! use action_host::{Argument, Grant, Host, RequestRule};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let host = Host::builder().build()?;
//! let grant = Grant::new([RequestRule {
//!     hosts: vec!["login.mypurecloud.de".into()],
//!     methods: vec!["POST".into()],
//!     paths: vec!["/oauth/token".into()],
//!     headers: vec!["authorization".into()],
//! }])?;
//! let component = host.load_file("action.wasm".as_ref())?.with_grant(grant);
//! let arguments = [
//!     Argument::text("authentication-type", "client-credentials"),
//!     Argument::text("url", "https://apps.mypurecloud.de"),
//!     Argument::secret("client-id", "id"),
//!     Argument::secret("client-secret", "secret"),
//!     Argument::text("session-name", "Default"),
//! ];
//! let opened = component.run("oauth-authenticate", &arguments).await?;
//! # Ok(())
//! # }
//! ```
//!
//! A component has to export the contract `bot:action` (`form` and `run`, in `wit/`). It may import `wasi:http` and what its
//! types need. The crate does not know bots, lockers or when to retry: a call is tried once. With the feature `bot-engine`,
//! [`Components`] implements the flow engine's `ActionRunner`, which adds retries and shared sessions.
//!
//! - [`Host`] (`host.rs`): limits, access to the network, and grants;
//! - `complexity.rs`: what is judged of a component before it is compiled;
//! - [`Component`] (`component.rs`): a component that implements the contract; its calls are in `call.rs`;
//! - [`Limits`]: what calls may use; `runtime.rs`: wasmtime, configured for many short calls;
//! - [`OutgoingHttp`] (`outgoing_http.rs`): `wasi:http`, also for hosts that use wasmtime themselves;
//! - `state.rs`, `stopped.rs`: what an instance gets, and what stopped it;
//! - `bindings.rs`, `convert.rs`: generated types, and how they become those of [`action_types`], which hide secrets;
//! - `oauth` (feature `oauth`): the OAuth action's interface with types of its own.

#[cfg(feature = "bot-engine")]
mod action_runner;
mod bindings;
mod call;
mod clock;
mod complexity;
mod component;
mod convert;
pub mod error;
mod host;
mod limits;
#[cfg(feature = "oauth")]
pub mod oauth;
mod outgoing_http;
mod runtime;
mod state;
mod stopped;

#[cfg(feature = "bot-engine")]
pub use action_runner::{Components, ComponentsError};
pub use action_types::{
    Argument, BorrowedToken, Failure, Retry, Session, SessionChange, Success, Value, form,
    is_unprintable,
};
pub use component::{Component, Description, digest, read as read_component};
pub use egress::{Grant, RequestRule};
pub use error::{CallError, LoadError, Part, SetupError};
pub use host::{Host, HostBuilder};
pub use limits::Limits;
pub use outgoing_http::OutgoingHttp;
