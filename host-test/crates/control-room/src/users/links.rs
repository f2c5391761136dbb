//! Tables that link the rows of two others: users have roles, and roles give access to lockers and connections.

use std::collections::HashMap;

use sqlx::types::Text;
use sqlx::{AssertSqlSafe, QueryBuilder, Sqlite, SqliteConnection};

use crate::name::Name;
use crate::store::StoreError;

/// How many ids go into one query. SQLite allows more, and most pages are smaller.
const IDS_PER_QUERY: usize = 500;

/// A table that links the rows of two others.
pub(crate) struct Link {
    pub(crate) table: &'static str,
    pub(crate) from: &'static str,
    pub(crate) to: &'static str,
}

/// Links two rows, or removes their link. Doing it twice changes nothing.
pub(crate) async fn link(
    connection: &mut SqliteConnection,
    Link { table, from, to }: &Link,
    from_id: &str,
    to_id: &str,
    linked: bool,
) -> Result<(), StoreError> {
    sqlx::query(AssertSqlSafe(format!(
        "DELETE FROM {table} WHERE {from} = $1 AND {to} = $2"
    )))
    .bind(from_id)
    .bind(to_id)
    .execute(&mut *connection)
    .await?;
    if linked {
        sqlx::query(AssertSqlSafe(format!(
            "INSERT INTO {table} ({from}, {to}) VALUES ($1, $2)"
        )))
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
    sqlx::query(AssertSqlSafe(format!(
        "DELETE FROM {table} WHERE {from} = $1"
    )))
    .bind(from_id)
    .execute(&mut *connection)
    .await?;
    for to_id in to_ids {
        link(connection, to_link, from_id, to_id, true).await?;
    }
    Ok(())
}

/// For each of these rows the names, in order, of the rows of the table `names` that it is linked to. A row
/// without links is not in the map.
pub(crate) async fn linked_names(
    connection: &mut SqliteConnection,
    Link { table, from, to }: &Link,
    names: &'static str,
    from_ids: impl IntoIterator<Item = &String>,
) -> Result<HashMap<String, Vec<Name>>, StoreError> {
    let from_ids: Vec<_> = from_ids.into_iter().collect();
    let mut linked: HashMap<String, Vec<Name>> = HashMap::new();
    for ids in from_ids.chunks(IDS_PER_QUERY) {
        let mut query = QueryBuilder::<Sqlite>::new(format!(
            "SELECT {table}.{from}, {names}.name FROM {table} \
             JOIN {names} ON {names}.id = {table}.{to} WHERE {table}.{from} IN "
        ));
        push_ids(&mut query, ids);
        query.push(format!(" ORDER BY {names}.name"));
        let rows: Vec<(String, Text<Name>)> =
            query.build_query_as().fetch_all(&mut *connection).await?;
        for (id, Text(name)) in rows {
            linked.entry(id).or_default().push(name);
        }
    }
    Ok(linked)
}

/// Appends the right-hand side of an `IN`.
pub(crate) fn push_ids(query: &mut QueryBuilder<Sqlite>, ids: &[&String]) {
    query.push("(");
    let mut separated = query.separated(", ");
    for id in ids {
        separated.push_bind((*id).clone());
    }
    query.push(")");
}

/// An SQL expression for whether one of the roles of the user named `$1` gives access to the row whose id is `row`;
/// the link is from such rows to roles.
pub(crate) fn has_access(Link { table, from, to }: &Link, row: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM {table} \
         JOIN user_roles ON user_roles.role_id = {table}.{to} \
         JOIN users ON users.id = user_roles.user_id \
         WHERE {table}.{from} = {row} AND users.name = $1)"
    )
}

/// Whether one of a user's roles gives access to a row.
pub(crate) async fn user_has_access(
    connection: &mut SqliteConnection,
    link: &Link,
    row: &str,
    user: &Name,
) -> Result<bool, StoreError> {
    let query = format!("SELECT {}", has_access(link, "$2"));
    Ok(sqlx::query_scalar(AssertSqlSafe(query))
        .bind(user.as_str())
        .bind(row)
        .fetch_one(connection)
        .await?)
}
