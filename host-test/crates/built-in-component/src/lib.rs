//! The action in `action/`, built as a component by this crate's build script.

/// The component.
pub const BYTES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/component.wasm"));
