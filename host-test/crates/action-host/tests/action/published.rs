//! A published version of a WIT package never changes, not even its comments: a host that was built with it must get the same
//! text wherever it looks.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tempfile::TempDir;
use wit_parser::Resolve;

use crate::contract::{package, wit};

/// A published version: its folder in `wit`, its name, and the SHA-256 over its files.
type Version<'a> = (&'a str, &'a str, &'a str);

/// When a version of ours is no longer a draft, it moves here: CONTRIBUTING.md has the steps.
const PUBLISHED: [Version<'_>; 3] = [
    (
        "deps/wasi-clocks",
        "wasi:clocks@0.2.2",
        "00e87aca480ad0c545597acbd16106c516a6d9c6f2669aeb5db8f9a978f0b2dd",
    ),
    (
        "deps/wasi-http",
        "wasi:http@0.2.2",
        "8c98cfeb531d1d3df1383b6eb02fc3cff686ea086cefb34b39cc3e55bf647640",
    ),
    (
        "deps/wasi-io",
        "wasi:io@0.2.2",
        "42b90ba8c8e8243b4089a9c00db49db1015c1d0d3823923aaa27a1d4e9662c1c",
    ),
];

const DRAFTS: [&str; 2] = ["bot:action@0.2.0", "genesys:authentication@0.2.0"];

