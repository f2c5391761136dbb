//! Sets values for users, and hands them over to runs.

use bot_engine::Purpose;
use secrecy::{ExposeSecret, SecretString};

use super::credentials::{self, Kind, attribute};
use super::{AttributePath, ValueError, Vault, VaultError};
use crate::audit::{self, Entry, Outcome};
use crate::audit_events::Action;
use crate::name::{Name, pasted};
use crate::principal::Principal;
use crate::store::Tx;
use crate::store::integrity::{LOCKERS, Rows, STANDARD_VALUES, Table, USER_VALUES, USERS};
use crate::store::seal::{STANDARD_VALUE, SealedColumn, USER_VALUE};
use crate::store::sql::{query, query_scalar};
use crate::users::{self, LOCKER_ROLES};

impl Vault {
    /// Sets a value: the standard value as an owner or an administrator, or the principal's own. What a pasted text has around
    /// it is not part of the value (see [`pasted`]).
    ///
    /// # Errors
    ///
    /// [`VaultError::NoAttribute`] and the like, [`VaultError::Value`], or why the principal may not set it.
    pub async fn set_value(
        &self,
        path: &AttributePath,
        by: &Principal,
        value: &SecretString,
    ) -> Result<(), VaultError> {
        let value = valid_value(value)?;
        let mut tx = self.store.write().await?;
        self.write_value(&mut tx, path, by, &value).await?;
        Ok(tx.commit().await?)
    }

    /// Sets a valid value, with its record.
    pub(super) async fn write_value(
        &self,
        tx: &mut Tx,
        path: &AttributePath,
        by: &Principal,
        value: &SecretString,
    ) -> Result<(), VaultError> {
        row_to_set(tx, path, by).await?.set(tx, value).await?;
        self.record_value(tx, path, by).await
    }

    /// Checks that the principal may set a value, before asking for it.
    ///
    /// # Errors
    ///
    /// As [`Vault::set_value`].
    pub async fn check_settable(
        &self,
        path: &AttributePath,
        by: &Principal,
    ) -> Result<(), VaultError> {
        let mut tx = self.store.read().await?;
        row_to_set(&mut tx, path, by).await?;
        Ok(())
    }

    /// Removes a value that the principal may set. If there is none, nothing happens.
    ///
    /// # Errors
    ///
    /// As [`Vault::set_value`].
    pub async fn remove_value(
        &self,
        path: &AttributePath,
        by: &Principal,
    ) -> Result<(), VaultError> {
        let mut tx = self.store.write().await?;
        let row = row_to_set(&mut tx, path, by).await?;
        row.clear(&mut tx).await?;
        self.record_value(&mut tx, path, by).await?;
        Ok(tx.commit().await?)
    }

    /// Records a change of a value. Somebody at the command line can act as a user.
    async fn record_value(
        &self,
        tx: &mut Tx,
        path: &AttributePath,
        by: &Principal,
    ) -> Result<(), VaultError> {
        let path = credentials::as_stored(tx, path).await?;
        let subject = match by.user() {
            Some(user) if self.by.user() != Some(user) => format!("{path} as {user}"),
            _ => path.to_string(),
        };
        self.record(tx, Action::ValueChanged, &subject).await
    }

    /// Checks, before a bot runs on behalf of this user, that it may use a value. That is not recorded.
    ///
    /// # Errors
    ///
    /// As [`Vault::value`].
    pub async fn check(
        &self,
        path: &AttributePath,
        on_behalf_of: &Name,
        field_is_secret: bool,
    ) -> Result<(), VaultError> {
        let mut tx = self.store.read().await?;
        find(&mut tx, path, on_behalf_of, field_is_secret).await?;
        Ok(())
    }

    /// Hands a value over to a step of a bot that runs on behalf of this user. The user's roles at this moment decide.
    /// The use is recorded in the audit log, with the id of the [run](crate::runs) if there is one, and so is a
    /// refusal. A value whose use cannot be recorded is not handed over.
    ///
    /// # Errors
    ///
    /// Why it may not be used, or does not exist.
    pub async fn value(
        &self,
        path: &AttributePath,
        on_behalf_of: &Name,
        run: Option<&str>,
        purpose: Purpose<'_>,
    ) -> Result<SecretString, VaultError> {
        let mut tx = self.store.write().await?;
        let value = find(&mut tx, path, on_behalf_of, purpose.field_is_secret).await;
        let outcome = match &value {
            Ok(_) => Outcome::Used,
            // A fault of the store is not a refusal.
            Err(VaultError::Store(_)) => return value,
            Err(_) => Outcome::Refused,
        };
        // What is not handed over may not exist, and has only the names that were requested.
        let account = tx.named(&USERS, on_behalf_of.as_str()).await?;
        let (user, path) = match (outcome, &account) {
            (Outcome::Used, Some(account)) => {
                (&account.name, &credentials::as_stored(&mut tx, path).await?)
            }
            _ => (on_behalf_of, path),
        };
        let entry = Entry {
            user,
            user_id: account.as_ref().map(|it| it.id.as_str()),
            run,
            bot: purpose.bot,
            step: purpose.step,
            path,
            outcome,
        };
        audit::record(&mut tx, &entry).await?;
        tx.commit().await?;
        value
    }
}

