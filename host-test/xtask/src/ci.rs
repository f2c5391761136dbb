//! `cargo xtask ci`: the checks that must pass before a change lands. The parts are ordered so that each can reuse what
//! earlier parts built. cargo selects the features of dependencies by the given packages and kinds of targets, so all parts
//! build the whole workspace, with targets that use the dependencies of tests.

use std::process::Command;

use anyhow::{Result, bail};

use crate::{budget, dist, rust_version, test};
use xtask::process::{cargo, output, step, succeeds};
use xtask::workspace::Workspace;

const DENY_VERSION: &str = "0.20.2";

type Part = (&'static str, fn() -> Result<()>);

const PARTS: [Part; 8] = [
    ("lint", lint),
    ("deny", deny),
    ("small", small),
    ("short", short),
    ("dist", || {
        dist::run(&["--compare", "--try-packages", "--try-registry"].map(Into::into))
    }),
    ("test", || test::run(&[])),
    ("faults", faults),
    // After the tests, as it looks at their time. The size of the release command is looked at by hand (`--release`): its
    // build takes ten minutes.
    ("budget", || budget::run(&[])),
];

/// # Errors
///
/// If a check fails.
pub(crate) fn run(names: &[String]) -> Result<()> {
    for name in names {
        if !PARTS.iter().any(|(part, _)| part == name) {
            bail!("ci has no part {name:?}");
        }
    }
    for (name, part) in PARTS {
        if names.is_empty() || names.iter().any(|selected| selected == name) {
            part()?;
        }
    }
    Ok(())
}

fn lint() -> Result<()> {
    step(Command::new("rustup").args(["component", "add", "clippy", "rustfmt"]))?;
    step(cargo().args(["fmt", "--all", "--check"]))?;
    // PostgreSQL is a feature, and so are its tests.
    for features in [&[][..], &["--features", "host-test/test-postgres"]] {
        let clippy = ["clippy", "--workspace", "--all-targets"];
        step(
            cargo()
                .args(clippy)
                .args(features)
                .args(["--", "-D", "warnings"]),
        )?;
    }
    // The examples are included for the reason given at the top of this file.
    step(
        cargo()
            .args([
                "doc",
                "--workspace",
                "--no-deps",
                "--lib",
                "--bins",
                "--examples",
            ])
            .env("RUSTDOCFLAGS", "-D warnings"),
    )
}

/// Checks licenses, sources, advisories and Rust versions of dependencies.
fn deny() -> Result<()> {
    if !succeeds(cargo().args(["deny", "--version"])) {
        step(cargo().args([
            "install",
            "cargo-deny",
            "--locked",
            "--version",
            DENY_VERSION,
        ]))?;
    }
    step(cargo().args(["deny", "check", "licenses", "bans", "sources"]))?;
    if succeeds(cargo().args(["deny", "fetch", "db"])) {
        step(cargo().args(["deny", "check", "advisories"]))?;
    } else {
        eprintln!("== NOT CHECKED: advisories; the database is not available");
    }
    eprintln!("\n== the Rust versions of dependencies");
    rust_version::check()?;
    eprintln!("\n== the lock file of the fuzz targets");
    let fuzz = ["--manifest-path", "host-test/fuzz/Cargo.toml"];
    output(
        cargo()
            .args(["metadata", "--locked", "--format-version", "1"])
            .args(fuzz),
    )
    .map(drop)
}

/// Checks the small harness, which has features of its own, and runs its demonstration.
fn small() -> Result<()> {
    let small = ["--package", "host-test", "--no-default-features"];
    step(
        cargo()
            .arg("clippy")
            .args(small)
            .args(["--", "-D", "warnings"]),
    )?;
    step(cargo().arg("run").args(small))
}

/// Runs short forms of the benchmarks and of the soak test, to check that they work; the figures are meaningless. The long
/// forms, `cargo bench` and 100,000 calls, are run by hand, as are the fuzz targets.
fn short() -> Result<()> {
    for (bench, argument) in [
        ("peers", "--quick"),
        ("parts", "--test"),
        ("interfaces", "--quick"),
        ("pages", "--quick"),
    ] {
        let bench = ["--profile", "dev", "--workspace", "--bench", bench];
        step(cargo().arg("bench").args(bench).args(["--", argument]))?;
    }
    step(cargo().args(["build", "--workspace", "--bin", "bot-runner", "--examples"]))?;
    let soak = Workspace::load()?.program("debug/examples/soak");
    step(Command::new(soak).arg("2000"))
}

/// Injects 50 faults into workers that run bots, half of them on each database. The long form, with 1,000, is run by hand.
fn faults() -> Result<()> {
    step(
        cargo()
            .args(["xtask", "test", "-E", "test(each_run_ends_once)"])
            .env("WORKER_FAULTS", "25"),
    )
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    #[test]
    fn workflows_pin_actions_by_the_hash_of_a_commit_and_name_its_version() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.github/workflows");
        let mut actions = 0;
        for entry in fs::read_dir(folder).unwrap() {
            let text = fs::read_to_string(entry.unwrap().path()).unwrap();
            for line in text.lines() {
                let Some((_, action)) = line.split_once("uses: ") else {
                    continue;
                };
                actions += 1;
                let (_, pin) = action.split_once('@').expect(line);
                let (hash, version) = pin.split_once("  # v").expect(line);
                let is_hash = hash.len() == 40 && hash.chars().all(|it| it.is_ascii_hexdigit());
                assert!(is_hash, "{line}");
                assert_eq!(version.split('.').count(), 3, "{line}");
            }
        }
        assert!(actions > 0, "the workflows use no actions");
    }
}
