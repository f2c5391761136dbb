//! Permissions for credentials, OAuth connections and users.
//!
//! - An **administrator** creates, changes and removes lockers, credentials and attributes, sets their roles and
//!   owners and the standard values, and reads the record of all uses; creates, changes and removes connections, sets
//!   their roles, and signs in and tests for the shared token; creates and removes users and roles, assigns roles and
//!   sets passwords. Administrators can neither remove themselves nor give up the role.
//! - An **owner** of a locker sees it and sets its standard values.
//! - A **user** with a role that may use a locker sees it, sets their own values, and reads the record of their own
//!   uses. A user with a role that may use a connection sees it, and signs in and tests for themselves.
//! - For **everybody else** the item does not exist.
//!
//! An administrator is a user with the role [`ADMINISTRATOR`](control_room::users::ADMINISTRATOR), which the first user
//! has. For values and tokens of their own, administrators need a role that may use the item, as everybody does. Nobody
//! is ever shown a value, a token or a client secret.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::app::App;
use super::failure::Failure;
use super::user_session::SignedIn;
use control_room::{Connections, Principal, Vault};

/// Extracts a signed-in administrator; for all other users the page does not exist.
pub(super) struct Administrator(pub(super) SignedIn);

impl<S: Sync> FromRequestParts<S> for Administrator {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let user = SignedIn::from_request_parts(parts, state).await?;
        if user.session.administrator {
            Ok(Self(user))
        } else {
            Err(Failure::NotFound)
        }
    }
}

impl SignedIn {
    /// The vault, whose changes are recorded as those of this user.
    pub(super) fn vault(&self, app: &App) -> Vault {
        app.store.vault().changed_by(&self.principal())
    }

    /// The connections, whose changes are recorded as those of this user.
    pub(super) fn connections(&self, app: &App) -> Connections {
        app.connections.changed_by(&self.principal())
    }

    /// The principal who acts.
    pub(super) fn principal(&self) -> Principal {
        let user = self.account.name.clone();
        if self.session.administrator {
            Principal::Administrator(user)
        } else {
            Principal::User(user)
        }
    }
}
