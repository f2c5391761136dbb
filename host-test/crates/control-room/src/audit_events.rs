//! The audit log of the Control Room itself: sign-ins, changes, uses of connections, refused runs. Uses of values are in
//! [`audit`](crate::audit), with the values' bots and steps.
//!
//! A change is recorded in the transaction that makes it, by the module that makes it: `users`, `passwords`, `vault`,
//! `connections`, `schedules`.

use sqlx::AssertSqlSafe;
use thiserror::Error;
use time::OffsetDateTime;

use crate::audit::{Audit, Outcome, cut};
use crate::name::Name;
use crate::principal::Principal;
use crate::stable_names::stable_names;
use crate::store::events::{CHANGED_ROW, FIRST_SEALING, KEY_ROTATED, MOVED, NewEvent};
use crate::store::integrity::AUDIT_EVENTS;
use crate::store::sql::{FromRow, Row, query};
use crate::store::{StoreError, Tx, column, date};

/// How many refusals are kept of each action: strangers cause failed sign-ins, which must not fill the disk.
const MAX_REFUSED: i64 = 100_000;

/// What was done, or refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// A user signed in to the pages; the subject is the address of their machine.
    SignIn,
    /// Attempts to sign in to the pages have to wait; the subject is the address of the last one. Recorded once for each
    /// wait.
    TooManySignIns,
    /// A user was created.
    UserCreated,
    /// A user was removed.
    UserRemoved,
    /// A user's roles were changed.
    RolesChanged,
    /// A user's password was set.
    PasswordSet,
    /// A role was created.
    RoleCreated,
    /// A role was removed.
    RoleRemoved,
    /// A locker was created.
    LockerCreated,
    /// A locker's name, roles or owners were changed.
    LockerChanged,
    /// A locker was removed.
    LockerRemoved,
    /// A credential or an attribute was created, or an attribute's options were changed.
    CredentialChanged,
    /// A credential or an attribute was removed.
    CredentialRemoved,
    /// A value was set or removed.
    ValueChanged,
    /// A connection was created.
    ConnectionCreated,
    /// A connection's settings or roles were changed.
    ConnectionChanged,
    /// A connection was removed.
    ConnectionRemoved,
    /// Somebody signed in to a connection.
    ConnectionSignIn,
    /// A connection's token was lent to a bot.
    ConnectionUsed,
    /// All secrets were encrypted with a new key.
    KeyRotated,
    /// A copy was written.
    BackedUp,
    /// The Control Room was restored from a copy.
    Restored,
    /// The Control Room was moved from a data folder to a server.
    Moved,
    /// A schedule was created; the subject is the names of its user and its bot.
    ScheduleCreated,
    /// A schedule was paused.
    SchedulePaused,
    /// A schedule that was paused goes on.
    ScheduleResumed,
    /// A schedule was removed.
    ScheduleRemoved,
    /// A bot was started. Only refusals are recorded: the history has the others.
    Run,
    /// The rows of a store from an earlier version got their codes.
    FirstSealing,
    /// A row was found that somebody without the key had changed.
    ChangedRow,
}

stable_names! {
    Action, UnknownAction:
    SignIn = "sign-in",
    TooManySignIns = "too-many-sign-ins",
    UserCreated = "user-created",
    UserRemoved = "user-removed",
    RolesChanged = "roles-changed",
    PasswordSet = "password-set",
    RoleCreated = "role-created",
    RoleRemoved = "role-removed",
    LockerCreated = "locker-created",
    LockerChanged = "locker-changed",
    LockerRemoved = "locker-removed",
    CredentialChanged = "credential-changed",
    CredentialRemoved = "credential-removed",
    ValueChanged = "value-changed",
    ConnectionCreated = "connection-created",
    ConnectionChanged = "connection-changed",
    ConnectionRemoved = "connection-removed",
    ConnectionSignIn = "connection-sign-in",
    ConnectionUsed = "connection-used",
    KeyRotated = KEY_ROTATED,
    BackedUp = "backed-up",
    Restored = "restored",
    Moved = MOVED,
    ScheduleCreated = "schedule-created",
    SchedulePaused = "schedule-paused",
    ScheduleResumed = "schedule-resumed",
    ScheduleRemoved = "schedule-removed",
    Run = "run",
    FirstSealing = FIRST_SEALING,
    ChangedRow = CHANGED_ROW,
}

/// A text that is not the name of an [`Action`].
#[derive(Debug, Error)]
#[error("not an action of the audit log")]
pub struct UnknownAction;

/// Something that was done, or refused, with the names at that time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its place in the log, from 1.
    pub number: i64,
    /// When, in UTC, to the millisecond.
    pub when: OffsetDateTime,
    /// The user who acted, or as whom somebody tried to; `None` at the command line, and after
    /// [`Action::TooManySignIns`] if what was typed is no name.
    pub actor: Option<Name>,
    /// What was done.
    pub action: Action,
    /// What it was done to, such as the name of a user.
    pub subject: String,
    /// Whether it was done.
    pub outcome: Outcome,
}

