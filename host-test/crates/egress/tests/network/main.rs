//! `egress` over real sockets. A test is named after the rule that it holds.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing helper fails its test"
)]

mod certificates;
mod checks;
mod grants;
mod limits;
mod pool;
mod proxies;
mod secrets;
mod timeouts;
