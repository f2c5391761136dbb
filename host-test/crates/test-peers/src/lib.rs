//! Tests that need something of the machine: a browser, npm and Python packages, the right to mount a disk.
//!
//! [`Peer`] finds out what is there; `cargo xtask setup` installs what is not. A test binary with `harness = false`
//! hands its tests to [`run`], which reports them as ignored if their peer is missing, and as failed if `CI` is set.

#![allow(
    clippy::missing_panics_doc,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a failing fixture fails its test"
)]

mod components;
#[cfg(feature = "harness")]
mod harness;
mod peers;

pub use components::{COMPONENT_TARGET, build_components, component, has_target};
#[cfg(feature = "harness")]
pub use harness::{Test, block_on, run};
pub use peers::{
    Peer, has_npm_packages, has_python_packages, is_on_path, npm_folder, npm_stamp, python,
    python_folder, python_stamp,
};
