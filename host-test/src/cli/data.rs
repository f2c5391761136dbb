//! Where the Control Room of a command lies: `--data`, and the key file that the environment names.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, bail};
use control_room::{KeySource, Place, Store};

/// Names the file with the key, where it is not the one in the data folder.
const KEY_FILE: &str = "CONTROL_ROOM_KEY_FILE";

/// What all commands take that work with a Control Room.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct DataOptions {
    /// The data folder of the Control Room, or :memory: to keep nothing [default: the platform's]
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) data: Option<PathBuf>,
}

impl DataOptions {
    /// Opens the Control Room, and creates it if there is none.
    pub(crate) async fn open(&self) -> anyhow::Result<Store> {
        let place = self.place()?;
        let shown = shown(&place);
        let opened = Store::open(place, key_source()).await;
        opened.with_context(|| format!("the Control Room in {shown}"))
    }

    /// Opens the Control Room that is there. For what only reads: a mistaken name makes no folder.
    pub(crate) async fn existing(&self) -> anyhow::Result<Store> {
        let place = self.place()?;
        if !place.exists() {
            bail!(
                "there is no Control Room in {}; `bot-runner vault locker create` and `bot-runner user \
                 create` make one, and --data names another folder",
                shown(&place)
            );
        }
        self.open().await
    }

    /// The data folder. There is none for a Control Room in memory.
    pub(crate) fn folder(&self) -> anyhow::Result<Option<PathBuf>> {
        match self.place()? {
            Place::Folder(folder) => Ok(Some(folder)),
            Place::Memory => Ok(None),
        }
    }

    fn place(&self) -> anyhow::Result<Place> {
        Ok(match &self.data {
            Some(data) if data.as_os_str() == ":memory:" => Place::Memory,
            Some(data) => Place::Folder(data.clone()),
            None => Place::Folder(Place::default_folder().context("--data")?),
        })
    }
}

/// The key's file. A variable that is empty is one that is not set.
pub(crate) fn key_source() -> KeySource {
    match env::var_os(KEY_FILE) {
        Some(file) if !file.is_empty() => KeySource::File(file.into()),
        _ => KeySource::InFolder,
    }
}

fn shown(place: &Place) -> String {
    match place {
        Place::Folder(folder) => folder.display().to_string(),
        Place::Memory => "memory".into(),
    }
}
