//! The flow engine in small: reads a bot, checks it against what it may use, and runs its steps.
//!
//! - [`file`], [`json`], [`fields`]: the bot file, with errors that name step and field;
//! - [`value`], [`template`]: where a field's value comes from, and texts with `{name.member}` in them;
//! - [`check`]: what can be known to be wrong before anything runs;
//! - [`runner`]: the steps one after the other; [`session`]: what they share by name;
//! - [`api_request`]: a call of the Genesys Cloud API, which stands for the actions that follow in a flow;
//! - [`watch`]: what is told to whoever watches.
//!
//! Time is decided here: one policy for all actions.

pub mod api_request;
pub mod check;
mod fields;
pub mod file;
mod json;
pub mod runner;
pub mod session;
pub mod template;
pub mod value;
pub mod watch;

pub use file::{Bot, BotFileError, Step, StepKind};
pub use runner::{RunError, Runner, StepError};
pub use watch::{Event, Watcher};
