//! Transactions, with the key that is in force in them.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::SecretString;
use sqlx::AssertSqlSafe;

use super::columns::NamedRow;
use super::error::StoreError;
use super::events::{self, NewEvent};
use super::facts::{Facts, KeyRow};
use super::integrity::{self, Rows, Table, Trusted, Verified};
use super::key::Key;
use super::scrub;
use super::seal::{self, SealedColumn};
use super::sql::{Access, Connection, Query, Row, Value, query_as};
use crate::name::Name;

#[cfg(test)]
thread_local! {
    /// How often the transactions of a test have asked the database.
    pub(crate) static QUERIES: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// How many bot files or logs are in memory at the same time.
pub(crate) const OPENED_AT_ONCE: usize = 16;

/// A transaction, which is rolled back unless it is committed.
pub(crate) struct Tx {
    pub(super) inner: Connection<'static>,
    pub(super) access: Access,
    pub(super) key: Arc<Key>,
    pub(super) recorded_changes: Arc<Mutex<HashSet<String>>>,
    pub(super) trusted: Trusted,
}

impl Tx {
    /// The connection to run queries on.
    pub(crate) fn connection(&mut self) -> &mut Connection<'static> {
        #[cfg(test)]
        QUERIES.set(QUERIES.get() + 1);
        &mut self.inner
    }

    /// Has the file rewritten after the commit: by [`Store::scrub`](super::Store::scrub), or when it is opened next.
    pub(crate) async fn mark_for_scrubbing(&mut self) -> sqlx::Result<()> {
        scrub::mark(&mut self.inner).await
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

    /// Verifies rows before they authorise something, or are changed.
    ///
    /// # Errors
    ///
    /// [`StoreError::Changed`], which is recorded in the audit log. Then what this transaction has written is undone.
    pub(crate) async fn verify(
        &mut self,
        table: &'static Table,
        rows: Rows<'_>,
    ) -> Result<(), StoreError> {
        self.verified(table, rows).await.map(drop)
    }

    /// Like [`Tx::verify`]; returns the rows with the members of their sets.
    pub(crate) async fn verified(
        &mut self,
        table: &'static Table,
        rows: Rows<'_>,
    ) -> Result<Vec<Verified>, StoreError> {
        #[cfg(test)]
        QUERIES.set(QUERIES.get() + 1);
        let (connection, trusted) = (&mut self.inner, &mut self.trusted);
        let verified = integrity::verify(connection, &self.key, table, rows, trusted).await;
        self.recorded(verified).await
    }

    /// Verifies rows that were read with [`Table::select`].
    pub(crate) async fn verify_rows(
        &mut self,
        table: &'static Table,
        rows: &[Row],
    ) -> Result<(), StoreError> {
        let verified = integrity::verify_rows(&mut self.inner, &self.key, table, rows).await;
        self.recorded(verified).await
    }

    /// The verified row with this name, of a table in which each name is unique.
    pub(crate) async fn named(
        &mut self,
        table: &'static Table,
        name: &str,
    ) -> Result<Option<NamedRow>, StoreError> {
        let rows = self.verified(table, Rows::With("name", &[name])).await?;
        rows.first().map(Verified::named).transpose()
    }

    /// Verifies these rows, and that each has this name in its table: a list may have it from an index.
    pub(crate) async fn verify_names<'a>(
        &mut self,
        table: &'static Table,
        rows: impl Iterator<Item = (&'a String, &'a Name)>,
    ) -> Result<(), StoreError> {
        let rows: Vec<_> = rows.collect();
        let ids: Vec<_> = rows.iter().map(|(id, _)| id.as_str()).collect();
        let verified = self.verified(table, Rows::With("id", &ids)).await?;
        let mut found = HashMap::new();
        for row in verified {
            let NamedRow { id, name } = row.named()?;
            found.insert(id, name);
        }
        match rows
            .into_iter()
            .find(|(id, name)| found.get(*id) != Some(name))
        {
            None => Ok(()),
            Some((_, name)) => self.changed(table, name.to_string()).await,
        }
    }

    /// The names of the rows with these ids, as verified rows have them. Each row must be there.
    pub(crate) async fn names(
        &mut self,
        table: &'static Table,
        ids: &[&str],
    ) -> Result<HashMap<String, Name>, StoreError> {
        let ids: BTreeSet<_> = ids.iter().copied().collect();
        let ids: Vec<_> = ids.into_iter().collect();
        let mut names = HashMap::new();
        for row in self.verified(table, Rows::With("id", &ids)).await? {
            let NamedRow { id, name } = row.named()?;
            names.insert(id, name);
        }
        match ids.iter().find(|id| !names.contains_key(**id)) {
            None => Ok(names),
            Some(id) => self.changed(table, (*id).to_owned()).await,
        }
    }

    /// The values of a sealed column, by the ids of their rows. Texts can be long: the caller asks for
    /// [`OPENED_AT_ONCE`] at most.
    pub(crate) async fn opened(
        &mut self,
        sealed: &SealedColumn,
        ids: &[&str],
    ) -> Result<HashMap<String, SecretString>, StoreError> {
        let SealedColumn { table, column, .. } = sealed;
        let select = format!("SELECT id, {column} FROM {table} WHERE {column} IS NOT NULL AND ");
        let mut query = query_as(AssertSqlSafe(select));
        Rows::With("id", ids).push(&mut query);
        let found: Vec<(String, Vec<u8>)> = query.fetch_all(self.connection()).await?;
        let open = |(id, bytes): (String, Vec<u8>)| {
            let value = self.open(sealed, &[&id], &bytes)?;
            Ok((id, value))
        };
        found.into_iter().map(open).collect()
    }

    /// The verified rows with these ids, which a query has found, in this order. Each must be as `is_expected`, which is what
    /// the query looked for.
    pub(crate) async fn listed(
        &mut self,
        table: &'static Table,
        ids: &[String],
        is_expected: impl Fn(&Row) -> bool,
    ) -> Result<Vec<Verified>, StoreError> {
        let texts: Vec<_> = ids.iter().map(String::as_str).collect();
        let mut found = HashMap::new();
        for verified in self.verified(table, Rows::With("id", &texts)).await? {
            let id: String = verified.row().get("id")?;
            found.insert(id, verified);
        }
        let mut listed = Vec::with_capacity(ids.len());
        for id in ids {
            match found.remove(id).filter(|it| is_expected(it.row())) {
                Some(verified) => listed.push(verified),
                None => return self.changed(table, id.clone()).await,
            }
        }
        Ok(listed)
    }

    /// Fails, as this row is not what was looked for, or is missing.
    pub(crate) async fn changed<T>(
        &mut self,
        table: &'static Table,
        row: String,
    ) -> Result<T, StoreError> {
        let table = table.name;
        self.recorded(Err(StoreError::Changed { table, row })).await
    }

    /// Verifies every row.
    pub(super) async fn verify_all(&mut self) -> Result<(), StoreError> {
        let verified = integrity::verify_all(&mut self.inner, &self.key).await;
        self.recorded(verified).await
    }

    /// Gives rows that were written the codes of what they contain now. What they contained before was verified in this
    /// transaction.
    ///
    /// # Errors
    ///
    /// [`StoreError::Changed`] if one of them was neither verified nor inserted here.
    pub(crate) async fn authenticate(
        &mut self,
        table: &'static Table,
        rows: Rows<'_>,
    ) -> Result<(), StoreError> {
        let (connection, trusted) = (&mut self.inner, &self.trusted);
        let done = integrity::authenticate(connection, &self.key, table, rows, trusted).await;
        self.recorded(done).await
    }

    /// Inserts a row, and gives it its code.
    pub(crate) async fn insert(
        &mut self,
        table: &'static Table,
        insert: Query<Row>,
    ) -> Result<(), StoreError> {
        let number = integrity::insert(self.connection(), insert).await?;
        self.trusted.add(table, number);
        let column = self.inner.row_number();
        self.authenticate(table, Rows::Number(column, number)).await
    }

    /// Inserts a row of a table without sets, all of whose columns have these values.
    pub(crate) async fn insert_values(
        &mut self,
        table: &'static Table,
        values: Vec<(&'static str, Value)>,
    ) -> Result<(), StoreError> {
        integrity::insert_values(&mut self.inner, &self.key, table, values).await
    }

    /// The members of a verified row's set, to change them as the table was changed.
    pub(crate) fn members(&mut self, set: &'static str, owner: &str) -> &mut BTreeSet<String> {
        self.trusted.members(set, owner)
    }

    /// What the Control Room knows about itself.
    pub(crate) async fn facts(&mut self) -> Result<Facts, StoreError> {
        let row = KeyRow::read(&mut self.inner).await?;
        let facts = row.map(|row| row.open(&self.key)).transpose()?;
        facts.flatten().ok_or(StoreError::Sealed("store_key"))
    }

    /// Changes what the Control Room knows about itself.
    pub(crate) async fn set_facts(&mut self, facts: &Facts) -> Result<(), StoreError> {
        facts.write(&mut self.inner, &self.key).await
    }

    /// Records an event in the audit log.
    pub(crate) async fn record(&mut self, event: &NewEvent<'_>) -> Result<(), StoreError> {
        events::record(&mut self.inner, &self.key, event).await
    }

    /// Records a changed row in the log and in the audit log, once in each process.
    async fn recorded<T>(&mut self, verified: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(StoreError::Changed { table, row }) = &verified {
            let subject = format!("{table}: {row}");
            let is_new = self
                .recorded_changes
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(subject.clone());
            if is_new {
                tracing::error!(table, row, "a row was changed from outside");
            }
            let event = NewEvent {
                action: events::CHANGED_ROW,
                subject: &subject,
                ..NewEvent::default()
            };
            if is_new && let Err(error) = self.record_alone(&event).await {
                tracing::error!(%error, "that is not in the audit log");
                // It is tried again when the row is found next.
                self.recorded_changes
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .remove(&subject);
            }
        }
        verified
    }

    /// Records an event in a transaction of its own, in place of this one, which begins anew in any case.
    async fn record_alone(&mut self, event: &NewEvent<'_>) -> Result<(), StoreError> {
        let connection = &mut self.inner;
        connection.rollback_in_place().await?;
        self.trusted = Trusted::default();
        let recorded = record_and_commit(connection, &self.key, event).await;
        connection.begin_in_place(self.access).await?;
        recorded
    }

    /// Commits. What was written is on disk when this returns. If the connection to a server breaks meanwhile, it may be there
    /// although this fails.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        Ok(self.inner.commit().await?)
    }
}

