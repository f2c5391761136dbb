//! A bot file, whatever is in it; and every text in it, as a template.

#![no_main]

use std::str;

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/bot-engine/tests/bot/forms.rs"]
mod forms;
#[path = "../../crates/bot-engine/tests/bot/laws.rs"]
mod laws;

fuzz_target!(|file: &[u8]| {
    laws::assert_safe(file);
    if let Ok(text) = str::from_utf8(file) {
        laws::assert_template(text);
    }
});
