//! Users and roles. What a user may use follows from the roles that they have.
//!
//! What is here is for whoever has the data folder. `administration` is the same for administrators, with the rules
//! that keep one; `sight` is what they see, a page at a time; `links` is how roles open what they open.

mod administration;
mod links;
mod views;

use sqlx::SqliteConnection;
use thiserror::Error;

pub(crate) use links::{Link, is_opened, link, link_only, linked, opened};
pub use views::{Belongings, Few, Opened, SeenRole, SeenUser};

use crate::name::Name;
use crate::store::random::row_id;
use crate::store::{Store, StoreError, is_taken, name_of};

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
    /// Whoever asks for it does not manage the Control Room, or not any longer.
    #[error("\"{0}\" is no administrator")]
    NotAdministrator(Name),
    /// Whoever asks for it would not manage the Control Room any longer.
    #[error(
        "administrators neither remove themselves nor take the role of administrators from themselves"
    )]
    Oneself,
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
        let mut tx = self.store.write().await?;
        insert_user(tx.connection(), name).await?;
        Ok(tx.commit().await?)
    }

    /// Makes a role.
    ///
    /// # Errors
    ///
    /// Where there is one of this name.
    pub async fn create_role(&self, name: &Name) -> Result<(), UserError> {
        let mut tx = self.store.write().await?;
        insert_role(tx.connection(), name).await?;
        Ok(tx.commit().await?)
    }

    /// Removes a user, with the values that they have set.
    ///
    /// # Errors
    ///
    /// Where there is none of this name.
    pub async fn remove(&self, name: &Name) -> Result<(), UserError> {
        let mut tx = self.store.write().await?;
        delete_user(tx.connection(), name).await?;
        Ok(tx.commit().await?)
    }

    /// Removes a role: from its users, and from the lockers that it opened.
    ///
    /// # Errors
    ///
    /// Where there is none of this name.
    pub async fn remove_role(&self, name: &Name) -> Result<(), UserError> {
        let mut tx = self.store.write().await?;
        delete_role(tx.connection(), name).await?;
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
        is_administrator(tx.connection(), user).await
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
        let rows = sqlx::query_as(
            "SELECT users.name, roles.name FROM users \
             LEFT JOIN user_roles ON user_roles.user_id = users.id \
             LEFT JOIN roles ON roles.id = user_roles.role_id ORDER BY users.name, roles.name",
        );
        let rows = rows.fetch_all(tx.connection()).await?;
        let user = |(name, roles)| User { name, roles };
        Ok(grouped("users", rows)?.into_iter().map(user).collect())
    }

    /// All roles, by name.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    pub async fn roles(&self) -> Result<Vec<Role>, StoreError> {
        let mut tx = self.store.read().await?;
        let rows = sqlx::query_as(
            "SELECT roles.name, lockers.name FROM roles \
             LEFT JOIN locker_roles ON locker_roles.role_id = roles.id \
             LEFT JOIN lockers ON lockers.id = locker_roles.locker_id ORDER BY roles.name, lockers.name",
        );
        let rows = rows.fetch_all(tx.connection()).await?;
        let role = |(name, lockers)| Role { name, lockers };
        Ok(grouped("roles", rows)?.into_iter().map(role).collect())
    }
}

/// Rows of a name and of one that belongs to it, in order, as names with all that belong to them.
fn grouped(
    table: &'static str,
    rows: Vec<(String, Option<String>)>,
) -> Result<Vec<(Name, Vec<Name>)>, StoreError> {
    let mut groups: Vec<(Name, Vec<Name>)> = Vec::new();
    for (name, member) in rows {
        if groups.last().is_none_or(|(last, _)| last.as_str() != name) {
            groups.push((name_of(table, &name)?, Vec::new()));
        }
        if let (Some((_, members)), Some(member)) = (groups.last_mut(), member) {
            members.push(name_of(table, &member)?);
        }
    }
    Ok(groups)
}

async fn is_administrator(
    connection: &mut SqliteConnection,
    user: &Name,
) -> Result<bool, StoreError> {
    let roles: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM user_roles JOIN roles ON roles.id = user_roles.role_id \
         JOIN users ON users.id = user_roles.user_id WHERE users.name = $1 AND roles.name = $2",
    )
    .bind(user.as_str())
    .bind(ADMINISTRATOR)
    .fetch_one(connection)
    .await?;
    Ok(roles > 0)
}

async fn delete_user(connection: &mut SqliteConnection, name: &Name) -> Result<(), UserError> {
    let user = user_id(connection, name).await?;
    sqlx::query("DELETE FROM users WHERE id = $1")
        .bind(user)
        .execute(connection)
        .await?;
    Ok(())
}

async fn delete_role(connection: &mut SqliteConnection, name: &Name) -> Result<(), UserError> {
    let role = role_id(connection, name).await?;
    sqlx::query("DELETE FROM roles WHERE id = $1")
        .bind(role)
        .execute(connection)
        .await?;
    Ok(())
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

const USER_ROLES: Link = Link {
    table: "user_roles",
    from: "user_id",
    to: "role_id",
};

/// Makes a user without roles, and says the id of their row.
pub(crate) async fn insert_user(
    connection: &mut SqliteConnection,
    name: &Name,
) -> Result<String, UserError> {
    let insert = "INSERT INTO users (id, name) VALUES ($1, $2)";
    insert_named(connection, insert, name, UserError::UserExists).await
}

/// Makes a role, and says the id of its row.
pub(crate) async fn insert_role(
    connection: &mut SqliteConnection,
    name: &Name,
) -> Result<String, UserError> {
    let insert = "INSERT INTO roles (id, name) VALUES ($1, $2)";
    insert_named(connection, insert, name, UserError::RoleExists).await
}

async fn insert_named(
    connection: &mut SqliteConnection,
    insert: &str,
    name: &Name,
    exists: fn(Name) -> UserError,
) -> Result<String, UserError> {
    let id = row_id();
    let inserted = sqlx::query(insert)
        .bind(&id)
        .bind(name.as_str())
        .execute(connection);
    inserted.await.map_err(|error| match is_taken(&error) {
        true => exists(name.clone()),
        false => error.into(),
    })?;
    Ok(id)
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
