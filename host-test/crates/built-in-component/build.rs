//! Builds the action in `../action` and makes it a component, so that `cargo run` and `cargo test`
//! need nothing before them.
//!
//! `BOT_RUNNER_COMPONENT` names a component that was built elsewhere instead.

use std::env::{self, VarError};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};
use std::{fs, io};

use wit_component::ComponentEncoder;

const TARGET: &str = "wasm32-unknown-unknown";
const PACKAGE: &str = "oauth-authentication";
const MODULE: &str = "oauth_authentication.wasm";

/// The action's stack: 64 KiB, of which it uses less than 16. The linker's own 1 MiB would be memory that every
/// instance has to its name.
const STACK: &str = "-Clink-arg=-zstack-size=65536";

/// Settings of the outer build that are not for the action's: it has another target and its own
/// lints.
const NOT_INHERITED: [&str; 5] = [
    "CARGO_ENCODED_RUSTFLAGS",
    "RUSTFLAGS",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "CARGO_BUILD_TARGET",
];

fn main() {
    if let Err(message) = run() {
        for line in message.lines() {
            println!("cargo::error={line}");
        }
        process::exit(1);
    }
}

fn run() -> Result<(), String> {
    println!("cargo::rerun-if-env-changed=BOT_RUNNER_COMPONENT");
    let out = PathBuf::from(variable("OUT_DIR")?);
    let component = match env::var("BOT_RUNNER_COMPONENT") {
        Ok(file) => {
            println!("cargo::rerun-if-changed={file}");
            fs::read(&file).map_err(|error| format!("BOT_RUNNER_COMPONENT={file}: {error}"))?
        }
        Err(VarError::NotPresent) => component(&module(&out)?)?,
        Err(error) => return Err(format!("BOT_RUNNER_COMPONENT: {error}")),
    };
    let file = out.join("component.wasm");
    fs::write(&file, component).map_err(|error| format!("{}: {error}", file.display()))
}

/// Builds the action as a core module, in a target folder of its own: the outer build holds the
/// lock of the other.
fn module(out: &Path) -> Result<Vec<u8>, String> {
    let workspace = Path::new(&variable("CARGO_MANIFEST_DIR")?).join("../../..");
    for input in [
        "action/build.rs",
        "action/Cargo.toml",
        "action/locales",
        "action/src",
        "wit",
        "Cargo.toml",
        "Cargo.lock",
    ] {
        println!(
            "cargo::rerun-if-changed={}",
            workspace.join(input).display()
        );
    }
    ensure_target()?;
    let target_dir = out.join("action");
    let mut cargo = Command::new(variable("CARGO")?);
    cargo
        .current_dir(&workspace)
        .args([
            "build",
            "--locked",
            "--package",
            PACKAGE,
            "--profile",
            "component",
            "--target",
            TARGET,
        ])
        .arg("--target-dir")
        .arg(&target_dir);
    for name in NOT_INHERITED {
        cargo.env_remove(name);
    }
    let mut flags = path_remapping()?;
    flags.push("\u{1f}");
    flags.push(STACK);
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags);
    let built = cargo
        .output()
        .map_err(|error| format!("cargo does not start: {error}"))?;
    if !built.status.success() {
        return Err(format!(
            "the action does not build:\n{}",
            String::from_utf8_lossy(&built.stderr)
        ));
    }
    let file = target_dir.join(TARGET).join("component").join(MODULE);
    fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))
}

/// Flags that keep the paths of this machine out of the component, where panics would name them: it
/// is the same wherever it is built.
fn path_remapping() -> Result<OsString, String> {
    let mut flags = OsString::new();
    let sysroot = Command::new(variable("RUSTC")?)
        .args(["--print", "sysroot"])
        .output()
        .map_err(|error| format!("rustc does not start: {error}"))?;
    let sysroot = String::from_utf8_lossy(&sysroot.stdout).trim().to_owned();
    let home = env::var_os("CARGO_HOME")
        .or_else(|| Some(Path::new(&env::var_os("HOME")?).join(".cargo").into()));
    for path in [Some(sysroot.into()), home].into_iter().flatten() {
        if !flags.is_empty() {
            flags.push("\u{1f}");
        }
        flags.push("--remap-path-prefix=");
        flags.push(path);
        flags.push("=");
    }
    Ok(flags)
}

/// Makes a component of the module, with no adapter: it imports what the contract names, and
/// nothing else.
fn component(module: &[u8]) -> Result<Vec<u8>, String> {
    ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(|mut encoder| encoder.encode())
        .map(|component| without_names(&component))
        .map_err(|error| format!("the action is no component: {error:#}"))
}

/// The component without the names of its parts, which only a debugger reads: 5 KB. A component is
/// a header of eight bytes and sections, each with an id, a length in LEB128 and its content; 0 is
/// the id of custom sections.
fn without_names(component: &[u8]) -> Vec<u8> {
    const HEADER: usize = 8;
    const CUSTOM: u8 = 0;
    let mut kept = component[..HEADER].to_vec();
    let mut rest = &component[HEADER..];
    while let [id, after @ ..] = rest {
        let length_bytes = after.iter().take_while(|byte| **byte >= 0x80).count() + 1;
        let length = after[..length_bytes]
            .iter()
            .rev()
            .fold(0, |length, byte| length << 7 | usize::from(byte & 0x7f));
        let (section, next) = rest.split_at(1 + length_bytes + length);
        if *id != CUSTOM {
            kept.extend_from_slice(section);
        }
        rest = next;
    }
    kept
}

/// Installs the target that the action is built for, where the toolchain lacks it.
fn ensure_target() -> Result<(), String> {
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
            "the toolchain lacks the target {TARGET}, and rustup could not add it. Type:\n\
             rustup target add {TARGET}\n\
             or name a component that was built elsewhere in BOT_RUNNER_COMPONENT"
        )),
    }
}

/// Whether the toolchain has the target's standard library.
fn has_target() -> Result<bool, String> {
    let printed = Command::new(variable("RUSTC")?)
        .args(["--print", "target-libdir", "--target", TARGET])
        .output()
        .map_err(|error: io::Error| format!("rustc does not start: {error}"))?;
    Ok(Path::new(String::from_utf8_lossy(&printed.stdout).trim()).is_dir())
}

fn variable(name: &str) -> Result<OsString, String> {
    env::var_os(name).ok_or_else(|| format!("cargo does not set {name}"))
}
