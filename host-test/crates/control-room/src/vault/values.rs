//! Values: who sets them, and who is handed them.

use secrecy::SecretString;
use sqlx::SqliteConnection;

use super::credentials::{Kind, attribute};
use super::lockers::LOCKER_ROLES;
use super::{AttributePath, Vault, VaultError};
use crate::audit::{self, Outcome};
use crate::name::Name;
use crate::store::Tx;
use crate::store::seal::{STANDARD_VALUE, SealedColumn, USER_VALUE};
use crate::users;

/// For whom a bot runs: a user, who may use what the roles that they have now allow. A name that no user
/// has may use nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consumer {
    /// The user's name.
    pub user: Name,
    /// The id of the run, where it is [remembered](crate::runs).
    pub run: Option<String>,
}

impl From<Name> for Consumer {
    fn from(user: Name) -> Self {
        Self { user, run: None }
    }
}

/// Who sets a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Whoever has the data folder. They own every locker.
    Administrator,
    /// A user.
    User(Name),
}

/// What a value is used for.
#[derive(Debug, Clone, Copy)]
pub struct Use<'a> {
    /// For whom the bot runs.
    pub consumer: &'a Consumer,
    /// The bot's name.
    pub bot: &'a str,
    /// The step that asks, in words for the audit.
    pub step: &'a str,
    /// Whether the value goes into a field that is never shown.
    pub field_is_secret: bool,
}

impl Vault {
    /// Sets a value: the one for everybody as an owner, or one's own.
    ///
    /// # Errors
    ///
    /// Where the attribute is not there, or it is not for this actor to set.
    pub async fn set_value(
        &self,
        path: &AttributePath,
        actor: &Actor,
        value: &SecretString,
    ) -> Result<(), VaultError> {
        let mut tx = self.store.write().await?;
        let place = place_to_set(tx.connection(), path, actor).await?;
        place.set(&mut tx, value).await?;
        Ok(tx.commit().await?)
    }

    /// Removes a value that one may set. Where there is none, nothing happens.
    ///
    /// # Errors
    ///
    /// As for [`Vault::set_value`].
    pub async fn remove_value(
        &self,
        path: &AttributePath,
        actor: &Actor,
    ) -> Result<(), VaultError> {
        let mut tx = self.store.write().await?;
        let place = place_to_set(tx.connection(), path, actor).await?;
        place.clear(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// Whether a bot may use a value, before it runs. It is not recorded.
    ///
    /// # Errors
    ///
    /// Why not: what [`Vault::value`] would say.
    pub async fn check(
        &self,
        path: &AttributePath,
        consumer: &Consumer,
        field_is_secret: bool,
    ) -> Result<(), VaultError> {
        let mut tx = self.store.read().await?;
        find(&mut tx, path, consumer, field_is_secret).await?;
        Ok(())
    }

    /// Hands a value over to a step. That is recorded in the audit log, and so is a refusal; a value
    /// whose use cannot be recorded is not handed over.
    ///
    /// # Errors
    ///
    /// Why it may not be used, or is not there.
    pub async fn value(
        &self,
        path: &AttributePath,
        used: &Use<'_>,
    ) -> Result<SecretString, VaultError> {
        let mut tx = self.store.write().await?;
        let value = find(&mut tx, path, used.consumer, used.field_is_secret).await;
        let outcome = match &value {
            Ok(_) => Outcome::Used,
            // The store is at fault, and nobody has refused anything.
            Err(VaultError::Store(_)) => return value,
            Err(_) => Outcome::Refused,
        };
        audit::record(tx.connection(), path, used, outcome).await?;
        tx.commit().await?;
        value
    }
}

/// The value that a consumer may use.
async fn find(
    tx: &mut Tx,
    path: &AttributePath,
    consumer: &Consumer,
    field_is_secret: bool,
) -> Result<SecretString, VaultError> {
    let locker = &path.credential.locker;
    if !may_consume(tx.connection(), locker, &consumer.user).await? {
        return Err(VaultError::NoLocker(locker.clone()));
    }
    let found = attribute(tx.connection(), path).await?;
    if found.password_only && !field_is_secret {
        return Err(VaultError::PasswordOnly(path.clone()));
    }
    let (place, missing) = match found.kind {
        Kind::Standard => (Place::standard(found.id), VaultError::NoValue(path.clone())),
        Kind::UserProvided => (
            Place::of_user(tx.connection(), found.id, &consumer.user).await?,
            VaultError::NoOwnValue {
                path: path.clone(),
                user: consumer.user.clone(),
            },
        ),
    };
    place.get(tx).await?.ok_or(missing)
}

/// Where the value lies that an actor may set.
async fn place_to_set(
    connection: &mut SqliteConnection,
    path: &AttributePath,
    actor: &Actor,
) -> Result<Place, VaultError> {
    let locker = &path.credential.locker;
    let user = match actor {
        Actor::Administrator => {
            let found = attribute(connection, path).await?;
            return match found.kind {
                Kind::Standard => Ok(Place::standard(found.id)),
                Kind::UserProvided => Err(VaultError::EachTheirOwn(path.clone())),
            };
        }
        Actor::User(user) => user,
    };
    let consumes = may_consume(connection, locker, user).await?;
    let owns = owns(connection, locker, user).await?;
    if !consumes && !owns {
        return Err(VaultError::NoLocker(locker.clone()));
    }
    let found = attribute(connection, path).await?;
    match found.kind {
        Kind::Standard if owns => Ok(Place::standard(found.id)),
        Kind::Standard => Err(VaultError::NotOwner(locker.clone())),
        Kind::UserProvided if consumes => Place::of_user(connection, found.id, user).await,
        // What an owner could set for themselves, no bot would be handed.
        Kind::UserProvided => Err(VaultError::NoLocker(locker.clone())),
    }
}

/// Whether one of a user's roles may consume what is in a locker. No where either is not there.
async fn may_consume(
    connection: &mut SqliteConnection,
    locker: &Name,
    user: &Name,
) -> Result<bool, VaultError> {
    let is_opened = users::opened(&LOCKER_ROLES, "lockers.id");
    let query = format!("SELECT COUNT(*) FROM lockers WHERE name = $2 AND {is_opened}");
    let lockers: i64 = sqlx::query_scalar(&query)
        .bind(user.as_str())
        .bind(locker.as_str())
        .fetch_one(connection)
        .await?;
    Ok(lockers > 0)
}

async fn owns(
    connection: &mut SqliteConnection,
    locker: &Name,
    user: &Name,
) -> Result<bool, VaultError> {
    let owners: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM lockers \
         JOIN locker_owners ON locker_owners.locker_id = lockers.id \
         JOIN users ON users.id = locker_owners.user_id \
         WHERE lockers.name = $1 AND users.name = $2",
    )
    .bind(locker.as_str())
    .bind(user.as_str())
    .fetch_one(connection)
    .await?;
    Ok(owners > 0)
}

/// Where a value lies: a row of a table of values.
struct Place {
    column: &'static SealedColumn,
    identity: Vec<String>,
}

impl Place {
    fn standard(attribute: String) -> Self {
        Self {
            column: &STANDARD_VALUE,
            identity: vec![attribute],
        }
    }

