//! What a principal may see of the vault and choose from, page by page: names, and whether values are set, but never
//! values.

use std::collections::HashMap;

use sqlx::AssertSqlSafe;

use super::credentials::{attributes_of, credential, verified_attributes};
use super::lockers::locker_id;
use super::{Attribute, CredentialPath, Vault, VaultError};
use crate::name::Name;
use crate::page::{Page, contains_pattern};
use crate::principal::Principal;
use crate::store::integrity::{CREDENTIALS, LOCKERS, Rows, USERS};
use crate::store::sql::{FromRow, Row, query_as, query_scalar};
use crate::store::{NamedRow, ShownName, Tx, WithId, from_row, name_of};
use crate::users::{self, LOCKER_ROLES};

/// A locker, as a principal sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockerView {
    /// Its name.
    pub name: Name,
    /// What it is for.
    pub description: String,
    /// How many credentials are in it.
    pub credentials: u64,
    /// Whether the principal is an owner of it.
    pub owns: bool,
    /// Whether one of the principal's roles may use what is in it.
    pub may_use: bool,
    /// Whether any user has a role that may.
    pub has_users: bool,
}

from_row!(LockerView {
    name,
    description,
    credentials,
    owns,
    may_use,
    has_users
});

/// A credential in a page of credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialView {
    /// Its name.
    pub name: Name,
    /// What it is for.
    pub description: String,
    /// How many attributes it has.
    pub attributes: u64,
}

from_row!(CredentialView {
    name,
    description,
    attributes
});

/// A credential with its attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialDetails {
    /// Its path as it is stored: the one that was searched for may have other capitals.
    pub path: CredentialPath,
    /// What it is for.
    pub description: String,
    /// Its attributes, by name.
    pub attributes: Vec<AttributeView>,
}

/// An attribute, as a principal sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeView {
    /// The attribute.
    pub attribute: Attribute,
    /// Whether the principal has set a value of their own for it.
    pub has_own_value: bool,
}

/// A credential that a principal may use in a bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsableCredential {
    /// The credential's name.
    pub credential: Name,
    /// What it is for.
    pub description: String,
    /// Its attributes, by name.
    pub attributes: Vec<UsableAttribute>,
}

/// An attribute that a principal may use in a bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsableAttribute {
    /// Its name.
    pub name: Name,
    /// The value may only go into a field that is secret.
    pub password_only: bool,
}

impl FromRow for UsableAttribute {
    fn from_row(row: &Row) -> Result<Self, sqlx::Error> {
        Ok(Self {
            name: NamedRow::from_row(row)?.name,
            password_only: row.get("password_only")?,
        })
    }
}

struct CredentialRow {
    name: Name,
    description: String,
}

from_row!(CredentialRow { name, description });

/// The lockers that the user `$1` owns or may use; all lockers if `$2`.
fn visible_lockers() -> String {
    let has_access = users::has_access(&LOCKER_ROLES, "lockers.id");
    format!(
        "(SELECT lockers.id AS id, lockers.name AS name, lockers.shown_as AS shown_as, \
         lockers.description AS description, \
         EXISTS (SELECT 1 FROM locker_owners JOIN users ON users.id = locker_owners.user_id \
           WHERE locker_owners.locker_id = lockers.id AND users.name = $1) AS owns, \
         {has_access} AS may_use FROM lockers) AS visible WHERE ($2 OR owns OR may_use)"
    )
}

fn locker_columns() -> String {
    format!(
        "id, {} AS name, description, \
         (SELECT COUNT(*) FROM credentials WHERE locker_id = visible.id) AS credentials, owns, may_use, \
         EXISTS (SELECT 1 FROM locker_roles JOIN user_roles ON user_roles.role_id = locker_roles.role_id \
           WHERE locker_roles.locker_id = visible.id) AS has_users",
        name_of("visible")
    )
}

