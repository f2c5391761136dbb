//! For tests that need other programs or rights: a browser, npm and Python packages, the right to mount a disk.
//!
//! [`Peer`] finds out what is missing; `cargo xtask setup` installs it. A test binary with `harness = false` passes its tests
//! to [`run`], which reports them as ignored if their peer is missing, or as failed if `CI` is set.

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
    HEADLESS_SHELL, Peer, has_node, has_npm_packages, has_python_packages, is_on_path, npm_folder,
    npm_stamp, on_path, python, python_folder, python_stamp,
};
