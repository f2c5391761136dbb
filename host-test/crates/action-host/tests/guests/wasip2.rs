//! Builds the components of the workspace for wasm32-wasip2.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use test_peers::{COMPONENT_TARGET, build_components, component_file, has_target};

/// Builds all of them, and returns the file of `package`.
pub(crate) fn build(package: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("..");
    // nextest runs each test in a process of its own: the first one of a run asks cargo whether all is built.
    let run = env::var("NEXTEST_RUN_ID").ok();
    let built_for = target.join("wasip2/built-for");
    let is_built = run.is_some() && fs::read_to_string(&built_for).ok() == run;
    if !is_built {
        if !has_target(COMPONENT_TARGET) {
            let rustup = ["target", "add", COMPONENT_TARGET];
            let _ = Command::new("rustup").args(rustup).output();
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
        let built = build_components(&root, &target).output();
        let built = built.expect("cargo starts");
        assert!(
            built.status.success(),
            "the components do not build; is their target there? cargo xtask setup\n{}",
            String::from_utf8_lossy(&built.stderr)
        );
        if let Some(run) = run {
            fs::write(built_for, run).unwrap();
        }
    }
    component_file(&target, package)
}
