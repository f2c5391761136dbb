//! What a consumer may choose from: names, never values.

use super::lockers::LOCKER_ROLES;
use super::{Consumer, Vault, VaultError};
use crate::bots::containing;
use crate::name::Name;
use crate::store::name_of;
use crate::users;

/// A credential that a consumer may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The credential's name.
    pub credential: Name,
    /// What it is for.
    pub description: String,
    /// Its attributes, by name.
    pub attributes: Vec<OfferedAttribute>,
}

/// An attribute that a consumer may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedAttribute {
    /// Its name.
    pub name: Name,
    /// The value may only go into a field that is secret.
    pub password_only: bool,
}

impl Vault {
    /// The lockers that a consumer may use, by name.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    pub async fn usable_lockers(&self, consumer: &Consumer) -> Result<Vec<Name>, VaultError> {
        let is_opened = users::opened(&LOCKER_ROLES, "lockers.id");
        let query = format!("SELECT name FROM lockers WHERE {is_opened} ORDER BY name");
        let mut tx = self.store.read().await?;
        let names: Vec<String> = sqlx::query_scalar(&query)
            .bind(consumer.user.as_str())
            .fetch_all(tx.connection())
            .await?;
        let names = names.iter().map(|name| name_of("lockers", name));
        Ok(names.collect::<Result<_, _>>()?)
    }

    /// Credentials of a locker whose name contains `search`, by name, `limit` at most. None where the
    /// consumer may not use the locker.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read.
    pub async fn offers(
        &self,
        consumer: &Consumer,
        locker: &Name,
        search: &str,
        limit: u32,
    ) -> Result<Vec<Offer>, VaultError> {
        let is_opened = users::opened(&LOCKER_ROLES, "lockers.id");
        let query = format!(
            "SELECT credentials.id, credentials.name, credentials.description FROM credentials \
             JOIN lockers ON lockers.id = credentials.locker_id \
             WHERE lockers.name = $2 AND credentials.name LIKE $3 ESCAPE '!' AND {is_opened} \
             ORDER BY credentials.name LIMIT $4"
        );
        let mut tx = self.store.read().await?;
        let rows: Vec<(String, String, String)> = sqlx::query_as(&query)
            .bind(consumer.user.as_str())
            .bind(locker.as_str())
            .bind(containing(search))
            .bind(limit)
            .fetch_all(tx.connection())
            .await?;
        let mut offers = Vec::new();
        for (id, name, description) in rows {
            let attributes: Vec<(String, bool)> = sqlx::query_as(
                "SELECT name, password_only FROM attributes WHERE credential_id = $1 ORDER BY name",
            )
            .bind(id)
            .fetch_all(tx.connection())
            .await?;
            let attribute = |(name, password_only): (String, bool)| {
                let name = name_of("attributes", &name)?;
                Ok(OfferedAttribute {
                    name,
                    password_only,
                })
            };
            offers.push(Offer {
                credential: name_of("credentials", &name)?,
                description,
                attributes: attributes
                    .into_iter()
                    .map(attribute)
                    .collect::<Result<_, VaultError>>()?,
            });
        }
        Ok(offers)
    }
}
