//! Lists of users, of roles, and of what a role gives access to, page by page.

use std::collections::HashMap;

use sqlx::AssertSqlSafe;

use super::{Link, USER_ROLES, UserError, Users, linked_names, role_id, user_id};
use crate::name::Name;
use crate::page::{Page, contains_pattern};
use crate::store::integrity::{CONNECTIONS, LOCKERS, PASSWORDS, ROLES, Rows, USERS};
use crate::store::sql::{query_as, query_scalar};
use crate::store::{ShownName, StoreError, Tx, from_row, name_of};

/// How many lockers and how many connections are named with each role of a list.
const NAMED_PER_ROLE: i64 = 5;

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The user's name.
    pub name: Name,
    /// The roles that the user has.
    pub roles: Vec<Name>,
    /// Whether the user has a password.
    pub can_sign_in: bool,
}

/// A role with all lockers that it gives access to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its name.
    pub name: Name,
    /// The lockers whose values its users may use.
    pub lockers: Vec<Name>,
}

/// A role in a page of roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleView {
    /// Its name.
    pub name: Name,
    /// How many users have it.
    pub users: u64,
    /// The first lockers whose values its users may use.
    pub lockers: Page<Name>,
    /// The first connections that its users may use.
    pub connections: Page<Name>,
}

/// What a role gives access to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoleAccess {
    /// A locker of this name.
    Locker(Name),
    /// An OAuth connection of this name.
    Connection(Name),
}

/// How much is removed together with a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnedData {
    /// Bots.
    pub bots: u64,
    /// Runs in the history.
    pub runs: u64,
    /// Values of their own in lockers.
    pub values: u64,
    /// Sign-ins of their own to connections.
    pub sign_ins: u64,
}

from_row!(OwnedData {
    bots,
    runs,
    values,
    sign_ins
});

struct UserRow {
    id: String,
    name: Name,
    can_sign_in: bool,
}

from_row!(UserRow {
    id,
    name,
    can_sign_in
});

fn select_users() -> String {
    format!(
        "SELECT id, {} AS name, \
         EXISTS (SELECT 1 FROM passwords WHERE user_id = users.id) AS can_sign_in",
        name_of("users")
    )
}

/// Users whose name is like `$1`, with the role `$2` unless that is empty.
const MATCHING: &str = "users WHERE users.name LIKE $1 ESCAPE '!' AND ($2 = '' OR EXISTS \
    (SELECT 1 FROM user_roles JOIN roles ON roles.id = user_roles.role_id \
     WHERE user_roles.user_id = users.id AND roles.name = $2))";

struct RoleRow {
    id: String,
    name: Name,
    users: u64,
}

from_row!(RoleRow { id, name, users });

/// What the role `$1` gives access to with a name like `$2`.
const ACCESS: &str = "(SELECT 'locker' AS kind, lockers.id AS id, lockers.name AS name, lockers.shown_as AS shown_as FROM lockers \
     JOIN locker_roles ON locker_roles.locker_id = lockers.id WHERE locker_roles.role_id = $1 \
     UNION ALL SELECT 'connection', connections.id, connections.name, connections.shown_as FROM connections \
     JOIN connection_roles ON connection_roles.connection_id = connections.id \
     WHERE connection_roles.role_id = $1) AS access WHERE name LIKE $2 ESCAPE '!'";

const ROLE_LOCKERS: Link = Link {
    table: "locker_roles",
    from: "role_id",
    to: "locker_id",
    of: &LOCKERS,
};

const ROLE_CONNECTIONS: Link = Link {
    table: "connection_roles",
    from: "role_id",
    to: "connection_id",
    of: &CONNECTIONS,
};

