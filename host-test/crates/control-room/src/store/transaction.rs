//! Transactions, with the key that is in force in them.

use std::pin::Pin;
use std::sync::Arc;

use secrecy::SecretString;
use sqlx::pool::PoolConnectionMetadata;
use sqlx::sqlite::{SqliteConnection, SqliteTransactionManager};
use sqlx::{Connection, Sqlite, Transaction};
use sqlx_core::transaction::TransactionManager;

use super::error::StoreError;
use super::key::Key;
use super::seal::{self, SealedColumn};

/// A transaction, which is rolled back unless it is committed.
pub(crate) struct Tx {
    pub(super) inner: Transaction<'static, Sqlite>,
    pub(super) key: Arc<Key>,
}

impl Tx {
    /// The connection to run queries on.
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

    /// Commits. What was written is on disk when this returns.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        Ok(self.inner.commit().await?)
    }
}

/// Whether a connection that is returned to the pool can be used again.
///
/// A caller that is dropped while its transaction begins leaves the transaction open. And on a full disk SQLite rolls
/// a transaction back by itself; sqlx cannot roll it back again and goes on counting it, so that no other could begin
/// on this connection. Then an empty transaction is begun and rolled back in its place.
pub(super) fn settle(connection: &mut SqliteConnection, _: PoolConnectionMetadata) -> Settled<'_> {
    Box::pin(async move {
        // The rollback of a dropped transaction may still be queued.
        connection.ping().await?;
        if connection.is_in_transaction()
            && SqliteTransactionManager::rollback(connection)
                .await
                .is_err()
        {
            sqlx::query("BEGIN").execute(&mut *connection).await?;
            SqliteTransactionManager::rollback(connection).await?;
        }
        Ok(!connection.is_in_transaction())
    })
}

type Settled<'c> = Pin<Box<dyn Future<Output = Result<bool, sqlx::Error>> + Send + 'c>>;

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::task::Poll;

    use sqlx::AssertSqlSafe;

    use super::super::{KeySource, Place, Store};
    use super::*;

    const ROLE: &str = "INSERT INTO roles (id, name) VALUES ($1, $1)";

    async fn insert(tx: &mut Tx, name: &str) -> Result<(), StoreError> {
        sqlx::query(ROLE)
            .bind(name)
            .execute(tx.connection())
            .await?;
        Ok(())
    }

    async fn set_limit(tx: &mut Tx, pages: u32) {
        let pragma = format!("PRAGMA max_page_count = {pages}");
        sqlx::query(AssertSqlSafe(pragma))
            .execute(tx.connection())
            .await
            .unwrap();
    }

    #[tokio::test]
    async fn a_transaction_that_sqlite_rolled_back_leaves_its_connection_usable() {
        let folder = tempfile::tempdir().unwrap();
        for place in [Place::Folder(folder.path().to_owned()), Place::Memory] {
            let store = Store::open(place, KeySource::InFolder).await.unwrap();
            let mut tx = store.write().await.unwrap();
            insert(&mut tx, "before").await.unwrap();
            tx.commit().await.unwrap();
            for _ in 0..10 {
                let mut tx = store.write().await.unwrap();
                insert(&mut tx, "undone").await.unwrap();
                // As on a full disk.
                set_limit(&mut tx, 1).await;
                let long = "x".repeat(100_000);
                let error = insert(&mut tx, &long).await.unwrap_err();
                assert!(matches!(error, StoreError::Full), "{error:?}");
                set_limit(&mut tx, u32::MAX - 1).await;
            }
            let roles = store.users().roles().await.unwrap();
            let names: Vec<_> = roles.iter().map(|role| role.name.as_str()).collect();
            assert_eq!(names, ["before"]);
        }
    }

    #[tokio::test]
    async fn a_dropped_caller_leaves_the_store_usable() {
        let folder = tempfile::tempdir().unwrap();
        for place in [Place::Folder(folder.path().to_owned()), Place::Memory] {
            let store = Store::open(place, KeySource::InFolder).await.unwrap();
            let mut tx = store.write().await.unwrap();
            insert(&mut tx, "kept").await.unwrap();
            tx.commit().await.unwrap();
            // Dropped at each point where it waits for SQLite, before and after the response. There are fewer points
            // than these.
            for moment in 0..24 {
                let mut writing = Box::pin(async {
                    let mut tx = store.write().await.unwrap();
                    insert(&mut tx, "undone").await.unwrap();
                });
                let (waits, has_response) = (moment / 2, moment % 2 == 1);
                let mut woken = 0;
                poll_fn(|context| {
                    if woken > waits {
                        return Poll::Ready(());
                    }
                    let polled = writing.as_mut().poll(context);
                    woken += 1;
                    if polled.is_ready() || (woken > waits && !has_response) {
                        Poll::Ready(())
                    } else {
                        Poll::Pending
                    }
                })
                .await;
                drop(writing);
                let roles = store.users().roles().await.unwrap();
                let names: Vec<_> = roles.iter().map(|role| role.name.as_str()).collect();
                assert_eq!(names, ["kept"], "after {moment}");
            }
        }
    }
}
