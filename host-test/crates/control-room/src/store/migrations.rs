//! What the migrations of both databases have in common. The migrations themselves are in [`schema`](super::schema) and
//! `server_schema`.

use std::path::Path;

use sqlx::SqlStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

use super::error::StoreError;

/// Versions and what they do, oldest first. A published migration never changes.
pub(super) struct Migrations(pub(super) &'static [(i64, &'static str, &'static str)]);

impl Migrations {
    /// The latest version that this program knows.
    pub(super) fn latest(&self) -> i64 {
        self.0.last().map_or(0, |(version, ..)| *version)
    }

    pub(super) fn migrator(&self) -> Migrator {
        let migration = |&(version, description, sql): &(i64, &'static str, &'static str)| {
            Migration::new(
                version,
                description.into(),
                MigrationType::Simple,
                SqlStr::from_static(sql),
                false,
            )
        };
        Migrator {
            migrations: self.0.iter().map(migration).collect(),
            ..Migrator::DEFAULT
        }
    }

    /// The version of a database in which these were applied: versions with their checksums, oldest first. `None` if none
    /// was.
    ///
    /// # Errors
    ///
    /// [`StoreError::NewerVersion`]; [`StoreError::NotAControlRoom`] if they are not the first ones of these.
    pub(super) fn version(
        &self,
        applied: &[(i64, Vec<u8>)],
        shown: &Path,
    ) -> Result<Option<i64>, StoreError> {
        let Some(&(version, _)) = applied.last() else {
            return Ok(None);
        };
        let known = self.latest();
        if version > known {
            return Err(StoreError::NewerVersion {
                found: version,
                known,
            });
        }
        let migrator = self.migrator();
        let known = migrator.iter().map(|it| (it.version, &*it.checksum));
        let applied = applied.iter().map(|(version, sum)| (*version, &sum[..]));
        if applied.eq(known.take_while(|(known, _)| *known <= version)) {
            Ok(Some(version))
        } else {
            Err(StoreError::NotAControlRoom(shown.to_owned()))
        }
    }
}
