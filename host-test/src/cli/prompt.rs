//! Asks for a secret: at a terminal without showing it, else on standard input. Never as an argument,
//! where the list of processes shows it.

use std::io::{self, IsTerminal};
use std::path::Path;

use anyhow::{Context, ensure};
use secrecy::{ExposeSecret, SecretString};

use super::output::one_line;
use super::secret_file::read_secret;

/// The secret that `what` names. Without the line break at its end; it may not be empty, as it is where
/// standard input was forgotten.
pub(crate) fn secret(what: &str) -> anyhow::Result<SecretString> {
    let secret = if io::stdin().is_terminal() {
        let typed = rpassword::prompt_password(format!("{} (hidden): ", one_line(what)));
        typed
            .context("nothing can be typed at this terminal")?
            .into()
    } else {
        read_secret(Path::new("-"))?
    };
    ensure!(!secret.expose_secret().is_empty(), "{what} is empty");
    Ok(secret)
}
