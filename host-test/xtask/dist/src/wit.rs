//! The WIT packages of a release, as binaries and as text.

use std::path::Path;

use anyhow::{Context as _, Result};
use wit_component::WitPrinter;
use wit_parser::{PackageId, Resolve};

/// The packages in the folder `wit`.
pub(crate) struct Packages {
    resolve: Resolve,
}

impl Packages {
    /// # Errors
    ///
    /// If the folder has an error.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let mut resolve = Resolve::default();
        resolve
            .push_dir(folder)
            .with_context(|| folder.display().to_string())?;
        Ok(Self { resolve })
    }

    /// The packages that this repository defines, with names for their files: all but those of WASI.
    pub(crate) fn ours(&self) -> impl Iterator<Item = (String, PackageId)> {
        let packages = self.resolve.packages.iter();
        packages
            .filter(|(_, package)| package.name.namespace != "wasi")
            .map(|(id, package)| {
                let name = &package.name;
                (format!("{}-{}", name.namespace, name.name), id)
            })
    }

    /// The package as a binary, with its documentation. It has the types of its dependencies, without documentation.
    ///
    /// # Errors
    ///
    /// If the package cannot be encoded.
    pub(crate) fn encode(&self, package: PackageId) -> Result<Vec<u8>> {
        wit_component::encode(&self.resolve, package)
    }

    /// The package as one file that needs no other: its dependencies follow in it.
    ///
    /// # Errors
    ///
    /// If the package cannot be printed.
    pub(crate) fn print(&self, package: PackageId) -> Result<String> {
        let mut needed = self.dependencies(package);
        needed.sort_by_key(|id| self.resolve.packages[*id].name.to_string());
        let mut printer = WitPrinter::default();
        printer.print(&self.resolve, package, &needed)?;
        Ok(printer.output.to_string())
    }

    /// The packages that this one depends on, directly or not.
    fn dependencies(&self, package: PackageId) -> Vec<PackageId> {
        let mut found = Vec::new();
        let mut open = vec![package];
        while let Some(next) = open.pop() {
            for dependency in self.resolve.package_direct_deps(next) {
                if dependency != package && !found.contains(&dependency) {
                    found.push(dependency);
                    open.push(dependency);
                }
            }
        }
        found
    }
}

/// The text of a package that is a binary, without its dependencies.
///
/// # Errors
///
/// If it is not a WIT package.
pub(crate) fn text(package: &[u8]) -> Result<String> {
    let decoded = wit_component::decode(package)?;
    let mut printer = WitPrinter::default();
    printer.print(decoded.resolve(), decoded.package(), &[])?;
    Ok(printer.output.to_string())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Packages;
    use wit_parser::Resolve;

    fn packages() -> Packages {
        Packages::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../wit")).unwrap()
    }

    #[test]
    fn our_packages_are_the_contract_and_the_typed_interface() {
        let mut names: Vec<_> = packages().ours().map(|(name, _)| name).collect();
        names.sort();
        assert_eq!(names, ["bot-action", "genesys-authentication"]);
    }

    #[test]
    fn the_text_of_a_package_needs_no_other_file_and_keeps_all_documentation() {
        let packages = packages();
        for (name, package) in packages.ours() {
            let text = packages.print(package).unwrap();
            let mut resolve = Resolve::default();
            resolve.push_str(&name, &text).unwrap();
            assert!(
                text.contains("/// Runs the action of this name."),
                "{name}:\n{text}"
            );
        }
    }
}
