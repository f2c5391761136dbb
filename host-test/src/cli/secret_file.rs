//! Reads secrets from files.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::Context;
use secrecy::SecretString;

/// The largest file with a secret, in bytes.
const MAX_SECRET_FILE: u64 = 64 << 10;

/// Reads a secret from a file, or from standard input if it is `-`, without the line break at its end.
pub(crate) fn read_secret(file: &Path) -> anyhow::Result<SecretString> {
    let read = |source: &mut dyn Read| {
        let mut text = String::new();
        source
            .take(MAX_SECRET_FILE + 1)
            .read_to_string(&mut text)
            .map(|_| text)
    };
    let text = if file == Path::new("-") {
        read(&mut io::stdin().lock()).context("the secret on standard input")
    } else {
        File::open(file)
            .and_then(|mut file| read(&mut file))
            .with_context(|| format!("the secret in {}", file.display()))
    }?;
    anyhow::ensure!(
        text.len() as u64 <= MAX_SECRET_FILE,
        "the secret in {} is larger than {} KiB",
        file.display(),
        MAX_SECRET_FILE >> 10
    );
    Ok(text.trim_end_matches(['\r', '\n']).into())
}
