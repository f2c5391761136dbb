//! Reads the files that people name.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// The content of a file of at most `limit` bytes. What has no end, such as `/dev/zero`, is not read to the end.
///
/// # Errors
///
/// If it cannot be read; [`ErrorKind::FileTooLarge`].
///
/// ```
/// use std::io::ErrorKind;
///
/// # let cas = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
/// assert!(!egress::read_file(&cas, 1 << 20)?.is_empty());
/// let refused = egress::read_file(&cas, 2).unwrap_err();
/// assert_eq!(refused.kind(), ErrorKind::FileTooLarge);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn read_file(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let size = usize::try_from(file.metadata()?.len()).unwrap_or(limit);
    // Large enough for a regular file from the beginning: a secret is not left in memory that was given back.
    let mut content = Vec::with_capacity(size.min(limit) + 1);
    file.take(limit as u64 + 1).read_to_end(&mut content)?;
    if content.len() > limit {
        return Err(ErrorKind::FileTooLarge.into());
    }
    Ok(content)
}
