//! Tables that link the rows of two others: users have roles, and roles give access to lockers and connections.

use std::collections::{BTreeSet, HashMap};

use sqlx::AssertSqlSafe;

use super::UserError;
use crate::name::Name;
use crate::store::integrity::{CONNECTIONS, LOCKERS, Rows, Table, USERS};
use crate::store::sql::{query, query_as, query_scalar};
use crate::store::{NamedRow, StoreError, Tx};

/// How many ids go into one query. SQLite allows more, and most pages are smaller.
pub(crate) const IDS_PER_QUERY: usize = 500;

/// A table that links the rows of two others.
pub(crate) struct Link {
    pub(crate) table: &'static str,
    pub(crate) from: &'static str,
    pub(crate) to: &'static str,
    /// The table whose codes cover it.
    pub(crate) of: &'static Table,
}

/// The roles that users have.
pub(crate) const USER_ROLES: Link = Link {
    table: "user_roles",
    from: "user_id",
    to: "role_id",
    of: &USERS,
};

/// The roles whose users may use what is in a locker.
pub(crate) const LOCKER_ROLES: Link = Link {
    table: "locker_roles",
    from: "locker_id",
    to: "role_id",
    of: &LOCKERS,
};

/// The users who may set the standard values in a locker.
pub(crate) const LOCKER_OWNERS: Link = Link {
    table: "locker_owners",
    from: "locker_id",
    to: "user_id",
    of: &LOCKERS,
};

/// The roles whose users may use a connection.
pub(crate) const CONNECTION_ROLES: Link = Link {
    table: "connection_roles",
    from: "connection_id",
    to: "role_id",
    of: &CONNECTIONS,
};

/// Links two rows, or removes their link. Doing it twice changes nothing. The caller has verified the first row.
pub(crate) async fn link(
    tx: &mut Tx,
    link: &Link,
    from_id: &str,
    to_id: &str,
    linked: bool,
) -> Result<(), StoreError> {
    write(tx, link, from_id, to_id, linked).await?;
    let members = tx.members(link.table, from_id);
    if linked {
        members.insert(to_id.to_owned());
    } else {
        members.remove(to_id);
    }
    tx.authenticate(link.of, Rows::With("id", &[from_id])).await
}

async fn write(
    tx: &mut Tx,
    Link {
        table, from, to, ..
    }: &Link,
    from_id: &str,
    to_id: &str,
    linked: bool,
) -> Result<(), StoreError> {
    query(AssertSqlSafe(format!(
        "DELETE FROM {table} WHERE {from} = $1 AND {to} = $2"
    )))
    .bind(from_id)
    .bind(to_id)
    .execute(tx.connection())
    .await?;
    if linked {
        query(AssertSqlSafe(format!(
            "INSERT INTO {table} ({from}, {to}) VALUES ($1, $2)"
        )))
        .bind(from_id)
        .bind(to_id)
        .execute(tx.connection())
        .await?;
    }
    Ok(())
}

/// Links a row to these rows and to no others. The caller has verified it.
pub(crate) async fn link_only(
    tx: &mut Tx,
    link: &Link,
    from_id: &str,
    to: &[NamedRow],
) -> Result<(), StoreError> {
    let Link { table, from, .. } = link;
    query(AssertSqlSafe(format!(
        "DELETE FROM {table} WHERE {from} = $1"
    )))
    .bind(from_id)
    .execute(tx.connection())
    .await?;
    for to in to {
        write(tx, link, from_id, &to.id, true).await?;
    }
    *tx.members(link.table, from_id) = to.iter().map(|to| to.id.clone()).collect();
    tx.authenticate(link.of, Rows::With("id", &[from_id])).await
}

/// The subject of an event: a row, and all that it is linked to now.
pub(crate) fn linked_only(from: &Name, to: &[NamedRow]) -> String {
    format!("{from}: ={}", shown_names(to))
}

