//! Each example host passes the conformance kit. Where `CI` is set, with every case; otherwise with a sample.

use std::ffi::OsString;
use std::time::Duration;

use conformance::{Case, Kit, Status, cases};
use hosts::Host;
use test_peers::{Test, tests};

use super::fixture;

pub(crate) const TESTS: &[Test] = tests![
    python_passes_the_conformance_kit,
    typescript_passes_the_conformance_kit,
    rust_passes_the_conformance_kit,
];

/// Cases that the runtime of a host cannot pass, each with the reason in the README of its folder.
const CANNOT_PASS: &[(Host, &str)] = &[];

/// How long a host may take to start, on a machine that is busy with other tests.
const START_UP: Duration = Duration::from_mins(2);

/// The sample has every case of this number.
const SAMPLE: usize = 6;

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
    let step = if std::env::var_os("CI").is_some() {
        1
    } else {
        SAMPLE
    };
    let can_pass = |case: &&Case| !CANNOT_PASS.contains(&(host, case.name));
    let mut failed = Vec::new();
    for case in cases().filter(can_pass).step_by(step) {
        let verdict = kit.run(case).await.unwrap();
        if verdict.status == Status::Failed {
            failed.push(verdict);
        }
    }
    assert!(failed.is_empty(), "{host:?}: {failed:#?}");
}
