//! Moves a Control Room from its data folder to a server, whole or not at all. The key stays the same, and with it what is
//! sealed and the codes of rows, by which the copy is verified before it counts.

use std::path::{Path, PathBuf};

use super::database_url::DatabaseUrl;
use super::error::StoreError;
use super::key::KeySource;
use super::{Place, Store};

#[cfg(feature = "postgres")]
use {
    super::events::{self, NewEvent},
    super::facts::KeyRow,
    super::file::{Content, inspect_file},
    super::folder::{Folder, refuse_taken, rename_new, with_suffix},
    super::integrity::{self, TABLES},
    super::key::KeyFiles,
    super::schema::{self, Sharing},
    super::server,
    super::sql::{Connection, Value, query, query_as},
    sqlx::{AssertSqlSafe, Connection as _},
    std::collections::HashSet,
};

/// What was moved, and where its parts are now.
#[derive(Debug)]
pub struct Moved {
    /// How many rows there are.
    pub rows: usize,
    /// The file of the key, which is needed from now on.
    pub key: PathBuf,
    /// The database in the folder, under a name by which it is not used any more.
    pub former: PathBuf,
}

impl Store {
    /// Moves the Control Room of a folder to an empty database on a server. No process may have the folder open.
    ///
    /// # Errors
    ///
    /// If the folder is in use, or a row of it was changed without the key; if there is something in the database; or if it
    /// cannot be written. After an error, nothing is in the database, and the folder is still in use, possibly with its
    /// tables brought up to date. The exception is [`StoreError::NotRenamed`]: the database is complete then.
    pub async fn move_to_server(
        folder: &Path,
        key: &KeySource,
        to: &DatabaseUrl,
    ) -> Result<Moved, StoreError> {
        can_connect(to).await?;
        // Brings the tables and the key files up to date.
        let store = Self::open(Place::Folder(folder.to_owned()), key.clone()).await?;
        store.close().await;
        drop(store);
        move_closed(folder, key, to).await
    }
}

/// Fails before anything is changed in the folder if there is no such server.
#[cfg(feature = "postgres")]
async fn can_connect(to: &DatabaseUrl) -> Result<(), StoreError> {
    let _ = server::connect(to).await?.close().await;
    Ok(())
}

#[cfg(not(feature = "postgres"))]
#[expect(clippy::unused_async, reason = "the server is a feature")]
async fn can_connect(_: &DatabaseUrl) -> Result<(), StoreError> {
    Err(StoreError::NoPostgres)
}

#[cfg(not(feature = "postgres"))]
#[expect(clippy::unused_async, reason = "the server is a feature")]
async fn move_closed(_: &Path, _: &KeySource, _: &DatabaseUrl) -> Result<Moved, StoreError> {
    Err(StoreError::NoPostgres)
}

#[cfg(feature = "postgres")]
async fn move_closed(
    folder: &Path,
    key: &KeySource,
    to: &DatabaseUrl,
) -> Result<Moved, StoreError> {
    let folder = Folder::at(folder)?;
    let _lock = folder.lock().await?;
    let _alone = folder.alone()?;
    let (database, key_files) = (folder.database(), KeyFiles::new(key, &folder));
    let former = with_suffix(&database, ".moved");
    refuse_taken(&former)?;
    let mut file = schema::connect(&database, Sharing::Alone).await?;
    let copied = async {
        let (content, key) = inspect_file(&mut file, &database, &key_files).await?;
        let (Content::Sealed(..), Some(key)) = (content, key) else {
            return Err(StoreError::NotAControlRoom(database.clone()));
        };
        let mut from = Connection::Sqlite(&mut file);
        integrity::verify_all(&mut from, &key).await?;
        let mut server = server::connect(to).await?;
        let mut tx = server::begin_empty(&mut server, to).await?;
        let rows = copy(&mut from, &mut tx).await?;
        integrity::verify_all(&mut tx, &key).await?;
        let row = KeyRow::read(&mut tx).await?;
        let row = row.ok_or(StoreError::Sealed("store_key"))?;
        let facts = row.open(&key)?;
        facts.ok_or(StoreError::Sealed("store_key"))?;
        let event = NewEvent {
            action: events::MOVED,
            subject: &folder.path().display().to_string(),
            ..NewEvent::default()
        };
        events::record(&mut tx, &key, &event).await?;
        tx.commit().await?;
        Ok(rows)
    };
    let copied = copied.await;
    schema::close(file).await;
    let rows = copied?;
    rename_new(&database, &former).map_err(|error| StoreError::NotRenamed(Box::new(error)))?;
    Ok(Moved {
        rows,
        key: key_files.path().to_owned(),
        former,
    })
}

/// Copies all rows, and returns how many there are.
#[cfg(feature = "postgres")]
async fn copy(from: &mut Connection<'_>, to: &mut Connection<'_>) -> Result<usize, StoreError> {
    let booleans = "SELECT table_name::text, column_name::text FROM information_schema.columns \
                    WHERE table_schema = current_schema() AND data_type = 'boolean'";
    let booleans: Vec<(String, String)> = query_as(booleans).fetch_all(to).await?;
    let booleans: HashSet<_> = booleans.into_iter().collect();
    // The migrations have made a role, which is copied as well.
    query("DELETE FROM roles").execute(to).await?;
    let mut rows = 0;
    for table in TABLES {
        let mut offset = 0;
        while let Some(chunk) = integrity::next_chunk(from, table, &mut offset).await? {
            for row in &chunk {
                let mut values = table.values(row)?;
                for (column, value) in &mut values {
                    let place = (table.name.to_owned(), (*column).to_owned());
                    if let (Value::Integer(number), true) = (&value, booleans.contains(&place)) {
                        *value = Value::Boolean(number.map(|number| number != 0));
                    }
                }
                insert(to, table.name, values).await?;
                rows += 1;
            }
        }
    }
    for (table, columns) in integrity::sets() {
        let select = format!("SELECT {}, {} FROM {table}", columns[0], columns[1]);
        let links: Vec<(String, String)> = query_as(AssertSqlSafe(select)).fetch_all(from).await?;
        for (owner, member) in links {
            let values = vec![(columns[0], owner.into()), (columns[1], member.into())];
            insert(to, table, values).await?;
            rows += 1;
        }
    }
    let keys: Vec<(String, Vec<u8>)> = query_as("SELECT key_id, sealed FROM store_key")
        .fetch_all(from)
        .await?;
    for (key_id, sealed) in keys {
        let values = vec![
            ("id", 1_i64.into()),
            ("key_id", key_id.into()),
            ("sealed", sealed.into()),
        ];
        insert(to, "store_key", values).await?;
    }
    Ok(rows)
}

#[cfg(feature = "postgres")]
async fn insert(
    to: &mut Connection<'_>,
    table: &str,
    values: Vec<(&'static str, Value)>,
) -> Result<(), StoreError> {
    let names: Vec<_> = values.iter().map(|(name, _)| *name).collect();
    let insert = format!("INSERT INTO {table} ({}) VALUES ", names.join(", "));
    let mut insert = query(AssertSqlSafe(insert));
    insert.push_list(values.into_iter().map(|(_, value)| value));
    insert.execute(to).await?;
    Ok(())
}
