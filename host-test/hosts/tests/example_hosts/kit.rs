//! Each example host passes the conformance kit, with every case.

use std::ffi::OsString;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use conformance::{Case, Kit, Status, cases};
use hosts::{CANNOT_PASS, Host};
use test_peers::{Test, tests};

use super::fixture;

pub(crate) const TESTS: &[Test] = tests![
    python_passes_the_conformance_kit,
    typescript_passes_the_conformance_kit,
    rust_passes_the_conformance_kit,
];

/// How long a host may take to start, on a machine that is busy with other tests.
const START_UP: Duration = Duration::from_mins(2);

/// The case that runs first, and alone.
const FIRST: &str = "good-token";

/// Cases that run at a time: most of them wait for something that never comes.
const AT_ONCE: usize = 4;

async fn python_passes_the_conformance_kit() {
    check(Host::Python).await;
}

async fn typescript_passes_the_conformance_kit() {
    check(Host::TypeScript).await;
}

async fn rust_passes_the_conformance_kit() {
    check(Host::Rust).await;
}

async fn check(host: Host) {
    let command = host.command(&fixture::target());
    let arguments = command.get_args().map(Into::into);
    let command: Vec<OsString> = [command.get_program().into()]
        .into_iter()
        .chain(arguments)
        .collect();
    let kit = Kit::new(command, built_in_component::BYTES, START_UP).unwrap();
    let kit = Arc::new(kit);
    let can_pass = |case: &&Case| !CANNOT_PASS.contains(&(host, case.name));
    // The first compiles the action. All others take it from the cache of their runtime.
    let (first, others): (Vec<_>, Vec<_>) = cases()
        .filter(can_pass)
        .partition(|case| case.name == FIRST);
    assert_eq!(first.len(), 1, "{FIRST}");
    let mut failed = Vec::new();
    for cases in [first, others] {
        let run = Arc::clone(&kit).run_all(cases, AT_ONCE, pending(), |_| ());
        failed.extend(run.await.unwrap().unwrap());
    }
    failed.retain(|verdict| verdict.status == Status::Failed);
    assert!(failed.is_empty(), "{host:?}: {failed:#?}");
}
