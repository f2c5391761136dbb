//! `cargo xtask dist`: installs what the files of a release are made with, and makes them. The package `xtask-dist` does the
//! work, so that the other commands start without its dependencies.

use std::process::Command;

use anyhow::Result;
use xtask::process::{cargo, step, succeeds};
use xtask::workspace::Workspace;

use crate::setup;

/// # Errors
///
/// If something cannot be installed, or the files cannot be made.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let asks_for_help = arguments
        .iter()
        .any(|argument| ["--help", "-h"].contains(&argument.as_str()));
    if !asks_for_help {
        let workspace = Workspace::load()?;
        let from = workspace.root.join("host-test/xtask/dist");
        let to = workspace.target.join("xtask-dist");
        setup::npm_ci(&from.join("npm"), &to.join("npm"))?;
        std::fs::copy(from.join("npm/types.mjs"), to.join("npm/types.mjs"))?;
        if arguments
            .iter()
            .any(|argument| argument == "--try-registry")
        {
            registry(&workspace)?;
        }
    }
    step(
        cargo()
            .args(["run", "--quiet", "--package", "xtask-dist", "--"])
            .args(arguments),
    )
}

/// Installs a registry, and a client unless `wkg` is there.
fn registry(workspace: &Workspace) -> Result<()> {
    let mut packages = Vec::new();
    if !test_peers::is_on_path("docker-registry") {
        packages.push("docker-registry");
    }
    let has_wkg = succeeds(Command::new("wkg").arg("--version"));
    if !has_wkg && !setup::has_venv() {
        packages.extend(["python3", "python3-venv"]);
    }
    if !packages.is_empty() {
        setup::apt_install(&packages)?;
    }
    if has_wkg {
        return Ok(());
    }
    let requirements = workspace
        .root
        .join("host-test/xtask/dist/python/requirements.txt");
    let folder = workspace.target.join("xtask-dist/python");
    setup::pip_install(&requirements, &folder, &folder.join("bin/python"))
}
