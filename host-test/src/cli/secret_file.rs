//! Reads secrets from files and from standard input.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context, ensure};
use bot_engine::name::{code_point, pasted};
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use super::locale::language;
use super::messages;

/// The largest file with a secret, in bytes.
const MAX_SECRET_FILE: usize = 64 << 10;

/// Reads a secret from a file, or from standard input if it is `-`. See [`checked`].
pub(crate) fn read_secret(file: &Path) -> anyhow::Result<SecretString> {
    let (what, read) = if file == Path::new("-") {
        let read = read(&mut io::stdin().lock());
        (messages::secret_on_input(language()).to_owned(), read)
    } else {
        let read = File::open(file).and_then(|mut file| read(&mut file));
        (messages::secret_in(language(), file.display()), read)
    };
    let bytes = read.with_context(|| what.clone())?;
    ensure!(
        bytes.len() <= MAX_SECRET_FILE,
        messages::secret_too_large(language(), what, MAX_SECRET_FILE >> 10)
    );
    let is_utf_16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    ensure!(!is_utf_16, messages::utf_16(language(), what));
    let text = str::from_utf8(&bytes).ok();
    checked(
        &what,
        text.with_context(|| messages::not_utf8(language(), &what))?,
    )
}

fn read(source: &mut dyn Read) -> io::Result<Zeroizing<Vec<u8>>> {
    // Allocate once: growing the buffer would leave copies of the secret in freed memory.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_SECRET_FILE + 1));
    let mut source = source.take(MAX_SECRET_FILE as u64 + 1);
    source.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The secret that a text is, as [`pasted`] reads it.
pub(crate) fn checked(what: &str, text: &str) -> anyhow::Result<SecretString> {
    match pasted(text) {
        Ok(secret) => Ok(secret.into()),
        Err(character) => {
            anyhow::bail!(messages::invisible(language(), what, code_point(character)))
        }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    /// What is read from a file with this content.
    fn read_from(content: &[u8]) -> Result<String, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        std::fs::write(&file, content).unwrap();
        match read_secret(&file) {
            Ok(secret) => Ok(secret.expose_secret().into()),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn a_secret_is_read_without_what_only_marks_its_encoding_or_end() {
        for content in [
            "a b",
            "a b\n",
            "a b\r\n\r\n",
            "\u{feff}a b\r\n",
            "\u{a0}a b\u{a0}\n",
        ] {
            assert_eq!(read_from(content.as_bytes()).as_deref(), Ok("a b"));
        }
        let lines = "-----BEGIN\nx\ty\r\n-----END";
        assert_eq!(read_from(lines.as_bytes()).as_deref(), Ok(lines));
    }

    #[test]
    fn an_invisible_character_in_a_secret_is_named_and_the_secret_is_not_shown() {
        for (content, expected) in [
            ("canary\0", "U+0000"),
            ("\u{200b}canary", "U+200B"),
            ("can\u{ad}ary", "U+00AD"),
            ("canary\u{2060}", "U+2060"),
            ("\u{200e}canary", "U+200E"),
            ("can\u{feff}ary", "U+FEFF"),
            ("\u{1b}[31mcanary", "U+001B"),
        ] {
            let error = read_from(content.as_bytes()).unwrap_err();
            assert!(
                error.contains(expected) && !error.contains("ary"),
                "{error}"
            );
        }
    }

    #[test]
    fn another_encoding_is_named() {
        let utf_16: Vec<_> = "\u{feff}canary"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert!(read_from(&utf_16).unwrap_err().contains("UTF-16"));
        assert!(
            read_from(b"can\xe4ry")
                .unwrap_err()
                .contains("not in UTF-8")
        );
    }
}
