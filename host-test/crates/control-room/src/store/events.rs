//! Events of the store itself, for the audit log.

use sqlx::sqlite::SqliteConnection;

use super::error::StoreError;
use super::integrity::{self, AUDIT_EVENTS, Rows};
use super::key::Key;
use crate::timestamp::Timestamp;

/// The store of an earlier version was sealed.
pub(crate) const FIRST_SEALING: &str = "first-sealing";

/// A row was changed by somebody without the key.
pub(crate) const CHANGED_ROW: &str = "changed-row";

/// Records an event.
pub(super) async fn record(
    connection: &mut SqliteConnection,
    key: &Key,
    event: &'static str,
    subject: &str,
) -> Result<(), StoreError> {
    let number: i64 = sqlx::query_scalar(
        "INSERT INTO audit_events (number, happened_at, event, subject) \
         SELECT COALESCE(MAX(number), 0) + 1, $1, $2, $3 FROM audit_events RETURNING number",
    )
    .bind(Timestamp::now())
    .bind(event)
    .bind(subject)
    .fetch_one(&mut *connection)
    .await?;
    integrity::authenticate(
        connection,
        key,
        &AUDIT_EVENTS,
        Rows::Number("number", number),
    )
    .await
}
