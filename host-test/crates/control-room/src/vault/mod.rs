//! The credential vault: locker → credential → attribute → value.
//!
//! - `lockers`: lockers, who may consume what is in them, and who owns them;
//! - `credentials`: credentials and the options of their attributes;
//! - `sight`: what a user sees of it, a page at a time;
//! - `offers`: what a consumer may choose from, by name;
//! - `values`: setting values, and handing them over to a run, which is recorded.
//!
//! Managing is for whoever has the data folder; what bots and users may do is checked. A value is
//! handed over when a step asks for it, and never shown.

mod choices;
mod credentials;
mod error;
mod lockers;

mod values;
mod views;

pub use bot_engine::credential_path::{AttributePath, CredentialPath, PathError};
pub use choices::{Offer, OfferedAttribute};
pub use credentials::{
    Attribute, AttributeChanges, AttributeOptions, Credential, Kind, MAX_ATTRIBUTES,
};
pub use error::VaultError;
pub use lockers::Locker;
pub use values::{Actor, Consumer, Use};
pub use views::{SeenAttribute, SeenCredential, SeenLocker, SomeOf, Viewer, WholeCredential};

use crate::store::Store;

/// The vault of a Control Room.
#[derive(Debug, Clone)]
pub struct Vault {
    store: Store,
}

impl Store {
    /// The credential vault.
    pub fn vault(&self) -> Vault {
        Vault {
            store: self.clone(),
        }
    }
}
