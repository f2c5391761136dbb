//! What administrators see of users and roles, a page at a time.

use super::{Link, USER_ROLES, UserError, Users, linked, role_id, user_id};
use crate::bots::containing;
use crate::name::Name;
use crate::store::{StoreError, Tx, name_of};
use crate::vault::SomeOf;

/// How many of the lockers and of the connections that it opens are named with a role in a list.
const FEW: u32 = 5;

/// A user, as an administrator sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenUser {
    /// Their name.
    pub name: Name,
    /// The roles that they have.
    pub roles: Vec<Name>,
    /// Whether they have a password.
    pub can_sign_in: bool,
}

/// A role, as an administrator sees it in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenRole {
    /// Its name.
    pub name: Name,
    /// How many users have it.
    pub users: u64,
    /// The lockers whose content its users may consume.
    pub lockers: Few,
    /// The connections that its users may use.
    pub connections: Few,
}

/// The first few names, and how many there are in all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Few {
    /// The first ones.
    pub names: Vec<Name>,
    /// How many there are.
    pub total: u64,
}

/// What a role opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// A locker of this name.
    Locker(Name),
    /// An OAuth connection of this name.
    Connection(Name),
}

/// How much goes with a user who is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Belongings {
    /// Bots.
    pub bots: u64,
    /// Runs that are remembered.
    pub runs: u64,
    /// Values of their own in lockers.
    pub values: u64,
    /// Sign-ins of their own to connections.
    pub sign_ins: u64,
}

/// Users whose name is like `$1`, with the role `$2` where that is not empty.
const USERS: &str = "users WHERE name LIKE $1 ESCAPE '!' AND ($2 = '' OR EXISTS \
    (SELECT 1 FROM user_roles JOIN roles ON roles.id = user_roles.role_id \
     WHERE user_roles.user_id = users.id AND roles.name = $2))";

const CAN_SIGN_IN: &str = "EXISTS (SELECT 1 FROM passwords WHERE user_id = users.id)";

/// What the role `$1` opens whose name is like `$2`.
const OPENED: &str = "(SELECT 'locker' AS kind, lockers.name AS name FROM lockers \
     JOIN locker_roles ON locker_roles.locker_id = lockers.id WHERE locker_roles.role_id = $1 \
     UNION ALL SELECT 'connection', connections.name FROM connections \
     JOIN connection_roles ON connection_roles.connection_id = connections.id \
     WHERE connection_roles.role_id = $1) AS opened WHERE name LIKE $2 ESCAPE '!'";

const LOCKERS: Link = Link {
    table: "locker_roles",
    from: "role_id",
    to: "locker_id",
};

const CONNECTIONS: Link = Link {
    table: "connection_roles",
    from: "role_id",
    to: "connection_id",
};