/// What is wrong with the packages in a folder like `wit`: the one in it, those it needs in `deps`, and the frozen folders of
/// ours in `published`. A folder in which a version was developed has its text until it gets the number of the next one.
fn faults(wit: &Path, published: &[Version<'_>], drafts: &[&str]) -> Vec<String> {
    let mut faults = Vec::new();
    for (folder, version, _) in published {
        if !wit.join(folder).is_dir() {
            faults.push(format!("{version}: there is no folder {folder}"));
        }
    }
    let mut folders = vec![String::new()];
    for parent in ["deps", "published"] {
        let entries = fs::read_dir(wit.join(parent)).into_iter().flatten();
        let names = entries.map(|it| it.unwrap().file_name().into_string().unwrap());
        folders.extend(names.map(|name| format!("{parent}/{name}")));
    }
    for folder in folders {
        let files = package(&wit.join(&folder));
        let version = declared(&files);
        let listed = published.iter().find(|(_, it, _)| *it == version);
        let Some((frozen, _, expected)) = listed else {
            if folder.starts_with("published/") || !drafts.contains(&version.as_str()) {
                faults.push(format!("{folder}: {version} is not listed"));
            }
            continue;
        };
        let hash = hash(&files);
        if hash != *expected {
            faults.push(format!("{folder}: {version} has changed to {hash}"));
        }
        // WASI's packages are as they are.
        let ours = files.values().filter(|_| frozen.starts_with("published/"));
        for bytes in ours {
            let ungated = ungated(str::from_utf8(bytes).unwrap());
            faults.extend(ungated.map(|it| format!("{folder}: no @since before {it:?}")));
        }
    }
    faults
}

/// The name and version of a package.
fn declared(files: &BTreeMap<String, Vec<u8>>) -> String {
    let mut lines = files
        .values()
        .flat_map(|it| str::from_utf8(it).unwrap().lines());
    let declared = lines.find_map(|it| it.strip_prefix("package ")?.strip_suffix(';'));
    declared.unwrap().to_owned()
}

/// SHA-256 over the files in the order of their names: of each its name, its length and its bytes.
fn hash(files: &BTreeMap<String, Vec<u8>>) -> String {
    let mut hashed = Vec::new();
    for (name, bytes) in files {
        hashed.extend(format!("{name} {}\n", bytes.len()).into_bytes());
        hashed.extend(bytes);
    }
    action_host::digest(&hashed)
        .iter()
        .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// Whether a line begins an item that WIT can gate.
fn is_item(line: &str) -> bool {
    const KEYWORDS: [&str; 12] = [
        "constructor(",
        "enum ",
        "export ",
        "flags ",
        "import ",
        "include ",
        "interface ",
        "record ",
        "resource ",
        "type ",
        "use ",
        "variant ",
    ];
    let line = line.trim();
    let is_function = !line.starts_with("//") && line.contains("func(");
    is_function || line.starts_with("world ") || KEYWORDS.iter().any(|it| line.starts_with(it))
}

/// The items without a gate.
fn ungated(text: &str) -> impl Iterator<Item = &str> {
    let before = [""].into_iter().chain(text.lines());
    let items = before.zip(text.lines()).filter(|(before, line)| {
        let is_gated = ["@since(", "@unstable("].map(|it| before.trim().starts_with(it));
        is_item(line) && is_gated == [false; 2]
    });
    items.map(|(_, line)| line.trim())
}

#[test]
fn published_packages_never_change() {
    assert_eq!(
        faults(&wit(), &PUBLISHED, &DRAFTS),
        Vec::<String>::new(),
        "see Release in CONTRIBUTING.md"
    );
}

/// A copy of `wit` in which `bot:action` was published.
struct Copy {
    folder: TempDir,
    hash: String,
}

const FROZEN: &str = "published/bot-action-0.2.0";

impl Copy {
    /// With the files as they are, except that `change` is made in each.
    fn new(change: impl Fn(&str) -> String) -> Self {
        let folder = TempDir::new().unwrap();
        let to = folder.path();
        for name in ["", "deps/bot-action", FROZEN]
            .into_iter()
            .chain(PUBLISHED.map(|(folder, ..)| folder))
        {
            let from = if name == FROZEN {
                "deps/bot-action"
            } else {
                name
            };
            fs::create_dir_all(to.join(name)).unwrap();
            for (file, bytes) in package(&wit().join(from)) {
                let text = String::from_utf8(bytes).unwrap();
                let is_ours = from == "deps/bot-action";
                let text = if is_ours { change(&text) } else { text };
                fs::write(to.join(name).join(file), text).unwrap();
            }
        }
        let hash = hash(&package(&to.join(FROZEN)));
        Self { folder, hash }
    }

    /// With `@since` before each item.
    fn gated() -> Self {
        Self::new(|text| {
            let gate = |line| {
                if is_item(line) {
                    "@since(version = 0.2.0)\n"
                } else {
                    ""
                }
            };
            let lines = text.lines().map(|line| format!("{}{line}\n", gate(line)));
            lines.collect()
        })
    }

    fn append_comment(&self, file: &str) {
        let path = self.folder.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, text + "// A comment.\n").unwrap();
    }

    fn faults(&self) -> Vec<String> {
        let ours = (FROZEN, DRAFTS[0], self.hash.as_str());
        let published: Vec<_> = PUBLISHED.into_iter().chain([ours]).collect();
        faults(self.folder.path(), &published, &DRAFTS[1..])
    }
}

#[test]
fn a_version_with_gates_that_is_listed_is_published() {
    let copy = Copy::gated();
    assert_eq!(copy.faults(), Vec::<String>::new());
    Resolve::default().push_dir(copy.folder.path()).unwrap();
}

#[test]
fn a_published_version_that_has_changed_is_found() {
    for folder in [FROZEN, "deps/bot-action"] {
        let copy = Copy::gated();
        copy.append_comment(&format!("{folder}/run.wit"));
        let [fault] = &copy.faults()[..] else {
            panic!("{:?}", copy.faults());
        };
        let found = format!("{folder}: bot:action@0.2.0 has changed to ");
        assert!(fault.starts_with(&found), "{fault}");
    }
}

#[test]
fn a_published_version_that_was_removed_is_found() {
    let copy = Copy::gated();
    fs::remove_dir_all(copy.folder.path().join(FROZEN)).unwrap();
    let fault = format!("bot:action@0.2.0: there is no folder {FROZEN}");
    assert_eq!(copy.faults(), [fault]);
}

#[test]
fn a_published_version_that_is_not_listed_is_found() {
    let copy = Copy::gated();
    let not_listed = |folder| format!("{folder}: bot:action@0.2.0 is not listed");
    let of_draft = faults(copy.folder.path(), &PUBLISHED, &DRAFTS);
    assert_eq!(of_draft, [not_listed(FROZEN)]);
    let of_neither = faults(copy.folder.path(), &PUBLISHED, &DRAFTS[1..]);
    assert_eq!(
        of_neither,
        [not_listed("deps/bot-action"), not_listed(FROZEN)]
    );
}

#[test]
fn an_item_of_a_published_version_without_a_gate_is_found() {
    let faults = Copy::new(str::to_owned).faults();
    for item in [
        "interface form {",
        "record action {",
        "run: func(action: string, arguments: list<argument>) -> result<success, failure>;",
    ] {
        let fault = format!("{FROZEN}: no @since before {item:?}");
        assert!(faults.contains(&fault), "{fault}: {faults:#?}");
    }
}
