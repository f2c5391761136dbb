//! `cargo xtask budget`: compares sizes and times with their budgets.

mod limits;
mod lines;

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context as _, Result, bail};

use crate::test::time_of_suite;
use xtask::process::{cargo, output, step};
use xtask::workspace::Workspace;

/// A row of the table.
struct Row {
    what: String,
    budget: Option<u64>,
    actual: Option<u64>,
    /// Whether exceeding the budget is an error.
    is_enforced: bool,
}

impl Row {
    fn enforced(what: impl Into<String>, budget: impl Into<Option<u64>>, actual: u64) -> Self {
        Self {
            what: what.into(),
            budget: budget.into(),
            actual: Some(actual),
            is_enforced: true,
        }
    }

    fn problem(&self) -> Option<&'static str> {
        match (self.budget, self.actual) {
            (None, _) => Some("no budget"),
            (Some(budget), Some(actual)) if actual > budget => Some("exceeded"),
            _ => None,
        }
    }
}

/// # Errors
///
/// If a budget is exceeded, or a crate has none.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let (mut release, mut strict) = (false, false);
    for argument in arguments {
        match argument.as_str() {
            "--release" => release = true,
            "--strict" => strict = true,
            other => bail!("budget has no argument {other:?}"),
        }
    }
    let workspace = Workspace::load()?;
    let mut rows = lines(&workspace)?;
    rows.extend(dependencies()?);
    rows.push(component(&workspace)?);
    if release {
        rows.push(command(&workspace)?);
    }
    rows.push(suite(&workspace, strict));
    print(&rows);
    let exceeded = |row: &&Row| row.is_enforced && row.problem().is_some();
    if let Some(row) = rows.iter().find(exceeded) {
        bail!(
            "{}: {}; see host-test/xtask/src/budget/limits.rs",
            row.what,
            row.problem().unwrap_or_default()
        );
    }
    Ok(())
}

fn lines(workspace: &Workspace) -> Result<Vec<Row>> {
    let mut small_harness = 0;
    let mut rows = Vec::new();
    for package in &workspace.packages {
        let name = package.name.as_str();
        let lines = lines::of_package(&package.folder, true).with_context(|| name.to_owned())?;
        let budget = limits::LINES.iter().find(|(of, _)| *of == name);
        rows.push(Row::enforced(
            format!("lines of {name}"),
            budget.map(|(_, budget)| *budget),
            lines,
        ));
        if limits::SMALL_HARNESS.contains(&name) {
            small_harness += lines::of_package(&package.folder, false)?;
        }
    }
    rows.push(Row::enforced(
        "lines of the small harness",
        limits::SMALL_HARNESS_LINES,
        small_harness,
    ));
    for (name, _) in limits::LINES {
        if !workspace
            .packages
            .iter()
            .any(|package| package.name == *name)
        {
            bail!("there is a budget for {name}, but no such crate");
        }
    }
    Ok(rows)
}

fn dependencies() -> Result<Vec<Row>> {
    let small_harness = crates_of("host-test", "--no-default-features")?;
    let mut rows = vec![Row::enforced(
        "crates of the small harness",
        limits::SMALL_HARNESS_CRATES,
        small_harness.len() as u64,
    )];
    for (package, features, banned) in limits::NOT_IN {
        for found in crates_of(package, features)? {
            let name = found.split(' ').next().unwrap_or_default();
            if banned.contains(&name) {
                let what = format!("{name} in {package} {features}");
                rows.push(Row::enforced(what, 0, 1));
            }
        }
    }
    Ok(rows)
}

/// A package and all that it depends on.
fn crates_of(package: &str, features: &str) -> Result<BTreeSet<String>> {
    let tree = ["tree", "--edges", "normal", "--prefix", "none"];
    let of = ["--format", "{p}", "--package", package, features];
    let tree = output(cargo().args(tree).args(of))?;
    // cargo marks a crate that it has already listed with a star.
    let crates = tree
        .lines()
        .map(|line| line.trim_end_matches(" (*)").to_owned());
    Ok(crates.collect())
}

/// The size of the built-in component.
fn component(workspace: &Workspace) -> Result<Row> {
    // The examples are included so that dependencies are built with the same features as for the tests.
    step(cargo().args(["build", "--workspace", "--bin", "bot-runner", "--examples"]))?;
    let file = workspace.target.join("xtask/component.wasm");
    fs::create_dir_all(workspace.target.join("xtask"))?;
    let command = workspace.program("debug/bot-runner");
    output(
        std::process::Command::new(command)
            .args(["component", "export", "-o"])
            .arg(&file),
    )?;
    Ok(Row::enforced(
        "bytes of the component",
        limits::COMPONENT_BYTES,
        fs::metadata(file)?.len(),
    ))
}

fn command(workspace: &Workspace) -> Result<Row> {
    step(
        cargo()
            .args([
                "build",
                "--package",
                "host-test",
                "--bin",
                "bot-runner",
                "--release",
            ])
            .env("CARGO_PROFILE_RELEASE_STRIP", "symbols"),
    )?;
    let file = workspace.program("release/bot-runner");
    Ok(Row::enforced(
        "bytes of the release command, stripped",
        limits::COMMAND_BYTES,
        fs::metadata(file)?.len(),
    ))
}

/// The duration of the test suite. It depends on the machine's load, so only four times the budget is an error, unless
/// `--strict`.
fn suite(workspace: &Workspace, is_strict: bool) -> Row {
    let seconds = fs::read_to_string(time_of_suite(workspace));
    let actual = seconds.ok().and_then(|seconds| seconds.parse().ok());
    let most = if is_strict { 1 } else { 4 } * limits::SUITE_SECONDS;
    Row {
        what: "seconds of the suite, at its last run here".into(),
        budget: Some(limits::SUITE_SECONDS),
        actual,
        is_enforced: actual.is_some_and(|seconds| seconds > most),
    }
}

fn print(rows: &[Row]) {
    let width = rows
        .iter()
        .map(|row| row.what.len())
        .max()
        .unwrap_or_default();
    let shown = |value: Option<u64>| value.map_or_else(|| "-".into(), |value| value.to_string());
    println!("{:width$}  {:>10}  {:>10}", "", "budget", "actual");
    for row in rows {
        println!(
            "{:width$}  {:>10}  {:>10}  {}",
            row.what,
            shown(row.budget),
            shown(row.actual),
            row.problem().unwrap_or_default()
        );
    }
}
