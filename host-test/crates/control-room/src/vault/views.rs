//! What a user sees of the vault, a page at a time: names, and whether values are set; never values.

use super::credentials::{attributes, credential_id};
use super::lockers::LOCKER_ROLES;
use super::{Attribute, CredentialPath, Vault, VaultError};
use crate::bots::containing;
use crate::name::Name;
use crate::store::{Tx, name_of};
use crate::users;

/// Who looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// The user, who sees the lockers that they own, or that one of their roles may consume.
    pub user: Name,
    /// Whether they see all others as well.
    pub administrator: bool,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SomeOf<T> {
    /// What was asked for.
    pub items: Vec<T>,
    /// How many there are in all that fit the search.
    pub total: u64,
}

/// A locker that somebody sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenLocker {
    /// Its name.
    pub name: Name,
    /// What it is for.
    pub description: String,
    /// How many credentials lie in it.
    pub credentials: u64,
    /// Whether they own it.
    pub owns: bool,
    /// Whether one of their roles may consume what is in it.
    pub consumes: bool,
}

/// A credential that somebody sees in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenCredential {
    /// Its name.
    pub name: Name,
    /// What it is for.
    pub description: String,
    /// How many attributes it has.
    pub attributes: u64,
}

/// A credential that somebody looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WholeCredential {
    /// What it is for.
    pub description: String,
    /// Its attributes, by name.
    pub attributes: Vec<SeenAttribute>,
}

/// An attribute that somebody sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenAttribute {
    /// The attribute.
    pub attribute: Attribute,
    /// Whether they have set a value of their own for it.
    pub has_own_value: bool,
}

/// Lockers with what the user `$1` may do with them, of which `$2` says whether they see all.
fn seen() -> String {
    let is_opened = users::opened(&LOCKER_ROLES, "lockers.id");
    format!(
        "(SELECT lockers.id AS id, lockers.name AS name, lockers.description AS description, \
         EXISTS (SELECT 1 FROM locker_owners JOIN users ON users.id = locker_owners.user_id \
           WHERE locker_owners.locker_id = lockers.id AND users.name = $1) AS owns, \
         {is_opened} AS consumes FROM lockers) AS seen WHERE ($2 OR owns OR consumes)"
    )
}

const LOCKER: &str = "name, description, \
    (SELECT COUNT(*) FROM credentials WHERE locker_id = seen.id), owns, consumes";

type LockerRow = (String, String, i64, bool, bool);

