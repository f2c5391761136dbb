//! `cargo xtask live`: builds the package `xtask-live`, which does the work, and runs it in place of this process. So Ctrl-C
//! reaches nothing else, and its exit status is that of the command.

use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result};
use xtask::process::{cargo, step};
use xtask::workspace::Workspace;

/// The status if it cannot be run, as for facts that could not be checked.
const NOT_RUN: u8 = 2;

pub(crate) fn run(arguments: &[String]) -> ExitCode {
    match build().and_then(|mut program| replace_with(program.args(arguments))) {
        Ok(status) => status,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(NOT_RUN)
        }
    }
}

/// Build scripts get no secret.
fn build() -> Result<Command> {
    let workspace = Workspace::load()?;
    step(
        cargo()
            .args(["build", "--quiet", "--package", "xtask-live"])
            .env_remove("GENESYSCLOUD_OAUTHCLIENT_SECRET"),
    )?;
    Ok(Command::new(workspace.program("debug/xtask-live")))
}

#[cfg(unix)]
fn replace_with(program: &mut Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt as _;
    Err(program.exec()).context("the program does not start")
}

#[cfg(not(unix))]
fn replace_with(program: &mut Command) -> Result<ExitCode> {
    let status = program.status().context("the program does not start")?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(NOT_RUN)))
}
