//! The messages of the pages, in English and German. The German terms are those of the product's documentation.
//!
//! The pages of credentials, connections and users add their own messages to these, in `messages.rs` of their folder.

mod bots;
pub(crate) mod connection_errors;
mod general;
mod runs;
pub(crate) mod script;
mod steps;

pub(crate) use self::bots::*;
pub(crate) use self::general::*;
pub(crate) use self::runs::*;
pub(crate) use self::steps::*;
