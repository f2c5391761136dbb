//! The messages of the pages, in English and German. The German terms are those of the product's documentation.
//!
//! The pages of credentials, connections and users add their own messages to these, in `messages.rs` of their folder.

mod bots;
mod general;
mod runs;
mod schedules;
pub(crate) mod script;
mod start;
mod steps;

pub(crate) use self::bots::*;
pub(crate) use self::general::*;
pub(crate) use self::runs::*;
pub(crate) use self::schedules::*;
pub(crate) use self::start::*;
pub(crate) use self::steps::*;
