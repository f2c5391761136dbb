//! What other hosts build on: its documentation shows how, and nothing in it is about one action.

#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

use std::fs;
use std::path::{Path, PathBuf};

/// The sources of a crate of `host-test/crates`, without its tests in other files.
fn sources(name: &str) -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let mut folders = vec![folder.join(name).join("src")];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let source = fs::read_to_string(&path).unwrap();
                sources.push((path, source));
            }
        }
    }
    assert!(!sources.is_empty(), "{name}");
    sources
}

/// The source up to its unit tests.
fn without_tests(source: &str) -> &str {
    source.split("#[cfg(test)]").next().unwrap()
}

#[test]
fn each_public_type_trait_and_function_has_an_example_or_names_one() {
    let mut without = Vec::new();
    for name in ["action-host", "action-types", "egress"] {
        for (path, source) in sources(name) {
            let mut documentation = String::new();
            for line in without_tests(&source).lines() {
                let is_item = [
                    "struct ",
                    "enum ",
                    "trait ",
                    "fn ",
                    "async fn ",
                    "const fn ",
                ]
                .iter()
                .any(|kind| line.starts_with(&format!("pub {kind}")));
                if is_item
                    && !["```", "example"]
                        .iter()
                        .any(|it| documentation.contains(it))
                {
                    without.push(format!("{}: {line}", path.display()));
                }
                if line.trim_start().starts_with("///") {
                    documentation.push_str(line);
                } else if !line.starts_with("#[") && !line.starts_with([' ', ')']) {
                    documentation.clear();
                }
            }
        }
    }
    assert!(without.is_empty(), "{}", without.join("\n"));
}

/// It runs any component: what is special about the action of Genesys is in that action.
#[test]
fn the_engine_and_the_host_name_no_action() {
    for name in ["action-host", "bot-engine"] {
        for (path, source) in sources(name) {
            if path.ends_with("action-host/src/oauth.rs") {
                // The typed interface of that action.
                continue;
            }
            let lines = without_tests(&source).lines();
            let code = lines.filter(|line| !line.trim_start().starts_with("//"));
            for line in code {
                for action in [
                    "oauth-authenticate",
                    "\"authenticate\"",
                    "\"disconnect\"",
                    "OAuth authenticate",
                    "OAuth-Authentifizierung",
                ] {
                    assert!(!line.contains(action), "{}: {line}", path.display());
                }
            }
        }
    }
}
