//! The kit finds mistakes. A small host on plain wasmtime does every case right; with each mistake that can be planted in
//! it, it fails the cases that are about it, with words that say what is wrong.
//!
//! The host is this test binary, started with the environment variable `PLANTED`.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a host under test answers and logs"
)]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing helper fails its test"
)]

mod grant;
mod host;
mod http_client;
mod mistakes;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

use mistakes::{MISTAKES, Mistake};

/// Names the mistake that is planted; empty for none.
const PLANTED: &str = "PLANTED";

fn main() -> ExitCode {
    if let Ok(planted) = std::env::var(PLANTED) {
        return host::main(Mistake::named(&planted));
    }
    let arguments = Arguments::from_args();
    let mut trials = vec![Trial::test("a_host_without_mistakes_passes", || {
        mistakes::check(None);
        Ok(())
    })];
    for expected in MISTAKES {
        let name = format!("a_host_that_{}_fails", expected.name.replace('-', "_"));
        trials.push(Trial::test(name, || {
            mistakes::check(Some(expected));
            Ok(())
        }));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}
