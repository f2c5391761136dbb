//! Credentials without a Control Room: from files, as orchestrators mount them, or from environment variables.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use bot_engine::{
    AttributePath, BorrowedToken, ConnectionRef, Language, ProviderError, Purpose, ResolveError,
    ResolveErrorKind, SecretProvider,
};
use secrecy::{ExposeSecret, SecretString};

use super::environment::variable;
use super::errors;
use super::secret_file::read_secret;

/// The prefix of environment variables with credentials.
const PREFIX: &str = "BOT_CREDENTIAL";

/// Credentials in memory, in files and in environment variables. All of them may be used in any field. There are no
/// connections.
#[derive(Default)]
pub(crate) struct LocalSecrets {
    /// Credentials in memory.
    pub(crate) known: BTreeMap<AttributePath, SecretString>,
    /// The folder with one file per attribute: `LOCKER/CREDENTIAL/ATTRIBUTE`, in lower case.
    pub(crate) folder: Option<PathBuf>,
}

impl LocalSecrets {
    /// An environment variable takes precedence over a file. An empty variable counts as not set.
    fn resolve(&self, path: &AttributePath) -> Result<SecretString, LocalError> {
        if let Some(secret) = self.known.get(path) {
            return Ok(secret.clone());
        }
        let unreadable = |error| LocalError::Unreadable(path.to_string(), error);
        let name = variable_name(path);
        if let Some(name) = &name {
            let found = variable(name).map_err(unreadable)?;
            if let Some(secret) = found.filter(|secret| !secret.expose_secret().is_empty()) {
                return Ok(secret);
            }
        }
        let Some(file) = self.folder.as_ref().and_then(|folder| file(folder, path)) else {
            return Err(LocalError::NotSet(path.to_string(), name));
        };
        match read_secret(&file) {
            Ok(secret) if secret.expose_secret().is_empty() => Err(LocalError::Empty(file)),
            Ok(secret) => Ok(secret),
            Err(error) if is_not_found(&error) => Err(LocalError::NoFile(path.to_string(), file)),
            Err(error) => Err(unreadable(error)),
        }
    }
}

/// Why there is no credential or token, with the path of the credential or the name of the connection.
#[derive(Debug)]
enum LocalError {
    /// Neither a variable of this name nor a file may have the credential.
    NotSet(String, Option<String>),
    /// The credential has no variable, and this file does not exist.
    NoFile(String, PathBuf),
    /// The file of the credential is empty.
    Empty(PathBuf),
    /// The credential is there, and cannot be read.
    Unreadable(String, anyhow::Error),
    /// There are no connections without a Control Room.
    NoConnections(String),
}

impl ProviderError for LocalError {
    fn message(&self, language: Language) -> String {
        match self {
            Self::NotSet(path, Some(variable)) => texts::not_set(language, path, variable),
            Self::NotSet(path, None) => texts::no_folder(language, path),
            Self::NoFile(path, file) => texts::no_file(language, path, file.display()),
            Self::Empty(file) => texts::empty(language, file.display()),
            // With its causes.
            Self::Unreadable(path, error) => {
                texts::unreadable(language, path, errors::message(error))
            }
            Self::NoConnections(name) => texts::no_connections(language, name),
        }
    }
}

impl fmt::Display for LocalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Language::English))
    }
}

impl Error for LocalError {}

impl From<LocalError> for ResolveError {
    fn from(error: LocalError) -> Self {
        let kind = match &error {
            LocalError::NotSet(..) | LocalError::NoFile(..) | LocalError::NoConnections(_) => {
                ResolveErrorKind::NotFound
            }
            LocalError::Empty(_) => ResolveErrorKind::NoValue,
            LocalError::Unreadable(..) => ResolveErrorKind::ProviderFailed,
        };
        Self::new(kind, error)
    }
}

mod texts {
    bot_engine::messages! {
        not_set(path, variable) {
            en: "There is no credential {path}. Set {variable}, or pass a folder with --credentials.",
            de: "Es gibt keine Anmeldedaten {path}. Setzen Sie {variable}, oder geben Sie mit --credentials einen Ordner an.",
        }
        no_folder(path) {
            en: "There is no credential {path}. Pass a folder with --credentials.",
            de: "Es gibt keine Anmeldedaten {path}. Geben Sie mit --credentials einen Ordner an.",
        }
        no_file(path, file) {
            en: "There is no credential {path}: {file} does not exist. Write the value to this file.",
            de: "Es gibt keine Anmeldedaten {path}: {file} existiert nicht. Schreiben Sie den Wert in diese Datei.",
        }
        empty(file) { en: "{file} is empty. Write the value to it.", de: "{file} ist leer. Schreiben Sie den Wert hinein." }
        unreadable(path, error) {
            en: "The credential {path} cannot be read: {error}.",
            de: "Die Anmeldedaten {path} lassen sich nicht lesen: {error}.",
        }
        no_connections(name) {
            en: "The OAuth connection “{name}” needs the Control Room. Run the bot with `--as USER` instead of `--credentials` or `--credentials-env`.",
            de: "Die OAuth-Verbindung „{name}“ braucht den Control Room. Führen Sie den Bot mit `--as USER` statt mit `--credentials` oder `--credentials-env` aus.",
        }
    }
}

fn is_not_found(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == io::ErrorKind::NotFound)
}

fn names(path: &AttributePath) -> [&str; 3] {
    [
        path.credential.locker.as_str(),
        path.credential.credential.as_str(),
        path.attribute.as_str(),
    ]
}

