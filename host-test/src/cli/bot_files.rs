//! Bot files as they are read from disk.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::Context;
use bot_engine::Language;
use bot_engine::file::MAX_FILE;

use super::messages;

/// The content of a bot file, or a little more than it may have.
pub(crate) fn read_file(path: &Path, language: Language) -> anyhow::Result<Vec<u8>> {
    let mut file = Vec::new();
    File::open(path)
        .and_then(|opened| opened.take(MAX_FILE as u64 + 1).read_to_end(&mut file))
        .with_context(|| messages::bot_file(language, path.display()))?;
    Ok(file)
}
