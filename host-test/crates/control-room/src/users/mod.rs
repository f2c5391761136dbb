//! Users and roles. What a user may do follows from the roles that they have.
//!
//! - this file: creates, changes and removes users and roles;
//! - `views`: lists of them, page by page;
//! - `links`: the tables by which a role gives access to lockers and connections.

mod links;
mod views;

use bot_engine::Language;
use thiserror::Error;

pub(crate) use links::{
    CONNECTION_ROLES, IDS_PER_QUERY, LOCKER_OWNERS, LOCKER_ROLES, has_access, link, link_only,
    linked_names, linked_only, user_has_access,
};
use links::{Link, USER_ROLES, remove_links_to, shown_names};
pub use views::{OwnedData, Role, RoleAccess, RoleView, User};

use crate::audit_events::{Action, commit};
use crate::name::Name;
use crate::principal::Principal;
use crate::store::integrity::{ROLES, Rows, Table, USERS};
use crate::store::random::row_id;
use crate::store::sql::{query, query_scalar};
use crate::store::{NamedRow, Store, StoreError, Tx, is_taken};

/// The role of those who manage the Control Room in its pages. It always exists, and the first user of a Control Room has
/// it. Apart from that it is a role like any other.
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

/// Why a change to users or roles fails.
#[derive(Debug, Error)]
#[error("{}", self.message(Language::English))]
pub enum UserError {
    /// No such user.
    NoUser(Name),
    /// No such role.
    NoRole(Name),
    /// A user of this name already exists.
    UserExists(Name),
    /// A role of this name already exists.
    RoleExists(Name),
    /// The role [`ADMINISTRATOR`] always exists.
    AdministratorRole,
    /// The acting user does not manage the Control Room, or no longer does.
    NotAdministrator(Name),
    /// The acting administrator would lose the administrator role.
    OwnAdministratorRole,
    /// The store cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl UserError {
    /// The message for people. That of the store is for operators.
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::NoUser(name) => texts::no_user(language, name),
            Self::NoRole(name) => texts::no_role(language, name),
            Self::UserExists(name) => texts::user_exists(language, name),
            Self::RoleExists(name) => texts::role_exists(language, name),
            Self::AdministratorRole => texts::administrator_role(language, ADMINISTRATOR),
            Self::NotAdministrator(name) => texts::not_administrator(language, name),
            Self::OwnAdministratorRole => texts::own_administrator(language).into(),
            Self::Store(error) => error.message(language),
        }
    }
}

mod texts {
    bot_engine::messages! {
        no_user(name) { en: "there is no user \"{name}\"", de: "es gibt keinen Benutzer „{name}“" }
        no_role(name) { en: "there is no role \"{name}\"", de: "es gibt keine Rolle „{name}“" }
        user_exists(name) { en: "the user \"{name}\" already exists", de: "den Benutzer „{name}“ gibt es schon" }
        role_exists(name) { en: "the role \"{name}\" already exists", de: "die Rolle „{name}“ gibt es schon" }
        administrator_role(name) { en: "the role \"{name}\" cannot be removed", de: "die Rolle „{name}“ lässt sich nicht entfernen" }
        not_administrator(name) { en: "\"{name}\" is not an administrator", de: "„{name}“ ist kein Administrator" }
        own_administrator {
            en: "administrators cannot remove themselves or give up their own administrator role",
            de: "Administratoren können weder sich selbst entfernen noch ihre eigene Administratorrolle abgeben",
        }
    }
}

impl From<sqlx::Error> for UserError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Each change by a user checks, in the transaction that makes it, that the user is an administrator. No administrator
/// can give up their own role, so there is always one.
impl Users {
    /// Creates a user without roles; the first user of a Control Room is an administrator. Returns whether that is so.
    ///
    /// # Errors
    ///
    /// [`UserError::UserExists`], [`UserError::NotAdministrator`].
    pub async fn create(&self, by: &Principal, name: &Name) -> Result<bool, UserError> {
        let mut tx = self.begin(by).await?;
        let is_first = !tx.facts().await?.has_had_user;
        insert_user(&mut tx, name).await?;
        commit(tx, by, Action::UserCreated, name.shown()).await?;
        Ok(is_first)
    }

    /// Creates a role.
    ///
    /// # Errors
    ///
    /// [`UserError::RoleExists`], [`UserError::NotAdministrator`].
    pub async fn create_role(&self, by: &Principal, name: &Name) -> Result<(), UserError> {
        let mut tx = self.begin(by).await?;
        insert_role(&mut tx, name).await?;
        Ok(commit(tx, by, Action::RoleCreated, name.shown()).await?)
    }

