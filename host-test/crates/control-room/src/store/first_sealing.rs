//! The first sealing: the rows of a store that has no row codes get them, once.
//!
//! A store of an earlier version had none, and a new store begins without. From then on the [mark](super::key) in the
//! key file says that there are codes.

use std::path::Path;

use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnection;

use super::error::StoreError;
use super::events::{self, NewEvent};
use super::facts::{Facts, KeyRow};
use super::key::Key;
use super::key_rotation::reseal;
use super::seal::Format;
use super::sql::{Connection, query};
use super::{clear_texts, integrity, schema, scrub};

/// Seals a store, in one transaction. Returns whether it was one of an earlier version.
pub(super) async fn seal(
    connection: &mut SqliteConnection,
    path: &Path,
    key: &Key,
) -> Result<bool, StoreError> {
    let tx = connection.begin_with("BEGIN IMMEDIATE").await?;
    let mut tx = Connection::InSqlite(tx);
    let row = KeyRow::read(&mut tx).await?;
    let is_earlier = row.is_some();
    // Another process may have been faster.
    if let Some(row) = row
        && row.open(key)?.is_some()
    {
        return Ok(false);
    }
    let counts = "SELECT (SELECT COUNT(*) FROM users), (SELECT COUNT(*) FROM passwords)";
    let counts = query(counts).fetch_one(&mut tx).await?;
    let (users, passwords): (i64, i64) = (counts.get(0)?, counts.get(1)?);
    // An interrupted first start has stored nothing.
    if !is_earlier && (users > 0 || integrity::has_rows(&mut tx).await?) {
        return Err(StoreError::Damaged(path.to_owned()));
    }
    reseal(&mut tx, (Format::Unbound, key), key).await?;
    integrity::authenticate_all(&mut tx, key).await?;
    clear_texts::seal(&mut tx, key).await?;
    let facts = Facts {
        schema: schema::latest(),
        has_had_user: users > 0,
        is_set_up: passwords > 0,
    };
    facts.write(&mut tx, key).await?;
    if is_earlier {
        let subject = format!("{users} users, {passwords} of whom can sign in");
        let event = NewEvent {
            action: events::FIRST_SEALING,
            subject: &subject,
            ..NewEvent::default()
        };
        events::record(&mut tx, key, &event).await?;
        scrub::mark(&mut tx).await?;
    }
    tx.commit().await?;
    Ok(is_earlier)
}
