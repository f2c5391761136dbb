//! Counts lines of Rust, without tests.

use std::path::Path;
use std::{fs, io};

/// The lines of a package's build script and of its `src` folder.
///
/// # Errors
///
/// If a file cannot be read.
pub(super) fn of_package(folder: &Path) -> io::Result<u64> {
    let build = folder.join("build.rs");
    let build = if build.exists() { of_file(&build)? } else { 0 };
    Ok(build + of_folder(&folder.join("src"))?)
}

/// The lines of a folder, without `tests.rs` and `tests/`, which contain unit tests by the convention of this repository.
fn of_folder(folder: &Path) -> io::Result<u64> {
    let mut lines = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.file_stem().is_some_and(|name| name == "tests") {
            continue;
        }
        if path.is_dir() {
            lines += of_folder(&path)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            lines += of_file(&path)?;
        }
    }
    Ok(lines)
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
    use super::count;

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