    /// Removes a user together with [everything they own](OwnedData), and returns the id that the user had.
    ///
    /// # Errors
    ///
    /// [`UserError::NoUser`], [`UserError::NotAdministrator`], [`UserError::OwnAdministratorRole`].
    pub async fn remove(&self, by: &Principal, name: &Name) -> Result<String, UserError> {
        let mut tx = self.begin(by).await?;
        if by.user() == Some(name) {
            return Err(UserError::OwnAdministratorRole);
        }
        let NamedRow { id, name } = user(&mut tx, name).await?;
        remove_links_to(&mut tx, &LOCKER_OWNERS, &id).await?;
        query("DELETE FROM users WHERE id = $1")
            .bind(&id)
            .execute(tx.connection())
            .await?;
        commit(tx, by, Action::UserRemoved, name.shown()).await?;
        Ok(id)
    }

    /// Removes a role: from its users, and from the lockers and connections that it gave access to.
    ///
    /// # Errors
    ///
    /// [`UserError::NoRole`], [`UserError::NotAdministrator`]; [`UserError::OwnAdministratorRole`] or
    /// [`UserError::AdministratorRole`] if it is the role of administrators.
    pub async fn remove_role(&self, by: &Principal, name: &Name) -> Result<(), UserError> {
        let mut tx = self.begin(by).await?;
        if by.user().is_some() && name.as_str() == ADMINISTRATOR {
            return Err(UserError::OwnAdministratorRole);
        }
        if name.as_str() == ADMINISTRATOR {
            return Err(UserError::AdministratorRole);
        }
        let NamedRow { id: role, name } = role(&mut tx, name).await?;
        for link in [&USER_ROLES, &LOCKER_ROLES, &CONNECTION_ROLES] {
            remove_links_to(&mut tx, link, &role).await?;
        }
        query("DELETE FROM roles WHERE id = $1")
            .bind(role)
            .execute(tx.connection())
            .await?;
        Ok(commit(tx, by, Action::RoleRemoved, name.shown()).await?)
    }

    /// Replaces a user's roles with these.
    ///
    /// # Errors
    ///
    /// [`UserError::NoUser`], [`UserError::NoRole`], [`UserError::NotAdministrator`],
    /// [`UserError::OwnAdministratorRole`]. Nothing is changed then.
    pub async fn set_roles(
        &self,
        by: &Principal,
        user: &Name,
        roles: &[Name],
    ) -> Result<(), UserError> {
        let mut tx = self.begin(by).await?;
        let keeps = roles.iter().any(|role| role.as_str() == ADMINISTRATOR);
        if by.user() == Some(user) && !keeps {
            return Err(UserError::OwnAdministratorRole);
        }
        let NamedRow { id, name } = self::user(&mut tx, user).await?;
        let roles = named_roles(&mut tx, roles).await?;
        link_only(&mut tx, &USER_ROLES, &id, &roles).await?;
        let subject = format!("{name}: {}", shown_names(&roles));
        Ok(commit(tx, by, Action::RolesChanged, &subject).await?)
    }

    /// The name of a role as it is stored: the one that is searched for may have other capitals.
    ///
    /// # Errors
    ///
    /// [`UserError::NoRole`].
    pub async fn role(&self, name: &Name) -> Result<Name, UserError> {
        let mut tx = self.store.read().await?;
        Ok(role(&mut tx, name).await?.name)
    }

    /// Gives a user a role, as a person at the command line does.
    ///
    /// # Errors
    ///
    /// [`UserError::NoUser`], [`UserError::NoRole`].
    pub async fn grant(&self, user: &Name, role: &Name) -> Result<(), UserError> {
        self.set_granted(user, role, true).await
    }

    /// Revokes a role from a user.
    ///
    /// # Errors
    ///
    /// [`UserError::NoUser`], [`UserError::NoRole`].
    pub async fn revoke(&self, user: &Name, role: &Name) -> Result<(), UserError> {
        self.set_granted(user, role, false).await
    }

    async fn set_granted(&self, user: &Name, role: &Name, granted: bool) -> Result<(), UserError> {
        let mut tx = self.store.write().await?;
        let user = self::user(&mut tx, user).await?;
        let role = self::role(&mut tx, role).await?;
        link(&mut tx, &USER_ROLES, &user.id, &role.id, granted).await?;
        let sign = if granted { '+' } else { '-' };
        let subject = format!("{}: {sign}{}", user.name, role.name);
        Ok(commit(tx, &Principal::System, Action::RolesChanged, &subject).await?)
    }

    /// Whether a user has the role [`ADMINISTRATOR`].
    ///
    /// # Errors
    ///
    /// [`UserError::Store`]'s.
    pub async fn is_administrator(&self, user: &Name) -> Result<bool, StoreError> {
        let mut tx = self.store.read().await?;
        is_administrator(&mut tx, user).await
    }

