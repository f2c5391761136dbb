//! The embedded Genesys Cloud from outside: over real sockets, with real TLS, by a client that shares no code with it.
//! A test is named after the rule that it checks.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing helper fails its test"
)]

#[cfg(feature = "admin-pages")]
mod admin_pages;
mod administration;
mod api;
mod authorization_code;
mod authorization_endpoint;
mod client;
mod fixture;
mod hosts;
mod lifecycle;
mod refresh_token;
mod secrecy;
mod sign_in;
mod token_endpoint;
mod users;
