//! The location of the Control Room: `--data` or `--database`, and the file of its key.

#![expect(
    clippy::doc_markdown,
    reason = "clap shows these comments in a terminal"
)]

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use control_room::{DatabaseUrl, KeySource, Place, Store};

use super::config::{MEMORY, SQLITE, defaults};
use super::locale::language;
use super::messages;
use super::output::urgent;

/// The environment variable with the path of the key file. The default is a file in the data folder.
const KEY_FILE: &str = "CONTROL_ROOM_KEY_FILE";

/// Options of all commands that work with a Control Room.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct DataOptions {
    /// The data folder of the Control Room, or :memory: to store nothing [default: the platform's]
    #[arg(long, value_name = "DIR", global = true, conflicts_with = "database")]
    pub(crate) data: Option<PathBuf>,
    /// The database of the Control Room: postgres://USER@HOST/DATABASE (its password is in the file that PGPASSFILE names), or
    /// sqlite:DIR
    #[arg(long, value_name = "URL", global = true)]
    pub(crate) database: Option<String>,
    /// The key file of the Control Room [default: CONTROL_ROOM_KEY_FILE, or a file in the data folder]
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) key_file: Option<PathBuf>,
}

impl DataOptions {
    /// Opens the Control Room, and creates it if it does not exist.
    pub(crate) async fn open(&self) -> anyhow::Result<Store> {
        let place = self.place()?;
        let context = messages::control_room(language(), shown(&place));
        let store = Store::open(place, self.key_source())
            .await
            .context(context)?;
        for notice in store.notices() {
            urgent(&notice.message(language()));
        }
        Ok(store)
    }

    /// Opens an existing Control Room. A typo in `--data` is an error and creates no folder.
    pub(crate) async fn existing(&self) -> anyhow::Result<Store> {
        self.check_existing()?;
        self.open().await
    }

    /// Fails if there is no Control Room.
    pub(crate) fn check_existing(&self) -> anyhow::Result<()> {
        let place = self.place()?;
        if !place.exists() {
            bail!(messages::no_control_room(language(), shown(&place)));
        }
        Ok(())
    }

    /// Whether an option says where the Control Room is.
    pub(crate) fn is_named(&self) -> bool {
        self.data.is_some() || self.database.is_some()
    }

    /// Where the Control Room is. An option takes precedence over an environment variable, and that over the configuration
    /// file.
    pub(crate) fn place(&self) -> anyhow::Result<Place> {
        let defaults = defaults();
        if self.is_named() {
            return place(self.data.as_deref(), self.database.as_deref());
        }
        if defaults.data.is_some() && defaults.database.is_some() {
            bail!(messages::two_places(language()));
        }
        place(defaults.data.as_deref(), defaults.database.as_deref())
    }

    /// The source of the key. An empty variable counts as not set.
    pub(crate) fn key_source(&self) -> KeySource {
        let from_environment = || env::var_os(KEY_FILE).filter(|file| !file.is_empty());
        match self
            .key_file
            .clone()
            .or_else(|| Some(from_environment()?.into()))
        {
            Some(file) => KeySource::File(file),
            None => KeySource::InFolder,
        }
    }
}

fn place(data: Option<&Path>, database: Option<&str>) -> anyhow::Result<Place> {
    let folder = database.and_then(|database| database.strip_prefix(SQLITE));
    let data = match (database, folder) {
        (None, _) => data,
        (Some(_), Some(folder)) => Some(Path::new(folder)).filter(|_| !folder.is_empty()),
        (Some(database), None) => {
            let url = DatabaseUrl::parse(database).context("--database")?;
            return Ok(Place::Database(url));
        }
    };
    Ok(match data {
        Some(data) if data.as_os_str() == MEMORY => Place::Memory,
        Some(data) => Place::Folder(data.to_owned()),
        None => Place::Folder(Place::default_folder().context("--data")?),
    })
}

fn shown(place: &Place) -> String {
    match place {
        Place::Folder(folder) => messages::in_folder(language(), folder.display()),
        Place::Database(url) => messages::in_folder(language(), url),
        Place::Memory => messages::in_memory(language()).into(),
    }
}
