//! Credentials and their attributes: names and options, never values.

use sqlx::SqliteConnection;

use super::lockers::locker_id;
use super::{AttributePath, CredentialPath, Vault, VaultError};
use crate::name::{Description, Name};
use crate::store::random::row_id;
use crate::store::{is_taken, name_of};

/// The most attributes that a credential may have.
pub const MAX_ATTRIBUTES: usize = 50;

/// A credential, as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Its name.
    pub name: Name,
    /// What it is for.
    pub description: String,
    /// What it is made of, by name.
    pub attributes: Vec<Attribute>,
}

/// An attribute, as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: Name,
    /// What it is for.
    pub description: String,
    /// Whose value it has.
    pub kind: Kind,
    /// See [`AttributeOptions::masked`].
    pub masked: bool,
    /// See [`AttributeOptions::password_only`].
    pub password_only: bool,
    /// How many values are set: one at most, or one for each user.
    pub values: u64,
}

/// The options of an attribute.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttributeOptions {
    /// What it is for.
    pub description: Description,
    /// Whose value it has.
    pub kind: Kind,
    /// The value is not echoed where it is entered.
    pub masked: bool,
    /// The value may only go into a field that is secret.
    pub password_only: bool,
}

/// What is changed of an attribute: what is none stays as it is, or is the default where it is made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttributeChanges {
    /// What it is for.
    pub description: Option<Description>,
    /// Whose value it has.
    pub kind: Option<Kind>,
    /// See [`AttributeOptions::masked`].
    pub masked: Option<bool>,
    /// See [`AttributeOptions::password_only`].
    pub password_only: Option<bool>,
}

impl From<AttributeOptions> for AttributeChanges {
    fn from(options: AttributeOptions) -> Self {
        Self {
            description: Some(options.description),
            kind: Some(options.kind),
            masked: Some(options.masked),
            password_only: Some(options.password_only),
        }
    }
}

/// Whose value an attribute has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    /// One value for everybody, which an owner of the locker sets.
    #[default]
    Standard,
    /// A value for each user, which they set themselves.
    UserProvided,
}

impl Vault {
    /// Makes a credential without attributes.
    ///
    /// # Errors
    ///
    /// Where the locker is not there, or has a credential of this name.
    pub async fn create_credential(
        &self,
        path: &CredentialPath,
        description: &Description,
    ) -> Result<(), VaultError> {
        let mut tx = self.store.write().await?;
        let locker = locker_id(tx.connection(), &path.locker).await?;
        sqlx::query(
            "INSERT INTO credentials (id, locker_id, name, description) VALUES ($1, $2, $3, $4)",
        )
        .bind(row_id())
        .bind(locker)
        .bind(path.credential.as_str())
        .bind(description.as_str())
        .execute(tx.connection())
        .await
        .map_err(|error| match is_taken(&error) {
            true => VaultError::CredentialExists(path.clone()),
            false => error.into(),
        })?;
        Ok(tx.commit().await?)
    }

    /// Removes a credential with its values.
    ///
    /// # Errors
    ///
    /// Where it is not there.
    pub async fn remove_credential(&self, path: &CredentialPath) -> Result<(), VaultError> {
        let mut tx = self.store.write().await?;
        let credential = credential_id(tx.connection(), path).await?;
        sqlx::query("DELETE FROM credentials WHERE id = $1")
            .bind(credential)
            .execute(tx.connection())
            .await?;
        Ok(tx.commit().await?)
    }

    /// Makes an attribute.
    ///
    /// # Errors
    ///
    /// Where the credential is not there, has an attribute of this name, or has [`MAX_ATTRIBUTES`].
    pub async fn create_attribute(
        &self,
        path: &AttributePath,
        options: &AttributeOptions,
    ) -> Result<(), VaultError> {
        let changes = options.clone().into();
        self.write_attribute(path, &changes, false).await?;
        Ok(())
    }

    /// Makes an attribute with these options, or gives them to one that is there, as
    /// [`Vault::change_attribute`] does.
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn set_attribute(
        &self,
        path: &AttributePath,
        options: &AttributeOptions,
    ) -> Result<(), VaultError> {
        let changes = options.clone().into();
        self.change_attribute(path, &changes).await?;
        Ok(())
    }

    /// Makes an attribute, or changes the options of one; true where it was made. Where it changes its kind,
    /// its values are removed: what was meant for one user is not for all, and the other way round.
    ///
    /// # Errors
    ///
    /// Where the credential is not there, or has [`MAX_ATTRIBUTES`] others.
    pub async fn change_attribute(
        &self,
        path: &AttributePath,
        changes: &AttributeChanges,
    ) -> Result<bool, VaultError> {
        self.write_attribute(path, changes, true).await
    }

