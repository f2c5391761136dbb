//! What `wit-bindgen` generates from the contract.

#![allow(
    missing_docs,
    unsafe_code,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    clippy::restriction,
    reason = "generated from the contract"
)]

/// `bot:action`. A component that uses this crate as a library exports it with `action::export!`.
pub mod action {
    wit_bindgen::generate!({
        path: "../wit",
        world: "bot:action/component@0.2.0",
        pub_export_macro: true,
        default_bindings_module: "oauth_authentication::bindings::action",
    });
}

/// The typed interface, and `wasi:http`.
#[cfg(target_family = "wasm")]
pub mod typed {
    wit_bindgen::generate!({
        path: "../wit",
        world: "typed",
        pub_export_macro: true,
        default_bindings_module: "oauth_authentication::bindings::typed",
        with: {
            "wasi:clocks/monotonic-clock@0.2.2": waki::bindings::wasi::clocks::monotonic_clock,
            "wasi:http/outgoing-handler@0.2.2": waki::bindings::wasi::http::outgoing_handler,
            "wasi:http/types@0.2.2": waki::bindings::wasi::http::types,
            "wasi:io/error@0.2.2": waki::bindings::wasi::io::error,
            "wasi:io/poll@0.2.2": waki::bindings::wasi::io::poll,
            "wasi:io/streams@0.2.2": waki::bindings::wasi::io::streams,
        },
    });
}
#[cfg(target_family = "wasm")]
pub(crate) use waki::bindings::wasi;

/// The same. Other platforms need only the types, and must not compile waki for them.
#[cfg(not(target_family = "wasm"))]
pub mod typed {
    wit_bindgen::generate!({
        path: "../wit",
        world: "typed",
        pub_export_macro: true,
        default_bindings_module: "oauth_authentication::bindings::typed",
        generate_all,
    });
}
#[cfg(not(target_family = "wasm"))]
pub(crate) use typed::wasi;
