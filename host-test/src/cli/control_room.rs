//! `bot-runner control-room`: the file that everything is kept in, and its key.

use std::path::PathBuf;

use clap::Subcommand;
use control_room::{Store, StoreError};

use super::Outcome;
use super::data::{DataOptions, key_source};
use super::output::done;

/// `bot-runner control-room`
#[derive(Debug, clap::Args)]
pub(crate) struct ControlRoomArgs {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    data: DataOptions,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Seal every value with a new key; the former one stays beside it, for the backups made with it
    RotateKey,
    /// Write a copy to a new file; it holds no key
    Backup { file: PathBuf },
    /// Put a copy in the place of what is in the data folder, which is kept beside it
    Restore { file: PathBuf },
}

pub(crate) async fn run(args: &ControlRoomArgs) -> anyhow::Result<Outcome> {
    match &args.command {
        Command::RotateKey => {
            let store = args.data.existing().await?;
            let rotated = store.rotate_key().await;
            store.close().await;
            rotated?;
            done("sealed every value with a new key; the former one is kept beside it");
        }
        Command::Backup { file } => {
            let store = args.data.existing().await?;
            let written = store.backup(file).await;
            store.close().await;
            written?;
            let file = file.display();
            done(&format!(
                "wrote a copy to {file}; the key, which is not in it, opens it"
            ));
        }
        Command::Restore { file } => {
            let folder = args.data.folder()?.ok_or(StoreError::InMemory)?;
            Store::restore(&folder, &key_source(), file).await?;
            let (folder, file) = (folder.display(), file.display());
            done(&format!(
                "restored the Control Room in {folder} from {file}"
            ));
        }
    }
    Ok(Outcome::Done)
}
