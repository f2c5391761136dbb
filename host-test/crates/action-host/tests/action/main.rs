//! The action, tried through the harness as an engine would: over real sockets, with real TLS,
//! against the embedded Genesys Cloud and against a server that does whatever a script says. A test
//! is named after the rule that it holds.
//!
//! What a component does is tried with two builds of it: the one that is built in, and one for
//! wasm32-wasip2. [`component::test_both_builds`] makes the two tests.

mod component;
mod contract;
mod embedded;
mod fields;
mod hostile;
mod messages;
mod outcome;
mod refusals;
mod request;
mod scripted;
mod sessions;
mod trust;
mod urls;
#[path = "../guests/wasip2.rs"]
mod wasip2;