/// The file of an attribute. `None` if a name is not a plain file name on every system, as the path could then leave
/// the folder.
fn file(folder: &Path, path: &AttributePath) -> Option<PathBuf> {
    let names = names(path);
    let is_file_name = |name: &str| name != "." && name != ".." && !name.contains(['/', '\\', ':']);
    let file = folder.join(names.iter().collect::<PathBuf>());
    names.into_iter().all(is_file_name).then_some(file)
}

/// The name of an attribute's variable: `BOT_CREDENTIAL__GENESYS__HELLO_BOT__CLIENT_ID` for `genesys/hello-bot/client-id`.
///
/// `None` unless the names consist of ASCII letters and digits with single hyphens between them. Otherwise two attributes
/// could have the same variable.
pub(crate) fn variable_name(path: &AttributePath) -> Option<String> {
    let mut variable = PREFIX.to_owned();
    for name in names(path) {
        let is_plain =
            |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric());
        if !name.split('-').all(is_plain) {
            return None;
        }
        variable.push_str("__");
        variable.push_str(&name.replace('-', "_").to_ascii_uppercase());
    }
    Some(variable)
}

fn no_connections(connection: &ConnectionRef) -> ResolveError {
    LocalError::NoConnections(connection.name.to_string()).into()
}

#[async_trait]
impl SecretProvider for LocalSecrets {
    async fn check_credential(&self, path: &AttributePath, _: bool) -> Result<(), ResolveError> {
        Ok(self.resolve(path).map(drop)?)
    }

    async fn credential(
        &self,
        path: &AttributePath,
        _: Purpose<'_>,
    ) -> Result<SecretString, ResolveError> {
        Ok(self.resolve(path)?)
    }

    async fn check_connection(&self, connection: &ConnectionRef) -> Result<(), ResolveError> {
        Err(no_connections(connection))
    }

    async fn token(
        &self,
        connection: &ConnectionRef,
        _: Option<&SecretString>,
    ) -> Result<BorrowedToken, ResolveError> {
        Err(no_connections(connection))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn path(text: &str) -> AttributePath {
        text.parse().unwrap()
    }

    fn in_folder(folder: &Path) -> LocalSecrets {
        LocalSecrets {
            folder: Some(folder.into()),
            ..LocalSecrets::default()
        }
    }

    fn kind(secrets: &LocalSecrets, credential: &str) -> ResolveErrorKind {
        let error = secrets.resolve(&path(credential)).unwrap_err();
        ResolveError::from(error).kind()
    }

    #[test]
    fn credentials_are_read_from_files() {
        let folder = tempfile::tempdir().unwrap();
        let credential = folder.path().join("genesys/hello-bot");
        fs::create_dir_all(credential.join("folder")).unwrap();
        fs::write(credential.join("client-id"), "an id\n").unwrap();
        fs::write(credential.join("empty"), "\n").unwrap();
        let secrets = in_folder(folder.path());
        let found = secrets.resolve(&path("Genesys/Hello-Bot/client-id"));
        assert_eq!(found.unwrap().expose_secret(), "an id");
        for (credential, expected) in [
            ("genesys/hello-bot/other", ResolveErrorKind::NotFound),
            ("genesys/hello-bot/empty", ResolveErrorKind::NoValue),
            ("genesys/hello-bot/folder", ResolveErrorKind::ProviderFailed),
        ] {
            assert_eq!(kind(&secrets, credential), expected, "{credential}");
        }
        let error = LocalSecrets::default().resolve(&path("genesys/hello-bot/client-id"));
        let message = error.unwrap_err().to_string();
        assert!(
            message.contains("BOT_CREDENTIAL__GENESYS__HELLO_BOT__CLIENT_ID"),
            "{message}"
        );
    }

    #[test]
    fn each_error_is_said_in_both_languages() {
        let file = || PathBuf::from("genesys/hello-bot/client-id");
        let path = || "genesys/hello-bot/client-id".to_owned();
        for error in [
            LocalError::NotSet(path(), Some("BOT_CREDENTIAL__A".into())),
            LocalError::NotSet(path(), None),
            LocalError::NoFile(path(), file()),
            LocalError::Empty(file()),
            LocalError::Unreadable(path(), anyhow::anyhow!("it is a folder")),
            LocalError::NoConnections("prod".into()),
        ] {
            let [english, german] = Language::ALL.map(|language| error.message(language));
            assert_ne!(english, german);
            assert_eq!(english, error.to_string());
        }
    }

    #[test]
    fn names_cannot_leave_the_folder() {
        let parent = tempfile::tempdir().unwrap();
        fs::create_dir_all(parent.path().join("in/a")).unwrap();
        fs::create_dir_all(parent.path().join("out")).unwrap();
        fs::write(parent.path().join("out/secret"), "outside").unwrap();
        let secrets = in_folder(&parent.path().join("in"));
        for outside in [
            "../out/secret",
            "a/../secret",
            "./../secret",
            "..\\out/x/y",
            "c:/x/y",
        ] {
            assert_eq!(
                kind(&secrets, outside),
                ResolveErrorKind::NotFound,
                "{outside}"
            );
        }
    }

    #[test]
    fn ambiguous_names_have_no_variable() {
        for ambiguous in ["a_b/c/d", "a--b/c/d", "a b/c/d", "\u{e4}/c/d", "-a/c/d"] {
            assert_eq!(variable_name(&path(ambiguous)), None, "{ambiguous}");
        }
        let plain = variable_name(&path("a-b/c1/d"));
        assert_eq!(plain.as_deref(), Some("BOT_CREDENTIAL__A_B__C1__D"));
    }
}
