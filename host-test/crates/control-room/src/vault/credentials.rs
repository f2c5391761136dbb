//! Credentials and their attributes: names and options, never values.

use std::collections::HashMap;

use sqlx::AssertSqlSafe;

use super::lockers::{locker, locker_id};
use super::{AttributePath, CredentialPath, MAX_ATTRIBUTES, Vault, VaultError};
use crate::audit_events::Action;
use crate::name::{Description, Name};
use crate::store::integrity::{ATTRIBUTES, CREDENTIALS, Rows, Verified};
use crate::store::random::row_id;
use crate::store::sql::{FromRow, Row, query, query_as, query_scalar};
use crate::store::{NamedRow, ShownName, Tx, is_taken, name_of};
use crate::users::IDS_PER_QUERY;

/// A credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Its name.
    pub name: Name,
    /// What it is for.
    pub description: String,
    /// Its attributes, by name.
    pub attributes: Vec<Attribute>,
}

/// An attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: Name,
    /// What it is for.
    pub description: String,
    /// Whether all users share its value.
    pub kind: Kind,
    /// See [`AttributeOptions::masked`].
    pub masked: bool,
    /// See [`AttributeOptions::password_only`].
    pub password_only: bool,
    /// How many values are set: at most one, or at most one per user.
    pub values: u64,
}

/// Without its values, which are in other tables.
impl FromRow for Attribute {
    fn from_row(row: &Row) -> Result<Self, sqlx::Error> {
        Ok(Self {
            name: NamedRow::from_row(row)?.name,
            description: row.get("description")?,
            kind: Kind::of(row)?,
            masked: row.get("masked")?,
            password_only: row.get("password_only")?,
            values: 0,
        })
    }
}

/// The options of an attribute.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttributeOptions {
    /// What it is for.
    pub description: Description,
    /// Whether all users share its value.
    pub kind: Kind,
    /// The value is not echoed where it is entered.
    pub masked: bool,
    /// The value may only go into a field that is secret.
    pub password_only: bool,
}

/// Changes to an attribute. A field that is `None` stays unchanged, or has its default in a new attribute.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttributeChanges {
    /// What it is for.
    pub description: Option<Description>,
    /// Whether all users share its value.
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

/// Whether all users share the value of an attribute.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    /// There is one value for all users, which an owner of the locker sets.
    #[default]
    Standard,
    /// Each user sets a value of their own.
    UserProvided,
}

impl Kind {
    fn of(row: &Row) -> Result<Self, sqlx::Error> {
        Ok(if row.get("user_provided")? {
            Self::UserProvided
        } else {
            Self::Standard
        })
    }
}

impl Vault {
    /// Creates a credential without attributes.
    ///
    /// # Errors
    ///
    /// [`VaultError::NoLocker`], [`VaultError::CredentialExists`].
    pub async fn create_credential(
        &self,
        path: &CredentialPath,
        description: &Description,
    ) -> Result<(), VaultError> {
        let mut tx = self.store.write().await?;
        let subject = insert(&mut tx, path, description).await?;
        self.commit(tx, Action::CredentialChanged, &subject).await
    }

    /// Removes a credential with its values.
    ///
    /// # Errors
    ///
    /// [`VaultError::NoCredential`].
    pub async fn remove_credential(&self, path: &CredentialPath) -> Result<(), VaultError> {
        let mut tx = self.store.write().await?;
        let locker = locker(&mut tx, &path.locker).await?;
        let credential = credential(&mut tx, path).await?;
        query("DELETE FROM credentials WHERE id = $1")
            .bind(credential.id)
            .execute(tx.connection())
            .await?;
        let subject = format!("{}/{}", locker.name, credential.name);
        self.commit(tx, Action::CredentialRemoved, &subject).await
    }

    /// Creates an attribute.
    ///
    /// # Errors
    ///
    /// [`VaultError::NoCredential`], [`VaultError::AttributeExists`], [`VaultError::TooManyAttributes`].
    pub async fn create_attribute(
        &self,
        path: &AttributePath,
        options: &AttributeOptions,
    ) -> Result<(), VaultError> {
        let changes = options.clone().into();
        self.write_attribute(path, &changes, false).await?;
        Ok(())
    }