impl Users {
    /// All users, sorted by name.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn list(&self) -> Result<Vec<User>, StoreError> {
        Ok(self.page("", None, 0, u32::MAX).await?.items)
    }

    /// Users whose name contains `search`, sorted by name, and only those with `role` if it is given: at most `limit`,
    /// skipping the first `offset`.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn page(
        &self,
        search: &str,
        role: Option<&Name>,
        offset: u32,
        limit: u32,
    ) -> Result<Page<User>, StoreError> {
        let mut tx = self.store.read().await?;
        let (pattern, role) = (contains_pattern(search), role.map_or("", Name::as_str));
        let total = query_scalar(AssertSqlSafe(format!("SELECT COUNT(*) FROM {MATCHING}")))
            .bind(&pattern)
            .bind(role)
            .fetch_one(tx.connection())
            .await?;
        let select = format!(
            "{} FROM {MATCHING} ORDER BY users.name LIMIT $3 OFFSET $4",
            select_users()
        );
        let rows: Vec<UserRow> = query_as(AssertSqlSafe(select))
            .bind(&pattern)
            .bind(role)
            .bind(limit)
            .bind(offset)
            .fetch_all(tx.connection())
            .await?;
        Ok(Page::new(with_roles(&mut tx, rows).await?, total))
    }

    /// A user.
    ///
    /// # Errors
    ///
    /// [`UserError::NoUser`].
    pub async fn get(&self, name: &Name) -> Result<User, UserError> {
        let mut tx = self.store.read().await?;
        let row = query_as(AssertSqlSafe(format!(
            "{} FROM users WHERE users.name = $1",
            select_users()
        )))
        .bind(name.as_str())
        .fetch_optional(tx.connection())
        .await?;
        let users = with_roles(&mut tx, row.into_iter().collect()).await?;
        let no_user = || UserError::NoUser(name.clone());
        users.into_iter().next().ok_or_else(no_user)
    }

    /// How much is removed together with a user.
    ///
    /// # Errors
    ///
    /// [`UserError::NoUser`].
    pub async fn owned_data(&self, name: &Name) -> Result<OwnedData, UserError> {
        let mut tx = self.store.read().await?;
        let id = user_id(&mut tx, name).await?;
        Ok(query_as(
            "SELECT (SELECT COUNT(*) FROM bots WHERE owner_id = $1) AS bots, \
             (SELECT COUNT(*) FROM runs WHERE owner_id = $1) AS runs, \
             (SELECT COUNT(*) FROM user_values WHERE user_id = $1) AS \"values\", \
             (SELECT COUNT(*) FROM connection_sign_ins WHERE user_id = $1) AS sign_ins",
        )
        .bind(id)
        .fetch_one(tx.connection())
        .await?)
    }

    /// How many users have a role.
    ///
    /// # Errors
    ///
    /// [`UserError::NoRole`].
    pub async fn with_role(&self, role: &Name) -> Result<u64, UserError> {
        let mut tx = self.store.read().await?;
        let id = role_id(&mut tx, role).await?;
        let users: i64 = query_scalar("SELECT COUNT(*) FROM user_roles WHERE role_id = $1")
            .bind(id)
            .fetch_one(tx.connection())
            .await?;
        Ok(users.unsigned_abs())
    }

    /// All roles with all their lockers, sorted by name.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn roles(&self) -> Result<Vec<Role>, StoreError> {
        let mut tx = self.store.read().await?;
        let select = format!(
            "SELECT id, {} FROM roles ORDER BY roles.name",
            name_of("roles")
        );
        let roles: Vec<(String, ShownName)> = query_as(AssertSqlSafe(select))
            .fetch_all(tx.connection())
            .await?;
        let names = roles.iter().map(|(id, ShownName(name))| (id, name));
        tx.verify_names(&ROLES, names).await?;
        let ids = roles.iter().map(|(id, _)| id);
        let mut lockers = linked_names(&mut tx, &ROLE_LOCKERS, &LOCKERS, ids).await?;
        let role = |(id, ShownName(name))| Role {
            name,
            lockers: lockers.remove(&id).unwrap_or_default(),
        };
        Ok(roles.into_iter().map(role).collect())
    }

    /// Roles whose name contains `search`, sorted by name: at most `limit`, skipping the first `offset`.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn roles_page(
        &self,
        search: &str,
        offset: u32,
        limit: u32,
    ) -> Result<Page<RoleView>, StoreError> {
        let mut tx = self.store.read().await?;
        let pattern = contains_pattern(search);
        let total = query_scalar("SELECT COUNT(*) FROM roles WHERE name LIKE $1 ESCAPE '!'")
            .bind(&pattern)
            .fetch_one(tx.connection())
            .await?;
        let select = format!(
            "SELECT id, {} AS name, (SELECT COUNT(*) FROM user_roles WHERE role_id = roles.id) AS users \
             FROM roles WHERE roles.name LIKE $1 ESCAPE '!' ORDER BY roles.name LIMIT $2 OFFSET $3",
            name_of("roles")
        );
        let rows: Vec<RoleRow> = query_as(AssertSqlSafe(select))
            .bind(&pattern)
            .bind(limit)
            .bind(offset)
            .fetch_all(tx.connection())
            .await?;
        tx.verify_names(&ROLES, rows.iter().map(|row| (&row.id, &row.name)))
            .await?;
        let mut lockers = first_names(&mut tx, &ROLE_LOCKERS, &rows).await?;
        let mut connections = first_names(&mut tx, &ROLE_CONNECTIONS, &rows).await?;
        let view = |row: RoleRow| RoleView {
            lockers: lockers.remove(&row.id).unwrap_or_default(),
            connections: connections.remove(&row.id).unwrap_or_default(),
            name: row.name,
            users: row.users,
        };
        Ok(Page::new(rows.into_iter().map(view).collect(), total))
    }

    /// The lockers and then the connections that a role gives access to and whose name contains `search`, each sorted
    /// by name: at most `limit`, skipping the first `offset`.
    ///
    /// # Errors
    ///
    /// [`UserError::NoRole`].
    pub async fn role_access(
        &self,
        role: &Name,
        search: &str,
        offset: u32,
        limit: u32,
    ) -> Result<Page<RoleAccess>, UserError> {
        let mut tx = self.store.read().await?;
        let (id, pattern) = (role_id(&mut tx, role).await?, contains_pattern(search));
        let total = query_scalar(AssertSqlSafe(format!("SELECT COUNT(*) FROM {ACCESS}")))
            .bind(&id)
            .bind(&pattern)
            .fetch_one(tx.connection())
            .await?;
        let select = format!(
            "SELECT kind, id, {} FROM {ACCESS} ORDER BY kind DESC, access.name LIMIT $3 OFFSET $4",
            name_of("access")
        );
        let rows: Vec<(String, String, ShownName)> = query_as(AssertSqlSafe(select))
            .bind(&id)
            .bind(&pattern)
            .bind(limit)
            .bind(offset)
            .fetch_all(tx.connection())
            .await?;
        for (table, of_table) in [(&LOCKERS, "locker"), (&CONNECTIONS, "connection")] {
            let found = rows.iter().filter(|(kind, ..)| kind == of_table);
            let names = found.map(|(_, id, ShownName(name))| (id, name));
            tx.verify_names(table, names).await?;
        }
        let access = |(kind, _, ShownName(name)): (String, String, ShownName)| match kind.as_str() {
            "locker" => RoleAccess::Locker(name),
            _ => RoleAccess::Connection(name),
        };
        Ok(Page::new(rows.into_iter().map(access).collect(), total))
    }
}

