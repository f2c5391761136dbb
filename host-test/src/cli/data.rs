//! The location of the Control Room: `--data`, and the key file that an environment variable names.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, bail};
use control_room::{KeySource, Place, Store};

use super::config::defaults;
use super::locale::language;
use super::messages;
use super::output::urgent;

/// The environment variable with the path of the key file. The default is a file in the data folder.
const KEY_FILE: &str = "CONTROL_ROOM_KEY_FILE";

/// Options of all commands that work with a Control Room.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct DataOptions {
    /// The data folder of the Control Room, or :memory: to store nothing [default: the platform's]
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) data: Option<PathBuf>,
}

impl DataOptions {
    /// Opens the Control Room, and creates it if it does not exist.
    pub(crate) async fn open(&self) -> anyhow::Result<Store> {
        let place = self.place()?;
        let context = messages::control_room(language(), shown(&place));
        let store = Store::open(place, key_source()).await.context(context)?;
        for notice in store.notices() {
            urgent(&notice.message(language()));
        }
        Ok(store)
    }

    /// Opens an existing Control Room. A typo in `--data` is an error and creates no folder.
    pub(crate) async fn existing(&self) -> anyhow::Result<Store> {
        let place = self.place()?;
        if !place.exists() {
            bail!(messages::no_control_room(language(), shown(&place)));
        }
        self.open().await
    }

    /// The data folder. `None` for a Control Room in memory.
    pub(crate) fn folder(&self) -> anyhow::Result<Option<PathBuf>> {
        match self.place()? {
            Place::Folder(folder) => Ok(Some(folder)),
            Place::Memory => Ok(None),
        }
    }

    fn place(&self) -> anyhow::Result<Place> {
        Ok(match self.data.as_ref().or(defaults().data.as_ref()) {
            Some(data) if data.as_os_str() == ":memory:" => Place::Memory,
            Some(data) => Place::Folder(data.clone()),
            None => Place::Folder(Place::default_folder().context("--data")?),
        })
    }
}

/// The source of the key. An empty variable counts as not set.
pub(crate) fn key_source() -> KeySource {
    match env::var_os(KEY_FILE) {
        Some(file) if !file.is_empty() => KeySource::File(file.into()),
        _ => KeySource::InFolder,
    }
}

fn shown(place: &Place) -> String {
    match place {
        Place::Folder(folder) => messages::in_folder(language(), folder.display()),
        Place::Memory => messages::in_memory(language()).into(),
    }
}
