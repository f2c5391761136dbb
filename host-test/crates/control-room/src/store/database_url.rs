//! The URL of a database on a server.

use std::fmt;

use oauth2::url::Url;

use super::error::{StoreError, URL_PARAMETERS};

/// The URL of a PostgreSQL database, such as `postgres://bot-runner@db.example.com/control_room?sslmode=verify-full`. It
/// contains no password: the password is in the file that `PGPASSFILE` names. Its parameters are those that are listed in `operators.md`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseUrl(Url);

impl DatabaseUrl {
    /// Parses a URL that names a database.
    ///
    /// # Errors
    ///
    /// [`StoreError::InvalidDatabaseUrl`], [`StoreError::PasswordInUrl`], [`StoreError::UnknownUrlParameter`]. None has the URL in it.
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        let url = Url::parse(text).map_err(|_| StoreError::InvalidDatabaseUrl)?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(StoreError::InvalidDatabaseUrl);
        }
        let has_parameter = |wanted: &str| url.query_pairs().any(|(name, _)| name == wanted);
        if url.password().is_some() || has_parameter("password") {
            return Err(StoreError::PasswordInUrl);
        }
        if !url
            .query_pairs()
            .all(|(name, _)| URL_PARAMETERS.contains(&&*name))
        {
            return Err(StoreError::UnknownUrlParameter);
        }
        let names_database = url.path().len() > 1 || has_parameter("dbname");
        if !names_database {
            return Err(StoreError::InvalidDatabaseUrl);
        }
        Ok(Self(url))
    }

    /// Whether it says how the connection is encrypted.
    #[cfg(feature = "postgres")]
    pub(super) fn has_ssl_mode(&self) -> bool {
        self.0.query_pairs().any(|(name, _)| name == "sslmode")
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_with_a_password_is_refused_and_not_repeated() {
        for url in [
            "postgres://ada:canary@localhost/room",
            "postgres://ada:@localhost/room?password=canary",
            "postgresql:///room?host=/run/postgresql&password=canary",
        ] {
            let error = DatabaseUrl::parse(url).unwrap_err();
            assert!(matches!(error, StoreError::PasswordInUrl), "{error:?}");
            assert!(!format!("{error} {error:?}").contains("canary"));
        }
    }

    #[test]
    fn an_unknown_parameter_is_refused_and_not_repeated() {
        for parameter in [
            "sslpassword=canary",
            "passwd=canary",
            "canary",
            "ssl-mode=disable",
        ] {
            let url = format!("postgres://localhost/room?sslmode=verify-full&{parameter}");
            let error = DatabaseUrl::parse(&url).unwrap_err();
            assert!(
                matches!(error, StoreError::UnknownUrlParameter),
                "{error:?}"
            );
            assert!(!format!("{error} {error:?}").contains("canary"));
        }
    }

    #[test]
    fn only_urls_of_postgresql_databases_are_accepted() {
        for url in [
            "postgres://localhost/room",
            "postgresql://ada@[::1]:5433/room?sslmode=disable",
            "postgres://?host=/run/postgresql&dbname=room",
        ] {
            assert_eq!(DatabaseUrl::parse(url).unwrap().to_string(), url);
        }
        for url in [
            "",
            "room",
            "mysql://localhost/room",
            "postgres://localhost",
            "postgres://localhost/",
        ] {
            let error = DatabaseUrl::parse(url).unwrap_err();
            assert!(
                matches!(error, StoreError::InvalidDatabaseUrl),
                "{url}: {error:?}"
            );
        }
    }
}
