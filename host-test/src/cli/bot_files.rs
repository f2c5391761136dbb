//! Bot files as they are read from disk.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use anyhow::Context;
use async_trait::async_trait;
use bot_engine::file::MAX_FILE;
use bot_engine::{BotSource, BotSourceError};

use super::locale::language;
use super::messages;

/// The content of a bot file, or a little more than it may have.
pub(crate) fn read_file(path: &Path) -> anyhow::Result<Vec<u8>> {
    read(path).with_context(|| messages::bot_file(language(), path.display()))
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = Vec::new();
    let opened = File::open(path)?;
    opened.take(MAX_FILE as u64 + 1).read_to_end(&mut file)?;
    Ok(file)
}

/// The bots beside a bot file: each is in a file with its name.
pub(crate) struct BotsBeside(Option<PathBuf>);

impl BotsBeside {
    /// The bots beside this file; none beside a bot that is in no file.
    pub(crate) fn of(file: Option<&Path>) -> Self {
        Self(file.and_then(Path::parent).map(Path::to_owned))
    }
}

#[async_trait]
impl BotSource for BotsBeside {
    async fn file(&self, name: &str) -> Result<Vec<u8>, BotSourceError> {
        let is_file_name = !name.starts_with('.') && !name.contains(['/', '\\', ':']);
        let Some(folder) = self.0.as_ref().filter(|_| is_file_name) else {
            return Err(BotSourceError::None);
        };
        read(&folder.join(format!("{name}.json"))).map_err(|error| match error.kind() {
            ErrorKind::NotFound => BotSourceError::None,
            _ => BotSourceError::Failed,
        })
    }
}
