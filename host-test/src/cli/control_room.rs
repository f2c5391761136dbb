//! `bot-runner control-room`: maintenance of the Control Room's database file and its key.

#![expect(
    clippy::doc_markdown,
    reason = "clap shows these comments in a terminal"
)]

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::Subcommand;
use control_room::audit_events::Action;
use control_room::{DatabaseUrl, KeySource, Moved, Place, Principal, Store, StoreError};

use super::audit::note;
use super::control_room_messages as texts;
use super::data::DataOptions;
use super::locale::language;
use super::output::{done, urgent};
use super::signal::interruption;
use super::{Outcome, messages};

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
    /// Encrypt all secrets with a new key; the old key file is kept, for existing backups
    RotateKey,
    /// Write a copy to a new file, without the key
    Backup { file: PathBuf },
    /// Move the data folder to an empty PostgreSQL database, completely or not at all; the key file stays where it is
    Move {
        /// postgres://USER@HOST/DATABASE, with the password in a file that PGPASSFILE names
        #[arg(value_name = "URL")]
        to: String,
    },
    /// Replace the database in the data folder by a backup; the old database is kept beside it
    Restore { file: PathBuf },
}

impl ControlRoomArgs {
    /// The data folder, which there has to be.
    fn folder(&self) -> anyhow::Result<PathBuf> {
        match self.data.place()? {
            Place::Folder(folder) => Ok(folder),
            Place::Memory => Err(StoreError::InMemory.into()),
            Place::Database(_) => Err(StoreError::OnServer.into()),
        }
    }
}

pub(crate) async fn run(args: &ControlRoomArgs) -> anyhow::Result<Outcome> {
    match &args.command {
        Command::RotateKey => {
            let store = args.data.existing().await?;
            let rotated = store.rotate_key().await;
            store.close().await;
            rotated?;
            done(texts::key_rotated(language()));
        }
        Command::Backup { file } => {
            let store = args.data.existing().await?;
            let interrupted = interruption()?;
            let written = tokio::select! {
                written = store.backup(file) => written.map_err(Into::into),
                () = interrupted => Err(anyhow!(messages::no_copy(language()))),
            };
            let noted = match written {
                Ok(()) => note(&store, Action::BackedUp, &file.display().to_string()).await,
                failed => failed,
            };
            store.close().await;
            noted?;
            done(&texts::copied(language(), file.display()));
        }
        Command::Move { to } => {
            let to = DatabaseUrl::parse(to).context("URL")?;
            let folder = args.folder()?;
            args.data.check_existing()?;
            let moved = Store::move_to_server(&folder, &args.data.key_source(), &to).await?;
            let Moved { rows, key, former } = moved;
            let (key, former) = (key.display(), former.display());
            done(&texts::moved(language(), rows, &to, former));
            urgent(&texts::needs_database(language(), &to, key));
        }
        Command::Restore { file } => {
            let folder = args.folder()?;
            let key = args.data.key_source();
            if let Err(error) = Store::restore(&folder, &key, file).await {
                if error.is_tampering() {
                    note_refused(args, file).await;
                }
                return Err(error.into());
            }
            // In the log of the restored Control Room.
            let store = args.data.existing().await?;
            let noted = note(&store, Action::Restored, &file.display().to_string()).await;
            store.close().await;
            noted?;
            let (folder, file) = (folder.display(), file.display());
            done(&texts::restored(language(), folder, file));
            if let KeySource::File(key) = key {
                urgent(&texts::needs_key(language(), key.display()));
            }
        }
    }
    Ok(Outcome::Done)
}

/// Records in the log of the present Control Room, if it can be opened, that a backup was refused.
async fn note_refused(args: &ControlRoomArgs, file: &Path) {
    let Ok(store) = args.data.existing().await else {
        return;
    };
    let (audit, subject) = (store.audit(), file.display().to_string());
    let by = Principal::System;
    if let Err(error) = audit.refused(&by, Action::Restored, &subject).await {
        tracing::error!(%error, "a refused restore cannot be recorded");
    }
    store.close().await;
}