/// The names of rows, as they are shown.
pub(super) fn shown_names(rows: &[NamedRow]) -> String {
    let names: Vec<_> = rows.iter().map(|row| row.name.shown()).collect();
    names.join(", ")
}

/// Removes all links to a row that is removed.
pub(crate) async fn remove_links_to(
    tx: &mut Tx,
    Link {
        table,
        from,
        to,
        of,
        ..
    }: &Link,
    to_id: &str,
) -> Result<(), StoreError> {
    let select = format!("SELECT {from} FROM {table} WHERE {to} = $1");
    let linked: Vec<String> = query_scalar(AssertSqlSafe(select))
        .bind(to_id)
        .fetch_all(tx.connection())
        .await?;
    let linked: Vec<_> = linked.iter().map(String::as_str).collect();
    tx.verify(of, Rows::With("id", &linked)).await?;
    let delete = format!("DELETE FROM {table} WHERE {to} = $1");
    query(AssertSqlSafe(delete))
        .bind(to_id)
        .execute(tx.connection())
        .await?;
    for from_id in &linked {
        tx.members(table, from_id).remove(to_id);
    }
    tx.authenticate(of, Rows::With("id", &linked)).await
}

/// For each of these rows the names, in order, of the rows of the table `names` that it is linked to, as these have them.
/// A row without links is not in the map.
pub(crate) async fn linked_names(
    tx: &mut Tx,
    Link {
        table, from, to, ..
    }: &Link,
    names: &'static Table,
    from_ids: impl IntoIterator<Item = &String>,
) -> Result<HashMap<String, Vec<Name>>, StoreError> {
    let from_ids: Vec<_> = from_ids.into_iter().collect();
    let mut linked: HashMap<String, Vec<Name>> = HashMap::new();
    for ids in from_ids.chunks(IDS_PER_QUERY) {
        let select = format!("SELECT {from}, {to} FROM {table} WHERE {from} IN ");
        let mut query = query_as(AssertSqlSafe(select));
        query.push_list(ids.iter().copied());
        let pairs: Vec<(String, String)> = query.fetch_all(tx.connection()).await?;
        let found: BTreeSet<_> = pairs.iter().map(|(_, to)| to.as_str()).collect();
        let found: Vec<_> = found.into_iter().collect();
        let names = tx.names(names, &found).await?;
        for (id, to) in pairs {
            linked.entry(id).or_default().push(names[&to].clone());
        }
    }
    for names in linked.values_mut() {
        names.sort();
    }
    Ok(linked)
}

/// An SQL expression for lists: it filters, and does not authorise. It says whether one of the roles of the user named `$1` gives access to the row whose id is `row`;
/// the link is from such rows to roles.
pub(crate) fn has_access(
    Link {
        table, from, to, ..
    }: &Link,
    row: &str,
) -> String {
    format!(
        "EXISTS (SELECT 1 FROM {table} \
         JOIN user_roles ON user_roles.role_id = {table}.{to} \
         JOIN users ON users.id = user_roles.user_id \
         WHERE {table}.{from} = {row} AND users.name = $1)"
    )
}

/// Whether one of a user's roles gives access to one of these rows. The user must exist.
pub(crate) async fn user_has_access(
    tx: &mut Tx,
    link: &Link,
    rows: Rows<'_>,
    user: &Name,
) -> Result<bool, UserError> {
    let users = tx
        .verified(&USERS, Rows::With("name", &[user.as_str()]))
        .await?;
    if users.is_empty() {
        return Err(UserError::NoUser(user.clone()));
    }
    let roles = users.iter().flat_map(|it| it.members(USER_ROLES.table));
    let roles: BTreeSet<_> = roles.collect();
    let rows = tx.verified(link.of, rows).await?;
    let mut allowed = rows.iter().flat_map(|it| it.members(link.table));
    Ok(allowed.any(|role| roles.contains(role)))
}
