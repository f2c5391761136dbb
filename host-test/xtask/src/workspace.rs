//! The workspace, as `cargo metadata` describes it.

use std::env::consts::EXE_SUFFIX;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::process::{cargo, output};

/// The workspace of the current folder.
#[derive(Debug)]
pub struct Workspace {
    /// Its folder.
    pub root: PathBuf,
    /// Its target folder.
    pub target: PathBuf,
    /// Sorted by name.
    pub packages: Vec<Package>,
}

/// A package of the workspace.
#[derive(Debug)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// The folder with its manifest.
    pub folder: PathBuf,
}

impl Workspace {
    /// Runs `cargo metadata`.
    ///
    /// # Errors
    ///
    /// If cargo fails.
    pub fn load() -> Result<Self> {
        let metadata = output(cargo().args(["metadata", "--no-deps", "--format-version", "1"]))?;
        let metadata: Value = serde_json::from_str(&metadata).context("`cargo metadata`")?;
        let path = |value: &Value| value.as_str().map(PathBuf::from).context("a path of cargo");
        let packages = metadata["packages"].as_array().context("packages")?;
        let mut packages = packages
            .iter()
            .map(|package| {
                let mut folder = path(&package["manifest_path"])?;
                folder.pop();
                let name = package["name"].as_str().context("a name")?.to_owned();
                Ok(Package { name, folder })
            })
            .collect::<Result<Vec<_>>>()?;
        packages.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self {
            root: path(&metadata["workspace_root"])?,
            target: path(&metadata["target_directory"])?,
            packages,
        })
    }

    /// A program in the target folder.
    #[must_use]
    pub fn program(&self, path: &str) -> PathBuf {
        self.target.join(format!("{path}{EXE_SUFFIX}"))
    }
}
