//! Bindings that wasmtime generates from `wit/`, for exports only: `state.rs` links the imports.
#![allow(missing_docs, unreachable_pub, reason = "generated from the contract")]

wasmtime::component::bindgen!({
    path: "wit",
    world: "action",
    exports: { default: async },
});

/// The interface of the OAuth action with types of its own.
#[cfg(feature = "oauth")]
pub(crate) mod typed {
    wasmtime::component::bindgen!({
        path: "wit",
        world: "typed",
        exports: { default: async },
    });
}
