//! A small flow engine: parses a bot, checks it, and runs its steps.
//!
//! - [`mod@file`] (with `json` and `fields`): the bot file, parsed with all its [`problem`]s in one pass;
//! - [`value`], [`template`]: the sources of a field's value, and texts with placeholders such as `{name.member}`;
//!   [`outputs`]: what they are filled with, and [`excerpt`], what people see of it;
//! - [`mod@catalogue`]: the forms of all actions, and the [`schema`] generated from it; [`steps`]: the kinds of steps, one per file;
//! - [`bot_source`]: where the bots are that a bot runs;
//! - [`check`]: validation before anything runs; `checking`: what steps check themselves with;
//! - [`runner`]: what bots run with; `run` runs the steps one after the other; [`session`]: their sessions, by name;
//! - [`shared_sessions`]: one token for all bots with the same authentication;
//! - [`retry`]: the retry policy; [`Interrupt`]: interrupting a bot;
//! - [`watch`] and [`report`]: events of a running bot; [`spans`]: what an event in the log belongs to; [`network`]: errors
//!   of the network; [`mod@messages`]: how texts are localized, beside what they are about;
//! - [`action`]: the trait behind which actions run; [`secrets`]: the trait behind which secrets are stored;
//! - [`variables`], [`bot_variables`]: what steps use by name, and what a bot declares; [`name`], [`credential_path`]: names
//!   and paths.
//!
//! The engine knows neither WebAssembly nor the Control Room: both are behind traits.
//!
//! Actions do not retry or wait: one policy of the engine applies to all of them.

pub mod action;
mod api_call;
pub mod api_error;
pub mod bot_source;
pub mod bot_variables;
pub mod catalogue;
pub mod check;
mod checking;
pub mod credential_path;
pub mod error;
pub mod excerpt;
mod fields;
pub mod file;
pub mod form_fault;
mod interrupt;
mod json;
mod json_template;
mod load;
mod location;
pub mod messages;
pub mod name;
pub mod network;
pub mod outputs;
mod placeholder;
pub mod problem;
mod redact;
mod reference;
pub mod report;
pub mod retry;
mod run;
pub mod runner;
pub mod schema;
pub mod secrets;
pub mod session;
pub mod shared_sessions;
pub mod spans;
pub mod steps;
pub mod template;
pub mod value;
pub mod variables;
mod warning;
pub mod watch;

pub use action::{ActionRunner, BorrowedToken, CallError, Session};
pub use bot_source::{BotSource, BotSourceError, NoBots};
pub use bot_variables::BotVariable;
pub use catalogue::{Catalogue, CatalogueError};
pub use credential_path::{AttributePath, CredentialPath};
pub use error::{RunError, StepError};
pub use excerpt::Excerpt;
pub use form_fault::FormFault;
pub use interrupt::{Interrupt, Interrupter, interruption};
pub use messages::Language;
pub use name::{Description, Name};
pub use problem::{JsonFault, Problem, ProblemKind, Problems};
pub use reference::reference;
pub use retry::RetryPolicy;
pub use run::Finished;
pub use runner::Runner;
pub use secrets::{
    ConnectionRef, NoSecrets, ProviderError, Purpose, ResolveError, ResolveErrorKind,
    SecretProvider, TokenOwner,
};
pub use shared_sessions::SharedSessions;
pub use steps::{Bot, Step, StepKind};
pub use variables::{Variable, VariableType, Variables};
pub use watch::{Event, Watcher};
