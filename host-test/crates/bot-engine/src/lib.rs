//! A small flow engine: parses a bot, checks it, and runs its steps.
//!
//! - [`mod@file`] (with `json` and `fields`): the bot file, parsed with all its [`problem`]s in one pass;
//! - [`value`], [`template`]: the sources of a field's value, and texts with placeholders such as `{name.member}`;
//!   [`outputs`]: what they are filled with;
//! - [`mod@catalogue`]: the forms of all actions, and the [`schema`] generated from it; [`steps`]: the kinds of steps, one per file;
//! - [`check`]: validation before anything runs; `checking`: what steps check themselves with;
//! - [`runner`]: what bots run with; `run` runs the steps one after the other; [`session`]: their sessions, by name;
//! - [`shared_sessions`]: one token for all bots with the same authentication;
//! - [`retry`]: the retry policy; [`mod@interrupt`]: interrupting a bot;
//! - [`watch`] and [`report`]: events of a running bot; [`mod@messages`]: localized texts;
//! - [`action`]: the trait behind which actions run; [`secrets`]: the trait behind which secrets are stored;
//! - [`name`], [`credential_path`], [`variables`]: names, paths and variables.
//!
//! The engine knows neither WebAssembly nor the Control Room: both are behind traits.
//!
//! Actions do not retry or wait: one policy of the engine applies to all of them.

pub mod action;
pub mod api_error;
pub mod catalogue;
pub mod check;
mod checking;
pub mod credential_path;
pub mod error;
mod fields;
pub mod file;
pub mod interrupt;
mod json;
mod load;
mod location;
pub mod messages;
pub mod name;
pub mod outputs;
mod placeholder;
pub mod problem;
mod redact;
pub mod report;
pub mod retry;
mod run;
pub mod runner;
pub mod schema;
pub mod secrets;
pub mod session;
pub mod shared_sessions;
pub mod steps;
pub mod template;
pub mod value;
pub mod variables;
pub mod watch;

pub use action::{ActionRunner, BorrowedToken, CallError, Session};
pub use catalogue::{Catalogue, CatalogueError};
pub use credential_path::{AttributePath, CredentialPath};
pub use error::{RunError, StepError};
pub use interrupt::{Interrupt, Interrupter, interruption};
pub use messages::Language;
pub use name::{Description, Name};
pub use problem::{Problem, ProblemKind, Problems};
pub use retry::RetryPolicy;
pub use run::Finished;
pub use runner::Runner;
pub use secrets::{
    ConnectionRef, NoSecrets, Purpose, ResolveError, ResolveErrorKind, SecretProvider, TokenOwner,
};
pub use shared_sessions::SharedSessions;
pub use steps::{Bot, Step, StepKind};
pub use variables::{Variable, Variables};
pub use watch::{Event, Watcher};