    /// Creates an attribute with these options, or gives them to an existing one, as
    /// [`Vault::change_attribute`] does.
    ///
    /// # Errors
    ///
    /// As [`Vault::change_attribute`].
    pub async fn set_attribute(
        &self,
        path: &AttributePath,
        options: &AttributeOptions,
    ) -> Result<(), VaultError> {
        let changes = options.clone().into();
        self.change_attribute(path, &changes).await?;
        Ok(())
    }

    /// Creates an attribute, or changes the options of an existing one; returns whether it was created. If its kind
    /// changes, its values are removed: a user's own value must not become everybody's, nor the other way round.
    ///
    /// # Errors
    ///
    /// [`VaultError::NoCredential`], [`VaultError::TooManyAttributes`].
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
        may_exist: bool,
    ) -> Result<bool, VaultError> {
        let mut tx = self.store.write().await?;
        let (is_new, subject) = write_attribute(&mut tx, path, changes, may_exist).await?;
        self.commit(tx, Action::CredentialChanged, &subject).await?;
        Ok(is_new)
    }

    /// Removes an attribute with its values.
    ///
    /// # Errors
    ///
    /// [`VaultError::NoAttribute`].
    pub async fn remove_attribute(&self, path: &AttributePath) -> Result<(), VaultError> {
        let mut tx = self.store.write().await?;
        let found = attribute(&mut tx, path).await?;
        let subject = as_stored(&mut tx, path).await?.to_string();
        query("DELETE FROM attributes WHERE id = $1")
            .bind(found.id)
            .execute(tx.connection())
            .await?;
        self.commit(tx, Action::CredentialRemoved, &subject).await
    }

    /// The credentials in a locker, by name.
    ///
    /// # Errors
    ///
    /// [`VaultError::NoLocker`].
    pub async fn credentials(&self, locker: &Name) -> Result<Vec<Credential>, VaultError> {
        let mut tx = self.store.read().await?;
        let locker = locker_id(&mut tx, locker).await?;
        let rows = tx
            .verified(&CREDENTIALS, Rows::With("locker_id", &[&locker]))
            .await?;
        let mut credentials = Vec::with_capacity(rows.len());
        for row in &rows {
            let NamedRow { id, name } = row.named()?;
            let description = row.row().get("description")?;
            credentials.push((id, name, description));
        }
        credentials.sort_by(|(_, one, _), (_, other, _)| one.cmp(other));
        let ids: Vec<_> = credentials.iter().map(|(id, ..)| id.as_str()).collect();
        let mut attributes = attributes_of(&mut tx, &ids).await?;
        let credential = |(id, name, description)| Credential {
            name,
            description,
            attributes: attributes.remove(&id).unwrap_or_default(),
        };
        Ok(credentials.into_iter().map(credential).collect())
    }
}