async fn record_and_commit(
    connection: &mut Connection<'_>,
    key: &Key,
    event: &NewEvent<'_>,
) -> Result<(), StoreError> {
    connection.begin_in_place(Access::Write).await?;
    let recorded = match KeyRow::read(connection).await {
        Ok(Some(row)) if row.key_id == key.id() => events::record(connection, key, event).await,
        // Another process has rotated the key.
        Ok(_) => Err(StoreError::Busy),
        Err(error) => Err(error),
    };
    let committed = match recorded {
        Ok(()) => connection.commit_in_place().await,
        Err(error) => {
            connection.rollback_in_place().await?;
            return Err(error);
        }
    };
    if committed.is_err() {
        connection.rollback_in_place().await?;
    }
    Ok(committed?)
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::task::Poll;

    use super::super::integrity::ROLES;
    use super::super::sql::query;
    use super::super::{KeySource, Place, Store};
    use super::*;

    const ROLE: &str = "INSERT INTO roles (id, name) VALUES ($1, $1)";

    async fn insert(tx: &mut Tx, name: &str) -> Result<(), StoreError> {
        tx.insert(&ROLES, query(ROLE).bind(name)).await
    }

    async fn set_limit(tx: &mut Tx, pages: u32) {
        let pragma = format!("PRAGMA max_page_count = {pages}");
        let pragma = query(AssertSqlSafe(pragma));
        pragma.execute(tx.connection()).await.unwrap();
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
            assert_eq!(names, ["administrator", "before"]);
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
            for moment in 0..40 {
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
                assert_eq!(names, ["administrator", "kept"], "after {moment}");
            }
        }
    }
}
