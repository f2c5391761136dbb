//! `cargo xtask dist`: makes the files of a release, the same bytes for the same sources in any folder.
//!
//! - [`files`] makes them all;
//! - [`wit`], [`hosts`] and [`sbom`] make one kind of file each, as pure functions as far as possible;
//! - [`packages`] builds a host from the packed crates, outside of the repository;
//! - [`registry`] pushes them to an OCI registry on loopback, and pulls them again.

#![allow(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "its output is for a developer at a terminal"
)]

mod files;
mod hosts;
mod packages;
mod registry;
mod sbom;
mod wit;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

use anyhow::{Context as _, Result, bail, ensure};
use files::Sources;
use xtask::process::{cargo, output, step};
use xtask::workspace::Workspace;

const USAGE: &str = "\
Usage: cargo xtask dist [OPTIONS]

Makes the files of a release.

  --out DIR        the folder for them, which is emptied first [default: dist in the target folder]
  --command FILE   the bot-runner that writes the schema [default: built from this workspace]
  --compare        make them again from a clone in another folder, and compare the bytes; bot-runner is not built again,
                   so it writes the same bot-file.schema.json and hosts.json twice
  --try-packages   pack the crates that a host needs, unpack them in another folder, and build and run a host there
  --try-registry   push the components and WIT packages to an OCI registry on loopback, pull them, and compare;
                   also build `wit/` with the registry's client
";

#[derive(Default)]
struct Arguments {
    out: Option<PathBuf>,
    command: Option<PathBuf>,
    compare: bool,
    try_packages: bool,
    try_registry: bool,
}

fn main() -> ExitCode {
    let arguments = match parse(env::args().skip(1)) {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprint!("{error}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// `None` if the user asks for help.
fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Arguments>> {
    let mut parsed = Arguments::default();
    while let Some(argument) = arguments.next() {
        let mut path = || {
            let path = arguments.next().map(PathBuf::from);
            path.with_context(|| format!("{argument} needs a path"))
        };
        match argument.as_str() {
            "--out" => parsed.out = Some(path()?),
            "--command" => parsed.command = Some(path()?),
            "--compare" => parsed.compare = true,
            "--try-packages" => parsed.try_packages = true,
            "--try-registry" => parsed.try_registry = true,
            "--help" | "-h" => return Ok(None),
            other => bail!("dist has no argument {other:?}"),
        }
    }
    Ok(Some(parsed))
}

fn run(arguments: &Arguments) -> Result<()> {
    let workspace = Workspace::load()?;
    let folder = workspace.target.join("xtask-dist");
    let out = arguments
        .out
        .clone()
        .unwrap_or_else(|| workspace.target.join("dist"));
    let command = match &arguments.command {
        Some(command) => command.clone(),
        None => build_command(&workspace)?,
    };
    let sources = Sources {
        root: &workspace.root,
        build: &folder.join("build"),
        npm: &folder.join("npm"),
        command: &command,
    };
    files::make(&sources, &out)?;
    if arguments.command.is_none() {
        is_built_in(&command, &out.join("oauth-authentication.wasm"), &folder)?;
    }
    let files = read(&out)?;
    print(&files);
    if arguments.compare {
        compare(&sources, &folder.join("compare"), &files)?;
    }
    if arguments.try_packages {
        let component = fs::canonicalize(out.join("oauth-authentication.wasm"))?;
        packages::try_out(&workspace.root, &component, &folder.join("packages"))?;
    }
    if arguments.try_registry {
        registry::try_out(&workspace.root, &out, &folder)?;
    }
    Ok(())
}

/// Built like for the tests, so that they share its dependencies.
fn build_command(workspace: &Workspace) -> Result<PathBuf> {
    step(cargo().args(["build", "--workspace", "--bin", "bot-runner", "--examples"]))?;
    Ok(workspace.program("debug/bot-runner"))
}

/// Checks that the component is the one that is compiled into the command.
fn is_built_in(command: &Path, component: &Path, folder: &Path) -> Result<()> {
    let exported = folder.join("built-in.wasm");
    output(
        Command::new(command)
            .args(["component", "export", "--output"])
            .arg(&exported),
    )?;
    ensure!(
        fs::read(exported)? == fs::read(component)?,
        "the component in bot-runner is not that of this release: it may have been built before its sources were committed; \
         run `cargo clean --package bot-flow-built-in-component`, and try again"
    );
    Ok(())
}

/// Makes the files from a clone in another folder, with a build of its own.
fn compare(sources: &Sources<'_>, folder: &Path, files: &Files) -> Result<()> {
    empty(folder)?;
    // Not below this folder, whose `.cargo/config.toml` would apply there as well.
    let elsewhere = tempfile::tempdir()?;
    let (clone, out) = (elsewhere.path().join("clone"), folder.join("dist"));
    step(
        Command::new("git")
            .args(["clone", "--quiet"])
            .arg(sources.root)
            .arg(&clone),
    )?;
    copy_changes(sources.root, &clone)?;
    let cloned = Sources {
        root: &clone,
        build: &folder.join("build"),
        ..*sources
    };
    files::make(&cloned, &out)?;
    let others = read(&out)?;
    let mut different = Vec::new();
    println!(
        "\nTwo builds, in {} and {}:",
        sources.root.display(),
        clone.display()
    );
    for (name, bytes) in files {
        let is_same = others.get(name) == Some(bytes);
        println!(
            "{}  {name}",
            if is_same { "same     " } else { "DIFFERENT" }
        );
        if !is_same {
            different.push(name.as_str());
        }
    }
    ensure!(
        different.is_empty() && files.len() == others.len(),
        "not reproducible: {}; the second build is in {}",
        different.join(", "),
        out.display()
    );
    Ok(())
}

/// Makes the changes in `clone` that are not committed in `root`.
fn copy_changes(root: &Path, clone: &Path) -> Result<()> {
    let git = |arguments: &[&str]| output(Command::new("git").current_dir(root).args(arguments));
    let changed = git(&["diff", "--no-renames", "--name-only", "-z", "HEAD"])?;
    let added = git(&["ls-files", "--others", "--exclude-standard", "-z"])?;
    for name in changed.split('\0').chain(added.split('\0')) {
        let (from, to) = (root.join(name), clone.join(name));
        if name.is_empty() {
            continue;
        }
        if from.exists() {
            fs::create_dir_all(to.parent().unwrap_or(clone))?;
            fs::copy(from, to).with_context(|| name.to_owned())?;
        } else if to.exists() {
            fs::remove_file(to).with_context(|| name.to_owned())?;
        }
    }
    Ok(())
}

/// The files of a release by their names.
type Files = BTreeMap<String, Vec<u8>>;

fn read(folder: &Path) -> Result<Files> {
    fs::read_dir(folder)?
        .map(|entry| {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            Ok((name, fs::read(entry.path())?))
        })
        .collect()
}

fn print(files: &Files) {
    println!();
    for (name, bytes) in files {
        println!("{:>9}  {}  {name}", bytes.len(), files::sha256(bytes));
    }
}

/// Makes an empty folder.
///
/// # Errors
///
/// If it cannot be emptied or made.
fn empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())
}
