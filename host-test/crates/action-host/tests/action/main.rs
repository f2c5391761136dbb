//! The action, called as an engine does: over real sockets with real TLS, against the embedded Genesys Cloud and a scripted
//! server. A test is named after the rule that it holds.
//!
//! Most tests run with two builds of the component, the built-in one and one for wasm32-wasip2:
//! [`component::test_both_builds`] makes both.

#![allow(clippy::print_stdout, reason = "tables to read with `--nocapture`")]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing helper fails its test"
)]

mod causes;
mod component;
mod contract;
mod embedded;
mod fields;
mod generic;
mod grants;
mod hostile;
mod messages;
mod outcome;
mod published;
mod refusals;
mod request;
mod resources;
mod scripted;
mod sessions;
mod trust;
mod urls;
