//! Bindings that wasmtime generates from the contract in `wit/`, for its exports only: `state.rs` links the imports.
#![allow(missing_docs, unreachable_pub, reason = "generated from the contract")]

wasmtime::component::bindgen!({
    path: "../../../wit",
    inline: "
        package host-test:bindings;
        world oauth-authentication {
            export genesys:authentication/oauth@0.1.0;
            export bot:action/form@0.1.0;
        }
    ",
    exports: { default: async },
});