    /// Whether any user has the role [`ADMINISTRATOR`].
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn has_administrator(&self) -> Result<bool, StoreError> {
        let mut tx = self.store.read().await?;
        let found: Option<String> = query_scalar(
            "SELECT user_id FROM user_roles JOIN roles ON roles.id = user_roles.role_id \
             WHERE roles.name = $1 LIMIT 1",
        )
        .bind(ADMINISTRATOR)
        .fetch_optional(tx.connection())
        .await?;
        let Some(id) = found else {
            return Ok(false);
        };
        tx.verify(&USERS, Rows::With("id", &[&id])).await?;
        tx.verify(&ROLES, Rows::With("name", &[ADMINISTRATOR]))
            .await?;
        Ok(true)
    }

    /// The transaction of a change.
    pub(crate) async fn begin(&self, by: &Principal) -> Result<Tx, UserError> {
        let mut tx = self.store.write().await?;
        match by.user() {
            Some(user) if !is_administrator(&mut tx, user).await? => {
                Err(UserError::NotAdministrator(user.clone()))
            }
            _ => Ok(tx),
        }
    }
}

pub(crate) async fn is_administrator(tx: &mut Tx, user: &Name) -> Result<bool, StoreError> {
    let Some(role) = tx.named(&ROLES, ADMINISTRATOR).await? else {
        return Ok(false);
    };
    let users = tx
        .verified(&USERS, Rows::With("name", &[user.as_str()]))
        .await?;
    let mut roles = users.iter().flat_map(|it| it.members(USER_ROLES.table));
    Ok(roles.any(|it| *it == role.id))
}

/// Gives a user the role [`ADMINISTRATOR`].
pub(crate) async fn make_administrator(tx: &mut Tx, user: &str) -> Result<(), UserError> {
    let Some(role) = tx.named(&ROLES, ADMINISTRATOR).await? else {
        return Ok(tx.changed(&ROLES, ADMINISTRATOR.into()).await?);
    };
    Ok(link(tx, &USER_ROLES, user, &role.id, true).await?)
}

/// Inserts a user and returns the id. The first user of a Control Room is an administrator, any other has no roles.
pub(crate) async fn insert_user(tx: &mut Tx, name: &Name) -> Result<String, UserError> {
    let insert = "INSERT INTO users (id, name, shown_as) VALUES ($1, $2, $3)";
    let id = insert_named(tx, (insert, &USERS), name, UserError::UserExists).await?;
    let mut facts = tx.facts().await?;
    if !facts.has_had_user {
        facts.has_had_user = true;
        tx.set_facts(&facts).await?;
        make_administrator(tx, &id).await?;
    }
    Ok(id)
}

/// Inserts a role and returns the id.
pub(crate) async fn insert_role(tx: &mut Tx, name: &Name) -> Result<String, UserError> {
    let insert = "INSERT INTO roles (id, name, shown_as) VALUES ($1, $2, $3)";
    insert_named(tx, (insert, &ROLES), name, UserError::RoleExists).await
}

async fn insert_named(
    tx: &mut Tx,
    (insert, table): (&'static str, &'static Table),
    name: &Name,
    exists: fn(Name) -> UserError,
) -> Result<String, UserError> {
    let id = row_id();
    let insert = query(insert)
        .bind(&id)
        .bind(name.as_str())
        .bind(name.typed());
    tx.insert(table, insert).await.map_err(|error| {
        if is_taken(&error) {
            exists(name.clone())
        } else {
            error.into()
        }
    })?;
    Ok(id)
}

/// A user.
pub(crate) async fn user(tx: &mut Tx, name: &Name) -> Result<NamedRow, UserError> {
    let found = tx.named(&USERS, name.as_str()).await?;
    found.ok_or_else(|| UserError::NoUser(name.clone()))
}

/// The id of a user.
pub(crate) async fn user_id(tx: &mut Tx, name: &Name) -> Result<String, UserError> {
    Ok(user(tx, name).await?.id)
}

/// Roles.
pub(crate) async fn named_roles(tx: &mut Tx, names: &[Name]) -> Result<Vec<NamedRow>, UserError> {
    let mut roles = Vec::new();
    for name in names {
        roles.push(role(tx, name).await?);
    }
    Ok(roles)
}

/// The id of a role.
pub(crate) async fn role_id(tx: &mut Tx, name: &Name) -> Result<String, UserError> {
    Ok(role(tx, name).await?.id)
}

/// A role.
pub(crate) async fn role(tx: &mut Tx, name: &Name) -> Result<NamedRow, UserError> {
    let found = tx.named(&ROLES, name.as_str()).await?;
    found.ok_or_else(|| UserError::NoRole(name.clone()))
}
