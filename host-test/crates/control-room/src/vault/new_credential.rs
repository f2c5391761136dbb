//! Creates a credential with its attributes and their values, and its locker if that is new: all of it or nothing.

use secrecy::SecretString;

use super::credentials::{self, AttributeOptions};
use super::{AttributePath, CredentialPath, Vault, VaultError, lockers, valid_value};
use crate::audit_events::Action;
use crate::name::{Description, Name};

/// A credential to create.
pub struct NewCredential {
    /// Its path.
    pub path: CredentialPath,
    /// The roles whose users may use the locker, which is created; `None` if it exists.
    pub new_locker: Option<Vec<Name>>,
    /// What it is for.
    pub description: Description,
    /// Its attributes.
    pub attributes: Vec<NewAttribute>,
}

/// An attribute to create.
pub struct NewAttribute {
    /// Its name.
    pub name: Name,
    /// Its options.
    pub options: AttributeOptions,
    /// Its standard value, if that is set now.
    pub value: Option<SecretString>,
}

impl Vault {
    /// Creates a credential with its attributes and their standard values. Each change is recorded as if it were made alone.
    ///
    /// # Errors
    ///
    /// As [`Vault::create_locker`], [`Vault::set_roles`], [`Vault::create_credential`], [`Vault::create_attribute`] and
    /// [`Vault::set_value`]. Nothing is created then.
    pub async fn create_with_values(&self, new: &NewCredential) -> Result<(), VaultError> {
        let path = &new.path;
        let mut tx = self.store.write().await?;
        if let Some(roles) = &new.new_locker {
            let locker = &path.locker;
            lockers::insert(&mut tx, locker, &Description::default()).await?;
            self.record(&mut tx, Action::LockerCreated, locker.shown())
                .await?;
            let subject = lockers::allow_only(&mut tx, locker, roles).await?;
            self.record(&mut tx, Action::LockerChanged, &subject)
                .await?;
        }
        let subject = credentials::insert(&mut tx, path, &new.description).await?;
        self.record(&mut tx, Action::CredentialChanged, &subject)
            .await?;
        for attribute in &new.attributes {
            let path = AttributePath {
                credential: path.clone(),
                attribute: attribute.name.clone(),
            };
            let options = attribute.options.clone().into();
            let (_, subject) =
                credentials::write_attribute(&mut tx, &path, &options, false).await?;
            self.record(&mut tx, Action::CredentialChanged, &subject)
                .await?;
            if let Some(value) = &attribute.value {
                let value = valid_value(value)?;
                self.write_value(&mut tx, &path, &self.by, &value).await?;
            }
        }
        Ok(tx.commit().await?)
    }
}