    async fn of_user(
        connection: &mut SqliteConnection,
        attribute: String,
        user: &Name,
    ) -> Result<Self, VaultError> {
        Ok(Self {
            column: &USER_VALUE,
            identity: vec![attribute, users::user_id(connection, user).await?],
        })
    }

    fn identity(&self) -> Vec<&str> {
        self.identity.iter().map(String::as_str).collect()
    }

    async fn get(&self, tx: &mut Tx) -> Result<Option<SecretString>, VaultError> {
        let query = match self.identity.len() {
            1 => "SELECT sealed FROM standard_values WHERE attribute_id = $1",
            _ => "SELECT sealed FROM user_values WHERE attribute_id = $1 AND user_id = $2",
        };
        let mut query = sqlx::query_scalar(query);
        for id in &self.identity {
            query = query.bind(id);
        }
        let sealed: Option<Vec<u8>> = query.fetch_optional(tx.connection()).await?;
        let value = sealed.map(|sealed| tx.open(self.column, &self.identity(), &sealed));
        Ok(value.transpose()?)
    }

    async fn set(&self, tx: &mut Tx, value: &SecretString) -> Result<(), VaultError> {
        let sealed = tx.seal(self.column, &self.identity(), value)?;
        self.clear(tx).await?;
        let query = match self.identity.len() {
            1 => "INSERT INTO standard_values (sealed, attribute_id) VALUES ($1, $2)",
            _ => "INSERT INTO user_values (sealed, attribute_id, user_id) VALUES ($1, $2, $3)",
        };
        let mut query = sqlx::query(query).bind(sealed);
        for id in &self.identity {
            query = query.bind(id);
        }
        query.execute(tx.connection()).await?;
        Ok(())
    }

    async fn clear(&self, tx: &mut Tx) -> Result<(), VaultError> {
        let query = match self.identity.len() {
            1 => "DELETE FROM standard_values WHERE attribute_id = $1",
            _ => "DELETE FROM user_values WHERE attribute_id = $1 AND user_id = $2",
        };
        let mut query = sqlx::query(query);
        for id in &self.identity {
            query = query.bind(id);
        }
        query.execute(tx.connection()).await?;
        Ok(())
    }
}
