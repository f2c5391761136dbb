//! Whose sign-in to a connection it is.

use crate::name::Name;

/// The owner of a sign-in to a connection.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SignInOwner {
    /// The shared one, for all users of the connection.
    Shared,
    /// This user's own.
    User(Name),
}

impl SignInOwner {
    /// A sign-in of this owner to a connection, as the subject of events in the audit log.
    pub fn subject(&self, connection: &Name) -> String {
        match self {
            Self::Shared => format!("{connection}: shared"),
            Self::User(user) => format!("{connection}: {user}"),
        }
    }
}
