//! Defaults from environment variables and a configuration file, `bot-runner.toml`. An option takes precedence over a
//! variable, and that over the file. There are no secrets in either.

use std::env;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context, anyhow};
use bot_engine::Language;
use egress::Gateway;
use serde::de::{Deserializer, Error};
use serde::{Deserialize, de};

use super::locale::language;
use super::log::LogFormat;
use super::options::MAX_TIMEOUT;
use super::{messages, text_file};

/// The environment variable with the path of the file.
const FILE: &str = "BOT_RUNNER_CONFIG";

/// The scheme of a database URL that names a data folder.
pub(crate) const SQLITE: &str = "sqlite:";

/// Stands for a Control Room that stores nothing.
pub(crate) const MEMORY: &str = ":memory:";

/// The largest file, in bytes.
const MAX_FILE: usize = 1 << 20;

static DEFAULTS: OnceLock<Defaults> = OnceLock::new();

/// What they can set.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Defaults {
    /// The data folder of the Control Room.
    #[serde(deserialize_with = "not_empty")]
    pub(crate) data: Option<PathBuf>,
    /// The URL of its database.
    #[cfg_attr(
        not(feature = "control-room"),
        allow(dead_code, reason = "the small harness has no Control Room")
    )]
    #[serde(deserialize_with = "not_empty")]
    pub(crate) database: Option<String>,
    /// Where to connect to for every Genesys host.
    #[serde(deserialize_with = "gateway")]
    pub(crate) gateway: Option<Gateway>,
    /// A file with further CA certificates.
    #[serde(deserialize_with = "not_empty")]
    pub(crate) ca_file: Option<PathBuf>,
    /// The folder with components.
    #[serde(deserialize_with = "not_empty")]
    pub(crate) components: Option<PathBuf>,
    /// The language of messages.
    #[serde(deserialize_with = "not_empty")]
    pub(crate) locale: Option<String>,
    /// The format of the log's lines.
    pub(crate) log_format: Option<LogFormat>,
    /// The longest time of a call of the action, in seconds.
    #[serde(deserialize_with = "timeout")]
    pub(crate) timeout: Option<u32>,
}

/// What they set. Nothing, before [`load`].
pub(crate) fn defaults() -> &'static Defaults {
    DEFAULTS.get_or_init(Defaults::default)
}

/// Reads the file, if there is one, and the environment.
///
/// # Errors
///
/// If the file is not valid, with its line; if the one that the environment names cannot be read; or if a variable is not
/// valid.
pub(crate) fn load() -> anyhow::Result<()> {
    let mut defaults = from_file()?;
    defaults.replace_by_environment()?;
    let _ = DEFAULTS.set(defaults);
    Ok(())
}

fn from_file() -> anyhow::Result<Defaults> {
    let named = set(FILE);
    let Some(path) = named.clone().or_else(in_folder_of_user) else {
        return Ok(Defaults::default());
    };
    match text_file::read(&path, MAX_FILE) {
        Err(error) if error.kind() == ErrorKind::NotFound && named.is_none() => {
            Ok(Defaults::default())
        }
        read => {
            let text = read.with_context(|| messages::configuration(language(), path.display()))?;
            Defaults::parse(&text, &path)
        }
    }
}

/// The value of an environment variable with a path. An empty one counts as not set.
fn set(name: &str) -> Option<PathBuf> {
    let value = env::var_os(name).filter(|it| !it.is_empty());
    value.map(PathBuf::from)
}

/// The file in the user's folder for configuration: `$XDG_CONFIG_HOME` (XDG Base Directory Specification) or `~/.config`, and
/// `%APPDATA%` on Windows.
fn in_folder_of_user() -> Option<PathBuf> {
    let folder = if cfg!(windows) {
        set("APPDATA")?
    } else {
        // A relative path is to be ignored.
        let folder = set("XDG_CONFIG_HOME").filter(|it| it.is_absolute());
        folder.or_else(|| Some(set("HOME")?.join(".config")))?
    };
    Some(folder.join("bot-runner").join("bot-runner.toml"))
}

impl Defaults {
    /// Reads the content of the file at this path, on whose folder relative paths are based.
    fn parse(text: &str, path: &Path) -> anyhow::Result<Self> {
        let mut defaults: Self = toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.map_or(1, |before| before.matches('\n').count() + 1);
            anyhow!(messages::invalid_setting(
                language(),
                path.display(),
                line,
                match language() {
                    Language::English => error.message().to_owned(),
                    Language::German => in_german(),
                }
            ))
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let Self {
            data,
            database,
            ca_file,
            components,
            ..
        } = &mut defaults;
        let in_folder = database.as_deref().and_then(|it| it.strip_prefix(SQLITE));
        if let Some(data) = in_folder.filter(|it| !matches!(*it, "" | MEMORY)) {
            *database = Some(format!("{SQLITE}{}", folder.join(data).display()));
        }
        for file in [data, ca_file, components].into_iter().flatten() {
            if file.as_os_str() != MEMORY {
                *file = folder.join(&file);
            }
        }
        Ok(defaults)
    }

