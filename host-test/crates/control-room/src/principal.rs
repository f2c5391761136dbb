//! Principals: who acts.

use crate::name::Name;

/// Who acts. What they may do depends on the roles that they have at that moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// Anybody with access to the data folder, such as a person at the command line. May do everything.
    System,
    /// A user who manages the Control Room. Changes check again, in their own transaction, that the user still
    /// has the role of administrators.
    Administrator(Name),
    /// A user.
    User(Name),
}

impl Principal {
    /// The user's name; `None` for [`Principal::System`].
    pub fn user(&self) -> Option<&Name> {
        match self {
            Self::System => None,
            Self::Administrator(user) | Self::User(user) => Some(user),
        }
    }

    /// Whether they manage the Control Room, and so see all of it (but no values).
    pub fn is_administrator(&self) -> bool {
        !matches!(self, Self::User(_))
    }

    /// The user's name as queries compare it: no user has an empty name.
    pub(crate) fn user_or_empty(&self) -> &str {
        self.user().map_or("", Name::as_str)
    }
}
