//! `cargo xtask dist`: installs what the files of a release are made with, and makes them. The package `xtask-dist` does the
//! work, so that the other commands start without its dependencies.

use std::fs;
use std::process::Command;

use anyhow::Result;
use xtask::process::{cargo, step, succeeds};
use xtask::workspace::Workspace;

use crate::{packages, setup};

/// # Errors
///
/// If something cannot be installed, or the files cannot be made.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let has = |names: &[&str]| arguments.iter().any(|it| names.contains(&it.as_str()));
    if !has(&["--help", "-h"]) {
        install(&Workspace::load()?, has(&["--try-registry"]))?;
    }
    step(
        cargo()
            .args(["run", "--quiet", "--package", "xtask-dist", "--"])
            .args(arguments),
    )
}

/// Installs what generates the types, and a registry with a client, unless `wkg` is there.
fn install(workspace: &Workspace, with_registry: bool) -> Result<()> {
    let needs_wash = with_registry && !succeeds(Command::new("wkg").arg("--version"));
    let mut packages = Vec::new();
    for (program, package, is_needed) in [
        ("node", "nodejs", true),
        ("npm", "npm", true),
        ("docker-registry", "docker-registry", with_registry),
    ] {
        if is_needed && !test_peers::is_on_path(program) {
            packages.push(package);
        }
    }
    if needs_wash && !packages::has_venv() {
        packages.extend(["python3", "python3-venv"]);
    }
    if !packages.is_empty() {
        setup::apt_install(&packages)?;
    }
    let from = workspace.root.join("host-test/xtask/dist");
    let to = workspace.target.join("xtask-dist");
    packages::npm_ci(&from.join("npm"), &to.join("npm"))?;
    fs::copy(from.join("npm/types.mjs"), to.join("npm/types.mjs"))?;
    if needs_wash {
        let python = to.join("python");
        let requirements = from.join("python/requirements.txt");
        packages::pip_install(&requirements, &python, &python.join("bin/python"))?;
    }
    Ok(())
}
