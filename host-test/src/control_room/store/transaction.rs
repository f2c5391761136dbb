//! A transaction, with the key that is in force in it.

use std::sync::Arc;

use secrecy::SecretString;
use sqlx::sqlite::SqliteConnection;
use sqlx::{Sqlite, Transaction};

use super::error::StoreError;
use super::key::Key;
use super::seal::{self, SealedColumn};

/// A transaction. What is not committed is undone.
pub(crate) struct Tx {
    pub(super) inner: Transaction<'static, Sqlite>,
    pub(super) key: Arc<Key>,
}

impl Tx {
    /// To run queries on.
    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.inner
    }

    /// Seals a value for a row: the values of the column's `identity`, in that order.
    pub(crate) fn seal(
        &self,
        column: &SealedColumn,
        identity: &[&str],
        value: &SecretString,
    ) -> Result<Vec<u8>, StoreError> {
        seal::seal(&self.key, column, identity, value)
    }

    /// Opens the value of a row.
    pub(crate) fn open(
        &self,
        column: &SealedColumn,
        identity: &[&str],
        sealed: &[u8],
    ) -> Result<SecretString, StoreError> {
        seal::open(&self.key, column, identity, sealed)
    }

    /// Confirms it all: when this returns, it is on disk.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        Ok(self.inner.commit().await?)
    }
}
