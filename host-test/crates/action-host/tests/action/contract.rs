//! The built-in component before it is called: its imports, exports, size and metadata.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use wasmparser::{ComponentName, KnownCustom, Parser, Payload};

use crate::component::Build;

const OAUTH: &str = include_str!("../../wit/deps/genesys-authentication/oauth.wit");
const FORM: &str = include_str!("../../wit/deps/bot-action/form.wit");
const RUN: &str = include_str!("../../wit/deps/bot-action/run.wit");

/// In bytes.
const MAX_SIZE: usize = 256 << 10;

/// The names of the functions that a WIT file declares.
fn functions(wit: &str) -> BTreeSet<&str> {
    let declared = wit.lines().filter_map(|line| line.split_once(": func("));
    declared.map(|(name, _)| name.trim()).collect()
}

#[test]
fn it_imports_only_http_and_its_dependencies() {
    let imports: BTreeSet<_> = Build::BuiltIn
        .describe()
        .imports
        .iter()
        .map(String::as_str)
        .collect();
    let granted = BTreeSet::from([
        "wasi:clocks/monotonic-clock@0.2.2",
        "wasi:http/outgoing-handler@0.2.2",
        "wasi:http/types@0.2.2",
        "wasi:io/error@0.2.2",
        "wasi:io/poll@0.2.2",
        "wasi:io/streams@0.2.2",
    ]);
    assert_eq!(imports, granted);
}

#[test]
fn it_exports_only_the_three_interfaces_of_the_world() {
    let exports = Build::BuiltIn.describe().exports.iter();
    let names: BTreeSet<_> = exports.map(|(name, _)| name.as_str()).collect();
    let of_the_world = BTreeSet::from([
        "bot:action/form@0.2.0",
        "bot:action/run@0.2.0",
        "genesys:authentication/oauth@0.2.0",
    ]);
    assert_eq!(names, of_the_world);
}

#[test]
fn each_interface_has_the_functions_of_the_contract_and_no_others() {
    let exports = &Build::BuiltIn.describe().exports;
    for (interface, wit, count) in [
        ("genesys:authentication/oauth@0.2.0", OAUTH, 3),
        ("bot:action/form@0.2.0", FORM, 1),
        ("bot:action/run@0.2.0", RUN, 3),
    ] {
        let (_, exported) = exports.iter().find(|(name, _)| name == interface).unwrap();
        let exported: BTreeSet<_> = exported.iter().map(String::as_str).collect();
        let declared = functions(wit);
        assert_eq!(declared.len(), count, "{interface}");
        assert_eq!(exported, declared, "{interface}");
    }
}

#[test]
fn it_has_at_most_256_kib() {
    let size = Build::BuiltIn.describe().size;
    println!("{size} bytes of {MAX_SIZE}");
    assert!(size <= MAX_SIZE, "{size}");
}

/// The metadata of the component itself, without that of the modules in it.
fn metadata() -> BTreeMap<String, String> {
    let component = built_in_component::BYTES;
    let mut metadata = BTreeMap::new();
    let mut depth = 0;
    for payload in Parser::new(0).parse_all(component) {
        match payload.unwrap() {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::CustomSection(section) if depth == 0 => match section.as_known() {
                KnownCustom::ComponentName(names) => {
                    metadata.extend(names.into_iter().find_map(|name| match name.unwrap() {
                        ComponentName::Component { name, .. } => Some(("name".into(), name.into())),
                        _ => None,
                    }));
                }
                KnownCustom::Unknown => {
                    let text = String::from_utf8(section.data().into()).unwrap();
                    metadata.insert(section.name().into(), text);
                }
                _ => {}
            },
            _ => {}
        }
    }
    metadata
}

#[test]
fn it_carries_its_metadata() {
    let metadata = metadata();
    for (name, expected) in [
        ("name", "oauth-authentication"),
        ("version", env!("CARGO_PKG_VERSION")),
        ("authors", env!("CARGO_PKG_AUTHORS")),
        ("licenses", env!("CARGO_PKG_LICENSE")),
    ] {
        assert_eq!(metadata[name], expected, "{name}");
    }
    assert!(metadata["description"].contains("OAuth authenticate"));
    let is_repository = Command::new("git")
        .args(["rev-parse", "--git-dir"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .is_ok_and(|output| output.status.success());
    if is_repository {
        let commit = metadata["revision"].trim_end_matches("-modified");
        assert!(commit.len() >= 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert!(metadata["source"].contains(':'), "{}", metadata["source"]);
    }
}

#[test]
fn it_contains_no_paths_of_the_build_machine() {
    let component = built_in_component::BYTES;
    let manifest = env!("CARGO_MANIFEST_DIR");
    let workspace = Path::new(manifest).ancestors().nth(3).unwrap();
    let workspace = workspace.to_str().unwrap();
    let homes = ["HOME", "CARGO_HOME", "RUSTUP_HOME"].map(|name| env::var(name).ok());
    let fixed = ["/root", "/home", "/Users", ".cargo/registry", workspace];
    for path in fixed
        .into_iter()
        .chain([manifest, env!("CARGO_TARGET_TMPDIR")])
        .chain(homes.iter().flatten().map(String::as_str))
        .filter(|path| path.len() > 1)
    {
        let found = component
            .windows(path.len())
            .any(|bytes| bytes == path.as_bytes());
        assert!(!found, "{path}");
    }
}

#[test]
fn a_build_for_wasip2_is_loaded_and_exports_the_same() {
    let described = Build::Wasip2.describe();
    println!("{} bytes, imports {:?}", described.size, described.imports);
    assert_eq!(described.size, Build::Wasip2.bytes().len());
    let exports = |build: Build| BTreeSet::from_iter(&build.describe().exports);
    assert_eq!(exports(Build::Wasip2), exports(Build::BuiltIn));
}

/// The repository's folder of WIT.
pub(crate) fn wit() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../wit")
}

/// The files of a WIT package by name.
pub(crate) fn package(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let files = paths.filter(|path| path.is_file()).map(|path| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, fs::read(&path).unwrap())
    });
    files.collect()
}

/// This crate brings the contract with it, so that it can be built from its package alone.
#[test]
fn the_contract_in_this_crate_is_that_of_the_repository() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("wit/deps");
    assert_eq!(
        package(&here.join("bot-action")),
        package(&wit().join("deps/bot-action")),
    );
    let oauth = fs::read(wit().join("oauth.wit")).unwrap();
    assert_eq!(
        package(&here.join("genesys-authentication")),
        BTreeMap::from([("oauth.wit".to_owned(), oauth)]),
    );
    let folders: BTreeSet<_> = fs::read_dir(&here)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(
        folders,
        ["bot-action", "genesys-authentication"]
            .map(String::from)
            .into(),
    );
}
