//! Credentials without a Control Room: from files, as orchestrators mount them, and from environment variables.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context;
use async_trait::async_trait;
use bot_engine::{
    AttributePath, BorrowedToken, ConnectionRef, Purpose, ResolveError, ResolveErrorKind,
    SecretProvider,
};
use secrecy::SecretString;

use super::secret_file::read_secret;
use super::setup::variable;

/// What the names of environment variables with credentials begin with.
const PREFIX: &str = "BOT_CREDENTIAL";

/// Credentials that are at hand, and files and environment variables with others. There are no connections.
#[derive(Default)]
pub(crate) struct LocalSecrets {
    /// Credentials that need not be looked up.
    pub(crate) known: BTreeMap<AttributePath, SecretString>,
    /// The folder with a file for each credential: `LOCKER/CREDENTIAL/ATTRIBUTE`.
    pub(crate) folder: Option<PathBuf>,
}

impl LocalSecrets {
    fn find(&self, path: &AttributePath) -> anyhow::Result<SecretString> {
        if let Some(secret) = self.known.get(path) {
            return Ok(secret.clone());
        }
        let name = variable_name(path);
        if let Some(secret) = variable(&name)? {
            return Ok(secret);
        }
        let file = self.folder.as_ref().and_then(|folder| {
            // A name may be `..`, and then is no name of a file.
            let names = names(path);
            let is_file = names.iter().all(|name| !matches!(*name, "." | ".."));
            is_file.then(|| folder.join(names.iter().collect::<PathBuf>()))
        });
        match file {
            Some(file) => read_secret(&file).with_context(|| format!("and {name} is not set")),
            None => anyhow::bail!(
                "there is no credential {path}; set {name}, or name a folder with --credentials"
            ),
        }
    }

    fn resolve(&self, path: &AttributePath) -> Result<SecretString, ResolveError> {
        self.find(path)
            .map_err(|error| ResolveError::new(ResolveErrorKind::NotFound, format!("{error:#}")))
    }
}

fn names(path: &AttributePath) -> [&str; 3] {
    [
        path.credential.locker.as_str(),
        path.credential.credential.as_str(),
        path.attribute.as_str(),
    ]
}

/// The name of the variable: `genesys/hello-bot/client-id` is `BOT_CREDENTIAL__GENESYS__HELLO_BOT__CLIENT_ID`.
fn variable_name(path: &AttributePath) -> String {
    let upper = |name: &str| {
        let characters = name.chars().map(|c| match c.is_ascii_alphanumeric() {
            true => c.to_ascii_uppercase(),
            false => '_',
        });
        characters.collect::<String>()
    };
    names(path)
        .into_iter()
        .fold(PREFIX.to_owned(), |all, name| all + "__" + &upper(name))
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

    use secrecy::ExposeSecret;

    use super::*;

    fn path(text: &str) -> AttributePath {
        text.parse().unwrap()
    }

    #[test]
    fn a_credential_is_a_file_in_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let credential = folder.path().join("genesys/hello-bot");
        fs::create_dir_all(&credential).unwrap();
        fs::write(credential.join("client-id"), "an id\n").unwrap();
        let secrets = LocalSecrets {
            folder: Some(folder.path().join("genesys/..")),
            ..LocalSecrets::default()
        };
        let found = secrets.resolve(&path("Genesys/Hello-Bot/client-id"));
        assert_eq!(found.unwrap().expose_secret(), "an id");
        let error = secrets
            .resolve(&path("genesys/hello-bot/other"))
            .unwrap_err();
        assert_eq!(error.kind(), ResolveErrorKind::NotFound);
        let said = error.to_string();
        assert!(
            said.contains("BOT_CREDENTIAL__GENESYS__HELLO_BOT__OTHER"),
            "{said}"
        );
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("in/a")).unwrap();
        fs::write(folder.path().join("secret"), "outside").unwrap();
        let secrets = LocalSecrets {
            folder: Some(folder.path().join("in")),
            ..LocalSecrets::default()
        };
        for outside in ["a/../secret", "../in/secret", "../../secret", "./../secret"] {
            let Ok(outside) = outside.parse() else {
                continue;
            };
            assert!(secrets.resolve(&outside).is_err(), "{outside}");
        }
    }
}
