//! What the built-in component is, before it is called: its imports, its exports, its size.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::Path;

use action_host::Source;

use crate::component::Build;

const WORLD: &str = include_str!("../../../../../wit/world.wit");
const FORM: &str = include_str!("../../../../../wit/deps/bot-action/form.wit");

/// In bytes.
const MAX_SIZE: usize = 80 << 10;

/// The names of the functions that a file of WIT declares.
fn functions(wit: &str) -> BTreeSet<&str> {
    let declared = wit.lines().filter_map(|line| line.split_once(": func("));
    declared.map(|(name, _)| name.trim()).collect()
}

#[test]
fn it_imports_http_and_what_its_types_need_and_nothing_else() {
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
fn it_exports_the_two_interfaces_of_the_world_and_nothing_else() {
    let exports = Build::BuiltIn.describe().exports.iter();
    let names: BTreeSet<_> = exports.map(|(name, _)| name.as_str()).collect();
    let of_the_world = BTreeSet::from([
        "bot:action/form@0.1.0",
        "genesys:authentication/oauth@0.1.0",
    ]);
    assert_eq!(names, of_the_world);
}

#[test]
fn each_interface_has_the_functions_of_the_contract_and_no_others() {
    let exports = &Build::BuiltIn.describe().exports;
    for (interface, wit, count) in [
        ("genesys:authentication/oauth@0.1.0", WORLD, 3),
        ("bot:action/form@0.1.0", FORM, 1),
    ] {
        let (_, exported) = exports.iter().find(|(name, _)| name == interface).unwrap();
        let exported: BTreeSet<_> = exported.iter().map(String::as_str).collect();
        let declared = functions(wit);
        assert_eq!(declared.len(), count, "{interface}");
        assert_eq!(exported, declared, "{interface}");
    }
}

#[test]
fn it_has_at_most_80_kib() {
    let size = Build::BuiltIn.describe().size;
    println!("{size} bytes of {MAX_SIZE}");
    assert!(size <= MAX_SIZE, "{size}");
}

#[test]
fn it_names_no_path_of_the_machine_that_built_it() {
    let component = Source::BuiltIn.bytes().unwrap();
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
    let Source::File(file) = Build::Wasip2.source() else {
        panic!("it is not built in");
    };
    let built = fs::metadata(&file).unwrap();
    let described = Build::Wasip2.describe();
    println!("{} bytes, imports {:?}", described.size, described.imports);
    assert_eq!(u64::try_from(described.size).unwrap(), built.len());
    let exports = |build: Build| BTreeSet::from_iter(&build.describe().exports);
    assert_eq!(exports(Build::Wasip2), exports(Build::BuiltIn));
}
