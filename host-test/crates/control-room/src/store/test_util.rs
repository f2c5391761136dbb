//! For tests: changes to the database by somebody who has the key; leases.

use sqlx::AssertSqlSafe;

use super::error::StoreError;
use super::sql::query;
use super::{Store, integrity};

impl Store {
    /// Executes a statement, and gives all rows the codes of what they contain then.
    ///
    /// # Errors
    ///
    /// Why it failed.
    pub async fn execute_with_key(&self, statement: &str) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        query(AssertSqlSafe(statement.to_owned()))
            .execute(tx.connection())
            .await?;
        integrity::authenticate_all(&mut tx.inner, &tx.key).await?;
        tx.commit().await
    }
}

/// A lease on a server.
#[cfg(feature = "postgres")]
#[derive(Debug)]
pub struct TestLease(super::exclusive::Exclusive);

#[cfg(feature = "postgres")]
impl Store {
    /// Waits for a lease.
    ///
    /// # Errors
    ///
    /// [`StoreError::Busy`] after `patience`.
    pub async fn lease(
        &self,
        name: &str,
        patience: std::time::Duration,
    ) -> Result<TestLease, StoreError> {
        self.exclusive(name, patience).await.map(TestLease)
    }
}

#[cfg(feature = "postgres")]
impl TestLease {
    /// The fence of the lease.
    pub fn fence(&self) -> i64 {
        self.0.lease().map_or(0, super::lease::Lease::fence)
    }

    /// How often the lease is extended.
    #[expect(clippy::unused_self, reason = "callers cannot name the type")]
    pub fn extended_every(&self) -> std::time::Duration {
        super::lease::EXTENSION
    }

    /// Stops extending the lease, as a hanging process would.
    pub fn hang(&self) {
        if let Some(lease) = self.0.lease() {
            lease.hang();
        }
    }

    /// Executes a statement under the lease.
    ///
    /// # Errors
    ///
    /// [`StoreError::LeaseLost`].
    pub async fn execute(&self, statement: &'static str) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        query(statement).execute(tx.connection()).await?;
        tx.commit().await
    }
}
