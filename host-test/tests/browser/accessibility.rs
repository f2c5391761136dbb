//! `axe-core` on the page that is shown. It is installed with npm, and put into the page over WebDriver,
//! which the page's own policy does not forbid.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::{fs, io};

use serde_json::Value;

use crate::browser::Browser;

/// The element that each finding is about, with the rule and its help, a line each.
const RUN: &str = "
    const done = arguments[0];
    const lines = (results, word) => results.flatMap(({ id, help, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${word} ${id}: ${help}: ${html}: ${failureSummary}`));
    axe.run(document, { resultTypes: ['violations', 'incomplete'] }).then(
        ({ violations, incomplete }) =>
            done([...lines(violations, 'violation'), ...lines(incomplete, 'undecided')]),
        (error) => done([String(error)]));
";

impl Browser {
    /// What axe-core finds wrong, or cannot decide about.
    pub(crate) async fn accessibility(&self) -> Vec<String> {
        if self.evaluate("typeof axe").await == "undefined" {
            self.client.execute(axe(), Vec::new()).await.unwrap();
        }
        let findings = self.client.execute_async(RUN, Vec::new()).await.unwrap();
        let Value::Array(findings) = findings else {
            panic!("{findings}");
        };
        findings.iter().map(Value::to_string).collect()
    }
}

/// The script.
fn axe() -> &'static str {
    static AXE: OnceLock<String> = OnceLock::new();
    AXE.get_or_init(|| match install() {
        Ok(script) => script,
        Err(error) => panic!("axe-core cannot be installed with npm: {error}"),
    })
}

fn install() -> io::Result<String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/axe");
    let folder: PathBuf = Path::new(env!("CARGO_TARGET_TMPDIR")).join("axe");
    fs::create_dir_all(&folder)?;
    let lock = fs::read(here.join("package-lock.json"))?;
    let done = folder.join("installed");
    if !fs::read(&done).is_ok_and(|installed| installed == lock) {
        for file in ["package.json", "package-lock.json"] {
            fs::copy(here.join(file), folder.join(file))?;
        }
        let npm = Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
            .current_dir(&folder)
            .output()?;
        if !npm.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&npm.stderr)));
        }
        fs::write(done, lock)?;
    }
    fs::read_to_string(folder.join("node_modules/axe-core/axe.min.js"))
}
