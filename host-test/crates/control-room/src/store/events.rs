//! Writes the events of the audit log.

use sqlx::sqlite::SqliteConnection;

use super::error::StoreError;
use super::integrity::{self, AUDIT_EVENTS};
use super::key::Key;
use crate::name::Name;
use crate::timestamp::Timestamp;

/// The store of an earlier version was sealed.
pub(crate) const FIRST_SEALING: &str = "first-sealing";

/// A row was changed by somebody without the key.
pub(crate) const CHANGED_ROW: &str = "changed-row";

/// All secrets were encrypted with a new key.
pub(crate) const KEY_ROTATED: &str = "key-rotated";

/// An event to record.
#[derive(Default)]
pub(crate) struct NewEvent<'a> {
    /// The user who acted.
    pub(crate) actor: Option<&'a Name>,
    /// The stable name of what was done.
    pub(crate) action: &'static str,
    /// What it was done to.
    pub(crate) subject: &'a str,
    /// Whether it was refused.
    pub(crate) is_refused: bool,
}

/// Records an event.
pub(super) async fn record(
    connection: &mut SqliteConnection,
    key: &Key,
    event: &NewEvent<'_>,
) -> Result<(), StoreError> {
    let number: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(number), 0) + 1 FROM audit_events")
        .fetch_one(&mut *connection)
        .await?;
    let now = Timestamp::now();
    let bound = |sql: &'static str| {
        sqlx::query(sql)
            .bind(number)
            .bind(now)
            .bind(event.actor.map(Name::as_str))
            .bind(event.action)
            .bind(event.subject)
            .bind(event.is_refused)
            .bind(event.actor.and_then(Name::typed))
    };
    // The code is that of these values, not of a row that is read again: the file can be changed so that it is another.
    let row = bound(
        "SELECT $1 AS number, $2 AS happened_at, $3 AS actor, $4 AS action, $5 AS subject, $6 AS refused, \
         $7 AS actor_shown_as",
    );
    let code = integrity::code_of_new(connection, key, &AUDIT_EVENTS, row).await?;
    bound(
        "INSERT INTO audit_events \
         (number, happened_at, actor, action, subject, refused, actor_shown_as, code) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(code)
    .execute(connection)
    .await?;
    Ok(())
}
