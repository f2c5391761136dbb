//! Credentials without a Control Room: from files, as orchestrators mount them, and from environment variables.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use bot_engine::{
    AttributePath, BorrowedToken, ConnectionRef, Purpose, ResolveError, ResolveErrorKind,
    SecretProvider,
};
use secrecy::{ExposeSecret, SecretString};

use super::secret_file::read_secret;
use super::setup::variable;

/// What the names of environment variables with credentials begin with.
const PREFIX: &str = "BOT_CREDENTIAL";

/// Credentials that are at hand, and files and environment variables with others. Any of them may go into any field,
/// and there are no connections.
#[derive(Default)]
pub(crate) struct LocalSecrets {
    /// Credentials that need not be looked up.
    pub(crate) known: BTreeMap<AttributePath, SecretString>,
    /// The folder with a file for each credential: `LOCKER/CREDENTIAL/ATTRIBUTE`, in lower case.
    pub(crate) folder: Option<PathBuf>,
}

impl LocalSecrets {
    /// An environment variable wins over a file. One that is empty counts as not set.
    fn resolve(&self, path: &AttributePath) -> Result<SecretString, ResolveError> {
        use ResolveErrorKind::{NoValue, NotFound, ProviderFailed};
        if let Some(secret) = self.known.get(path) {
            return Ok(secret.clone());
        }
        let name = variable_name(path);
        if let Some(name) = &name {
            let found = variable(name);
            let found = found.map_err(|error| ResolveError::new(ProviderFailed, error))?;
            if let Some(secret) = found.filter(|secret| !secret.expose_secret().is_empty()) {
                return Ok(secret);
            }
        }
        let file = self.folder.as_ref().and_then(|folder| file(folder, path));
        let Some(file) = file else {
            let advice = match name {
                Some(name) => format!("set {name}, or name a folder with --credentials"),
                None => "name a folder with --credentials".into(),
            };
            let message = format!("there is no credential {path}; {advice}");
            return Err(ResolveError::new(NotFound, message));
        };
        match read_secret(&file) {
            Ok(secret) if secret.expose_secret().is_empty() => {
                let message = format!("{} is empty", file.display());
                Err(ResolveError::new(NoValue, message))
            }
            Ok(secret) => Ok(secret),
            Err(error) if is_not_found(&error) => {
                let message = format!("there is no credential {path}: no file {}", file.display());
                Err(ResolveError::new(NotFound, message))
            }
            Err(error) => Err(ResolveError::new(ProviderFailed, error)),
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

/// The file of a credential. `None` if a name is not that of a file in a folder, on any system: it could lead elsewhere.
fn file(folder: &Path, path: &AttributePath) -> Option<PathBuf> {
    let names = names(path);
    let is_file_name = |name: &str| name != "." && name != ".." && !name.contains(['/', '\\', ':']);
    let file = folder.join(names.iter().collect::<PathBuf>());
    names.into_iter().all(is_file_name).then_some(file)
}

/// The name of the variable: `genesys/hello-bot/client-id` is `BOT_CREDENTIAL__GENESYS__HELLO_BOT__CLIENT_ID`.
///
/// `None` unless the names are ASCII letters and digits with single hyphens between them: the variables of two
/// credentials could have the same name.
fn variable_name(path: &AttributePath) -> Option<String> {
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
    ResolveError::new(
        ResolveErrorKind::NotFound,
        format!(
            "the OAuth connection \"{}\" needs a Control Room, and this run has none",
            connection.name
        ),
    )
}

#[async_trait]
impl SecretProvider for LocalSecrets {
    async fn check_credential(&self, path: &AttributePath, _: bool) -> Result<(), ResolveError> {
        self.resolve(path).map(drop)
    }

    async fn credential(
        &self,
        path: &AttributePath,
        _: Purpose<'_>,
    ) -> Result<SecretString, ResolveError> {
        self.resolve(path)
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
        secrets.resolve(&path(credential)).unwrap_err().kind()
    }

    #[test]
    fn a_credential_is_a_file_in_the_folder() {
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
        let said = error.unwrap_err().to_string();
        assert!(
            said.contains("BOT_CREDENTIAL__GENESYS__HELLO_BOT__CLIENT_ID"),
            "{said}"
        );
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let around = tempfile::tempdir().unwrap();
        fs::create_dir_all(around.path().join("in/a")).unwrap();
        fs::create_dir_all(around.path().join("out")).unwrap();
        fs::write(around.path().join("out/secret"), "outside").unwrap();
        let secrets = in_folder(&around.path().join("in"));
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
    fn no_two_credentials_share_a_variable() {
        for ambiguous in ["a_b/c/d", "a--b/c/d", "a b/c/d", "\u{e4}/c/d", "-a/c/d"] {
            assert_eq!(variable_name(&path(ambiguous)), None, "{ambiguous}");
        }
        let plain = variable_name(&path("a-b/c1/d"));
        assert_eq!(plain.as_deref(), Some("BOT_CREDENTIAL__A_B__C1__D"));
    }
}
