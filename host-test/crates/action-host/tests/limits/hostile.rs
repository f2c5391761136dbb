//! `guests/hostile`: a component in Rust with a standard library, which misbehaves as it is told.

use std::path::PathBuf;
use std::sync::LazyLock;

use action_host::Source;

use crate::wasip2;

/// The component, built once a process.
pub(crate) fn hostile() -> Source {
    static FILE: LazyLock<PathBuf> = LazyLock::new(|| wasip2::build("hostile-action"));
    Source::File(FILE.clone())
}
