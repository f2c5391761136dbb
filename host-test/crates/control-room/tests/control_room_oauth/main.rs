//! The OAuth protocol of connections, over real sockets and TLS, against scripted providers and the embedded Genesys
//! Cloud. Each test is named after the rule that it checks.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing helper fails its test"
)]

mod embedded;
mod error_responses;
mod loopback;
mod provider;
mod refresh;
mod requests;
mod secrecy;
mod sign_in;
mod token_responses;
mod trust;
