//! The README of each example host, and the table of hosts in `docs/hosts.md`, say how many lines there are to read, and which
//! cases of the conformance kit its runtime cannot pass.

use std::fs;

use hosts::CANNOT_PASS;

/// The folder of each host, where its sources are in it, and how their names end.
const HOSTS: [(&str, &str, &str); 5] = [
    ("rust", "src", "rs"),
    ("python", "", "py"),
    ("typescript", "src", "ts"),
    ("composed", "src", "rs"),
    ("facade", "src", "rs"),
];

#[test]
fn the_guide_names_the_cases_that_a_host_cannot_pass() {
    let guide = fs::read_to_string(hosts::source("../docs/hosts.md")).unwrap();
    for host in hosts::ALL {
        let readme = hosts::source(host.folder()).join("README.md");
        let readme = fs::read_to_string(readme).unwrap();
        let row = format!("| `{}` |", host.folder());
        let row = guide.lines().find(|line| line.starts_with(&row)).unwrap();
        let of_host = CANNOT_PASS.iter().filter(|(it, _)| *it == host);
        let cases: Vec<_> = of_host.map(|(_, case)| *case).collect();
        assert_eq!(row.contains("| every case |"), cases.is_empty(), "{row}");
        for case in cases {
            let named = format!("`{case}`");
            assert!(row.contains(&named) && readme.contains(&named), "{named}");
        }
    }
}

#[test]
fn the_documents_have_the_lines_of_each_host() {
    let guide = fs::read_to_string(hosts::source("../docs/hosts.md")).unwrap();
    for (folder, sources, extension) in HOSTS {
        let readme = fs::read_to_string(hosts::source(folder).join("README.md")).unwrap();
        let readme: Vec<_> = readme.split_whitespace().collect();
        let readme = readme.join(" ");
        let mut files = Vec::new();
        for entry in fs::read_dir(hosts::source(folder).join(sources)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|it| it == extension) {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                files.push((name, fs::read_to_string(&path).unwrap().lines().count()));
            }
        }
        let total: usize = files.iter().map(|(_, lines)| lines).sum();
        assert!(
            readme.contains(&format!("{total} lines")),
            "{folder}: {total}"
        );
        if files.len() > 1 {
            for (name, lines) in files {
                let named = format!("`{name}` ({lines})");
                assert!(readme.contains(&named), "{folder}: {named}");
            }
        }
        let mut rows = guide
            .lines()
            .filter(|line| line.starts_with(&format!("| `{folder}` |")))
            .peekable();
        assert!(rows.peek().is_some(), "{folder}");
        for row in rows {
            assert!(row.contains(&format!("| {total} |")), "{folder}: {total}");
        }
    }
}
