//! Reads the text files that operators name.

use std::io::{self, ErrorKind};
use std::path::Path;

use bot_engine::name::without_byte_order_mark;

/// The text in a file of at most `limit` bytes.
///
/// # Errors
///
/// If it cannot be read; [`ErrorKind::FileTooLarge`]; [`ErrorKind::InvalidData`] if it is not UTF-8.
pub(crate) fn read(path: &Path, limit: usize) -> io::Result<String> {
    let content = egress::read_file(path, limit)?;
    let text = str::from_utf8(&content).map_err(|_| ErrorKind::InvalidData)?;
    Ok(without_byte_order_mark(text).to_owned())
}
