//! The credential vault: locker → credential → attribute → value.
//!
//! - `lockers`: lockers, the roles that may use what is in them, and their owners;
//! - `credentials`: credentials and the options of their attributes;
//! - `values`: sets values, and hands them over to runs, which is recorded;
//! - `new_credential`: creates a credential with its values, and its locker if that is new, as a whole;
//! - `views`: what a principal may see and choose from, page by page.
//!
//! Managing the vault requires the data folder. Each change is recorded in its transaction. What bots and users may do is checked here. A value is handed over
//! when a step requests it, and never shown.

mod credentials;
mod error;
mod lockers;
mod new_credential;
mod values;
mod views;

pub use bot_engine::credential_path::{AttributePath, CredentialPath, PathError};
pub use credentials::{Attribute, AttributeChanges, AttributeOptions, Credential, Kind};
pub use error::{MAX_ATTRIBUTES, ValueError, VaultError};
pub use lockers::Locker;
pub use new_credential::{NewAttribute, NewCredential};
pub use values::valid_value;
pub use views::{
    AttributeView, CredentialDetails, CredentialView, LockerView, UsableAttribute, UsableCredential,
};

use crate::audit_events::{self, Action};
use crate::principal::Principal;
use crate::store::{Store, Tx};

/// The vault of a Control Room.
#[derive(Debug, Clone)]
pub struct Vault {
    store: Store,
    /// Who is recorded as having made changes.
    by: Principal,
}

impl Store {
    /// The credential vault.
    pub fn vault(&self) -> Vault {
        Vault {
            store: self.clone(),
            by: Principal::System,
        }
    }
}

impl Vault {
    /// The same vault, for changes of this principal. Otherwise they are recorded as those of a person at the command line.
    #[must_use]
    pub fn changed_by(self, by: &Principal) -> Self {
        Self {
            by: by.clone(),
            ..self
        }
    }

    /// Records a change in the audit log, in its transaction.
    async fn record(&self, tx: &mut Tx, action: Action, subject: &str) -> Result<(), VaultError> {
        Ok(audit_events::record(tx, &self.by, action, subject).await?)
    }

    /// Commits a change with its record in the audit log.
    async fn commit(&self, tx: Tx, action: Action, subject: &str) -> Result<(), VaultError> {
        Ok(audit_events::commit(tx, &self.by, action, subject).await?)
    }
}
