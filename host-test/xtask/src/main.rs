//! `cargo xtask`: commands for developers, one per file.

#![allow(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "its output is for a developer at a terminal"
)]

mod budget;
mod ci;
mod dist;
mod example_hosts;
mod live;
mod memory;
mod packages;
#[cfg(unix)]
mod postgres;
mod rust_version;
mod setup;
mod test;

use std::env;
use std::process::ExitCode;

const USAGE: &str = "\
Usage: cargo xtask <command>

  setup           install what the tests need: a browser and its driver, PostgreSQL, npm and Python packages,
                  the example hosts, wasm targets
  test [ARGS]     setup, then all tests, some of them on a throwaway server of PostgreSQL; ARGS go to `cargo nextest run` or `cargo test`
  ci [PART...]    the checks that must pass before a change lands; the parts are lint, deny, small, short, dist, test, faults, budget
  budget          compare sizes and times with their budgets
      --release   also build the release command and measure it
      --strict    also fail if the suite took longer than its budget
  dist [ARGS]     make the files of a release; `cargo xtask dist --help` lists ARGS
  live [ARGS]     check with a real organization what is assumed about Genesys Cloud; never in CI;
                  `cargo xtask live --help` lists ARGS
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let Some((command, rest)) = arguments.split_first() else {
        eprint!("{USAGE}");
        return ExitCode::from(2);
    };
    let result = match command.as_str() {
        "setup" => setup::run(),
        "test" => test::run(rest),
        "ci" => ci::run(rest),
        "budget" => budget::run(rest),
        "dist" => dist::run(rest),
        "live" => return live::run(rest),
        "help" | "--help" | "-h" => {
            print!("{USAGE}");
            Ok(())
        }
        other => {
            eprint!("there is no command {other:?}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
