//! `guests/hostile`: a component in Rust, with the standard library, that misbehaves on request.

use std::path::PathBuf;
use std::sync::LazyLock;

use action_host::Source;

/// The component, built once per process.
pub(crate) fn hostile() -> Source {
    static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
        test_peers::component(env!("CARGO_TARGET_TMPDIR").as_ref(), "hostile-action")
    });
    Source::File(FILE.clone())
}
