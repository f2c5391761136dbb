//! The action, called as an engine does: over real sockets with real TLS, against the embedded Genesys Cloud and a scripted
//! server. A test is named after the rule that it holds.
//!
//! Most tests run with two builds of the component, the built-in one and one for wasm32-wasip2:
//! [`component::test_both_builds`] makes both.

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
