//! What wasmtime makes of the contract in `wit/`: of its exports. What the world imports,
//! `state.rs` links by itself. Only this module's neighbours see it.
#![allow(missing_docs, unreachable_pub)]

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
