//! For tests: changes to the database by somebody who has the key.

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