/// The value in a text that was typed or pasted (see [`pasted`]).
///
/// # Errors
///
/// Why it is not a value.
pub fn valid_value(typed: &SecretString) -> Result<SecretString, ValueError> {
    match pasted(typed.expose_secret()) {
        Ok("") => Err(ValueError::Empty),
        Ok(value) => Ok(value.into()),
        Err(character) => Err(ValueError::InvisibleCharacter(character)),
    }
}

/// The value, if it may be used on behalf of this user.
async fn find(
    tx: &mut Tx,
    path: &AttributePath,
    user: &Name,
    field_is_secret: bool,
) -> Result<SecretString, VaultError> {
    let locker = &path.credential.locker;
    if !may_use(tx, locker, user).await? {
        return Err(VaultError::NoLocker(locker.clone()));
    }
    let found = attribute(tx, path).await?;
    if found.password_only && !field_is_secret {
        return Err(VaultError::PasswordOnly(path.clone()));
    }
    let (row, missing) = match found.kind {
        Kind::Standard => (
            ValueRow::standard(found.id),
            VaultError::NoValue(path.clone()),
        ),
        Kind::UserProvided => (
            ValueRow::of_user(tx, found.id, user).await?,
            VaultError::NoOwnValue {
                path: path.clone(),
                user: user.clone(),
            },
        ),
    };
    row.get(tx).await?.ok_or(missing)
}

/// The row of a value that the principal may set.
async fn row_to_set(
    tx: &mut Tx,
    path: &AttributePath,
    by: &Principal,
) -> Result<ValueRow, VaultError> {
    let locker = &path.credential.locker;
    let (may_use, owns) = match by.user() {
        None => (false, true),
        Some(user) => (
            may_use(tx, locker, user).await?,
            by.is_administrator() || owns(tx, locker, user).await?,
        ),
    };
    if !may_use && !owns {
        return Err(VaultError::NoLocker(locker.clone()));
    }
    let found = attribute(tx, path).await?;
    match (found.kind, by.user()) {
        (Kind::Standard, _) if owns => Ok(ValueRow::standard(found.id)),
        (Kind::Standard, _) => Err(VaultError::NotOwner(locker.clone())),
        (Kind::UserProvided, None) => Err(VaultError::UserRequired(path.clone())),
        (Kind::UserProvided, Some(user)) if may_use => ValueRow::of_user(tx, found.id, user).await,
        // No bot would get a value that an owner without a role set for themselves.
        (Kind::UserProvided, Some(_)) => Err(VaultError::NoLocker(locker.clone())),
    }
}

/// Whether one of a user's roles may use what is in a locker. False if that does not exist.
async fn may_use(tx: &mut Tx, locker: &Name, user: &Name) -> Result<bool, VaultError> {
    let rows = Rows::With("name", &[locker.as_str()]);
    Ok(users::user_has_access(tx, &LOCKER_ROLES, rows, user).await?)
}

async fn owns(tx: &mut Tx, locker: &Name, user: &Name) -> Result<bool, VaultError> {
    let user = users::user_id(tx, user).await?;
    let rows = Rows::With("name", &[locker.as_str()]);
    let lockers = tx.verified(&LOCKERS, rows).await?;
    let mut owners = lockers
        .iter()
        .flat_map(|it| it.members(users::LOCKER_OWNERS.table));
    Ok(owners.any(|owner| *owner == user))
}

/// Where a value is stored: a row of a table of values.
struct ValueRow {
    table: &'static Table,
    column: &'static SealedColumn,
    identity: Vec<String>,
}

impl ValueRow {
    fn standard(attribute: String) -> Self {
        Self {
            table: &STANDARD_VALUES,
            column: &STANDARD_VALUE,
            identity: vec![attribute],
        }
    }

    async fn of_user(tx: &mut Tx, attribute: String, user: &Name) -> Result<Self, VaultError> {
        Ok(Self {
            table: &USER_VALUES,
            column: &USER_VALUE,
            identity: vec![attribute, users::user_id(tx, user).await?],
        })
    }

    fn identity(&self) -> Vec<&str> {
        self.identity.iter().map(String::as_str).collect()
    }

    async fn get(&self, tx: &mut Tx) -> Result<Option<SecretString>, VaultError> {
        let identity = self.identity();
        let rows = Rows::Is(self.column.identity, &identity);
        tx.verify(self.table, rows).await?;
        let select = match self.identity.len() {
            1 => "SELECT sealed FROM standard_values WHERE attribute_id = $1",
            _ => "SELECT sealed FROM user_values WHERE attribute_id = $1 AND user_id = $2",
        };
        let mut query = query_scalar(select);
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
        let insert = match self.identity.len() {
            1 => "INSERT INTO standard_values (sealed, attribute_id) VALUES ($1, $2)",
            _ => "INSERT INTO user_values (sealed, attribute_id, user_id) VALUES ($1, $2, $3)",
        };
        let mut query = query(insert).bind(sealed);
        for id in &self.identity {
            query = query.bind(id);
        }
        Ok(tx.insert(self.table, query).await?)
    }

    async fn clear(&self, tx: &mut Tx) -> Result<(), VaultError> {
        let delete = match self.identity.len() {
            1 => "DELETE FROM standard_values WHERE attribute_id = $1",
            _ => "DELETE FROM user_values WHERE attribute_id = $1 AND user_id = $2",
        };
        let mut query = query(delete);
        for id in &self.identity {
            query = query.bind(id);
        }
        query.execute(tx.connection()).await?;
        Ok(())
    }
}
