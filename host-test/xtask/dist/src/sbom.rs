//! What a component is built from, as a `CycloneDX` 1.6 document: <https://cyclonedx.org/docs/1.6/json/>.
//!
//! It has no time stamp, and its serial number comes from the component's digest, so that the same component has the same
//! document.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};
use component_build::TARGET;
use serde_json::{Value, json};
use xtask::process::{cargo, output};

/// A package in the output of `cargo tree`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Package {
    name: String,
    version: String,
    license: String,
}

/// Packages with the packages that they depend on.
type Tree = BTreeMap<Package, BTreeSet<Package>>;

/// The document for a component of the workspace in `root`.
///
/// # Errors
///
/// If cargo does not know the package.
pub(crate) fn of(root: &Path, package: &str, digest: &str) -> Result<Value> {
    let all = tree(root, package, "normal,build")?;
    let linked = tree(root, package, "normal,no-proc-macro")?;
    let lock = fs::read_to_string(root.join("Cargo.lock")).context("Cargo.lock")?;
    let compiler = output(Command::new("rustc").arg("--version").current_dir(root))?;
    let compiler = compiler.split(' ').nth(1).context("rustc --version")?;
    document(package, digest, &all, &linked, &checksums(&lock), compiler)
}

fn document(
    package: &str,
    digest: &str,
    all: &Tree,
    linked: &Tree,
    checksums: &BTreeMap<(String, String), String>,
    compiler: &str,
) -> Result<Value> {
    let checksum =
        |package: &Package| checksums.get(&(package.name.clone(), package.version.clone()));
    // Packages of this workspace are in no registry.
    let reference = |package: &Package| match checksum(package) {
        Some(_) => format!("pkg:cargo/{}@{}", package.name, package.version),
        None => format!("{}@{}", package.name, package.version),
    };
    let described = |package: &Package| {
        let mut value = json!({
            "type": "library",
            "bom-ref": reference(package),
            "name": package.name,
            "version": package.version,
            "licenses": [{ "expression": package.license }],
        });
        if let Some(checksum) = checksum(package) {
            value["purl"] = reference(package).into();
            value["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
        }
        value
    };
    let root = all
        .keys()
        .find(|other| other.name == package)
        .with_context(|| format!("{package} is not in its own tree"))?;
    let std = format!("pkg:generic/rust-std@{compiler}?target={TARGET}");

    let mut component = described(root);
    component["hashes"] = json!([{ "alg": "SHA-256", "content": digest }]);
    let mut components = vec![json!({
        "type": "library",
        "bom-ref": std,
        "name": "rust-std",
        "version": compiler,
        "scope": "required",
        "licenses": [{ "expression": "MIT OR Apache-2.0" }],
        "purl": std,
    })];
    let mut dependencies = vec![json!({ "ref": std })];
    for (package, needed) in all {
        let mut refs: Vec<_> = needed.iter().map(reference).collect();
        if package == root {
            refs.push(std.clone());
        } else {
            let mut component = described(package);
            // What only the build runs is not in the component.
            let is_linked = linked.contains_key(package);
            component["scope"] = if is_linked { "required" } else { "excluded" }.into();
            components.push(component);
        }
        refs.sort();
        dependencies.push(json!({ "ref": reference(package), "dependsOn": refs }));
    }
    Ok(json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": serial_number(digest),
        "version": 1,
        "metadata": { "component": component },
        "components": components,
        "dependencies": dependencies,
    }))
}

/// A UUID of version 8 (RFC 9562) from a digest in hexadecimal.
fn serial_number(digest: &str) -> String {
    let part = |from: usize, to: usize| digest.get(from..to).unwrap_or_default();
    format!(
        "urn:uuid:{}-{}-8{}-8{}-{}",
        part(0, 8),
        part(8, 12),
        part(12, 15),
        part(15, 18),
        part(18, 30)
    )
}

