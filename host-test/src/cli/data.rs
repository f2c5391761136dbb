//! The location of the Control Room: `--data`, and the key file that an environment variable names.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, bail};
use control_room::{KeySource, Place, Store};

use super::config::defaults;
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
        let shown = shown(&place);
        let opened = Store::open(place, key_source()).await;
        let store = opened.with_context(|| format!("the Control Room in {shown}"))?;
        for notice in store.notices() {
            urgent(&notice.to_string());
        }
        Ok(store)
    }

    /// Opens an existing Control Room. A typo in `--data` is an error and creates no folder.
    pub(crate) async fn existing(&self) -> anyhow::Result<Store> {
        let place = self.place()?;
        if !place.exists() {
            bail!(
                "there is no Control Room in {}; `bot-runner vault locker create` and `bot-runner user \
                 create` create one, and --data selects another folder",
                shown(&place)
            );
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
        Place::Folder(folder) => folder.display().to_string(),
        Place::Memory => "memory".into(),
    }
}
