//! The version of Rust that the crates state (`rust-version`): no dependency may need a newer one.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use xtask::process::{cargo, output};

/// Checks all dependencies, on all platforms.
///
/// # Errors
///
/// If one needs a newer version than a crate of the workspace states.
pub(crate) fn check() -> Result<()> {
    let metadata = output(cargo().args(["metadata", "--locked", "--format-version", "1"]))?;
    let metadata = serde_json::from_str(&metadata).context("`cargo metadata`")?;
    let newer = newer(&metadata)?;
    ensure!(newer.is_empty(), "rust-version: {}", newer.join(", "));
    Ok(())
}

/// The packages that need a newer version than the oldest that a member of the workspace states.
fn newer(metadata: &Value) -> Result<Vec<String>> {
    let packages = metadata["packages"].as_array().context("packages")?;
    let is_member = |package: &&Value| package["source"].is_null();
    let stated = packages
        .iter()
        .filter(is_member)
        .map(|package| {
            rust_version(package).with_context(|| format!("{} states none", package["name"]))
        })
        .collect::<Result<Vec<_>>>()?;
    let stated = stated.into_iter().min().context("no members")?;
    Ok(packages
        .iter()
        .filter(|package| rust_version(package).is_some_and(|needed| needed > stated))
        .map(|it| {
            format!(
                "{} {} needs {}",
                it["name"], it["version"], it["rust_version"]
            )
        })
        .collect())
}

/// Major, minor and patch version.
fn rust_version(package: &Value) -> Option<[u32; 3]> {
    let mut version = [0; 3];
    let parts = package["rust_version"].as_str()?.split('.');
    for (number, part) in version.iter_mut().zip(parts) {
        *number = part.parse().ok()?;
    }
    Some(version)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use serde_json::{Value, json};

    use super::newer;

    fn metadata(stated: &Value, needed: &Value) -> Value {
        json!({ "packages": [
            { "name": "ours", "version": "0.1.0", "source": null, "rust_version": stated },
            { "name": "theirs", "version": "2.0.0", "source": "registry", "rust_version": needed },
        ]})
    }

    #[test]
    fn a_dependency_that_needs_a_newer_rust_is_found() {
        for (needed, is_newer) in [
            (json!("1.96"), true),
            (json!("1.95.1"), true),
            (json!("1.100"), true),
            (json!("2.0.0"), true),
            (json!("1.95.0"), false),
            (json!("1.95"), false),
            (json!("1.9"), false),
            (Value::Null, false),
        ] {
            let found = newer(&metadata(&json!("1.95"), &needed)).unwrap();
            assert_eq!(!found.is_empty(), is_newer, "{needed}: {found:?}");
        }
    }

    #[test]
    fn each_crate_states_a_version() {
        let error = newer(&metadata(&Value::Null, &Value::Null)).unwrap_err();
        assert!(error.to_string().contains("ours"), "{error}");
    }

    /// Otherwise nothing would show that the crates build with the version that they state.
    #[test]
    fn the_repository_is_built_with_the_version_that_its_crates_state() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let toolchain = fs::read_to_string(root.join("rust-toolchain.toml")).unwrap();
        let stated = env!("CARGO_PKG_RUST_VERSION");
        let channel = format!("channel = \"{stated}.0\"");
        assert!(toolchain.contains(&channel), "{channel}: {toolchain}");
    }
}
