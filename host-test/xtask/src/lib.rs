//! What the commands of `cargo xtask` share.

#![allow(
    clippy::print_stderr,
    reason = "its output is for a developer at a terminal"
)]

pub mod process;
pub mod workspace;
