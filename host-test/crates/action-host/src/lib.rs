//! The action as the engine sees it: a component that is loaded once and called often.
//!
//! - [`Runtime`] (`runtime.rs`): wasmtime, set up for many short calls, and what a call may use up;
//! - [`Action`] (`component.rs`): a component that fits the contract, ready to be instantiated;
//! - `call.rs`: its functions, each in a fresh instance, with every limit applied;
//! - `state.rs`, `outgoing_http.rs`: what an instance is given, and its way to the network;
//! - `computing_time.rs`, `stopped.rs`: how long it computes, and what stopped it;
//! - [`types`], [`error`]: what goes in and what comes out, with secrets in types that hide them.
//!
//! Nothing here knows of bots, lockers or sessions by name. Time is not decided here either: a call
//! is tried once.

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
pub use outgoing_http::Egress;
pub use runtime::{Limits, Runtime};
pub use types::{Authentication, Session};
