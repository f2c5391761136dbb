//! Builds the action in `action/` as a component, so that `cargo run` and `cargo test` need no manual build step.
//!
//! If `BOT_RUNNER_COMPONENT` is set, the component in that file is used instead.

use std::env::{self, VarError};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fs, process};

use component_build::{Error, OAUTH};

fn main() {
    if let Err(error) = run() {
        for line in error.to_string().lines() {
            println!("cargo::error={line}");
        }
        process::exit(1);
    }
}

fn run() -> Result<(), Error> {
    println!("cargo::rerun-if-env-changed=BOT_RUNNER_COMPONENT");
    let out = PathBuf::from(variable("OUT_DIR")?);
    let component = match env::var("BOT_RUNNER_COMPONENT") {
        Ok(file) => {
            println!("cargo::rerun-if-changed={file}");
            fs::read(&file).map_err(|error| format!("{file}: {error}"))?
        }
        Err(VarError::NotPresent) => {
            let workspace = Path::new(&variable("CARGO_MANIFEST_DIR")?).join("../../..");
            for input in OAUTH.inputs {
                let input = workspace.join(input);
                println!("cargo::rerun-if-changed={}", input.display());
            }
            OAUTH.build(&workspace, &out.join("action"))?
        }
        Err(error) => return Err(format!("BOT_RUNNER_COMPONENT: {error}").into()),
    };
    Ok(fs::write(out.join("component.wasm"), component)?)
}

fn variable(name: &str) -> Result<OsString, Error> {
    env::var_os(name).ok_or_else(|| format!("cargo does not set {name}").into())
}