impl FromRow for Event {
    fn from_row(row: &Row) -> Result<Self, sqlx::Error> {
        let action: &str = row.get("action")?;
        let action = action
            .parse()
            .map_err(|error: UnknownAction| sqlx::Error::Decode(error.into()))?;
        Ok(Self {
            number: row.get("number")?,
            when: date(row, "happened_at")?,
            actor: column(row, "shown_actor")?,
            action,
            subject: row.get("subject")?,
            outcome: if row.get("refused")? {
                Outcome::Refused
            } else {
                Outcome::Used
            },
        })
    }
}

/// Selects the events that match every field that is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Of this user.
    pub actor: Option<Name>,
    /// Of this kind.
    pub action: Option<Action>,
}

/// Records a change in its transaction. The subject must have no secret in it.
pub(crate) async fn record(
    tx: &mut Tx,
    by: &Principal,
    action: Action,
    subject: &str,
) -> Result<(), StoreError> {
    tx.record(&NewEvent {
        actor: by.user(),
        action: action.name(),
        subject: &cut(subject),
        is_refused: false,
    })
    .await
}

/// Commits a change with its record. The subject must have no secret in it.
pub(crate) async fn commit(
    mut tx: Tx,
    by: &Principal,
    action: Action,
    subject: &str,
) -> Result<(), StoreError> {
    record(&mut tx, by, action, subject).await?;
    tx.commit().await
}

impl Audit {
    /// Records that something was done that changes nothing here. The subject must have no secret in it.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub async fn done(
        &self,
        by: &Principal,
        action: Action,
        subject: &str,
    ) -> Result<(), StoreError> {
        self.note(by, action, subject, Outcome::Used).await
    }

    /// Records that something was refused. The subject must have no secret in it.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub async fn refused(
        &self,
        by: &Principal,
        action: Action,
        subject: &str,
    ) -> Result<(), StoreError> {
        self.note(by, action, subject, Outcome::Refused).await
    }

    async fn note(
        &self,
        by: &Principal,
        action: Action,
        subject: &str,
        outcome: Outcome,
    ) -> Result<(), StoreError> {
        let refused = outcome == Outcome::Refused;
        let mut tx = self.store().write().await?;
        tx.record(&NewEvent {
            actor: by.user(),
            action: action.name(),
            subject: &cut(subject),
            is_refused: refused,
        })
        .await?;
        if refused {
            query(
                "DELETE FROM audit_events WHERE action = $1 AND refused = TRUE AND number <= \
                 (SELECT number FROM audit_events WHERE action = $1 AND refused = TRUE \
                 ORDER BY number DESC LIMIT 1 OFFSET $2)",
            )
            .bind(action.name())
            .bind(MAX_REFUSED)
            .execute(tx.connection())
            .await?;
        }
        tx.commit().await
    }

    /// Events, newest first, at most `limit`. `before` is the cursor, as of [`Audit::uses`].
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn events(
        &self,
        filter: &EventFilter,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError> {
        let select = AUDIT_EVENTS.select();
        let mut query = query(AssertSqlSafe(format!(
            "SELECT {select}, actor || COALESCE('/' || actor_shown_as, '') AS shown_actor \
             FROM audit_events WHERE number < "
        )));
        query.push_bind(before.unwrap_or(i64::MAX));
        for (column, value) in [
            (" AND actor = ", filter.actor.as_ref().map(Name::as_str)),
            (" AND action = ", filter.action.map(Action::name)),
        ] {
            if let Some(value) = value {
                query.push(column).push_bind(value);
            }
        }
        query.push(" ORDER BY number DESC LIMIT ").push_bind(limit);
        let mut tx = self.store().read().await?;
        let rows = query.fetch_all(tx.connection()).await?;
        tx.verify_rows(&AUDIT_EVENTS, &rows).await?;
        let events = rows.iter().map(Event::from_row).collect::<Result<_, _>>();
        Ok(events?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{KeySource, Place, Store};

    #[tokio::test]
    async fn events_are_listed_newest_first_and_filtered() {
        let store = Store::open(Place::Memory, KeySource::InFolder)
            .await
            .unwrap();
        let audit = store.audit();
        let ada = Principal::Administrator("ada".parse().unwrap());
        audit.done(&ada, Action::UserCreated, "bob").await.unwrap();
        audit
            .done(&Principal::System, Action::KeyRotated, "")
            .await
            .unwrap();
        audit
            .refused(&ada, Action::SignIn, &"x".repeat(1000))
            .await
            .unwrap();
        let all = audit
            .events(&EventFilter::default(), None, 10)
            .await
            .unwrap();
        let shown: Vec<_> = all
            .iter()
            .map(|event| {
                (
                    event.number,
                    event.actor.as_ref().map(Name::as_str),
                    event.action,
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                (3, Some("ada"), Action::SignIn),
                (2, None, Action::KeyRotated),
                (1, Some("ada"), Action::UserCreated),
            ]
        );
        assert_eq!(all[0].outcome, Outcome::Refused);
        assert_eq!(all[0].subject.len(), 255);
        assert_eq!(
            (all[2].subject.as_str(), all[2].outcome),
            ("bob", Outcome::Used)
        );
        let filter = EventFilter {
            actor: Some("ada".parse().unwrap()),
            action: Some(Action::UserCreated),
        };
        let some = audit.events(&filter, Some(3), 10).await.unwrap();
        assert_eq!(some, all[2..]);
    }
}