/// Inserts a credential; returns the subject of the event.
pub(super) async fn insert(
    tx: &mut Tx,
    path: &CredentialPath,
    description: &Description,
) -> Result<String, VaultError> {
    let locker = locker(tx, &path.locker).await?;
    let insert = query(
        "INSERT INTO credentials (id, locker_id, name, description, shown_as) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(row_id())
    .bind(locker.id)
    .bind(path.credential.as_str())
    .bind(description.as_str())
    .bind(path.credential.typed());
    tx.insert(&CREDENTIALS, insert).await.map_err(|error| {
        if is_taken(&error) {
            VaultError::CredentialExists(path.clone())
        } else {
            error.into()
        }
    })?;
    Ok(format!("{}/{}", locker.name, path.credential))
}

/// Creates an attribute, or changes the options of one that `may_exist`; returns whether it was created, and the subject of
/// the event.
pub(super) async fn write_attribute(
    tx: &mut Tx,
    path: &AttributePath,
    changes: &AttributeChanges,
    may_exist: bool,
) -> Result<(bool, String), VaultError> {
    let credential = credential_id(tx, &path.credential).await?;
    let (is_new, id, statement) = match attribute(tx, path).await {
        Ok(_) if !may_exist => return Err(VaultError::AttributeExists(path.clone())),
        Ok(found) => {
            if changes.kind.is_some_and(|kind| kind != found.kind) {
                remove_values(tx, &found.id).await?;
            }
            let update = query(
                "UPDATE attributes SET description = COALESCE($1, description), \
                 user_provided = COALESCE($2, user_provided), masked = COALESCE($3, masked), \
                 password_only = COALESCE($4, password_only) \
                 WHERE credential_id = $5 AND name = $6",
            );
            (false, found.id, update)
        }
        Err(VaultError::NoAttribute(_)) => {
            let count: i64 =
                query_scalar("SELECT COUNT(*) FROM attributes WHERE credential_id = $1")
                    .bind(&credential)
                    .fetch_one(tx.connection())
                    .await?;
            if usize::try_from(count).is_ok_and(|count| count >= MAX_ATTRIBUTES) {
                return Err(VaultError::TooManyAttributes(path.credential.clone()));
            }
            let insert = query(
                "INSERT INTO attributes (description, user_provided, masked, password_only, \
                 credential_id, name, id, shown_as) VALUES (COALESCE($1, ''), COALESCE($2, FALSE), \
                 COALESCE($3, FALSE), COALESCE($4, FALSE), $5, $6, $7, $8)",
            );
            (true, row_id(), insert)
        }
        Err(other) => return Err(other),
    };
    let statement = statement
        .bind(changes.description.as_ref().map(Description::as_str))
        .bind(changes.kind.map(|kind| kind == Kind::UserProvided))
        .bind(changes.masked)
        .bind(changes.password_only)
        .bind(credential)
        .bind(path.attribute.as_str())
        .bind(&id)
        .bind(path.attribute.typed());
    if is_new {
        tx.insert(&ATTRIBUTES, statement).await?;
    } else {
        statement.execute(tx.connection()).await?;
        tx.authenticate(&ATTRIBUTES, Rows::With("id", &[&id]))
            .await?;
    }
    let subject = as_stored(tx, path).await?.to_string();
    Ok((is_new, subject))
}

/// The attributes, by name, of these credentials. The keys are the credentials' ids.
pub(super) async fn attributes_of(
    tx: &mut Tx,
    credentials: &[&str],
) -> Result<HashMap<String, Vec<Attribute>>, VaultError> {
    let rows = verified_attributes(tx, credentials).await?;
    let ids: Vec<String> = rows
        .iter()
        .map(|it| it.row().get("id"))
        .collect::<Result<_, _>>()?;
    let counts = value_counts(tx, &ids.iter().collect::<Vec<_>>()).await?;
    let mut attributes: HashMap<String, Vec<Attribute>> = HashMap::new();
    for (row, id) in rows.iter().map(Verified::row).zip(&ids) {
        let of_credential = attributes.entry(row.get("credential_id")?).or_default();
        of_credential.push(Attribute {
            values: counts.get(id).copied().unwrap_or_default(),
            ..Attribute::from_row(row)?
        });
    }
    Ok(attributes)
}

/// How many values attributes have, by their ids. One without values is not in the map.
async fn value_counts(tx: &mut Tx, ids: &[&String]) -> Result<HashMap<String, u64>, VaultError> {
    let mut counts = HashMap::new();
    for ids in ids.chunks(IDS_PER_QUERY) {
        let mut query = query_as(
            "SELECT attribute_id, COUNT(*) FROM (SELECT attribute_id FROM standard_values \
             UNION ALL SELECT attribute_id FROM user_values) AS set_values WHERE attribute_id IN ",
        );
        query.push_list(ids.iter().copied());
        query.push(" GROUP BY attribute_id");
        let found: Vec<(String, i64)> = query.fetch_all(tx.connection()).await?;
        let found = found.into_iter();
        counts.extend(found.map(|(id, count)| (id, count.unsigned_abs())));
    }
    Ok(counts)
}

/// The verified attributes of these credentials, by name.
pub(super) async fn verified_attributes(
    tx: &mut Tx,
    credentials: &[&str],
) -> Result<Vec<Verified>, VaultError> {
    let of_credentials = Rows::With("credential_id", credentials);
    let mut attributes = tx.verified(&ATTRIBUTES, of_credentials).await?;
    let name = |attribute: &Verified| attribute.row().get("name").unwrap_or_default();
    attributes.sort_by_cached_key(|attribute| -> String { name(attribute) });
    Ok(attributes)
}

/// The properties of an attribute that decide about the use of its values.
pub(super) struct FoundAttribute {
    pub(super) id: String,
    pub(super) kind: Kind,
    pub(super) password_only: bool,
}

impl FromRow for FoundAttribute {
    fn from_row(row: &Row) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.get("id")?,
            kind: Kind::of(row)?,
            password_only: row.get("password_only")?,
        })
    }
}

