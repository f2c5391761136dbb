//! Reads files whose paths users provide.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// The content of a file of at most `limit` bytes. At most `limit + 1` bytes are read, even from an
/// endless file such as `/dev/zero`.
///
/// # Errors
///
/// If it cannot be read; [`ErrorKind::FileTooLarge`].
///
/// ```
/// use std::io::ErrorKind;
///
/// # let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
/// assert!(!egress::read_file(&path, 1 << 20)?.is_empty());
/// let refused = egress::read_file(&path, 2).unwrap_err();
/// assert_eq!(refused.kind(), ErrorKind::FileTooLarge);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn read_file(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let size = usize::try_from(file.metadata()?.len()).unwrap_or(limit);
    // Allocate once for a regular file: growing the buffer would leave copies of a secret in freed memory.
    let mut content = Vec::with_capacity(size.min(limit) + 1);
    file.take(limit as u64 + 1).read_to_end(&mut content)?;
    if content.len() > limit {
        return Err(ErrorKind::FileTooLarge.into());
    }
    Ok(content)
}