impl Vault {
    /// Lockers whose name contains `search`, sorted by name: at most `limit`, skipping the first `offset`. Users see
    /// those that they own or may use; administrators see all.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn lockers_page(
        &self,
        principal: &Principal,
        search: &str,
        offset: u32,
        limit: u32,
    ) -> Result<Page<LockerView>, VaultError> {
        let mut tx = self.store.read().await?;
        let pattern = contains_pattern(search);
        let from = format!("{} AND visible.name LIKE $3 ESCAPE '!'", visible_lockers());
        let total = query_scalar(AssertSqlSafe(format!("SELECT COUNT(*) FROM {from}")))
            .bind(principal.user_or_empty())
            .bind(principal.is_administrator())
            .bind(&pattern)
            .fetch_one(tx.connection())
            .await?;
        let select = format!(
            "SELECT {} FROM {from} ORDER BY visible.name LIMIT $4 OFFSET $5",
            locker_columns()
        );
        let lockers: Vec<WithId<LockerView>> = query_as(AssertSqlSafe(select))
            .bind(principal.user_or_empty())
            .bind(principal.is_administrator())
            .bind(&pattern)
            .bind(limit)
            .bind(offset)
            .fetch_all(tx.connection())
            .await?;
        verify(&mut tx, principal, &lockers).await?;
        let lockers = lockers.into_iter().map(|locker| locker.shown);
        Ok(Page::new(lockers.collect(), total))
    }

    /// A locker.
    ///
    /// # Errors
    ///
    /// [`VaultError::NoLocker`], also if the principal may not see it.
    pub async fn locker(
        &self,
        principal: &Principal,
        name: &Name,
    ) -> Result<LockerView, VaultError> {
        let mut tx = self.store.read().await?;
        visible_locker(&mut tx, principal, name).await
    }

    /// Credentials of a locker whose name contains `search`, sorted by name: at most `limit`, skipping the first
    /// `offset`.
    ///
    /// # Errors
    ///
    /// As [`Vault::locker`].
    pub async fn credentials_page(
        &self,
        principal: &Principal,
        locker: &Name,
        search: &str,
        offset: u32,
        limit: u32,
    ) -> Result<Page<CredentialView>, VaultError> {
        const OF_LOCKER: &str = "credentials JOIN lockers ON lockers.id = credentials.locker_id \
            WHERE lockers.name = $1 AND credentials.name LIKE $2 ESCAPE '!'";
        let mut tx = self.store.read().await?;
        visible_locker(&mut tx, principal, locker).await?;
        let id = locker_id(&mut tx, locker).await?;
        tx.verify(&CREDENTIALS, Rows::With("locker_id", &[&id]))
            .await?;
        let pattern = contains_pattern(search);
        let total = query_scalar(AssertSqlSafe(format!("SELECT COUNT(*) FROM {OF_LOCKER}")))
            .bind(locker.as_str())
            .bind(&pattern)
            .fetch_one(tx.connection())
            .await?;
        let select = format!(
            "SELECT credentials.id AS id, {} AS name, credentials.description AS description, \
             (SELECT COUNT(*) FROM attributes WHERE credential_id = credentials.id) AS attributes \
             FROM {OF_LOCKER} ORDER BY credentials.name LIMIT $3 OFFSET $4",
            name_of("credentials")
        );
        let credentials: Vec<WithId<CredentialView>> = query_as(AssertSqlSafe(select))
            .bind(locker.as_str())
            .bind(&pattern)
            .bind(limit)
            .bind(offset)
            .fetch_all(tx.connection())
            .await?;
        let names = credentials.iter().map(|it| (&it.id, &it.shown.name));
        tx.verify_names(&CREDENTIALS, names).await?;
        let credentials = credentials.into_iter().map(|it| it.shown);
        Ok(Page::new(credentials.collect(), total))
    }

    /// A credential with its attributes.
    ///
    /// # Errors
    ///
    /// [`VaultError::NoLocker`], also if the principal may not see it; [`VaultError::NoCredential`].
    pub async fn credential(
        &self,
        principal: &Principal,
        path: &CredentialPath,
    ) -> Result<CredentialDetails, VaultError> {
        let mut tx = self.store.read().await?;
        let locker = visible_locker(&mut tx, principal, &path.locker).await?.name;
        let NamedRow { id, name } = credential(&mut tx, path).await?;
        let description = query_scalar("SELECT description FROM credentials WHERE id = $1")
            .bind(&id)
            .fetch_one(tx.connection())
            .await?;
        let own: Vec<String> = query_scalar(
            "SELECT attributes.name FROM user_values \
             JOIN attributes ON attributes.id = user_values.attribute_id \
             JOIN users ON users.id = user_values.user_id \
             WHERE attributes.credential_id = $1 AND users.name = $2",
        )
        .bind(&id)
        .bind(principal.user_or_empty())
        .fetch_all(tx.connection())
        .await?;
        let view = |attribute: Attribute| AttributeView {
            has_own_value: own.iter().any(|name| name == attribute.name.as_str()),
            attribute,
        };
        let attributes = attributes_of(&mut tx, &[&id]).await?.remove(&id);
        let attributes = attributes.unwrap_or_default().into_iter().map(view);
        Ok(CredentialDetails {
            path: CredentialPath {
                locker,
                credential: name,
            },
            description,
            attributes: attributes.collect(),
        })
    }

    /// The lockers whose values a principal may use in bots, sorted by name.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn usable_lockers(&self, principal: &Principal) -> Result<Vec<Name>, VaultError> {
        let has_access = users::has_access(&LOCKER_ROLES, "lockers.id");
        let query = format!(
            "SELECT id, {} FROM lockers WHERE {has_access} ORDER BY lockers.name",
            name_of("lockers")
        );
        let mut tx = self.store.read().await?;
        let lockers: Vec<(String, ShownName)> = query_as(AssertSqlSafe(query))
            .bind(principal.user_or_empty())
            .fetch_all(tx.connection())
            .await?;
        let names = lockers.iter().map(|(id, ShownName(name))| (id, name));
        tx.verify_names(&LOCKERS, names).await?;
        tx.verify(&USERS, Rows::With("name", &[principal.user_or_empty()]))
            .await?;
        let names = lockers.into_iter().map(|(_, ShownName(name))| name);
        Ok(names.collect())
    }

    /// Credentials of a locker whose name contains `search`, sorted by name, at most `limit`. None if the principal
    /// may not use the locker.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn usable_credentials(
        &self,
        principal: &Principal,
        locker: &Name,
        search: &str,
        limit: u32,
    ) -> Result<Vec<UsableCredential>, VaultError> {
        let has_access = users::has_access(&LOCKER_ROLES, "lockers.id");
        let query = format!(
            "SELECT credentials.id AS id, {} AS name, credentials.description AS description \
             FROM credentials JOIN lockers ON lockers.id = credentials.locker_id \
             WHERE lockers.name = $2 AND credentials.name LIKE $3 ESCAPE '!' AND {has_access} \
             ORDER BY credentials.name LIMIT $4",
            name_of("credentials")
        );
        let mut tx = self.store.read().await?;
        tx.verify(&LOCKERS, Rows::With("name", &[locker.as_str()]))
            .await?;
        tx.verify(&USERS, Rows::With("name", &[principal.user_or_empty()]))
            .await?;
        let credentials: Vec<WithId<CredentialRow>> = query_as(AssertSqlSafe(query))
            .bind(principal.user_or_empty())
            .bind(locker.as_str())
            .bind(contains_pattern(search))
            .bind(limit)
            .fetch_all(tx.connection())
            .await?;
        let names = credentials.iter().map(|it| (&it.id, &it.shown.name));
        tx.verify_names(&CREDENTIALS, names).await?;
        let ids: Vec<_> = credentials.iter().map(|it| it.id.as_str()).collect();
        let mut attributes: HashMap<String, Vec<UsableAttribute>> = HashMap::new();
        for attribute in verified_attributes(&mut tx, &ids).await? {
            let row = attribute.row();
            let of_credential = attributes.entry(row.get("credential_id")?).or_default();
            of_credential.push(UsableAttribute::from_row(row)?);
        }
        let usable = |WithId { id, shown }: WithId<CredentialRow>| UsableCredential {
            credential: shown.name,
            description: shown.description,
            attributes: attributes.remove(&id).unwrap_or_default(),
        };
        Ok(credentials.into_iter().map(usable).collect())
    }
}

async fn visible_locker(
    tx: &mut Tx,
    principal: &Principal,
    name: &Name,
) -> Result<LockerView, VaultError> {
    let select = format!(
        "SELECT {} FROM {} AND visible.name = $3",
        locker_columns(),
        visible_lockers()
    );
    let found: Option<WithId<LockerView>> = query_as(AssertSqlSafe(select))
        .bind(principal.user_or_empty())
        .bind(principal.is_administrator())
        .bind(name.as_str())
        .fetch_optional(tx.connection())
        .await?;
    verify(tx, principal, found.as_slice()).await?;
    let found = found.map(|locker| locker.shown);
    found.ok_or_else(|| VaultError::NoLocker(name.clone()))
}

/// Verifies what a query reads that decides what a principal may do with these lockers.
async fn verify(
    tx: &mut Tx,
    principal: &Principal,
    lockers: &[WithId<LockerView>],
) -> Result<(), VaultError> {
    let names = lockers.iter().map(|it| (&it.id, &it.shown.name));
    tx.verify_names(&LOCKERS, names).await?;
    let user = principal.user_or_empty();
    Ok(tx.verify(&USERS, Rows::With("name", &[user])).await?)
}
