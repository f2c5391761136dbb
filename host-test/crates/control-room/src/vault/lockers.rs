//! Lockers, the roles that may use what is in them, and their owners.

use sqlx::AssertSqlSafe;

use super::{Vault, VaultError};
use crate::audit_events::Action;
use crate::name::{Description, Name};
use crate::store::integrity::{LOCKERS, ROLES, Rows, USERS};
use crate::store::random::row_id;
use crate::store::sql::{query, query_as};
use crate::store::{NamedRow, ShownName, StoreError, Tx, is_taken, name_of};
use crate::users::{self, LOCKER_OWNERS, LOCKER_ROLES};

/// A locker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locker {
    /// Its name.
    pub name: Name,
    /// What it is for.
    pub description: String,
    /// The roles whose users may use what is in it.
    pub roles: Vec<Name>,
    /// The users who may set the standard values in it.
    pub owners: Vec<Name>,
}

impl Vault {
    /// Creates a locker, which no user may use yet.
    ///
    /// # Errors
    ///
    /// [`VaultError::LockerExists`].
    pub async fn create_locker(
        &self,
        name: &Name,
        description: &Description,
    ) -> Result<(), VaultError> {
        let mut tx = self.store.write().await?;
        insert(&mut tx, name, description).await?;
        self.commit(tx, Action::LockerCreated, name.shown()).await
    }

    /// Renames a locker. Bots that use it must be changed.
    ///
    /// # Errors
    ///
    /// [`VaultError::NoLocker`]; [`VaultError::LockerExists`] if the new name is taken.
    pub async fn rename_locker(&self, name: &Name, to: &Name) -> Result<(), VaultError> {
        let mut tx = self.store.write().await?;
        let NamedRow { id, name } = locker(&mut tx, name).await?;
        query("UPDATE lockers SET name = $1, shown_as = $2 WHERE id = $3")
            .bind(to.as_str())
            .bind(to.typed())
            .bind(&id)
            .execute(tx.connection())
            .await
            .map_err(|error| taken(error.into(), to))?;
        tx.authenticate(&LOCKERS, Rows::With("id", &[&id])).await?;
        let subject = format!("{name}: {to}");
        self.commit(tx, Action::LockerChanged, &subject).await
    }

    /// Removes a locker and all that is in it.
    ///
    /// # Errors
    ///
    /// [`VaultError::NoLocker`]; [`StoreError::NotScrubbed`] if it is removed, but its values may still be in the file.
    pub async fn remove_locker(&self, name: &Name) -> Result<(), VaultError> {
        let mut tx = self.store.write().await?;
        let NamedRow { id, name } = locker(&mut tx, name).await?;
        query("DELETE FROM lockers WHERE id = $1")
            .bind(id)
            .execute(tx.connection())
            .await?;
        tx.mark_for_scrubbing().await?;
        self.commit(tx, Action::LockerRemoved, name.shown()).await?;
        Ok(self.store.scrub().await?)
    }

    /// Lets the users of a role use what is in a locker.
    ///
    /// # Errors
    ///
    /// [`VaultError::NoLocker`], [`UserError::NoRole`](crate::users::UserError::NoRole).
    pub async fn allow(&self, locker: &Name, role: &Name) -> Result<(), VaultError> {
        self.set_allowed(locker, role, true).await
    }

    /// Undoes [`Vault::allow`].
    ///
    /// # Errors
    ///
    /// As [`Vault::allow`].
    pub async fn forbid(&self, locker: &Name, role: &Name) -> Result<(), VaultError> {
        self.set_allowed(locker, role, false).await
    }

    /// Lets the users of these roles, and of no others, use what is in a locker.
    ///
    /// # Errors
    ///
    /// As [`Vault::allow`]. Nothing is changed then.
    pub async fn set_roles(&self, locker: &Name, roles: &[Name]) -> Result<(), VaultError> {
        let mut tx = self.store.write().await?;
        let subject = allow_only(&mut tx, locker, roles).await?;
        self.commit(tx, Action::LockerChanged, &subject).await
    }

    async fn set_allowed(
        &self,
        locker: &Name,
        role: &Name,
        allowed: bool,
    ) -> Result<(), VaultError> {
        let mut tx = self.store.write().await?;
        let locker = self::locker(&mut tx, locker).await?;
        let role = users::role(&mut tx, role).await?;
        users::link(&mut tx, &LOCKER_ROLES, &locker.id, &role.id, allowed).await?;
        let sign = if allowed { '+' } else { '-' };
        let subject = format!("{}: {sign}{}", locker.name, role.name);
        self.commit(tx, Action::LockerChanged, &subject).await
    }