/// Finds an attribute. The caller has checked access to the locker.
pub(super) async fn attribute(
    tx: &mut Tx,
    path: &AttributePath,
) -> Result<FoundAttribute, VaultError> {
    let credential = credential_id(tx, &path.credential).await?;
    let place = [credential.as_str(), path.attribute.as_str()];
    let found = tx
        .verified(&ATTRIBUTES, Rows::Is(&["credential_id", "name"], &place))
        .await?;
    let found = found.first();
    let found = found.ok_or_else(|| VaultError::NoAttribute(path.clone()))?;
    Ok(FoundAttribute::from_row(found.row())?)
}

/// The path of an attribute as it is stored: the one that was searched for may have other capitals. Its rows were verified
/// in this transaction.
pub(super) async fn as_stored(
    tx: &mut Tx,
    path: &AttributePath,
) -> Result<AttributePath, VaultError> {
    let select = format!(
        "SELECT {}, {}, {} FROM attributes \
         JOIN credentials ON credentials.id = attributes.credential_id \
         JOIN lockers ON lockers.id = credentials.locker_id \
         WHERE lockers.name = $1 AND credentials.name = $2 AND attributes.name = $3",
        name_of("lockers"),
        name_of("credentials"),
        name_of("attributes")
    );
    let (ShownName(locker), ShownName(credential), ShownName(attribute)) =
        query_as(AssertSqlSafe(select))
            .bind(path.credential.locker.as_str())
            .bind(path.credential.credential.as_str())
            .bind(path.attribute.as_str())
            .fetch_one(tx.connection())
            .await?;
    Ok(AttributePath {
        credential: CredentialPath { locker, credential },
        attribute,
    })
}

/// The id of a credential.
async fn credential_id(tx: &mut Tx, path: &CredentialPath) -> Result<String, VaultError> {
    Ok(credential(tx, path).await?.id)
}

/// A credential.
pub(super) async fn credential(tx: &mut Tx, path: &CredentialPath) -> Result<NamedRow, VaultError> {
    let locker = locker_id(tx, &path.locker).await?;
    // By the condition of the query, not by the id that it finds: an index can be changed as well.
    let place = [locker.as_str(), path.credential.as_str()];
    tx.verify(&CREDENTIALS, Rows::Is(&["locker_id", "name"], &place))
        .await?;
    let select = format!(
        "SELECT id, {} FROM credentials WHERE locker_id = $1 AND name = $2",
        name_of("credentials")
    );
    let found: Option<(String, ShownName)> = query_as(AssertSqlSafe(select))
        .bind(&locker)
        .bind(path.credential.as_str())
        .fetch_optional(tx.connection())
        .await?;
    let (id, ShownName(name)) = found.ok_or_else(|| VaultError::NoCredential(path.clone()))?;
    Ok(NamedRow { id, name })
}

async fn remove_values(tx: &mut Tx, attribute: &str) -> Result<(), VaultError> {
    for delete in [
        "DELETE FROM standard_values WHERE attribute_id = $1",
        "DELETE FROM user_values WHERE attribute_id = $1",
    ] {
        query(delete)
            .bind(attribute)
            .execute(tx.connection())
            .await?;
    }
    Ok(())
}
