//! Builds a component of the workspace for wasm32-wasip2.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const TARGET: &str = "wasm32-wasip2";

/// Settings of the outer build that must not apply to the component, as in the build script of the built-in component.
const NOT_INHERITED: [&str; 5] = [
    "CARGO_ENCODED_RUSTFLAGS",
    "RUSTFLAGS",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "CARGO_BUILD_TARGET",
];

/// Builds `package` as a component, and returns its file.
pub(crate) fn build(package: &str) -> PathBuf {
    ensure_target();
    let target_dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(package);
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut build = Command::new(cargo);
    build
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.."))
        .args(["build", "--locked", "--package", package])
        .args(["--profile", "component", "--target", TARGET])
        .arg("--target-dir")
        .arg(&target_dir);
    for name in NOT_INHERITED {
        build.env_remove(name);
    }
    let built = build.output().expect("cargo starts");
    assert!(
        built.status.success(),
        "{package} does not build:\n{}",
        said(&built)
    );
    let file = package.replace('-', "_") + ".wasm";
    target_dir.join(TARGET).join("component").join(file)
}

/// Installs the target if the toolchain lacks it.
fn ensure_target() {
    if has_target() {
        return;
    }
    let added = Command::new("rustup")
        .args(["target", "add", TARGET])
        .output();
    assert!(
        has_target(),
        "the toolchain lacks the target {TARGET}, and rustup could not add it. Type:\n\
         rustup target add {TARGET}\n{}",
        added.map_or_else(|error| error.to_string(), |added| said(&added))
    );
}

fn has_target() -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc"));
    let printed = Command::new(rustc)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["--print", "target-libdir", "--target", TARGET])
        .output()
        .expect("rustc starts");
    Path::new(String::from_utf8_lossy(&printed.stdout).trim()).is_dir()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