impl Users {
    /// Users whose name contains `search`, by name, with this role where one is given: `limit` of them after the
    /// first `offset`.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    pub async fn seen(
        &self,
        search: &str,
        role: Option<&Name>,
        offset: u32,
        limit: u32,
    ) -> Result<SomeOf<SeenUser>, StoreError> {
        let mut tx = self.store.read().await?;
        let (pattern, role) = (containing(search), role.map_or("", Name::as_str));
        let total: i64 = sqlx::query_scalar(&format!("SELECT COUNT(*) FROM {USERS}"))
            .bind(&pattern)
            .bind(role)
            .fetch_one(tx.connection())
            .await?;
        let select =
            format!("SELECT id, name, {CAN_SIGN_IN} FROM {USERS} ORDER BY name LIMIT $3 OFFSET $4");
        let rows: Vec<(String, String, bool)> = sqlx::query_as(&select)
            .bind(&pattern)
            .bind(role)
            .bind(limit)
            .bind(offset)
            .fetch_all(tx.connection())
            .await?;
        let mut items = Vec::with_capacity(rows.len());
        for (id, name, can_sign_in) in rows {
            items.push(SeenUser {
                name: name_of("users", &name)?,
                roles: linked(tx.connection(), &USER_ROLES, "roles", &id).await?,
                can_sign_in,
            });
        }
        Ok(SomeOf {
            items,
            total: total.unsigned_abs(),
        })
    }

    /// A user.
    ///
    /// # Errors
    ///
    /// Where there is none of this name.
    pub async fn see(&self, name: &Name) -> Result<SeenUser, UserError> {
        let mut tx = self.store.read().await?;
        let id = user_id(tx.connection(), name).await?;
        let select = format!("SELECT {CAN_SIGN_IN} FROM users WHERE id = $1");
        Ok(SeenUser {
            name: name.clone(),
            roles: linked(tx.connection(), &USER_ROLES, "roles", &id).await?,
            can_sign_in: sqlx::query_scalar(&select)
                .bind(&id)
                .fetch_one(tx.connection())
                .await?,
        })
    }

    /// How much goes with a user who is removed.
    ///
    /// # Errors
    ///
    /// Where there is none of this name.
    pub async fn belongings(&self, name: &Name) -> Result<Belongings, UserError> {
        let mut tx = self.store.read().await?;
        let id = user_id(tx.connection(), name).await?;
        let (bots, runs, values, sign_ins): (i64, i64, i64, i64) = sqlx::query_as(
            "SELECT (SELECT COUNT(*) FROM bots WHERE owner_id = $1), \
             (SELECT COUNT(*) FROM runs WHERE owner_id = $1), \
             (SELECT COUNT(*) FROM user_values WHERE user_id = $1), \
             (SELECT COUNT(*) FROM connection_sign_ins WHERE user_id = $1)",
        )
        .bind(id)
        .fetch_one(tx.connection())
        .await?;
        Ok(Belongings {
            bots: bots.unsigned_abs(),
            runs: runs.unsigned_abs(),
            values: values.unsigned_abs(),
            sign_ins: sign_ins.unsigned_abs(),
        })
    }

    /// Roles whose name contains `search`, by name: `limit` of them after the first `offset`.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    pub async fn seen_roles(
        &self,
        search: &str,
        offset: u32,
        limit: u32,
    ) -> Result<SomeOf<SeenRole>, StoreError> {
        let mut tx = self.store.read().await?;
        let pattern = containing(search);
        let total: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM roles WHERE name LIKE $1 ESCAPE '!'")
                .bind(&pattern)
                .fetch_one(tx.connection())
                .await?;
        let rows: Vec<(String, String, i64)> = sqlx::query_as(
            "SELECT id, name, (SELECT COUNT(*) FROM user_roles WHERE role_id = roles.id) \
             FROM roles WHERE name LIKE $1 ESCAPE '!' ORDER BY name LIMIT $2 OFFSET $3",
        )
        .bind(&pattern)
        .bind(limit)
        .bind(offset)
        .fetch_all(tx.connection())
        .await?;
        let mut items = Vec::with_capacity(rows.len());
        for (id, name, users) in rows {
            items.push(SeenRole {
                name: name_of("roles", &name)?,
                users: users.unsigned_abs(),
                lockers: few(&mut tx, &LOCKERS, "lockers", &id).await?,
                connections: few(&mut tx, &CONNECTIONS, "connections", &id).await?,
            });
        }
        Ok(SomeOf {
            items,
            total: total.unsigned_abs(),
        })
    }

    /// What a role opens whose name contains `search`: lockers, then connections, each by name; `limit` of them after
    /// the first `offset`.
    ///
    /// # Errors
    ///
    /// Where there is no role of this name.
    pub async fn opened(
        &self,
        role: &Name,
        search: &str,
        offset: u32,
        limit: u32,
    ) -> Result<SomeOf<Opened>, UserError> {
        let mut tx = self.store.read().await?;
        let (id, pattern) = (role_id(tx.connection(), role).await?, containing(search));
        let total: i64 = sqlx::query_scalar(&format!("SELECT COUNT(*) FROM {OPENED}"))
            .bind(&id)
            .bind(&pattern)
            .fetch_one(tx.connection())
            .await?;
        let select =
            format!("SELECT kind, name FROM {OPENED} ORDER BY kind DESC, name LIMIT $3 OFFSET $4");
        let rows: Vec<(String, String)> = sqlx::query_as(&select)
            .bind(&id)
            .bind(&pattern)
            .bind(limit)
            .bind(offset)
            .fetch_all(tx.connection())
            .await?;
        let opened = |(kind, name): (String, String)| {
            Ok::<_, StoreError>(match kind.as_str() {
                "locker" => Opened::Locker(name_of("lockers", &name)?),
                _ => Opened::Connection(name_of("connections", &name)?),
            })
        };
        Ok(SomeOf {
            items: rows.into_iter().map(opened).collect::<Result<_, _>>()?,
            total: total.unsigned_abs(),
        })
    }
}

/// The first few of what a role is linked to.
async fn few(
    tx: &mut Tx,
    Link { table, from, to }: &Link,
    names: &'static str,
    role: &str,
) -> Result<Few, StoreError> {
    let of_role =
        format!("{table} JOIN {names} ON {names}.id = {table}.{to} WHERE {table}.{from} = $1");
    let total: i64 = sqlx::query_scalar(&format!("SELECT COUNT(*) FROM {of_role}"))
        .bind(role)
        .fetch_one(tx.connection())
        .await?;
    let select = format!("SELECT {names}.name FROM {of_role} ORDER BY {names}.name LIMIT $2");
    let found: Vec<String> = sqlx::query_scalar(&select)
        .bind(role)
        .bind(FEW)
        .fetch_all(tx.connection())
        .await?;
    Ok(Few {
        names: found
            .iter()
            .map(|name| name_of(names, name))
            .collect::<Result<_, _>>()?,
        total: total.unsigned_abs(),
    })
}
