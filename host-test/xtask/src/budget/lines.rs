//! Counts lines of Rust, without tests.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// The lines of a package's build script and of its `src` folder. Without `features`, modules that need one do not count.
///
/// # Errors
///
/// If a file cannot be read.
pub(super) fn of_package(folder: &Path, features: bool) -> io::Result<u64> {
    let build = folder.join("build.rs");
    let build = if build.exists() { of_file(&build)? } else { 0 };
    let mut files = Vec::new();
    collect(&folder.join("src"), &mut files)?;
    let mut left_out = Vec::new();
    if !features {
        for file in &files {
            left_out.extend(modules_with_features(file)?);
        }
    }
    let counts = |file: &&PathBuf| {
        !left_out
            .iter()
            .any(|module| **file == module.with_extension("rs") || file.starts_with(module))
    };
    let lines = files.iter().filter(counts).map(|file| of_file(file));
    Ok(build + lines.sum::<io::Result<u64>>()?)
}

/// The files of a folder, without `tests.rs` and `tests/`, which contain unit tests by the convention of this repository.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.file_stem().is_some_and(|name| name == "tests") {
            continue;
        }
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

/// The modules that a file declares for a feature, as paths without extension.
fn modules_with_features(file: &Path) -> io::Result<Vec<PathBuf>> {
    let folder = match file.file_stem() {
        Some(name) if name != "lib" && name != "main" && name != "mod" => file.with_extension(""),
        _ => file.parent().unwrap_or(file).to_owned(),
    };
    let source = fs::read_to_string(file)?;
    Ok(modules(&source)
        .into_iter()
        .map(|name| folder.join(name))
        .collect())
}

/// The names of the modules that a source declares for a feature.
fn modules(source: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut needs_feature = false;
    for line in source.lines().map(str::trim) {
        if line.starts_with('#') {
            needs_feature |= line.starts_with("#[cfg(feature");
            continue;
        }
        let module = line
            .strip_suffix(';')
            .and_then(|line| line.split_once("mod "));
        if let (true, Some((_, name))) = (needs_feature, module) {
            names.push(name);
        }
        needs_feature = false;
    }
    names
}

fn of_file(file: &Path) -> io::Result<u64> {
    Ok(count(&fs::read_to_string(file)?))
}

/// The lines, including comments, without items that are compiled for tests only. In formatted code, an item ends with a
/// closing line at the indentation of its attribute.
fn count(source: &str) -> u64 {
    let mut lines = source.lines();
    let mut count = 0;
    while let Some(line) = lines.next() {
        let Some(indentation) = line.strip_suffix("#[cfg(test)]") else {
            count += 1;
            continue;
        };
        let _ = lines.by_ref().find(|line| {
            line.strip_prefix(indentation).is_some_and(|item| {
                let is_inner = item.starts_with([' ', '#']);
                !is_inner && item.ends_with(['}', ';', ','])
            })
        });
    }
    count
}

#[cfg(test)]
mod tests {
    use super::{count, modules};

    #[test]
    fn modules_that_need_a_feature_are_found() {
        let source = "mod a;\n#[cfg(feature = \"web\")]\nmod b;\n#[cfg(unix)]\npub(crate) mod c;\n\
            #[cfg(feature = \"web\")]\n#[path = \"x.rs\"]\npub(crate) mod d;\n#[cfg(feature = \"web\")]\nuse e;\n";
        assert_eq!(modules(source), ["b", "d"]);
    }

    #[test]
    fn lines_of_test_items_do_not_count() {
        assert_eq!(count("fn a() {\n}\n"), 2);
        assert_eq!(
            count("fn a() {}\n\n#[cfg(test)]\nmod tests {\n    fn b() {\n    }\n}\n"),
            2
        );
        assert_eq!(count("#[cfg(test)]\nmod tests;\nfn a() {}\n"), 1);
        assert_eq!(
            count(
                "impl A {\n    #[cfg(test)]\n    #[inline]\n    fn b() {\n    }\n    fn c() {}\n}\n"
            ),
            3
        );
    }
}
