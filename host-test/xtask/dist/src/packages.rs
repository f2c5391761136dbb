//! The crates that a host needs: packed, unpacked in a folder outside of the repository, and built there into a host.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use xtask::process::{cargo, output, step};

/// [`HOST`], and all crates of this repository that it depends on. If one is missing here, the host does not build.
const PACKAGES: [&str; 4] = [
    "bot-flow-action-host",
    "bot-flow-action-types",
    "bot-flow-egress",
    "bot-flow-engine",
];

/// The example of the guide for hosts, and what it depends on.
const HOST: &str = include_str!("../../../examples/embed.rs");
const DEPENDENCIES: &str = r#"
[package]
name = "embed"
edition = "2024"

[dependencies]
anyhow = "1"
bot-flow-action-host = "*"
bot-flow-egress = "*"
tokio = { version = "1", features = ["macros", "rt-multi-thread"] }

[features]
bot-engine = ["bot-flow-action-host/bot-engine"]
oauth = ["bot-flow-action-host/oauth"]

[workspace]

[profile.dev]
debug = false

[patch.crates-io]
"#;

/// Retries with shared sessions, and the interface with types of its own, can be left out of the host.
const FEATURES: [&str; 4] = ["", "oauth", "bot-engine", "bot-engine,oauth"];

/// What must be in a package besides its sources.
const FILES: [&str; 3] = ["LICENSE-APACHE", "LICENSE-MIT", "README.md"];

/// Packs the crates, builds a host from the packages, and lets it run `component`. Builds are kept in the folder `target`.
///
/// # Errors
///
/// If a package is not complete, or the host does not build or run.
pub(crate) fn try_out(root: &Path, component: &Path, target: &Path) -> Result<()> {
    let metadata = output(
        cargo()
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .current_dir(root),
    )?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    // Without a lock file in the packages: the crates that they depend on are in no registry. The host that is built from them uses that of the
    // repository.
    let pack = [
        "package",
        "--no-verify",
        "--exclude-lockfile",
        "--allow-dirty",
    ];
    let packages = PACKAGES.iter().flat_map(|name| ["--package", name]);
    step(
        cargo()
            .args(pack)
            .args(packages)
            .arg("--target-dir")
            .arg(target)
            .current_dir(root),
    )?;

    // Not below the repository, whose configuration of cargo would apply there as well.
    let elsewhere = tempfile::tempdir()?;
    let folder = elsewhere.path();
    let mut manifest = DEPENDENCIES.to_owned();
    for name in PACKAGES {
        let mut all = metadata["packages"].as_array().into_iter().flatten();
        let package = all.find(|it| it["name"] == name);
        let package = package.with_context(|| format!("there is no crate {name}"))?;
        for key in ["description", "license", "readme", "rust_version"] {
            ensure!(package[key].is_string(), "{name} has no {key}");
        }
        let version = package["version"].as_str().unwrap_or_default();
        let unpacked = format!("{name}-{version}");
        let file = target.join("package").join(format!("{unpacked}.crate"));
        output(
            Command::new("tar")
                .arg("-xzf")
                .arg(file)
                .current_dir(folder),
        )?;
        for file in FILES {
            ensure!(
                folder.join(&unpacked).join(file).is_file(),
                "{name} lacks {file}"
            );
        }
        manifest += &format!("{name} = {{ path = {unpacked:?} }}\n");
    }
    fs::create_dir(folder.join("src"))?;
    fs::write(folder.join("src/main.rs"), HOST)?;
    fs::write(folder.join("Cargo.toml"), manifest)?;
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    for features in FEATURES {
        let with_features = |verb| {
            let mut it = cargo();
            it.current_dir(folder).args([verb, "--features", features]);
            it
        };
        step(with_features("build").arg("--target-dir").arg(target))?;
        let crates = output(with_features("tree").args(["--edges", "normal"]))?;
        ensure!(
            crates.contains("bot-flow-engine") == features.contains("bot-engine"),
            "with the features {features:?}, the host is made of\n{crates}"
        );
    }
    fs::write(folder.join("secret"), "secret")?;
    // An address that the component refuses before it sends anything.
    let program = target.join(format!("debug/embed{}", std::env::consts::EXE_SUFFIX));
    let said = output(
        Command::new(program)
            .arg(component)
            .args(["https://example.com", "client", "secret"])
            .current_dir(folder),
    )?;
    ensure!(said.contains("Genesys Cloud"), "the host says {said:?}");
    println!("\nA host of these packages says: {said}");
    Ok(())
}
