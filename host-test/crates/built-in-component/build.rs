//! Builds the action in `action/` as a component, so that `cargo run` and `cargo test` need no manual build step, and adds
//! its metadata.
//!
//! If `BOT_RUNNER_COMPONENT` is set, the component in that file is used instead.

use std::borrow::Cow;
use std::env::{self, VarError};
use std::error::Error;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};
use std::{fs, io};

use serde_json::Value;
use wasm_encoder::{ComponentSection as _, CustomSection};
use wasm_metadata::{AddMetadata, AddMetadataField};

const TARGET: &str = "wasm32-unknown-unknown";
const PACKAGE: &str = "oauth-authentication";
const FILE: &str = "oauth_authentication.wasm";

/// The files and folders of the workspace that the component depends on.
const INPUTS: [&str; 8] = [
    ".cargo/config.toml",
    "action/build.rs",
    "action/Cargo.toml",
    "action/locales",
    "action/src",
    "wit",
    "Cargo.toml",
    "Cargo.lock",
];

/// Variables of the outer build that must not apply to the action: it has another target and its own lints, and flags
/// from the environment would replace those of `.cargo/config.toml`.
const NOT_INHERITED: [&str; 5] = [
    "CARGO_ENCODED_RUSTFLAGS",
    "RUSTFLAGS",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "CARGO_BUILD_TARGET",
];

fn main() {
    if let Err(error) = run() {
        for line in error.to_string().lines() {
            println!("cargo::error={line}");
        }
        process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed=BOT_RUNNER_COMPONENT");
    let out = PathBuf::from(variable("OUT_DIR")?);
    let component = match env::var("BOT_RUNNER_COMPONENT") {
        Ok(file) => {
            println!("cargo::rerun-if-changed={file}");
            read(file.as_ref())?
        }
        Err(VarError::NotPresent) => {
            let workspace = Path::new(&variable("CARGO_MANIFEST_DIR")?).join("../../..");
            with_metadata(&build(&workspace, &out)?, &workspace)?
        }
        Err(error) => return Err(format!("BOT_RUNNER_COMPONENT: {error}").into()),
    };
    Ok(fs::write(out.join("component.wasm"), component)?)
}

/// Builds the action, in a separate target folder, because the outer build has locked its own.
fn build(workspace: &Path, out: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    for input in INPUTS {
        let input = workspace.join(input);
        println!("cargo::rerun-if-changed={}", input.display());
    }
    ensure_target()?;
    let target_dir = out.join("action");
    let mut cargo = Command::new(variable("CARGO")?);
    cargo
        .current_dir(workspace)
        .args(["build", "--locked", "--package", PACKAGE])
        .args(["--profile", "component", "--target", TARGET])
        .args(["--config", &path_remapping()?, "--target-dir"])
        .arg(&target_dir);
    for name in NOT_INHERITED {
        cargo.env_remove(name);
    }
    output(&mut cargo).map_err(|error| format!("the action does not build:\n{error}"))?;
    read(&target_dir.join(TARGET).join("component").join(FILE))
}

/// Flags that remove the paths of this machine from panic messages in the component, so that the build is reproducible. Cargo
/// adds them to the flags in `.cargo/config.toml`.
fn path_remapping() -> Result<String, Box<dyn Error>> {
    let sysroot = output(Command::new(variable("RUSTC")?).args(["--print", "sysroot"]))?;
    let cargo_home = env::var("CARGO_HOME").or_else(|_| env::var("HOME").map(|it| it + "/.cargo"));
    let flags: Vec<_> = [Ok(sysroot), cargo_home]
        .into_iter()
        .flatten()
        .map(|path| format!("'--remap-path-prefix={path}='"))
        .collect();
    Ok(format!("target.{TARGET}.rustflags=[{}]", flags.join(",")))
}

/// Adds the metadata that registries and `wasm-tools metadata show` read. The sections follow the OCI annotations
/// (<https://github.com/WebAssembly/tool-conventions>).
fn with_metadata(component: &[u8], workspace: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    let metadata = output(
        Command::new(variable("CARGO")?)
            .current_dir(workspace)
            .args(["metadata", "--no-deps", "--format-version", "1"]),
    )?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let package = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|package| package["name"] == PACKAGE)
        .ok_or("the workspace has no action")?;
    let text = |key: &str| package[key].as_str().map(String::from);
    let authors = package["authors"].as_array().into_iter().flatten();
    let authors: Vec<_> = authors.filter_map(Value::as_str).collect();
    let commit = git(workspace, &["log", "-1", "--format=%H"]);
    let modified = git(workspace, &["status", "--porcelain"]).is_some();
    let suffix = if modified { "-modified" } else { "" };

    let mut name = AddMetadata::default();
    name.name = AddMetadataField::Set(PACKAGE.into());
    let mut component = name.to_wasm(component)?;
    for (section, value) in [
        ("version", text("version")),
        ("description", text("description")),
        ("authors", Some(authors.join(", "))),
        ("licenses", text("license")),
        // Until the repository has a public address, a SWHID (ISO/IEC 18670), which identifies the source by content.
        (
            "source",
            text("repository").or(commit.as_ref().map(|commit| format!("swh:1:rev:{commit}"))),
        ),
        ("revision", commit.map(|commit| format!("{commit}{suffix}"))),
    ] {
        if let Some(value) = value {
            let data = Cow::Owned(value.into_bytes());
            let name = Cow::Borrowed(section);
            CustomSection { name, data }.append_to_component(&mut component);
        }
    }
    Ok(component)
}

/// The output of a git command about the component's inputs. `None` if it is empty or git fails, for example outside a
/// repository.
fn git(workspace: &Path, args: &[&str]) -> Option<String> {
    let mut git = Command::new("git");
    git.current_dir(workspace).args(args).arg("--").args(INPUTS);
    output(&mut git).ok().filter(|text| !text.is_empty())
}

/// Installs the target of the action if the toolchain lacks it.
fn ensure_target() -> Result<(), Box<dyn Error>> {
    if has_target()? {
        return Ok(());
    }
    let added = Command::new("rustup")
        .args(["target", "add", TARGET])
        .stdout(Stdio::null())
        .status();
    match added {
        Ok(status) if status.success() && has_target()? => Ok(()),
        _ => Err(format!(
            "the toolchain lacks the target {TARGET}, and rustup could not add it. Run:\n\
             rustup target add {TARGET}\n\
             or set BOT_RUNNER_COMPONENT to the file of a component that was built elsewhere"
        )
        .into()),
    }
}

/// Whether the toolchain has the standard library of the target.
fn has_target() -> Result<bool, Box<dyn Error>> {
    let mut rustc = Command::new(variable("RUSTC")?);
    rustc.args(["--print", "target-libdir", "--target", TARGET]);
    Ok(Path::new(&output(&mut rustc)?).is_dir())
}

/// The standard output of a command, or its standard error if it fails.
fn output(command: &mut Command) -> Result<String, String> {
    let output = command
        .output()
        .map_err(|error: io::Error| format!("{command:?} does not start: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    fs::read(file).map_err(|error| format!("{}: {error}", file.display()).into())
}

fn variable(name: &str) -> Result<OsString, Box<dyn Error>> {
    env::var_os(name).ok_or_else(|| format!("cargo does not set {name}").into())
}
