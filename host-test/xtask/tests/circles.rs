//! No two files of a crate use each other in a circle. A module may use what contains it: that does not count.

#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;
use xtask::process::{cargo, output};

/// A module or an item, from the root of the crate.
type Name = Vec<String>;

/// The files of a crate as modules, each with the paths in its code.
#[derive(Default)]
struct Crate {
    used: BTreeMap<Name, Vec<Name>>,
    /// The re-exports of a module: the name there, and the path of the item.
    reexports: BTreeMap<Name, Name>,
}

impl Crate {
    fn new(sources: &[(Name, String)]) -> Self {
        let modules: BTreeSet<_> = sources.iter().map(|(module, _)| module).collect();
        let mut read = Self::default();
        for (module, source) in sources {
            let tokens = tokens(source);
            let mut used = Vec::new();
            for (at, token) in tokens.iter().enumerate() {
                let is_head =
                    tokens.get(at + 1) == Some(&"::") && (at == 0 || tokens[at - 1] != "::");
                let child = [&module[..], &[(*token).to_owned()]].concat();
                let is_of_crate = ["crate", "self", "super"].contains(token);
                if is_head && (is_of_crate || modules.contains(&child)) {
                    let is_use = at > 0 && tokens[at - 1] == "use";
                    let is_reexport = is_use && at > 1 && [")", "pub"].contains(&tokens[at - 2]);
                    for (path, name) in paths(&tokens[at..], module) {
                        if is_reexport {
                            let shown = [&module[..], &[name]].concat();
                            read.reexports.insert(shown, path);
                        } else {
                            used.push(path);
                        }
                    }
                }
            }
            read.used.insert(module.clone(), used);
        }
        read
    }

    /// The file that a path leads to.
    fn file(&self, path: &[String]) -> Name {
        let is_module = |length: &usize| self.used.contains_key(&path[..*length]);
        let length = (0..=path.len()).rev().find(is_module).unwrap();
        let shown = path.get(..=length).and_then(|it| self.reexports.get(it));
        match shown {
            Some(from) => self.file(&[from, &path[length + 1..]].concat()),
            None => path[..length].to_vec(),
        }
    }

    /// The files in circles or between two circles, each with those of these files that it uses. Uses of a containing
    /// module do not count.
    fn circles(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut uses: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for (module, paths) in &self.used {
            let files = paths.iter().map(|path| self.file(path));
            let others = files.filter(|file| !module.starts_with(file));
            uses.insert(module.join("::"), others.map(|it| it.join("::")).collect());
        }
        loop {
            let before = uses.len();
            let files: BTreeSet<_> = uses.keys().cloned().collect();
            let used: BTreeSet<_> = uses.values().flatten().cloned().collect();
            uses.retain(|file, uses| {
                uses.retain(|it| files.contains(it));
                used.contains(file) && !uses.is_empty()
            });
            if uses.len() == before {
                return uses;
            }
        }
    }
}

/// The tokens of a source, without comments and items that are compiled for tests only.
fn tokens(source: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut lines = source.lines();
    while let Some(line) = lines.next() {
        if let Some(indentation) = line.strip_suffix("#[cfg(test)]") {
            let _ = lines.by_ref().find(|line| {
                let item = line.strip_prefix(indentation).unwrap_or(" ");
                !item.starts_with([' ', '#']) && item.ends_with(['}', ';', ','])
            });
            continue;
        }
        let mut rest = line.split("//").next().unwrap().trim_start();
        while let Some(first) = rest.chars().next() {
            let is_word = |it: char| it.is_alphanumeric() || it == '_';
            let length = match rest.find(|it| !is_word(it)).unwrap_or(rest.len()) {
                0 if rest.starts_with("::") => 2,
                0 => first.len_utf8(),
                length => length,
            };
            tokens.push(&rest[..length]);
            rest = rest[length..].trim_start();
        }
    }
    tokens
}

/// The paths of the tree that the tokens begin with, each with the name that it gets in the module.
fn paths(tokens: &[&str], module: &[String]) -> Vec<(Name, String)> {
    let mut found = Vec::new();
    let mut open: Vec<Name> = Vec::new();
    let mut path = module.to_vec();
    let mut tokens = tokens.iter().peekable();
    while let Some(token) = tokens.next() {
        match *token {
            "::" => continue,
            "{" => {
                open.push(path.clone());
                continue;
            }
            "crate" => path.clear(),
            "super" => drop(path.pop()),
            "self" => {}
            "," | "}" if !open.is_empty() => {}
            word => path.push(word.to_owned()),
        }
        if tokens.peek() == Some(&&"::") {
            continue;
        }
        if ![",", "}"].contains(token) {
            let renamed = tokens.next_if_eq(&&"as").and_then(|_| tokens.next());
            let name = renamed
                .map(|it| (*it).to_owned())
                .or_else(|| path.last().cloned());
            found.push((path.clone(), name.unwrap_or_default()));
        }
        if *token == "}" {
            open.pop();
        }
        match open.last() {
            Some(prefix) => path.clone_from(prefix),
            None => break,
        }
    }
    found
}

fn read(folder: &Path, module: &[String], sources: &mut Vec<(Name, String)>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let inner = [module, &[name.to_owned()]].concat();
        if name == "tests" || name == "main" {
            continue;
        }
        if path.is_dir() {
            read(&path, &inner, sources);
        } else if path.extension().is_some_and(|it| it == "rs") {
            let is_of_folder = ["lib", "mod"].contains(&name);
            let module = if is_of_folder { module.to_vec() } else { inner };
            sources.push((module, fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn files_of_a_crate_do_not_use_each_other_in_a_circle() {
    let metadata = output(cargo().args(["metadata", "--no-deps", "--format-version", "1"]));
    let metadata: Value = serde_json::from_str(&metadata.unwrap()).unwrap();
    let mut circles = BTreeMap::new();
    for package in metadata["packages"].as_array().unwrap() {
        let manifest = Path::new(package["manifest_path"].as_str().unwrap());
        let mut sources = vec![(Name::new(), String::new())];
        read(&manifest.with_file_name("src"), &[], &mut sources);
        let found = Crate::new(&sources).circles();
        if !found.is_empty() {
            circles.insert(package["name"].as_str().unwrap(), found);
        }
    }
    assert!(circles.is_empty(), "{circles:#?}");
}

#[test]
fn a_circle_is_found_and_named() {
    let circles = |of_b: &str| {
        let sources = [
            ("", "mod a;\nmod b;\npub use a::{inner::A as Shown, B};"),
            ("a", "mod inner;\nfn a() { inner::a() }"),
            ("a::inner", "use super::a;\nuse crate::{b::{self, B}, c};"),
            ("b", of_b),
            ("c", "#[cfg(test)]\nmod tests {\n    use crate::b;\n}"),
        ];
        let source = |(module, text): (&str, &str)| {
            let names = module.split("::").filter(|it| !it.is_empty());
            (names.map(str::to_owned).collect(), text.to_owned())
        };
        let circles = Crate::new(&sources.map(source)).circles();
        circles.into_keys().collect::<Vec<_>>()
    };
    assert!(circles("use crate::c;\n// crate::a").is_empty());
    assert_eq!(circles("use crate::a::B;"), ["a", "a::inner", "b"]);
    assert_eq!(circles("fn b() { crate::Shown::new() }"), ["a::inner", "b"]);
}
