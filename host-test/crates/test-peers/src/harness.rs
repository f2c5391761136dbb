//! The `main` of a test binary whose tests need a peer. It accepts the arguments of the standard harness, so `cargo nextest`
//! can run it as well.

use std::env;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

use crate::Peer;

/// A test of a binary without the standard harness. [`tests!`](crate::tests) makes them.
#[derive(Clone, Copy, Debug)]
pub struct Test {
    /// The name with the path of its module, as in the standard harness.
    pub path: &'static str,
    /// Panics if the test fails.
    pub run: fn(),
    /// Whether it runs only on request, as with `#[ignore]`.
    pub is_ignored: bool,
}

/// Makes [`Test`]s of `async` functions. Keep the functions private or `pub(crate)`: the compiler then reports one that is
/// missing from the list as dead code.
///
/// The functions after `ignored:` run only on request.
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

/// Runs the tests that the command line selects. If a peer is missing, they are ignored, with the reason beside their names.
/// If `CI` is set, they fail instead.
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
            let reason = format!("needs {missing}: cargo xtask setup");
            let failure = format!("this machine lacks {missing}; run: cargo xtask setup");
            Trial::test(name, move || Err(failure.into()))
                .with_kind(if must_run { String::new() } else { reason })
                .with_ignored_flag(test.is_ignored || !must_run)
        }
    }
}
