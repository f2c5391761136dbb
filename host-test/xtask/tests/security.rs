//! `SECURITY.md` names the test of each promise: it must exist.

#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use xtask::process::{cargo, output};

/// A target with the Rust files that belong to it.
struct Target {
    name: String,
    files: Vec<(PathBuf, String)>,
}

impl Target {
    fn new(described: &Value) -> Self {
        let source = PathBuf::from(described["src_path"].as_str().unwrap());
        let mut files = Vec::new();
        if source.ends_with("main.rs") || source.ends_with("lib.rs") {
            read(source.parent().unwrap(), &mut files);
        } else {
            read(&source, &mut files);
        }
        Self {
            name: described["name"].as_str().unwrap().replace('-', "_"),
            files,
        }
    }

    /// Whether there is a module or a function of this name.
    fn has(&self, name: &str) -> bool {
        self.files.iter().any(|(path, text)| {
            let is_file = path.file_stem().is_some_and(|it| it == name);
            let is_folder = path.parent().is_some_and(|it| it.ends_with(name));
            let is_item = ["fn", "mod"].iter().any(|kind| {
                [" ", "(", "<"]
                    .iter()
                    .any(|end| text.contains(&format!("{kind} {name}{end}")))
            });
            is_file || is_folder || is_item
        })
    }
}

fn read(path: &Path, files: &mut Vec<(PathBuf, String)>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            read(&entry.unwrap().path(), files);
        }
    } else if path.extension().is_some_and(|it| it == "rs") {
        files.push((path.to_owned(), fs::read_to_string(path).unwrap()));
    }
}

/// The tests of the last column of each table of promises, in full: `a::{b, c}` and `…::c` are abbreviations.
fn named(document: &str) -> Vec<String> {
    let mut named = Vec::new();
    let mut is_table_of_tests = false;
    for line in document.lines() {
        let cells = line.strip_prefix('|').and_then(|it| it.strip_suffix('|'));
        let Some((_, last)) = cells.and_then(|it| it.rsplit_once('|')) else {
            is_table_of_tests = false;
            continue;
        };
        if last.trim() == "shown by" {
            is_table_of_tests = true;
        } else if is_table_of_tests {
            for test in last.split('`').skip(1).step_by(2) {
                let (module, tests) = if let Some((module, tests)) = test.split_once("::{") {
                    (module.to_owned(), tests.trim_end_matches('}'))
                } else if let Some(test) = test.strip_prefix("…::") {
                    let before: &String = named.last().unwrap();
                    (before.rsplit_once("::").unwrap().0.to_owned(), test)
                } else {
                    named.push(test.to_owned());
                    continue;
                };
                let tests = tests.split(',').map(str::trim);
                named.extend(tests.map(|test| format!("{module}::{test}")));
            }
        }
    }
    named
}

#[test]
fn every_test_that_security_md_names_exists() {
    let metadata = output(cargo().args(["metadata", "--no-deps", "--format-version", "1"]));
    let metadata: Value = serde_json::from_str(&metadata.unwrap()).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let targets: Vec<_> = packages
        .iter()
        .flat_map(|package| package["targets"].as_array().unwrap())
        .map(Target::new)
        .collect();
    let root = Path::new(metadata["workspace_root"].as_str().unwrap());
    let tests = named(&fs::read_to_string(root.join("SECURITY.md")).unwrap());
    assert!(tests.len() > 100, "{tests:?}");
    let missing: Vec<_> = tests
        .iter()
        .filter(|test| {
            let mut names = test.split("::");
            let target = names.next().unwrap();
            let names: Vec<_> = names.collect();
            let is_there = |it: &Target| it.name == target && names.iter().all(|name| it.has(name));
            !targets.iter().any(is_there)
        })
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}
