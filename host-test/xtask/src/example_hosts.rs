//! Installs the example hosts into the target folder: packages of Python and npm, and what cargo builds.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use test_peers::{Peer, has_node};

use xtask::process::{cargo, step};
use xtask::workspace::Workspace;

use crate::packages::{npm_ci, pip_install};

/// Installs what is missing. Returns what is still missing.
///
/// # Errors
///
/// If a component does not build, or a folder of a host cannot be read.
pub(crate) fn install(workspace: &Workspace) -> Result<Vec<String>> {
    guests(workspace)?;
    rust(workspace)?;
    let [python_packages, npm_packages, _] = hosts::peers(&workspace.target)?;
    let mut missing = Vec::new();
    for (peer, install) in [
        (python_packages, python as fn(&Workspace) -> Result<()>),
        (npm_packages, typescript),
    ] {
        if let Some(what) = Peer::missing(&peer)
            && let Err(error) = install(workspace)
        {
            missing.push(format!("missing: {what}: {error:#}"));
        }
    }
    Ok(missing)
}

fn guests(workspace: &Workspace) -> Result<()> {
    let target = hosts::guests(&workspace.target);
    for (folder, _) in hosts::GUESTS {
        let options = ["--release", "--target", hosts::GUEST_TARGET];
        build(folder, &target, &options)?;
    }
    Ok(())
}

fn rust(workspace: &Workspace) -> Result<()> {
    build("rust", &hosts::rust_folder(&workspace.target), &[])
}

/// cargo builds what has changed. The folders are not members of the workspace. cargo is run in the folder, so that the
/// repository's configuration of cargo applies, with the linker of components.
fn build(folder: &str, target: &Path, options: &[&str]) -> Result<()> {
    step(
        cargo()
            .args(["build", "--quiet", "--locked", "--target-dir"])
            .arg(target)
            .args(options)
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_BUILD_TARGET")
            .current_dir(hosts::source(folder)),
    )
}

fn python(workspace: &Workspace) -> Result<()> {
    let folder = hosts::python_folder(&workspace.target);
    fs::create_dir_all(&folder)?;
    let requirements = folder.join("requirements.txt");
    fs::write(&requirements, hosts::requirements()?)?;
    let interpreter = hosts::python_program(&workspace.target, "python");
    pip_install(&requirements, &folder, &interpreter)?;
    // The wheel of wasmtime's command lacks the permission.
    let make_executable = "import wasmtime_cli as cli; cli._binary_path().chmod(0o755)";
    step(Command::new(interpreter).args(["-c", make_executable]))?;
    fs::copy(requirements, hosts::python_stamp(&workspace.target))?;
    Ok(())
}

fn typescript(workspace: &Workspace) -> Result<()> {
    ensure!(
        has_node(),
        "there is no Node.js on the PATH, or it is too old"
    );
    let from = hosts::source("typescript");
    let to = hosts::typescript_folder(&workspace.target);
    fs::create_dir_all(to.join("src"))?;
    for file in hosts::typescript_files()? {
        fs::copy(from.join(&file), to.join(&file)).with_context(|| file.display().to_string())?;
    }
    npm_ci(&from, &to)?;
    step(
        Command::new("node")
            .arg("types.mjs")
            .arg(fs::canonicalize(hosts::contract())?)
            .current_dir(&to),
    )?;
    step(
        Command::new("node")
            .arg("node_modules/typescript/bin/tsc")
            .current_dir(&to),
    )?;
    fs::write(
        hosts::typescript_stamp(&workspace.target),
        hosts::typescript_sources()?,
    )?;
    Ok(())
}
