//! What the actions do, by their names.

use oauth_authentication::run::unknown_action;
use oauth_authentication::run::wit::Failure;

/// The path of the API resource.
pub const PATH: &str = "/api/v2/users";

/// What an action does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Reads a page of the users.
    List,
    /// Reads a user.
    Get,
    /// Creates a user.
    Create,
    /// Deletes a user.
    Delete,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::List, Self::Get, Self::Create, Self::Delete];

    /// The name of the action.
    pub const fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Get => "get",
            Self::Create => "create",
            Self::Delete => "delete",
        }
    }

    /// Whether a second call changes nothing more. A user must not be created twice; one that is deleted stays so.
    pub const fn is_repeatable(self) -> bool {
        !matches!(self, Self::Create)
    }

    /// The operation of the action with this name.
    ///
    /// # Errors
    ///
    /// If there is no such action.
    pub fn named(action: &str) -> Result<Self, Failure> {
        let found = Self::ALL.into_iter().find(|it| it.name() == action);
        found.ok_or_else(unknown_action)
    }
}