/// What a package depends on for the target of the components. Edges are as in `cargo tree --edges`.
fn tree(root: &Path, package: &str, edges: &str) -> Result<Tree> {
    let text = output(
        cargo()
            .current_dir(root)
            .args(["tree", "--locked", "--package", package, "--target", TARGET])
            .args(["--edges", edges, "--prefix", "depth", "--no-dedupe"])
            .args(["--format", " {p}|{l}"]),
    )?;
    parse(&text)
}

/// Reads lines such as `2 serde v1.0.228 (proc-macro)|MIT OR Apache-2.0`, where the number is the depth.
fn parse(text: &str) -> Result<Tree> {
    let mut tree = Tree::new();
    let mut path: Vec<Package> = Vec::new();
    for line in text.lines() {
        let parsed = || {
            let (depth, rest) = line.split_once(' ')?;
            let (package, license) = rest.split_once('|')?;
            let mut words = package.split(' ');
            let package = Package {
                name: words.next()?.into(),
                version: words.next()?.strip_prefix('v')?.into(),
                license: license.replace('/', " OR "),
            };
            Some((depth.parse::<usize>().ok()?, package))
        };
        let (depth, package) = parsed().with_context(|| format!("cargo tree: {line:?}"))?;
        path.truncate(depth);
        if let Some(parent) = path.last() {
            let needed = tree.entry(parent.clone()).or_default();
            needed.insert(package.clone());
        }
        tree.entry(package.clone()).or_default();
        path.push(package);
    }
    Ok(tree)
}

/// The checksums in a lock file, by name and version.
fn checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let mut checksums = BTreeMap::new();
    for package in lock.split("[[package]]") {
        let member = |name: &str| {
            let mut lines = package.lines();
            let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "))?;
            Some(value.trim_matches('"').to_owned())
        };
        if let (Some(name), Some(version), Some(checksum)) =
            (member("name"), member("version"), member("checksum"))
        {
            checksums.insert((name, version), checksum);
        }
    }
    checksums
}

#[cfg(test)]
mod tests {
    use super::{checksums, document, parse};

    const LOCK: &str = "[[package]]\nname = \"serde\"\nversion = \"1.0.2\"\nchecksum = \"ab\"\n\n\
                        [[package]]\nname = \"action\"\nversion = \"0.1.0\"\n";

    #[test]
    fn the_document_lists_what_is_linked_and_what_only_the_build_uses() {
        let all = "0 action v0.1.0 (/folder)|MIT\n1 serde v1.0.2|MIT/Apache-2.0\n2 derive v1.0.2 (proc-macro)|MIT\n1 cc v1.1.0|MIT\n";
        let linked = "0 action v0.1.0 (/folder)|MIT\n1 serde v1.0.2|MIT/Apache-2.0\n";
        let digest = "0123456789abcdef".repeat(4);
        let (all, linked) = (parse(all).unwrap(), parse(linked).unwrap());
        let bom = document("action", &digest, &all, &linked, &checksums(LOCK), "1.95.0").unwrap();

        let component = &bom["metadata"]["component"];
        assert_eq!(component["name"], "action");
        assert_eq!(component["hashes"][0]["content"], digest);
        assert!(component.get("purl").is_none(), "it is in no registry");
        let components = bom["components"].as_array().unwrap();
        let find = |name: &str| components.iter().find(|it| it["name"] == name).unwrap();
        assert_eq!(find("serde")["scope"], "required");
        assert_eq!(
            find("serde")["licenses"][0]["expression"],
            "MIT OR Apache-2.0"
        );
        assert_eq!(find("serde")["hashes"][0]["content"], "ab");
        assert_eq!(find("serde")["purl"], "pkg:cargo/serde@1.0.2");
        assert_eq!(find("derive")["scope"], "excluded");
        assert_eq!(find("cc")["scope"], "excluded");
        let dependencies = bom["dependencies"].as_array().unwrap();
        let serde = dependencies
            .iter()
            .find(|it| it["ref"] == "pkg:cargo/serde@1.0.2");
        assert_eq!(serde.unwrap()["dependsOn"][0], "derive@1.0.2");
    }
}
