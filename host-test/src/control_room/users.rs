//! Users and roles. What a user may use follows from the roles that they have.

use sqlx::SqliteConnection;
use thiserror::Error;

use super::name::Name;
use super::store::random::row_id;
use super::store::{Store, StoreError, is_taken, name_of};

/// The role of those who manage the Control Room at its pages. The first user who can sign in there is given it;
/// otherwise it is a role as any other, which whoever has the data folder gives and takes.
pub const ADMINISTRATOR: &str = "administrator";

/// The users and roles of a Control Room.
#[derive(Debug, Clone)]
pub struct Users {
    store: Store,
}

impl Store {
    /// The users and roles.
    pub fn users(&self) -> Users {
        Users {
            store: self.clone(),
        }
    }
}

/// A user, as they are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Their name.
    pub name: Name,
    /// The roles that they have.
    pub roles: Vec<Name>,
}

/// A role, as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its name.
    pub name: Name,
    /// The lockers whose content its users may consume.
    pub lockers: Vec<Name>,
}

/// Why users and roles are not changed as asked.
#[derive(Debug, Error)]
pub enum UserError {
    /// No such user.
    #[error("there is no user \"{0}\"")]
    NoUser(Name),
    /// No such role.
    #[error("there is no role \"{0}\"")]
    NoRole(Name),
    /// There is such a user already.
    #[error("there is a user \"{0}\" already")]
    UserExists(Name),
    /// There is such a role already.
    #[error("there is a role \"{0}\" already")]
    RoleExists(Name),
    /// The store cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for UserError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Users {
    /// Makes a user without roles.
    ///
    /// # Errors
    ///
    /// Where there is one of this name.
    pub async fn create(&self, name: &Name) -> Result<(), UserError> {
        let insert = "INSERT INTO users (id, name) VALUES ($1, $2)";
        self.insert(insert, name, UserError::UserExists).await
    }

    /// Makes a role.
    ///
    /// # Errors
    ///
    /// Where there is one of this name.
    pub async fn create_role(&self, name: &Name) -> Result<(), UserError> {
        let insert = "INSERT INTO roles (id, name) VALUES ($1, $2)";
        self.insert(insert, name, UserError::RoleExists).await
    }

    async fn insert(
        &self,
        insert: &str,
        name: &Name,
        exists: fn(Name) -> UserError,
    ) -> Result<(), UserError> {
        let mut tx = self.store.write().await?;
        sqlx::query(insert)
            .bind(row_id())
            .bind(name.as_str())
            .execute(tx.connection())
            .await
            .map_err(|error| match is_taken(&error) {
                true => exists(name.clone()),
                false => error.into(),
            })?;
        Ok(tx.commit().await?)
    }

    /// Removes a user, with the values that they have set.
    ///
    /// # Errors
    ///
    /// Where there is none of this name.
    pub async fn remove(&self, name: &Name) -> Result<(), UserError> {
        let mut tx = self.store.write().await?;
        let user = user_id(tx.connection(), name).await?;
        sqlx::query("DELETE FROM users WHERE id = $1")
            .bind(user)
            .execute(tx.connection())
            .await?;
        Ok(tx.commit().await?)
    }

    /// Removes a role: from its users, and from the lockers that it opened.
    ///
    /// # Errors
    ///
    /// Where there is none of this name.
    pub async fn remove_role(&self, name: &Name) -> Result<(), UserError> {
        let mut tx = self.store.write().await?;
        let role = role_id(tx.connection(), name).await?;
        sqlx::query("DELETE FROM roles WHERE id = $1")
            .bind(role)
            .execute(tx.connection())
            .await?;
        Ok(tx.commit().await?)
    }

    /// Gives a user a role.
    ///
    /// # Errors
    ///
    /// Where the user or the role is not there.
    pub async fn grant(&self, user: &Name, role: &Name) -> Result<(), UserError> {
        self.set_granted(user, role, true).await
    }

    /// Takes a role from a user.
    ///
    /// # Errors
    ///
    /// Where the user or the role is not there.
    pub async fn revoke(&self, user: &Name, role: &Name) -> Result<(), UserError> {
        self.set_granted(user, role, false).await
    }

    async fn set_granted(&self, user: &Name, role: &Name, granted: bool) -> Result<(), UserError> {
        let mut tx = self.store.write().await?;
        let user = user_id(tx.connection(), user).await?;
        let role = role_id(tx.connection(), role).await?;
        link(tx.connection(), &USER_ROLES, &user, &role, granted).await?;
        Ok(tx.commit().await?)
    }

