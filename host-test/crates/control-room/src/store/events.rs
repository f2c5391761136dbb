//! Writes the events of the audit log.

use super::error::StoreError;
use super::integrity::{self, AUDIT_EVENTS};
use super::key::Key;
use super::sql::{Connection, query_scalar};
use crate::name::Name;
use crate::timestamp::Timestamp;

/// The store of an earlier version was sealed.
pub(crate) const FIRST_SEALING: &str = "first-sealing";

/// A row was changed by somebody without the key.
pub(crate) const CHANGED_ROW: &str = "changed-row";

/// All secrets were encrypted with a new key.
pub(crate) const KEY_ROTATED: &str = "key-rotated";

/// The Control Room was moved from a data folder to a server.
pub(crate) const MOVED: &str = "moved";

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
    connection: &mut Connection<'_>,
    key: &Key,
    event: &NewEvent<'_>,
) -> Result<(), StoreError> {
    let number: i64 = query_scalar("SELECT COALESCE(MAX(number), 0) + 1 FROM audit_events")
        .fetch_one(connection)
        .await?;
    let values = [
        ("number", number.into()),
        ("happened_at", Timestamp::now().into()),
        ("actor", event.actor.map(Name::as_str).into()),
        ("action", event.action.into()),
        ("subject", event.subject.into()),
        ("refused", event.is_refused.into()),
        ("actor_shown_as", event.actor.and_then(Name::typed).into()),
    ];
    integrity::insert_values(connection, key, &AUDIT_EVENTS, values.into()).await
}
