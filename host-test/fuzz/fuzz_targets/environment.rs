//! What a designer typed: whatever is accepted leads to a host of Genesys, and nothing panics.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../../action/tests/properties/laws/environment.rs"]
mod environment;

fuzz_target!(|text: &str| environment::assert_safe(text));
