//! Components that misbehave: each is stopped in time with an error of its own, and the next call is not affected. A test
//! is named after the rule that it holds.
//!
//! One component is in Rust and misbehaves in many ways (`guests/hostile`); others are made from WAT, because no compiler
//! would produce them.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing helper fails its test"
)]

mod calls;
mod clock;
mod components;
mod contract;
mod fixture;
mod grants;
mod hostile;
mod imports;
mod network;
mod queue;
mod results;
mod server;
mod sizes;
mod texts;
