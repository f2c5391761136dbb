//! `cargo xtask test`: installs what is missing, and runs all tests.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::Result;

use crate::memory;
#[cfg(unix)]
use crate::postgres;
use crate::setup;
use xtask::process::{cargo, step, steps, succeeds};
use xtask::workspace::Workspace;

/// How many tests nextest runs at a time, if not one for each processor.
const THREADS: &str = "NEXTEST_TEST_THREADS";

/// The test binaries each of which runs in one process, in which its tests share what takes longer to start or to load than
/// most of them take: browsers, or the component of the action. nextest starts a process for each test.
const IN_ONE_PROCESS: [&str; 2] = ["browser", "web"];

/// Runs twice as many tests at a time as there are processors: most of them wait for a browser, a server or a host.
///
/// # Errors
///
/// If a test fails.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let workspace = Workspace::load()?;
    let missing = setup::install(&workspace)?;
    let has_nextest = succeeds(cargo().args(["nextest", "--version"]));
    let run: &[&str] = if has_nextest {
        &["nextest", "run"]
    } else {
        &["test"]
    };
    memory::clean();
    // Stopped when this function returns, whatever it returns.
    #[cfg(unix)]
    let server = match postgres::programs() {
        Some(programs) => Some(postgres::Server::start(&programs)?),
        // Its tests are left out; in CI, that must not go unnoticed.
        None if std::env::var_os("CI").is_some() => anyhow::bail!("{}", missing.join("\n")),
        None => None,
    };
    // Removed when this function returns.
    let folder = memory::Folder::new()?;
    // With the same features for all, so that nothing is built twice.
    let cargo_with = |arguments: &[&str]| {
        let mut command = cargo();
        command.args(arguments).arg("--workspace");
        // Errors, of which tests make thousands, would capture one each. Panics show theirs if the developer wants that.
        command.env("RUST_LIB_BACKTRACE", "0");
        if let Some(folder) = &folder {
            command.env("TMPDIR", folder.path());
        }
        #[cfg(unix)]
        if let Some(server) = &server {
            command.args(["--features", "host-test/test-postgres"]);
            server.pass_to(&mut command);
        }
        command
    };
    let tests = || {
        let mut command = cargo_with(run);
        if has_nextest {
            if std::env::var_os("CI").is_some() {
                command.args(["--profile", "ci"]);
            }
            if std::env::var_os(THREADS).is_none() {
                command.env(THREADS, (2 * processors()).to_string());
            }
        }
        command.args(arguments);
        command
    };
    let in_one_process = || {
        let mut command = cargo_with(&["test"]);
        command.arg("--no-fail-fast");
        for binary in IN_ONE_PROCESS {
            command.args(["--test", binary]);
        }
        command.arg("--");
        command.arg(format!("--test-threads={}", processors()));
        command
    };
    let is_whole = arguments.is_empty();
    if is_whole {
        // Built first, so that the duration of the suite does not include the build.
        step(tests().arg("--no-run"))?;
    }
    for mut build in test_peers::build_components(&workspace.root, &workspace.target) {
        step(&mut build)?;
    }
    if is_whole {
        // The first that loads the action compiles it, which takes seconds. Tests that start at the same time would all do so.
        step(
            Command::new(workspace.program("debug/bot-runner"))
                .arg("actions")
                .stdout(Stdio::null()),
        )?;
    }
    if has_nextest && is_whole {
        // The examples in the documentation, which nextest does not run.
        step(cargo_with(&["test"]).arg("--doc"))?;
    }
    for what in &missing {
        eprintln!("\n{what}\nTests that need it are ignored, or fail if CI is set.");
    }
    let start = Instant::now();
    if has_nextest && is_whole {
        let others = IN_ONE_PROCESS.map(|binary| format!("binary(={binary})"));
        let others = format!("not ({})", others.join(" | "));
        steps(tests().args(["-E", &others]), &mut in_one_process())?;
    } else {
        step(&mut tests())?;
    }
    let seconds = start.elapsed().as_secs();
    if is_whole {
        let file = time_of_suite(&workspace);
        fs::create_dir_all(workspace.target.join("xtask"))?;
        fs::write(file, seconds.to_string())?;
    }
    Ok(())
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The file with the duration of the last complete and successful run of the suite, in seconds.
pub(crate) fn time_of_suite(workspace: &Workspace) -> PathBuf {
    workspace.target.join("xtask/suite-seconds")
}
