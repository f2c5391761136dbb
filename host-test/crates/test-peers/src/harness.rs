//! The `main` of a test binary whose tests need a peer. It takes the arguments of the standard harness, and is run
//! by `cargo nextest` as well.

use std::env;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

use crate::Peer;

/// A test of a binary without the standard harness. [`tests!`](crate::tests) makes them.
#[derive(Clone, Copy, Debug)]
pub struct Test {
    /// With the path of its module, as the standard harness has it.
    pub path: &'static str,
    /// Panics if the test fails.
    pub run: fn(),
    /// Runs only when asked for, as by `#[ignore]`.
    pub is_ignored: bool,
}

/// The `async` functions named, as tests. A function that is in no list is dead code, which the compiler reports:
/// keep them private, or `pub(crate)`.
///
/// After `ignored:` stand those that run only when asked for.
#[macro_export]
macro_rules! tests {
    ($($name:ident),* $(,)? $(; ignored: $($ignored:ident),* $(,)?)?) => {
        &[
            $($crate::tests!(@one $name, false),)*
            $($($crate::tests!(@one $ignored, true),)*)?
        ]
    };
    (@one $name:ident, $is_ignored:literal) => {
        $crate::Test {
            path: concat!(module_path!(), "::", stringify!($name)),
            run: || $crate::block_on($name()),
            is_ignored: $is_ignored,
        }
    };
}

/// Runs a test on a tokio runtime of its own.
pub fn block_on(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.expect("threads for a test").block_on(test);
}

/// Runs the tests that the command line asks for. If a peer is missing, they are ignored, with the reason beside
/// their names; where `CI` is set, they fail.
#[must_use]
pub fn run(peers: &[Peer], modules: &[&[Test]]) -> ExitCode {
    let arguments = Arguments::from_args();
    let missing: Vec<_> = peers.iter().filter_map(Peer::missing).collect();
    let missing = (!missing.is_empty()).then(|| missing.join(" and "));
    let must_run = env::var_os("CI").is_some();
    let trial = |test: &Test| trial(test, missing.as_deref(), must_run);
    let trials = modules.iter().copied().flatten().map(trial).collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trial(test: &Test, missing: Option<&str>, must_run: bool) -> Trial {
    let (_, name) = test.path.split_once("::").unwrap_or(("", test.path));
    let run = test.run;
    match missing {
        None => Trial::test(name, move || {
            run();
            Ok(())
        })
        .with_ignored_flag(test.is_ignored),
        Some(missing) => {
            let why = format!("needs {missing}: cargo xtask setup");
            let failure = format!("this machine lacks {missing}; type: cargo xtask setup");
            Trial::test(name, move || Err(failure.into()))
                .with_kind(if must_run { String::new() } else { why })
                .with_ignored_flag(test.is_ignored || !must_run)
        }
    }
}
