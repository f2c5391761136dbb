//! The flow engine in small: reads a bot, checks it against what it may use, and runs its steps.
//!
//! - [`mod@file`] (with `json` and `fields`): the bot file, with all its [`problem`]s in one reading;
//! - [`value`], [`template`]: where a field's value comes from, and texts with `{name.member}` in them;
//! - [`steps`]: what there is to do, each kind of step in its file; the catalogue of their forms, and the [`schema`] made from it;
//! - [`check`]: what can be known to be wrong before anything runs;
//! - [`runner`]: the steps one after the other; [`session`]: what they share by name;
//! - [`shared_sessions`]: one token for all bots that authenticate alike;
//! - [`retry`]: whether there is another try, and when; [`mod@interrupt`]: when to stop;
//! - [`watch`] and [`report`]: events of a running bot; [`mod@messages`]: their texts in English and German;
//! - [`action`]: the seam to what runs actions; [`secrets`]: the seam to what keeps secrets;
//! - [`name`], [`credential_path`], [`variables`]: what bots call things by.
//!
//! The engine knows neither WebAssembly nor a Control Room: both are behind traits.
//!
//! Time is decided here: one policy for all actions.

pub mod action;
pub mod check;
pub mod credential_path;
pub mod error;
mod fields;
pub mod file;
pub mod interrupt;
mod json;
pub mod messages;
pub mod name;
pub mod problem;
pub mod report;
pub mod retry;
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

pub use action::{ActionRunner, Authentication, BorrowedToken, CallError, Session};
pub use credential_path::{AttributePath, CredentialPath};
pub use error::{RunError, StepError};
pub use file::{Bot, Step};
pub use interrupt::{Interrupt, Interrupter, interruption};
pub use messages::Language;
pub use name::{Description, Name};
pub use problem::{Problem, ProblemKind, Problems};
pub use retry::RetryPolicy;
pub use runner::Runner;
pub use secrets::{
    ConnectionRef, NoSecrets, Purpose, ResolveError, ResolveErrorKind, SecretProvider, TokenOwner,
};
pub use shared_sessions::SharedSessions;
pub use steps::StepKind;
pub use variables::{Variable, Variables};
pub use watch::{Event, Watcher};
