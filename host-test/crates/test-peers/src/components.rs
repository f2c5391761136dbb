//! The components of this workspace, built for wasm32-wasip2 for tests that load them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The target of the components.
pub const COMPONENT_TARGET: &str = "wasm32-wasip2";

/// Packages that are built by one call of cargo, each group in a folder of its own. `genesys-users` uses the library of
/// `oauth-authentication` without its exports, and cargo would write both builds of that to the same file.
const PACKAGES: [&[&str]; 2] = [
    &["oauth-authentication", "hostile-action"],
    &["genesys-users"],
];

/// Variables of the outer build that must not apply to the components, as in the build script of the built-in component.
const NOT_INHERITED: [&str; 5] = [
    "CARGO_ENCODED_RUSTFLAGS",
    "RUSTFLAGS",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "CARGO_BUILD_TARGET",
];

/// Whether the toolchain has the standard library of a target.
#[must_use]
pub fn has_target(target: &str) -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let printed = Command::new(rustc)
        .args(["--print", "target-libdir", "--target", target])
        .output();
    printed.is_ok_and(|printed| Path::new(String::from_utf8_lossy(&printed.stdout).trim()).is_dir())
}

/// The commands that build the components, into a folder in the target folder: the outer build has locked the target
/// folder itself.
#[must_use]
pub fn build_components(root: &Path, target: &Path) -> Vec<Command> {
    let build = |packages: &&[&str]| build_packages(root, target, packages);
    PACKAGES.iter().map(build).collect()
}

fn build_packages(root: &Path, target: &Path, packages: &[&str]) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .current_dir(root)
        .args(["build", "--locked", "--profile", "component"])
        .args(["--target", COMPONENT_TARGET])
        .args(packages.iter().flat_map(|name| ["--package", name]))
        .arg("--target-dir")
        .arg(folder(target).join(packages[0]));
    for name in NOT_INHERITED {
        cargo.env_remove(name);
    }
    cargo
}

/// The component of `package` for a test, built if needed. `tmpdir` is cargo's `CARGO_TARGET_TMPDIR`, in the target folder.
///
/// # Panics
///
/// If the components do not build.
#[must_use]
pub fn component(tmpdir: &Path, package: &str) -> PathBuf {
    let target = tmpdir.join("..");
    // nextest runs each test in a process of its own. The first one of a run builds the components.
    let run = env::var("NEXTEST_RUN_ID").ok();
    let built_for = folder(&target).join("built-for");
    let is_built = run.is_some() && fs::read_to_string(&built_for).ok() == run;
    if !is_built {
        if !has_target(COMPONENT_TARGET) {
            let rustup = ["target", "add", COMPONENT_TARGET];
            let _ = Command::new("rustup").args(rustup).output();
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
        for mut build in build_components(&root, &target) {
            let built = build.output().expect("cargo starts");
            assert!(
                built.status.success(),
                "the components do not build; is their target there? cargo xtask setup\n{}",
                String::from_utf8_lossy(&built.stderr)
            );
        }
        if let Some(run) = run {
            fs::create_dir_all(folder(&target))
                .and_then(|()| fs::write(built_for, run))
                .expect("the target folder is writable");
        }
    }
    component_file(&target, package)
}

/// The file of a package's component, once it is built.
fn component_file(target: &Path, package: &str) -> PathBuf {
    let file = package.replace('-', "_") + ".wasm";
    let group = PACKAGES.iter().find(|group| group.contains(&package));
    folder(target)
        .join(group.map_or(package, |group| group[0]))
        .join(COMPONENT_TARGET)
        .join("component")
        .join(file)
}

fn folder(target: &Path) -> PathBuf {
    target.join("wasip2")
}