    /// Makes a user an owner of a locker, who may set the standard values in it. Using them requires a role.
    ///
    /// # Errors
    ///
    /// [`VaultError::NoLocker`], [`UserError::NoUser`](crate::users::UserError::NoUser).
    pub async fn add_owner(&self, locker: &Name, user: &Name) -> Result<(), VaultError> {
        self.set_owner(locker, user, true).await
    }

    /// Undoes [`Vault::add_owner`].
    ///
    /// # Errors
    ///
    /// As [`Vault::add_owner`].
    pub async fn remove_owner(&self, locker: &Name, user: &Name) -> Result<(), VaultError> {
        self.set_owner(locker, user, false).await
    }

    /// Makes these users, and no others, the owners of a locker.
    ///
    /// # Errors
    ///
    /// As [`Vault::add_owner`]. Nothing is changed then.
    pub async fn set_owners(&self, locker: &Name, owners: &[Name]) -> Result<(), VaultError> {
        let mut tx = self.store.write().await?;
        let NamedRow { id, name } = self::locker(&mut tx, locker).await?;
        let mut users = Vec::new();
        for owner in owners {
            users.push(users::user(&mut tx, owner).await?);
        }
        users::link_only(&mut tx, &LOCKER_OWNERS, &id, &users).await?;
        let subject = format!("{} as owners", users::linked_only(&name, &users));
        self.commit(tx, Action::LockerChanged, &subject).await
    }

    async fn set_owner(&self, locker: &Name, user: &Name, owner: bool) -> Result<(), VaultError> {
        let mut tx = self.store.write().await?;
        let locker = self::locker(&mut tx, locker).await?;
        let user = users::user(&mut tx, user).await?;
        users::link(&mut tx, &LOCKER_OWNERS, &locker.id, &user.id, owner).await?;
        let sign = if owner { '+' } else { '-' };
        let subject = format!("{}: {sign}{} as an owner", locker.name, user.name);
        self.commit(tx, Action::LockerChanged, &subject).await
    }

    /// All lockers, sorted by name.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn lockers(&self) -> Result<Vec<Locker>, StoreError> {
        let mut tx = self.store.read().await?;
        let select = format!(
            "SELECT id, {}, description FROM lockers ORDER BY lockers.name",
            name_of("lockers")
        );
        let rows: Vec<(String, ShownName, String)> = query_as(AssertSqlSafe(select))
            .fetch_all(tx.connection())
            .await?;
        let ids = || rows.iter().map(|(id, ..)| id);
        let names = rows.iter().map(|(id, ShownName(name), _)| (id, name));
        tx.verify_names(&LOCKERS, names).await?;
        let mut roles = users::linked_names(&mut tx, &LOCKER_ROLES, &ROLES, ids()).await?;
        let mut owners = users::linked_names(&mut tx, &LOCKER_OWNERS, &USERS, ids()).await?;
        let shown = |(id, ShownName(name), description)| Locker {
            name,
            description,
            roles: roles.remove(&id).unwrap_or_default(),
            owners: owners.remove(&id).unwrap_or_default(),
        };
        Ok(rows.into_iter().map(shown).collect())
    }
}

/// Inserts a locker.
pub(super) async fn insert(
    tx: &mut Tx,
    name: &Name,
    description: &Description,
) -> Result<(), VaultError> {
    let insert = "INSERT INTO lockers (id, name, description, shown_as) VALUES ($1, $2, $3, $4)";
    let insert = query(insert)
        .bind(row_id())
        .bind(name.as_str())
        .bind(description.as_str())
        .bind(name.typed());
    let inserted = tx.insert(&LOCKERS, insert).await;
    inserted.map_err(|error| taken(error, name))
}

/// Lets the users of these roles, and of no others, use what is in a locker; returns the subject of the event.
pub(super) async fn allow_only(
    tx: &mut Tx,
    locker: &Name,
    roles: &[Name],
) -> Result<String, VaultError> {
    let NamedRow { id, name } = self::locker(tx, locker).await?;
    let roles = users::named_roles(tx, roles).await?;
    users::link_only(tx, &LOCKER_ROLES, &id, &roles).await?;
    Ok(users::linked_only(&name, &roles))
}

/// A locker.
pub(super) async fn locker(tx: &mut Tx, name: &Name) -> Result<NamedRow, VaultError> {
    let found = tx.named(&LOCKERS, name.as_str()).await?;
    found.ok_or_else(|| VaultError::NoLocker(name.clone()))
}

/// The id of a locker.
pub(super) async fn locker_id(tx: &mut Tx, name: &Name) -> Result<String, VaultError> {
    Ok(locker(tx, name).await?.id)
}

fn taken(error: StoreError, name: &Name) -> VaultError {
    if is_taken(&error) {
        return VaultError::LockerExists(name.clone());
    }
    error.into()
}
