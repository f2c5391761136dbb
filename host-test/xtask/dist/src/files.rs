//! The files of a release.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, anyhow};
use component_build::{Component, OAUTH, USERS};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use xtask::process::{output, step};

use crate::{empty, hosts, sbom, wit};

/// What the files are made from.
#[derive(Clone, Copy)]
pub(crate) struct Sources<'a> {
    /// The folder of the workspace.
    pub(crate) root: &'a Path,
    /// A folder for builds.
    pub(crate) build: &'a Path,
    /// The folder with the npm packages.
    pub(crate) npm: &'a Path,
    /// The command `bot-runner`.
    pub(crate) command: &'a Path,
}

/// Makes all files.
///
/// # Errors
///
/// If one cannot be made.
pub(crate) fn make(sources: &Sources<'_>, out: &Path) -> Result<()> {
    empty(out)?;
    let mut requests = Vec::new();
    for component in [OAUTH, USERS] {
        let file = out.join(format!("{}.wasm", component.package));
        let bytes = build(&component, sources)?;
        fs::write(&file, &bytes)?;
        let bom = sbom::of(sources.root, component.package, &sha256(&bytes))?;
        write_json(&out.join(format!("{}.cdx.json", component.package)), &bom)?;
        let inspected = output(
            Command::new(sources.command)
                .args(["inspect", "--json", "--locale", "en"])
                .arg(&file),
        )?;
        requests.push((component.package, serde_json::from_str(&inspected)?));
    }
    write_json(&out.join("hosts.json"), &hosts::of(&requests)?)?;
    let schema = output(Command::new(sources.command).arg("schema"))?;
    fs::write(out.join("bot-file.schema.json"), schema)?;

    let packages = wit::Packages::read(&sources.root.join("wit"))?;
    for (name, package) in packages.ours() {
        fs::write(
            out.join(format!("{name}.wit.wasm")),
            packages.encode(package)?,
        )?;
        fs::write(out.join(format!("{name}.wit")), packages.print(package)?)?;
    }
    types(sources, out)?;
    checksums(out)
}

/// Builds a component in a target folder of its own. Each is a call of cargo of its own, because one is a library of the
/// other, without its exports.
fn build(component: &Component, sources: &Sources<'_>) -> Result<Vec<u8>> {
    eprintln!(
        "\n== building {} in {}",
        component.package,
        sources.root.display()
    );
    component
        .build(sources.root, sources.build)
        .map_err(|error| anyhow!("{error}"))
}

/// The types of a host in TypeScript, as an npm package. They are made from the WIT package, because a component has no
/// documentation.
fn types(sources: &Sources<'_>, out: &Path) -> Result<()> {
    let folder = sources.build.join("types");
    empty(&folder)?;
    let script = sources.npm.join("types.mjs");
    let wit = out.join("genesys-authentication.wit");
    step(Command::new("node").args([script.as_os_str(), wit.as_os_str(), folder.as_os_str()]))?;
    let package = json!({
        "name": "genesys-authentication-types",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "The types of the component oauth-authentication for a host that runs it with jco",
        "license": env!("CARGO_PKG_LICENSE"),
        "types": "index.d.ts",
    });
    write_json(&folder.join("package.json"), &package)?;
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    output(
        Command::new(npm)
            .args(["pack", "--silent", "--pack-destination"])
            .args([fs::canonicalize(out)?.as_os_str(), OsStr::new(".")])
            .current_dir(folder),
    )
    .map(drop)
}

/// `SHA256SUMS`, for `sha256sum --check`.
fn checksums(out: &Path) -> Result<()> {
    let mut lines = String::new();
    for (name, bytes) in crate::read(out)? {
        lines += &format!("{}  {name}\n", sha256(&bytes));
    }
    Ok(fs::write(out.join("SHA256SUMS"), lines)?)
}

fn write_json(file: &Path, value: &Value) -> Result<()> {
    let text = serde_json::to_string_pretty(value)? + "\n";
    fs::write(file, text).with_context(|| file.display().to_string())
}

/// A digest in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}