    /// Replaces what the environment sets. The variables of the other members are read where their options are.
    fn replace_by_environment(&mut self) -> anyhow::Result<()> {
        let (data, database) = (set("BOT_RUNNER_DATA"), set("BOT_RUNNER_DATABASE"));
        if data.is_some() || database.is_some() {
            let database = database.map(|url| url.to_string_lossy().into_owned());
            (self.data, self.database) = (data, database);
        }
        self.ca_file = set("BOT_RUNNER_CA_FILE").or(self.ca_file.take());
        let name = "BOT_RUNNER_GATEWAY";
        if let Some(value) = set(name) {
            let gateway = value.to_str().and_then(|it| it.parse().ok());
            let gateway = gateway.with_context(|| messages::not_a_gateway(language(), name))?;
            self.gateway = Some(gateway);
        }
        let name = "BOT_RUNNER_TIMEOUT";
        if let Some(value) = set(name) {
            let seconds = value.to_str().and_then(|it| it.parse().ok());
            let seconds = seconds.filter(|it| (1..=MAX_TIMEOUT).contains(it));
            let seconds =
                seconds.with_context(|| messages::not_a_timeout(language(), name, MAX_TIMEOUT))?;
            self.timeout = Some(seconds);
        }
        Ok(())
    }
}

/// What can be in the file, instead of what the parser says in English.
fn in_german() -> String {
    format!(
        "hier steht keine gültige Einstellung; möglich sind, je höchstens einmal, data, database, gateway (HOST:PORT), \
         ca-file, components und locale mit einem Text, log-format mit text oder json und timeout mit einer Zahl von 1 \
         bis {MAX_TIMEOUT}"
    )
}

/// A text that is not empty.
fn not_empty<'de, D: Deserializer<'de>, T: From<String>>(from: D) -> Result<Option<T>, D::Error> {
    let text = String::deserialize(from)?;
    if text.trim().is_empty() {
        let found = de::Unexpected::Str(&text);
        return Err(Error::invalid_value(found, &"a text that is not empty"));
    }
    Ok(Some(text.into()))
}

fn gateway<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Gateway>, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map(Some).map_err(Error::custom)
}

/// As `--timeout`.
fn timeout<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u32>, D::Error> {
    let seconds = toml::Value::deserialize(from)?.as_integer();
    match seconds.and_then(|it| u32::try_from(it).ok()) {
        Some(seconds @ 1..=MAX_TIMEOUT) => Ok(Some(seconds)),
        _ => Err(Error::custom(format_args!(
            "timeout must be a number of seconds from 1 to {MAX_TIMEOUT}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_reported_with_its_line() {
        let path = Path::new("folder/bot-runner.toml");
        let mut messages = String::new();
        for text in [
            "\ngatway = \"a:1\"",
            "data = \"\"",
            "# a comment\n\ngateway = \"https://proxy\"",
            "timeout = 0",
            "timeout = \"1\"",
            "components = 1",
            "locale = ",
            "log-format = \"xml\"",
            "[proxy]\nurl = 1",
            "data = \"a\"\ndata = \"b\"",
        ] {
            let error = Defaults::parse(text, path).unwrap_err().to_string();
            messages += &format!("{}\n", error.replace('\n', " "));
        }
        insta::assert_snapshot!(messages);
    }

    #[test]
    fn relative_paths_are_based_on_the_folder_of_the_file() {
        let text =
            "\u{feff}data = \":memory:\"\nca-file = \"ca.pem\"\ncomponents = \"/c\"\ntimeout = 5\n";
        let defaults = Defaults::parse(text, Path::new("folder/bot-runner.toml")).unwrap();
        let path = |path: &Option<PathBuf>| path.clone().unwrap();
        assert_eq!(path(&defaults.data), Path::new(":memory:"));
        assert_eq!(path(&defaults.ca_file), Path::new("folder/ca.pem"));
        assert_eq!(path(&defaults.components), Path::new("/c"));
        assert_eq!((defaults.timeout, defaults.locale), (Some(5), None));
        for (url, based) in [
            ("sqlite:room", "sqlite:folder/room"),
            ("sqlite::memory:", "sqlite::memory:"),
            ("sqlite:", "sqlite:"),
            ("postgres://localhost/room", "postgres://localhost/room"),
        ] {
            let text = format!("database = \"{url}\"");
            let defaults = Defaults::parse(&text, Path::new("folder/bot-runner.toml")).unwrap();
            assert_eq!(defaults.database.unwrap(), based);
        }
    }
}
