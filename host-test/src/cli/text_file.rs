//! Reads the text files that operators name.

use std::io::{self, ErrorKind};
use std::path::Path;

use bot_engine::name::without_byte_order_mark;

use super::locale::language;
use super::messages;

/// The text in a file of at most `limit` bytes.
///
/// # Errors
///
/// If it cannot be read; [`ErrorKind::FileTooLarge`]; [`ErrorKind::InvalidData`] if it is not UTF-8.
pub(crate) fn read(path: &Path, limit: usize) -> io::Result<String> {
    let content = egress::read_file(path, limit).map_err(|error| match error.kind() {
        kind @ ErrorKind::FileTooLarge => {
            io::Error::new(kind, messages::too_large(language(), limit >> 20))
        }
        _ => error,
    })?;
    let text = str::from_utf8(&content)
        .map_err(|_| io::Error::new(ErrorKind::InvalidData, messages::is_not_utf8(language())))?;
    Ok(without_byte_order_mark(text).to_owned())
}
