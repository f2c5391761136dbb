//! Reads a secret: from a hidden prompt if standard input is a terminal, otherwise from standard input. Secrets are never
//! arguments, as those are visible in the list of processes.

use std::io::{self, IsTerminal};
use std::path::Path;

use anyhow::{Context, ensure};
use secrecy::{ExposeSecret, SecretString};

use super::output::one_line;
use super::secret_file::read_secret;

/// Reads the secret that `what` describes, without the line break at its end. An empty secret is an error: standard input
/// was probably forgotten.
pub(crate) fn secret(what: &str) -> anyhow::Result<SecretString> {
    let secret = if io::stdin().is_terminal() {
        let typed = rpassword::prompt_password(format!("{} (hidden): ", one_line(what)));
        typed.context("cannot read from the terminal")?.into()
    } else {
        read_secret(Path::new("-"))?
    };
    ensure!(!secret.expose_secret().is_empty(), "{what} is empty");
    Ok(secret)
}
