//! `guests/hostile`: a component in Rust, with the standard library, that misbehaves on request.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The component, built once per process.
pub(crate) fn hostile() -> &'static Path {
    static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
        test_peers::component(env!("CARGO_TARGET_TMPDIR").as_ref(), "hostile-action")
    });
    &FILE
}
