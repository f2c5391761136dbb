//! Where the Control Room of a command lies: `--data`, and the key file that the environment names.

use std::env;
use std::path::PathBuf;

use anyhow::Context;
use host_test::control_room::{KeySource, Place, Store};

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
    /// Opens the Control Room, and makes it where there is none.
    pub(crate) async fn open(&self) -> anyhow::Result<Store> {
        let place = match &self.data {
            Some(data) if data.as_os_str() == ":memory:" => Place::Memory,
            Some(data) => Place::Folder(data.clone()),
            None => Place::Folder(Place::default_folder().context("--data")?),
        };
        // A variable that is empty is one that is not set.
        let key = match env::var_os(KEY_FILE) {
            Some(file) if !file.is_empty() => KeySource::File(file.into()),
            _ => KeySource::InFolder,
        };
        let shown = match &place {
            Place::Folder(folder) => folder.display().to_string(),
            Place::Memory => "memory".into(),
        };
        let opened = Store::open(place, key).await;
        opened.with_context(|| format!("the Control Room in {shown}"))
    }
}
