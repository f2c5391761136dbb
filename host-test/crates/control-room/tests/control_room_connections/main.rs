//! OAuth connections: sign-in, borrowed tokens, refresh and revocation, against the embedded Genesys Cloud and
//! scripted providers, over real TLS, with stores in real folders. Each test is named after the rule that it checks.

#![allow(
    clippy::print_stdout,
    reason = "a process that a test starts reports on standard output"
)]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing helper fails its test"
)]

mod browser;
mod contention;
#[path = "../shared/database.rs"]
mod database;
mod faults;
mod fixture;
mod holding_proxy;
mod last_use;
mod manage;
mod processes;
mod refresh;
mod removal;
mod scripted;
mod secrecy;
mod sign_in;
mod users;