async fn with_roles(tx: &mut Tx, rows: Vec<UserRow>) -> Result<Vec<User>, StoreError> {
    tx.verify_names(&USERS, rows.iter().map(|row| (&row.id, &row.name)))
        .await?;
    let ids: Vec<_> = rows.iter().map(|row| row.id.as_str()).collect();
    tx.verify(&PASSWORDS, Rows::With("user_id", &ids)).await?;
    let ids = rows.iter().map(|row| &row.id);
    let mut roles = linked_names(tx, &USER_ROLES, &ROLES, ids).await?;
    let user = |row: UserRow| User {
        roles: roles.remove(&row.id).unwrap_or_default(),
        name: row.name,
        can_sign_in: row.can_sign_in,
    };
    Ok(rows.into_iter().map(user).collect())
}

struct LinkedRow {
    id: String,
    role_id: String,
    name: Name,
    total: i64,
}

from_row!(LinkedRow {
    id,
    role_id,
    name,
    total
});

/// For each role the first names that it is linked to, and how many there are. A role without any is not in the
/// map.
async fn first_names(
    tx: &mut Tx,
    Link { table, to, of, .. }: &Link,
    roles: &[RoleRow],
) -> Result<HashMap<String, Page<Name>>, StoreError> {
    if roles.is_empty() {
        return Ok(HashMap::new());
    }
    let names = of.name;
    let mut query = query_as(AssertSqlSafe(format!(
        "SELECT id, role_id, {} AS name, total FROM (SELECT role_id, {names}.id AS id, {names}.name AS name, \
         {names}.shown_as AS shown_as, COUNT(*) OVER (PARTITION BY role_id) AS total, \
         ROW_NUMBER() OVER (PARTITION BY role_id ORDER BY {names}.name) AS place \
         FROM {table} JOIN {names} ON {names}.id = {table}.{to} WHERE role_id IN ",
        name_of("ranked")
    )));
    query.push_list(roles.iter().map(|role| &role.id));
    query.push(") AS ranked WHERE place <= ");
    query
        .push_bind(NAMED_PER_ROLE)
        .push(" ORDER BY ranked.name");
    let rows: Vec<LinkedRow> = query.fetch_all(tx.connection()).await?;
    tx.verify_names(of, rows.iter().map(|row| (&row.id, &row.name)))
        .await?;
    let mut pages: HashMap<String, Page<Name>> = HashMap::new();
    for row in rows {
        let page = pages.entry(row.role_id).or_default();
        page.items.push(row.name);
        page.total = row.total.unsigned_abs();
    }
    Ok(pages)
}
