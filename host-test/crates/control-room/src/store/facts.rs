//! What the Control Room knows about itself, in one sealed text. So nobody without the key can undo it.

use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::key::Key;
use super::seal::{self, FACTS, Format};
use super::sql::{Connection, query, query_as};

/// The text in place of the facts before there were any.
const NO_FACTS: &str = "control room";

/// The facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Facts {
    /// The version of the tables, at least: it is noted after a migration.
    pub(super) schema: i64,
    /// There has been a user, who was made an administrator.
    pub(crate) has_had_user: bool,
    /// There has been a user who can sign in at the pages.
    pub(crate) is_set_up: bool,
}

/// The row of the key in force.
pub(super) struct KeyRow {
    pub(super) key_id: String,
    sealed: Vec<u8>,
}

impl KeyRow {
    /// Reads it; `None` before the first start has written it.
    pub(super) async fn read(connection: &mut Connection<'_>) -> Result<Option<Self>, StoreError> {
        let row: Result<Option<(String, Vec<u8>)>, _> =
            query_as("SELECT key_id, sealed FROM store_key")
                .fetch_optional(connection)
                .await;
        let row = row.map_err(|error| match error.into() {
            // A value of a type that the column never has.
            StoreError::InvalidColumn(_) => StoreError::Sealed(FACTS.table),
            other => other,
        })?;
        Ok(row.map(|(key_id, sealed)| Self { key_id, sealed }))
    }

    /// The facts, which only the right key opens; `None` if they were never written.
    pub(super) fn open(&self, key: &Key) -> Result<Option<Facts>, StoreError> {
        if Format::of(&self.sealed) == Some(Format::Unbound) {
            let text = seal::open_as(Format::Unbound, key, &FACTS, &[], &self.sealed)?;
            let is_expected = text.expose_secret() == NO_FACTS;
            return if is_expected {
                Ok(None)
            } else {
                Err(StoreError::Sealed(FACTS.table))
            };
        }
        let text = seal::open(key, &FACTS, &[], &self.sealed)?;
        let facts = serde_json::from_str(text.expose_secret());
        facts.map(Some).map_err(|_| StoreError::Sealed(FACTS.table))
    }
}

impl Facts {
    /// Those of a new Control Room with tables of this version.
    #[cfg(feature = "postgres")]
    pub(super) fn of_new(schema: i64) -> Self {
        Self {
            schema,
            has_had_user: false,
            is_set_up: false,
        }
    }

    /// Writes the facts and the id of the key.
    pub(super) async fn write(
        &self,
        connection: &mut Connection<'_>,
        key: &Key,
    ) -> Result<(), StoreError> {
        let text = serde_json::to_string(self).map_err(|_| StoreError::Sealed(FACTS.table))?;
        let sealed = seal::seal(key, &FACTS, &[], &text.into())?;
        query("DELETE FROM store_key").execute(connection).await?;
        query("INSERT INTO store_key (id, key_id, sealed) VALUES (1, $1, $2)")
            .bind(key.id())
            .bind(sealed)
            .execute(connection)
            .await?;
        Ok(())
    }
}
