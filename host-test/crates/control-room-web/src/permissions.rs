//! Who may do what with credentials, OAuth connections, and users.
//!
//! | who | credentials | connections | users and roles |
//! |---|---|---|---|
//! | an administrator | makes, changes and removes lockers, credentials and attributes; says whose roles consume and who owns; sets standard values; reads the record of all uses | makes, changes and removes them; says whose roles may use them; signs in for all who share one, and tests that | makes and removes them; gives roles and takes them; sets passwords – but neither removes themselves nor takes the role of administrators from themselves |
//! | an owner of a locker | sees the locker and sets its standard values | – | – |
//! | a user one of whose roles may consume a locker, or use a connection | sees the locker and sets their own values; reads the record of their own uses | sees the connection, signs in for themselves, and tests that | – |
//! | anybody else | is told that there is nothing, as of what does not exist | the same | the same |
//!
//! An administrator is a user with the role [`ADMINISTRATOR`](control_room::users::ADMINISTRATOR), which
//! the first user has. To have a value of one's own, or a token of one's own, an administrator needs a role that may
//! consume, as everybody does. Nobody is ever shown a value, a token or a client secret.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::failure::Failure;
use super::user_session::SignedIn;
use control_room::Principal;

/// Somebody who manages the Control Room. For all others there is nothing.
pub(super) struct Administrator(pub(super) SignedIn);

impl<S: Sync> FromRequestParts<S> for Administrator {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let user = SignedIn::from_request_parts(parts, state).await?;
        match user.visitor.administrator {
            true => Ok(Administrator(user)),
            false => Err(Failure::NotFound),
        }
    }
}

impl SignedIn {
    /// The principal who acts.
    pub(super) fn principal(&self) -> Principal {
        let user = self.account.name.clone();
        match self.visitor.administrator {
            true => Principal::Administrator(user),
            false => Principal::User(user),
        }
    }
}
