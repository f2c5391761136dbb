//! Tests in a real browser: Chromium, driven over WebDriver, against servers of this process. Each test is named after
//! its rule.
//!
//! They need `chromedriver` with a browser, and npm packages: `cargo xtask setup` installs them.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing helper fails its test"
)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use test_peers::Peer;

#[path = "../../crates/control-room-web/tests/web/creating.rs"]
mod creating;
#[allow(dead_code, reason = "tests of pages without a browser use more of it")]
#[path = "../../crates/control-room-web/tests/web/http_client.rs"]
mod http_client;
#[path = "../../crates/control-room-web/tests/web/room.rs"]
mod room;

mod accessibility;
mod browser;
mod common_pages;
mod connection_fixture;
mod connection_lifecycle;
mod connections;
mod control_room;
mod designer;
mod dialogs;
mod driver;
mod editing;
mod editor;
mod eight_steps;
mod element;
mod flows;
mod interruptible_proxy;
mod keyboard;
mod managing;
mod page;
mod pages;
mod pictures;
mod running;
mod runs;
mod saving;
mod schedules;
mod sign_in;
mod sizes;
mod testing;
mod times;
mod trust;
mod users;
mod users_component;
mod variables;

fn main() -> ExitCode {
    let outcome = test_peers::run(
        &[Peer::Browser, Peer::NpmPackages(target())],
        &[
            editor::TESTS,
            editing::TESTS,
            eight_steps::TESTS,
            common_pages::TESTS,
            flows::TESTS,
            keyboard::TESTS,
            connection_lifecycle::TESTS,
            connections::TESTS,
            dialogs::TESTS,
            managing::TESTS,
            pages::TESTS,
            pictures::TESTS,
            running::TESTS,
            runs::TESTS,
            saving::TESTS,
            schedules::TESTS,
            sign_in::TESTS,
            sizes::TESTS,
            testing::TESTS,
            times::TESTS,
            trust::TESTS,
            users::TESTS,
            users_component::TESTS,
            variables::TESTS,
        ],
    );
    browser::end_all();
    outcome
}

/// The target folder.
fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("..")
}
