//! Tables that link the rows of two others: users have roles, and roles open lockers and connections.

use sqlx::SqliteConnection;

use crate::name::Name;
use crate::store::{StoreError, name_of};

/// A table that links the rows of two others.
pub(crate) struct Link {
    pub(crate) table: &'static str,
    pub(crate) from: &'static str,
    pub(crate) to: &'static str,
}

/// Links two rows, or ends that. Doing it twice changes nothing.
pub(crate) async fn link(
    connection: &mut SqliteConnection,
    Link { table, from, to }: &Link,
    from_id: &str,
    to_id: &str,
    linked: bool,
) -> Result<(), StoreError> {
    sqlx::query(&format!(
        "DELETE FROM {table} WHERE {from} = $1 AND {to} = $2"
    ))
    .bind(from_id)
    .bind(to_id)
    .execute(&mut *connection)
    .await?;
    if linked {
        sqlx::query(&format!(
            "INSERT INTO {table} ({from}, {to}) VALUES ($1, $2)"
        ))
        .bind(from_id)
        .bind(to_id)
        .execute(connection)
        .await?;
    }
    Ok(())
}

/// Links a row to these rows and to no others.
pub(crate) async fn link_only(
    connection: &mut SqliteConnection,
    to_link: &Link,
    from_id: &str,
    to_ids: &[String],
) -> Result<(), StoreError> {
    let Link { table, from, .. } = to_link;
    sqlx::query(&format!("DELETE FROM {table} WHERE {from} = $1"))
        .bind(from_id)
        .execute(&mut *connection)
        .await?;
    for to_id in to_ids {
        link(connection, to_link, from_id, to_id, true).await?;
    }
    Ok(())
}

/// The names of the rows of a table that a row is linked to.
pub(crate) async fn linked(
    connection: &mut SqliteConnection,
    Link { table, from, to }: &Link,
    names: &'static str,
    from_id: &str,
) -> Result<Vec<Name>, StoreError> {
    let query = format!(
        "SELECT {names}.name FROM {table} JOIN {names} ON {names}.id = {table}.{to} \
         WHERE {table}.{from} = $1 ORDER BY {names}.name"
    );
    let found: Vec<String> = sqlx::query_scalar(&query)
        .bind(from_id)
        .fetch_all(connection)
        .await?;
    found.iter().map(|name| name_of(names, name)).collect()
}

/// SQL that says whether one of the roles of the user named `$1` opens the row whose id is `row`; the link is from
/// such rows to roles.
pub(crate) fn opened(Link { table, from, to }: &Link, row: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM {table} \
         JOIN user_roles ON user_roles.role_id = {table}.{to} \
         JOIN users ON users.id = user_roles.user_id \
         WHERE {table}.{from} = {row} AND users.name = $1)"
    )
}

/// Whether one of a user's roles opens a row.
pub(crate) async fn is_opened(
    connection: &mut SqliteConnection,
    link: &Link,
    row: &str,
    user: &Name,
) -> Result<bool, StoreError> {
    let query = format!("SELECT {}", opened(link, "$2"));
    Ok(sqlx::query_scalar(&query)
        .bind(user.as_str())
        .bind(row)
        .fetch_one(connection)
        .await?)
}
