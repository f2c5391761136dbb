//! Runs actions that are WebAssembly components, without trusting them.
//!
//! An action gets secrets as arguments and talks to servers, and its author may not be trusted. This crate calls it within
//! limits of memory, CPU time and requests, gives it no files, environment or sockets, sends its HTTP requests through
//! [`egress`], and drops the instance after each call, so that nothing of one call reaches the next.
//!
//! ```no_run
//! use action_host::{Action, Credentials, Limits, Runtime, Source};
//! use egress::{AllowList, Client, Options};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let runtime = Runtime::new(Limits::default())?;
//! let client = Client::new(Options::new(AllowList::genesys()))?;
//! let action = Action::load(&runtime, &Source::File("action.wasm".into()), client)?;
//! let credentials = Credentials::ClientCredentials {
//!     url: "https://apps.mypurecloud.de".into(),
//!     client_id: "id".into(),
//!     client_secret: "secret".into(),
//! };
//! let session = action.authenticate(&credentials, "Default").await?;
//! # Ok(())
//! # }
//! ```
//!
//! A component has to export the contract in `wit/`: the interfaces `genesys:authentication/oauth` and `bot:action/form`. It
//! may import `wasi:http` and what its types need. The crate does not know bots, lockers or when to retry: a call is tried
//! once. With the feature `bot-engine`, [`Action`] implements the flow engine's `ActionRunner`.
//!
//! - [`Runtime`] (`runtime.rs`): wasmtime, configured for many short calls, and [`Limits`];
//! - [`Action`] (`component.rs`): a component that implements the contract; its calls are in `call.rs`;
//! - [`OutgoingHttp`] (`outgoing_http.rs`): `wasi:http`, also for hosts that use wasmtime themselves;
//! - `state.rs`, `computing_time.rs`, `stopped.rs`: what an instance gets, its CPU time, and what stopped it;
//! - [`types`], [`error`]: inputs, outputs and errors, with secrets in types that hide them.

#[cfg(feature = "bot-engine")]
mod action_runner;
mod bindings;
mod call;
mod component;
mod computing_time;
pub mod error;
mod outgoing_http;
mod runtime;
mod state;
mod stopped;
pub mod types;

pub use bindings::exports::bot::action::form;
pub use component::{Action, Description, Source};
pub use error::{ActionError, CallError, LoadError};
pub use outgoing_http::OutgoingHttp;
pub use runtime::{Limits, Runtime};
pub use types::{Credentials, Session};
