//! Key rotation: every value is opened with the present key and sealed with the next.

use std::sync::Arc;

use sqlx::AssertSqlSafe;

use super::error::StoreError;
use super::events::{self, NewEvent};
use super::integrity;
use super::key::Key;
use super::scrub;
use super::seal::{self, Format, SEALED_COLUMNS, SealedColumn};
use super::sql::{Connection, query, query_scalar};
use super::transaction::Tx;
use super::{Database, Store};

impl Store {
    /// Seals everything with a new key, in one transaction, which also records that in the audit log.
    ///
    /// If the process is killed at any moment, the store opens with the key that is in force then. The former key
    /// stays beside the new one, with its id as the last part of the name, for the backups that were made with it; it
    /// may be deleted if there are none. Other processes that have the store open switch to the new key with their
    /// next transaction.
    ///
    /// # Errors
    ///
    /// Why it failed; the present key stays in force. If only the last steps fail, the new key is in force: the next
    /// process that opens the store renames the file of the new key; [`StoreError::NotScrubbed`] if what was sealed with
    /// the former key may still be in the file.
    pub async fn rotate_key(&self) -> Result<(), StoreError> {
        let database = &self.0.database;
        let files = database.key_files().ok_or(StoreError::InMemory)?;
        // Longer than the transaction: the files are put in order after the commit.
        let _lock = match database {
            Database::File(file) => file.home()?.folder.lock().await?,
            #[cfg(feature = "postgres")]
            Database::Server(server) => server.key_files.lock().await?,
        };
        let mut tx = self.write().await?;
        files.settle(&tx.key)?;
        let next = Arc::new(Key::random());
        files.archive_former_key(&tx.key)?;
        files.write_new_key(&next)?;
        if let Err(error) = seal_all(&mut tx, &next).await {
            if let Err(error) = files.remove_new_key() {
                tracing::warn!(%error, "an unused key is removed when the store is opened next");
            }
            return Err(error);
        }
        scrub::mark(tx.connection()).await?;
        // If the process is killed during the commit, the database decides which key is in force.
        tx.commit().await?;
        self.set_key(Arc::clone(&next));
        files.settle(&next)?;
        self.scrub().await
    }
}

async fn seal_all(tx: &mut Tx, next: &Key) -> Result<(), StoreError> {
    let (facts, key) = (tx.facts().await?, Arc::clone(&tx.key));
    tx.verify_all().await?;
    reseal(tx.connection(), (Format::Bound, &key), next).await?;
    integrity::authenticate_all(tx.connection(), next).await?;
    facts.write(tx.connection(), next).await?;
    let event = NewEvent {
        action: events::KEY_ROTATED,
        ..NewEvent::default()
    };
    events::record(tx.connection(), next, &event).await
}

/// Opens every value with one key, and seals it with the next.
pub(super) async fn reseal(
    connection: &mut Connection<'_>,
    from: (Format, &Key),
    to: &Key,
) -> Result<(), StoreError> {
    for column in SEALED_COLUMNS {
        reseal_column(connection, from, to, column).await?;
    }
    Ok(())
}

async fn reseal_column(
    connection: &mut Connection<'_>,
    (format, key): (Format, &Key),
    next: &Key,
    column: &SealedColumn,
) -> Result<(), StoreError> {
    let SealedColumn {
        table,
        identity,
        column: name,
        ..
    } = column;
    let identities = identity.join(", ");
    let is_row: Vec<_> = (1..)
        .zip(*identity)
        .map(|(n, id)| format!("{id} = ${n}"))
        .collect();
    let is_row = is_row.join(" AND ");
    let select = format!("SELECT {identities} FROM {table} WHERE {name} IS NOT NULL");
    let select_value = format!("SELECT {name} FROM {table} WHERE {is_row}");
    let update = format!(
        "UPDATE {table} SET {name} = ${} WHERE {is_row}",
        identity.len() + 1
    );
    for row in query(AssertSqlSafe(select)).fetch_all(connection).await? {
        let ids = (0..identity.len())
            .map(|index| row.get(index))
            .collect::<Result<Vec<&str>, _>>()?;
        // One after the other: bot files and logs are long.
        let mut value = query_scalar(AssertSqlSafe(select_value.as_str()));
        let mut update = query(AssertSqlSafe(update.as_str()));
        for id in &ids {
            value = value.bind(id.to_string());
            update = update.bind(id.to_string());
        }
        let sealed: Vec<u8> = value.fetch_one(connection).await?;
        let value = seal::open_as(format, key, column, &ids, &sealed)?;
        let sealed = seal::seal(next, column, &ids, &value)?;
        update.bind(sealed).execute(connection).await?;
    }
    Ok(())
}
