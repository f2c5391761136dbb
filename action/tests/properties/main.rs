//! Property tests of the pure parts of the action. The fuzz targets in `host-test/fuzz` check the properties in `laws` as
//! well.
//!
//! Every run uses the same inputs. For other inputs, and more of them:
//!
//! ```text
//! PROPTEST_RNG_SEED=$RANDOM PROPTEST_CASES=100000 cargo test -p oauth-authentication --test properties
//! ```

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing helper fails its test"
)]

mod environment;
mod explain;
mod laws;
mod members;
mod retry_after;
mod token;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};

/// The same inputs in every run, unless the environment sets another seed.
fn config() -> Config {
    let from_environment = Config::default();
    Config {
        rng_seed: match from_environment.rng_seed {
            RngSeed::Random => RngSeed::Fixed(1),
            chosen @ RngSeed::Fixed(_) => chosen,
        },
        ..from_environment
    }
}

/// A character, more often one with a meaning in addresses or in JSON.
fn character() -> impl Strategy<Value = char> {
    prop_oneof![
        prop::sample::select(
            "/?#@:.\\%[]{}\",-+_ \t\r\n\0x0E\u{7f}\u{a0}\u{61c}ß。ｅ\u{202e}"
                .chars()
                .collect::<Vec<_>>()
        ),
        proptest::char::range(' ', '~'),
        any::<char>(),
    ]
}

/// A text of such characters.
fn text(max: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(character(), 0..max).prop_map(String::from_iter)
}

/// A text with one character inserted or replaced between `from` and `to`.
fn mutated(
    text: &str,
    from: usize,
    to: usize,
    at: prop::sample::Index,
    with: char,
    insert: bool,
) -> String {
    let places: Vec<usize> = text
        .char_indices()
        .map(|(at, _)| at)
        .chain([text.len()])
        .filter(|at| (from..=to).contains(at))
        .collect();
    let at = places[at.index(places.len())];
    let replaced = text[at..].chars().next().filter(|_| !insert && at < to);
    let rest = &text[at + replaced.map_or(0, char::len_utf8)..];
    format!("{}{with}{rest}", &text[..at])
}
