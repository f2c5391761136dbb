//! The flow engine in small: reads a bot, checks it against what it may use, and runs its steps.
//!
//! - [`mod@file`] (with `json` and `fields`): the bot file, with errors that name step and field;
//! - [`value`], [`template`]: where a field's value comes from, and texts with `{name.member}` in them;
//! - [`check`]: what can be known to be wrong before anything runs;
//! - [`runner`] and `steps`: the steps one after the other; [`session`] and `session_lifecycle`: what they share by name;
//! - [`shared_sessions`]: one token for all bots that authenticate alike;
//! - `retry`: which failures are worth another try; [`mod@interrupt`]: when to stop;
//! - [`api_request`]: a call of the Genesys Cloud API, which stands for the actions that follow in a flow;
//! - [`watch`] and [`told`]: what is told to whoever watches;
//! - [`action`]: the seam to what runs actions; [`secrets`]: the seam to what keeps secrets;
//! - [`name`], [`credential_path`], [`variables`]: what bots call things by.
//!
//! The engine knows neither WebAssembly nor a Control Room: both are behind traits.
//!
//! Time is decided here: one policy for all actions.

pub mod action;
pub mod api_request;
pub mod check;
pub mod credential_path;
pub mod error;
mod fields;
pub mod file;
pub mod interrupt;
mod json;
pub mod messages;
pub mod name;
pub mod retry;
pub mod runner;
pub mod secrets;
pub mod session;
mod session_lifecycle;
pub mod shared_sessions;
mod steps;
pub mod template;
pub mod told;
pub mod value;
pub mod variables;
pub mod watch;

pub use action::{ActionRunner, Authentication, BorrowedToken, CallError, Session};
pub use credential_path::{AttributePath, CredentialPath};
pub use error::{RunError, StepError};
pub use file::{Bot, BotFileError, Step, StepKind};
pub use interrupt::{Interrupt, Interrupter, interruption};
pub use messages::Language;
pub use name::{Description, Name};
pub use retry::RetryPolicy;
pub use runner::Runner;
pub use secrets::{
    ConnectionRef, NoSecrets, Purpose, ResolveError, ResolveErrorKind, SecretProvider, TokenOwner,
};
pub use shared_sessions::SharedSessions;
pub use variables::{Variable, Variables};
pub use watch::{Event, Watcher};