    /// Whether a user has the role [`ADMINISTRATOR`].
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    pub async fn is_administrator(&self, user: &Name) -> Result<bool, StoreError> {
        let mut tx = self.store.read().await?;
        let roles: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM user_roles JOIN roles ON roles.id = user_roles.role_id \
             JOIN users ON users.id = user_roles.user_id WHERE users.name = $1 AND roles.name = $2",
        )
        .bind(user.as_str())
        .bind(ADMINISTRATOR)
        .fetch_one(tx.connection())
        .await?;
        Ok(roles > 0)
    }

    /// A user, where there is one of this name.
    ///
    /// # Errors
    ///
    /// Where there is none.
    pub async fn get(&self, name: &Name) -> Result<User, UserError> {
        let mut tx = self.store.read().await?;
        let id = user_id(tx.connection(), name).await?;
        Ok(User {
            name: name.clone(),
            roles: linked(tx.connection(), &USER_ROLES, "roles", &id).await?,
        })
    }

    /// All users, by name.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    pub async fn list(&self) -> Result<Vec<User>, StoreError> {
        let mut tx = self.store.read().await?;
        let rows: Vec<(String, String)> =
            sqlx::query_as("SELECT id, name FROM users ORDER BY name")
                .fetch_all(tx.connection())
                .await?;
        let mut users = Vec::new();
        for (id, name) in rows {
            users.push(User {
                name: name_of("users", &name)?,
                roles: linked(tx.connection(), &USER_ROLES, "roles", &id).await?,
            });
        }
        Ok(users)
    }

    /// All roles, by name.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    pub async fn roles(&self) -> Result<Vec<Role>, StoreError> {
        let mut tx = self.store.read().await?;
        let rows: Vec<(String, String)> =
            sqlx::query_as("SELECT id, name FROM roles ORDER BY name")
                .fetch_all(tx.connection())
                .await?;
        let mut roles = Vec::new();
        for (id, name) in rows {
            roles.push(Role {
                name: name_of("roles", &name)?,
                lockers: linked(tx.connection(), &ROLE_LOCKERS, "lockers", &id).await?,
            });
        }
        Ok(roles)
    }
}

/// Gives a user the role [`ADMINISTRATOR`], and makes the role where there is none.
pub(super) async fn make_administrator(
    connection: &mut SqliteConnection,
    user: &str,
) -> Result<(), UserError> {
    let select = "SELECT id FROM roles WHERE name = $1";
    let found: Option<String> = sqlx::query_scalar(select)
        .bind(ADMINISTRATOR)
        .fetch_optional(&mut *connection)
        .await?;
    let role = match found {
        Some(role) => role,
        None => {
            let role = row_id();
            sqlx::query("INSERT INTO roles (id, name) VALUES ($1, $2)")
                .bind(&role)
                .bind(ADMINISTRATOR)
                .execute(&mut *connection)
                .await?;
            role
        }
    };
    Ok(link(connection, &USER_ROLES, user, &role, true).await?)
}

/// A table that links the rows of two others.
pub(crate) struct Link {
    pub(crate) table: &'static str,
    pub(crate) from: &'static str,
    pub(crate) to: &'static str,
}

const USER_ROLES: Link = Link {
    table: "user_roles",
    from: "user_id",
    to: "role_id",
};

const ROLE_LOCKERS: Link = Link {
    table: "locker_roles",
    from: "role_id",
    to: "locker_id",
};

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

/// The id of a user.
pub(crate) async fn user_id(
    connection: &mut SqliteConnection,
    name: &Name,
) -> Result<String, UserError> {
    sqlx::query_scalar("SELECT id FROM users WHERE name = $1")
        .bind(name.as_str())
        .fetch_optional(connection)
        .await?
        .ok_or_else(|| UserError::NoUser(name.clone()))
}

/// The ids of roles.
pub(crate) async fn role_ids(
    connection: &mut SqliteConnection,
    names: &[Name],
) -> Result<Vec<String>, UserError> {
    let mut ids = Vec::new();
    for name in names {
        ids.push(role_id(connection, name).await?);
    }
    Ok(ids)
}

/// The id of a role.
pub(crate) async fn role_id(
    connection: &mut SqliteConnection,
    name: &Name,
) -> Result<String, UserError> {
    sqlx::query_scalar("SELECT id FROM roles WHERE name = $1")
        .bind(name.as_str())
        .fetch_optional(connection)
        .await?
        .ok_or_else(|| UserError::NoRole(name.clone()))
}
