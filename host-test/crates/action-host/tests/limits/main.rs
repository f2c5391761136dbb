//! Components that misbehave, and what becomes of them: each ends in an error of its own, within
//! its time, and the next call runs as if nothing had happened. A test is named after the rule that
//! it holds.
//!
//! The components are built here: one in Rust that misbehaves in many ways (`guests/hostile`), others
//! from text, where a compiler would not let them pass.

mod calls;
mod components;
mod contract;
mod fixture;
mod hostile;
mod imports;
mod network;
mod queue;
mod results;
mod server;
mod sizes;
#[path = "../guests/wasip2.rs"]
mod wasip2;
