//! Runs other programs. A failure is an error.

use std::env;
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context as _, Result, bail};

/// A command for the cargo that runs this program.
#[must_use]
pub fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // The variables that `cargo run` sets for this package would cause build scripts that depend on them to run again.
    for (name, _) in env::vars_os() {
        let of_this_package = name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
        });
        if of_this_package {
            command.env_remove(name);
        }
    }
    command
}

/// Prints a command and runs it, without standard input.
///
/// # Errors
///
/// If it does not start, or fails.
pub fn step(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    eprintln!("\n== {shown}");
    let status = command.stdin(Stdio::null()).status();
    let status = status.with_context(|| format!("`{shown}` does not start"))?;
    if !status.success() {
        bail!("`{shown}` failed: {status}");
    }
    Ok(())
}

/// Prints two commands and runs them at the same time. What the second one prints follows when both have ended.
///
/// # Errors
///
/// If one of them does not start, or fails.
pub fn steps(first: &mut Command, second: &mut Command) -> Result<()> {
    let shown = shown(second);
    eprintln!("\n== {shown}, in parallel with the following");
    let started = second
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let started = started.with_context(|| format!("`{shown}` does not start"))?;
    // Reads what it prints, so that a full pipe does not block it.
    let second = thread::spawn(|| started.wait_with_output());
    let first = step(first);
    let second = match second.join() {
        Ok(output) => output.with_context(|| format!("`{shown}` cannot be read"))?,
        Err(panic) => std::panic::resume_unwind(panic),
    };
    eprintln!("\n== {shown}");
    for printed in [&second.stderr, &second.stdout] {
        eprint!("{}", String::from_utf8_lossy(printed));
    }
    match first {
        first if second.status.success() => first,
        Ok(()) => bail!("`{shown}` failed: {}", second.status),
        Err(first) => bail!("{first}; `{shown}` failed: {}", second.status),
    }
}

/// Runs a command and returns its standard output.
///
/// # Errors
///
/// If it does not start or fails; the error contains its standard error.
pub fn output(command: &mut Command) -> Result<String> {
    let shown = shown(command);
    let output = command.stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("`{shown}` does not start"))?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!("`{shown}` failed: {}\n{errors}", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{shown}` does not write UTF-8"))
}

/// Whether a command succeeds. Its output is discarded.
pub fn succeeds(command: &mut Command) -> bool {
    let quiet = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// The command line, with the program's name without its folder.
fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let program = program.file_stem().unwrap_or(program.as_os_str());
    let arguments = command
        .get_args()
        .map(|argument| argument.to_string_lossy());
    std::iter::once(program.to_string_lossy())
        .chain(arguments)
        .collect::<Vec<_>>()
        .join(" ")
}
