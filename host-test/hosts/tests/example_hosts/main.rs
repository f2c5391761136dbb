//! Each example host opens and closes a session at the embedded Genesys Cloud, and keeps to its limits. `cargo xtask setup`
//! installs the hosts. `bot-runner conformance` tests more of each.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing helper fails its test"
)]

mod composed;
mod facade;
mod facade_call;
mod fixture;
mod kit;
mod sessions;
mod types;

use std::process::ExitCode;

fn main() -> ExitCode {
    let peers = hosts::peers(&fixture::target()).unwrap();
    test_peers::run(
        &peers,
        &[
            sessions::TESTS,
            kit::TESTS,
            composed::TESTS,
            facade::TESTS,
            facade_call::TESTS,
            types::TESTS,
        ],
    )
}