impl Vault {
    /// Lockers whose name contains `search`, by name.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    pub async fn seen_lockers(
        &self,
        viewer: &Viewer,
        search: &str,
        offset: u32,
        limit: u32,
    ) -> Result<SomeOf<SeenLocker>, VaultError> {
        let mut tx = self.store.read().await?;
        let pattern = containing(search);
        let seen = seen();
        let count = format!("SELECT COUNT(*) FROM {seen} AND name LIKE $3 ESCAPE '!'");
        let total: i64 = sqlx::query_scalar(&count)
            .bind(viewer.user.as_str())
            .bind(viewer.administrator)
            .bind(&pattern)
            .fetch_one(tx.connection())
            .await?;
        let select = format!(
            "SELECT {LOCKER} FROM {seen} AND name LIKE $3 ESCAPE '!' ORDER BY name LIMIT $4 OFFSET $5"
        );
        let rows: Vec<LockerRow> = sqlx::query_as(&select)
            .bind(viewer.user.as_str())
            .bind(viewer.administrator)
            .bind(&pattern)
            .bind(limit)
            .bind(offset)
            .fetch_all(tx.connection())
            .await?;
        Ok(SomeOf {
            items: rows.into_iter().map(locker).collect::<Result<_, _>>()?,
            total: total.unsigned_abs(),
        })
    }

    /// A locker.
    ///
    /// # Errors
    ///
    /// Where it is not there, or this viewer does not see it: they do not learn which.
    pub async fn seen_locker(
        &self,
        viewer: &Viewer,
        name: &Name,
    ) -> Result<SeenLocker, VaultError> {
        let mut tx = self.store.read().await?;
        see(&mut tx, viewer, name).await
    }

    /// Credentials of a locker whose name contains `search`, by name.
    ///
    /// # Errors
    ///
    /// As for [`Vault::seen_locker`].
    pub async fn seen_credentials(
        &self,
        viewer: &Viewer,
        locker: &Name,
        search: &str,
        offset: u32,
        limit: u32,
    ) -> Result<SomeOf<SeenCredential>, VaultError> {
        const OF_LOCKER: &str = "credentials JOIN lockers ON lockers.id = credentials.locker_id \
            WHERE lockers.name = $1 AND credentials.name LIKE $2 ESCAPE '!'";
        let mut tx = self.store.read().await?;
        see(&mut tx, viewer, locker).await?;
        let pattern = containing(search);
        let total: i64 = sqlx::query_scalar(&format!("SELECT COUNT(*) FROM {OF_LOCKER}"))
            .bind(locker.as_str())
            .bind(&pattern)
            .fetch_one(tx.connection())
            .await?;
        let select = format!(
            "SELECT credentials.name, credentials.description, \
             (SELECT COUNT(*) FROM attributes WHERE credential_id = credentials.id) \
             FROM {OF_LOCKER} ORDER BY credentials.name LIMIT $3 OFFSET $4"
        );
        let rows: Vec<(String, String, i64)> = sqlx::query_as(&select)
            .bind(locker.as_str())
            .bind(&pattern)
            .bind(limit)
            .bind(offset)
            .fetch_all(tx.connection())
            .await?;
        let credential = |(name, description, attributes): (String, String, i64)| {
            Ok::<_, VaultError>(SeenCredential {
                name: name_of("credentials", &name)?,
                description,
                attributes: attributes.unsigned_abs(),
            })
        };
        Ok(SomeOf {
            items: rows.into_iter().map(credential).collect::<Result<_, _>>()?,
            total: total.unsigned_abs(),
        })
    }

    /// A credential with its attributes.
    ///
    /// # Errors
    ///
    /// Where it is not there, or this viewer does not see its locker.
    pub async fn seen_credential(
        &self,
        viewer: &Viewer,
        path: &CredentialPath,
    ) -> Result<WholeCredential, VaultError> {
        let mut tx = self.store.read().await?;
        see(&mut tx, viewer, &path.locker).await?;
        let id = credential_id(tx.connection(), path).await?;
        let description = sqlx::query_scalar("SELECT description FROM credentials WHERE id = $1")
            .bind(&id)
            .fetch_one(tx.connection())
            .await?;
        let own: Vec<String> = sqlx::query_scalar(
            "SELECT attributes.name FROM user_values \
             JOIN attributes ON attributes.id = user_values.attribute_id \
             JOIN users ON users.id = user_values.user_id \
             WHERE attributes.credential_id = $1 AND users.name = $2",
        )
        .bind(&id)
        .bind(viewer.user.as_str())
        .fetch_all(tx.connection())
        .await?;
        let seen = |attribute: Attribute| SeenAttribute {
            has_own_value: own.iter().any(|name| name == attribute.name.as_str()),
            attribute,
        };
        let attributes = attributes(tx.connection(), &id).await?;
        Ok(WholeCredential {
            description,
            attributes: attributes.into_iter().map(seen).collect(),
        })
    }
}

async fn see(tx: &mut Tx, viewer: &Viewer, name: &Name) -> Result<SeenLocker, VaultError> {
    let select = format!("SELECT {LOCKER} FROM {} AND name = $3", seen());
    let found: Option<LockerRow> = sqlx::query_as(&select)
        .bind(viewer.user.as_str())
        .bind(viewer.administrator)
        .bind(name.as_str())
        .fetch_optional(tx.connection())
        .await?;
    locker(found.ok_or_else(|| VaultError::NoLocker(name.clone()))?)
}

fn locker(
    (name, description, credentials, owns, consumes): LockerRow,
) -> Result<SeenLocker, VaultError> {
    Ok(SeenLocker {
        name: name_of("lockers", &name)?,
        description,
        credentials: credentials.unsigned_abs(),
        owns,
        consumes,
    })
}
