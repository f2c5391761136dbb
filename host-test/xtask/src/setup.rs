//! Installs what the tests need: programs with apt on Debian, npm and Python packages into the target folder, wasm targets
//! with rustup. If it cannot install something, it prints what to install.

use std::fs;
use std::io::{IsTerminal as _, stdin};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::example_hosts;
use crate::packages::{has_venv, npm_ci, pip_install};
#[cfg(unix)]
use crate::postgres;
use test_peers::{self as peers, Peer};
use xtask::process::{output, step};
use xtask::workspace::Workspace;

const TARGETS: [&str; 2] = ["wasm32-unknown-unknown", peers::COMPONENT_TARGET];

/// `cargo xtask setup`.
///
/// # Errors
///
/// If something is missing and cannot be installed.
pub(crate) fn run() -> Result<()> {
    let missing = install(&Workspace::load()?)?;
    if missing.is_empty() {
        eprintln!("everything that the tests need is installed");
        return Ok(());
    }
    anyhow::bail!("{}", missing.join("\n"))
}

/// Installs what is missing. Returns what is still missing, with advice.
///
/// # Errors
///
/// If a wasm target cannot be installed, without which the build would fail.
pub(crate) fn install(workspace: &Workspace) -> Result<Vec<String>> {
    wasm_targets()?;
    let browser = Peer::Browser;
    let npm = Peer::NpmPackages(workspace.target.clone());
    let python = Peer::PythonPackages(workspace.target.clone());
    let mut packages = Vec::new();
    if browser.missing().is_some() {
        packages.extend([peers::HEADLESS_SHELL, "chromium-driver"]);
    }
    for (program, package) in [("node", "nodejs"), ("npm", "npm")] {
        if !peers::is_on_path(program) {
            packages.push(package);
        }
    }
    #[cfg(unix)]
    if postgres::programs().is_none() {
        packages.push("postgresql");
    }
    if python.missing().is_some() && !has_venv() {
        packages.extend(["python3", "python3-venv"]);
    }
    let mut missing = Vec::new();
    if !packages.is_empty()
        && let Err(error) = apt_install(&packages)
    {
        missing.push(format!("{error:#}"));
    }
    if npm.missing().is_some()
        && peers::has_node()
        && let Err(error) = npm_packages(workspace)
    {
        missing.push(format!("npm packages of the tests: {error:#}"));
    }
    if python.missing().is_some()
        && let Err(error) = python_packages(workspace)
    {
        missing.push(format!("Python packages of the tests: {error:#}"));
    }
    missing.extend(example_hosts::install(workspace)?);
    #[cfg(unix)]
    if postgres::programs().is_none() {
        missing.push(
            "missing: PostgreSQL; install it, and put initdb and postgres on the PATH".into(),
        );
    }
    for peer in [browser, npm, python, Peer::UserNamespaces] {
        if let Some(what) = peer.missing() {
            missing.push(format!("missing: {what}{}", advice(&peer)));
        }
    }
    Ok(missing)
}

fn advice(peer: &Peer) -> &'static str {
    match peer {
        Peer::Browser => {
            "; install Chrome or Chromium, and the chromedriver of the same version, and put both on the PATH"
        }
        Peer::NpmPackages(_) => "; install it (Debian 13 has it), and run `cargo xtask setup`",
        Peer::PythonPackages(_) => {
            "; install Python 3.11 or later with venv and pip, and run `cargo xtask setup`"
        }
        Peer::UserNamespaces => {
            "; on Linux, root can grant it: sysctl kernel.unprivileged_userns_clone=1"
        }
        Peer::Installed { .. } => "; run `cargo xtask setup`",
    }
}

fn wasm_targets() -> Result<()> {
    let mut missing = TARGETS.to_vec();
    missing.retain(|target| !peers::has_target(target));
    if missing.is_empty() {
        return Ok(());
    }
    step(
        Command::new("rustup")
            .args(["target", "add"])
            .args(&missing),
    )
    .with_context(|| format!("the toolchain lacks the targets {}", missing.join(", ")))
}

pub(crate) fn apt_install(packages: &[&str]) -> Result<()> {
    let by_hand = format!(
        "apt-get install --no-install-recommends {}",
        packages.join(" ")
    );
    if !is_debian() {
        anyhow::bail!("automatic installation needs Debian, where the command is: {by_hand}");
    }
    // Errors are ignored: the installation may succeed with an old package list.
    let _ = step(&mut as_root("apt-get", &["update"]));
    let install = ["install", "--yes", "--no-install-recommends"];
    step(as_root("apt-get", &install).args(packages)).with_context(|| format!("as root: {by_hand}"))
}

fn is_debian() -> bool {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    release.lines().any(|line| line == "ID=debian")
}

/// A command that runs as root, with sudo if needed. sudo prompts for a password only if standard input is a terminal.
fn as_root(program: &str, arguments: &[&str]) -> Command {
    let is_root = output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    let mut command = if is_root {
        Command::new("env")
    } else {
        let mut sudo = Command::new("sudo");
        if !stdin().is_terminal() {
            sudo.arg("--non-interactive");
        }
        sudo.arg("env");
        sudo
    };
    command
        .arg("DEBIAN_FRONTEND=noninteractive")
        .arg(program)
        .args(arguments);
    command
}

/// Installs the npm packages of the tests into the target folder, so that the user's own packages are not changed.
fn npm_packages(workspace: &Workspace) -> Result<()> {
    let from = workspace.root.join("host-test/crates/test-peers/npm");
    npm_ci(&from, &peers::npm_folder(&workspace.target))?;
    Ok(fs::copy(
        from.join("package-lock.json"),
        peers::npm_stamp(&workspace.target),
    )
    .map(drop)?)
}

/// Installs the Python packages of the tests into a virtual environment in the target folder.
fn python_packages(workspace: &Workspace) -> Result<()> {
    let requirements = workspace
        .root
        .join("host-test/crates/test-peers/python/requirements.txt");
    let (folder, python) = (
        peers::python_folder(&workspace.target),
        peers::python(&workspace.target),
    );
    pip_install(&requirements, &folder, &python)?;
    Ok(fs::copy(requirements, peers::python_stamp(&workspace.target)).map(drop)?)
}