    async fn write_attribute(
        &self,
        path: &AttributePath,
        changes: &AttributeChanges,
        may_be_there: bool,
    ) -> Result<bool, VaultError> {
        let mut tx = self.store.write().await?;
        let credential = credential_id(tx.connection(), &path.credential).await?;
        let (is_made, query) = match attribute(tx.connection(), path).await {
            Ok(_) if !may_be_there => return Err(VaultError::AttributeExists(path.clone())),
            Ok(found) => {
                if changes.kind.is_some_and(|kind| kind != found.kind) {
                    remove_values(tx.connection(), &found.id).await?;
                }
                let update = sqlx::query(
                    "UPDATE attributes SET description = COALESCE($1, description), \
                     user_provided = COALESCE($2, user_provided), masked = COALESCE($3, masked), \
                     password_only = COALESCE($4, password_only) \
                     WHERE credential_id = $5 AND name = $6",
                );
                (false, update)
            }
            Err(VaultError::NoAttribute(_)) => {
                let count: i64 =
                    sqlx::query_scalar("SELECT COUNT(*) FROM attributes WHERE credential_id = $1")
                        .bind(&credential)
                        .fetch_one(tx.connection())
                        .await?;
                if usize::try_from(count).is_ok_and(|count| count >= MAX_ATTRIBUTES) {
                    return Err(VaultError::TooManyAttributes(path.credential.clone()));
                }
                let insert = sqlx::query(
                    "INSERT INTO attributes (description, user_provided, masked, password_only, \
                     credential_id, name, id) VALUES (COALESCE($1, ''), COALESCE($2, FALSE), \
                     COALESCE($3, FALSE), COALESCE($4, FALSE), $5, $6, $7)",
                );
                (true, insert)
            }
            Err(other) => return Err(other),
        };
        query
            .bind(changes.description.as_ref().map(Description::as_str))
            .bind(changes.kind.map(|kind| kind == Kind::UserProvided))
            .bind(changes.masked)
            .bind(changes.password_only)
            .bind(credential)
            .bind(path.attribute.as_str())
            .bind(row_id())
            .execute(tx.connection())
            .await?;
        tx.commit().await?;
        Ok(is_made)
    }

    /// Removes an attribute with its values.
    ///
    /// # Errors
    ///
    /// Where it is not there.
    pub async fn remove_attribute(&self, path: &AttributePath) -> Result<(), VaultError> {
        let mut tx = self.store.write().await?;
        let found = attribute(tx.connection(), path).await?;
        sqlx::query("DELETE FROM attributes WHERE id = $1")
            .bind(found.id)
            .execute(tx.connection())
            .await?;
        Ok(tx.commit().await?)
    }

    /// The credentials in a locker, by name.
    ///
    /// # Errors
    ///
    /// Where there is no such locker.
    pub async fn credentials(&self, locker: &Name) -> Result<Vec<Credential>, VaultError> {
        let mut tx = self.store.read().await?;
        let locker = locker_id(tx.connection(), locker).await?;
        let rows: Vec<(String, String, String)> = sqlx::query_as(
            "SELECT id, name, description FROM credentials WHERE locker_id = $1 ORDER BY name",
        )
        .bind(locker)
        .fetch_all(tx.connection())
        .await?;
        let mut credentials = Vec::new();
        for (id, name, description) in rows {
            credentials.push(Credential {
                name: name_of("credentials", &name)?,
                description,
                attributes: attributes(tx.connection(), &id).await?,
            });
        }
        Ok(credentials)
    }
}

type AttributeRow = (String, String, bool, bool, bool, i64);

/// The attributes of a credential, by name.
pub(super) async fn attributes(
    connection: &mut SqliteConnection,
    credential: &str,
) -> Result<Vec<Attribute>, VaultError> {
    let rows: Vec<AttributeRow> = sqlx::query_as(
        "SELECT name, description, user_provided, masked, password_only, \
         (SELECT COUNT(*) FROM standard_values WHERE attribute_id = attributes.id) \
         + (SELECT COUNT(*) FROM user_values WHERE attribute_id = attributes.id) \
         FROM attributes WHERE credential_id = $1 ORDER BY name",
    )
    .bind(credential)
    .fetch_all(connection)
    .await?;
    let attribute =
        |(name, description, user_provided, masked, password_only, values): AttributeRow| {
            Ok(Attribute {
                name: name_of("attributes", &name)?,
                description,
                kind: kind(user_provided),
                masked,
                password_only,
                values: values.unsigned_abs(),
            })
        };
    rows.into_iter().map(attribute).collect()
}

/// An attribute, as it is used.
pub(super) struct FoundAttribute {
    pub(super) id: String,
    pub(super) kind: Kind,
    pub(super) password_only: bool,
}

/// Finds an attribute, in a locker that may be seen.
pub(super) async fn attribute(
    connection: &mut SqliteConnection,
    path: &AttributePath,
) -> Result<FoundAttribute, VaultError> {
    let credential = credential_id(connection, &path.credential).await?;
    let found: Option<(String, bool, bool)> = sqlx::query_as(
        "SELECT id, user_provided, password_only FROM attributes \
         WHERE credential_id = $1 AND name = $2",
    )
    .bind(credential)
    .bind(path.attribute.as_str())
    .fetch_optional(connection)
    .await?;
    let (id, user_provided, password_only) =
        found.ok_or_else(|| VaultError::NoAttribute(path.clone()))?;
    Ok(FoundAttribute {
        id,
        kind: kind(user_provided),
        password_only,
    })
}

/// The id of a credential.
pub(super) async fn credential_id(
    connection: &mut SqliteConnection,
    path: &CredentialPath,
) -> Result<String, VaultError> {
    let locker = locker_id(connection, &path.locker).await?;
    sqlx::query_scalar("SELECT id FROM credentials WHERE locker_id = $1 AND name = $2")
        .bind(locker)
        .bind(path.credential.as_str())
        .fetch_optional(connection)
        .await?
        .ok_or_else(|| VaultError::NoCredential(path.clone()))
}

async fn remove_values(
    connection: &mut SqliteConnection,
    attribute: &str,
) -> Result<(), VaultError> {
    for query in [
        "DELETE FROM standard_values WHERE attribute_id = $1",
        "DELETE FROM user_values WHERE attribute_id = $1",
    ] {
        sqlx::query(query)
            .bind(attribute)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

fn kind(user_provided: bool) -> Kind {
    match user_provided {
        true => Kind::UserProvided,
        false => Kind::Standard,
    }
}
