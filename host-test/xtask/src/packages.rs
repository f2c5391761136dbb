//! Installs the packages of lock files, by npm and pip.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};
use xtask::process::{step, succeeds};

/// Installs the npm packages that the lock file in `from` lists, into the folder `to`.
///
/// # Errors
///
/// If npm is missing or fails.
pub(crate) fn npm_ci(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for file in ["package.json", "package-lock.json"] {
        fs::copy(from.join(file), to.join(file)).with_context(|| file.to_owned())?;
    }
    // On Windows, npm is a script.
    let npm = if cfg!(windows) {
        OsStr::new("npm.cmd")
    } else {
        OsStr::new("npm")
    };
    step(
        Command::new(npm)
            .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
            .current_dir(to),
    )
}

/// The system's Python interpreter.
fn system_python() -> Command {
    Command::new(if cfg!(windows) { "python" } else { "python3" })
}

/// Whether the interpreter has the modules for virtual environments, which are separate packages on Debian.
pub(crate) fn has_venv() -> bool {
    succeeds(system_python().args(["-c", "import venv, ensurepip"]))
}

/// Installs Python packages into a virtual environment in the folder `to`, whose interpreter is `python`.
///
/// # Errors
///
/// If Python or its modules are missing, or pip fails.
pub(crate) fn pip_install(requirements: &Path, to: &Path, python: &Path) -> Result<()> {
    step(system_python().args(["-m", "venv"]).arg(to))?;
    step(
        Command::new(python)
            .args(["-m", "pip", "install", "--quiet", "--requirement"])
            .arg(requirements),
    )
}
