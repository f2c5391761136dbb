//! The Control Room: what a bot may use, kept for it by others.
//!
//! - [`vault`]: lockers with credentials with attributes, whose values are handed over only to a run;
//! - [`variables`]: the variables of a bot, some of which are never shown;
//! - [`connections`]: OAuth connections, each with a token that is kept for bots.
//!
//! All of it lives in memory. Nothing here knows of steps or of actions.

pub mod connections;
pub mod in_memory;
pub mod store;
pub mod variables;

pub use connections::{Connection, Connections};
pub use in_memory::{AttributePath, Vault};
pub use store::{KeySource, Place, Store, StoreError};
pub use variables::{Variable, Variables};

/// What one run of bots may use.
#[derive(Debug, Default)]
pub struct ControlRoom {
    /// Credentials.
    pub vault: Vault,
    /// The bot's variables.
    pub variables: Variables,
    /// OAuth connections.
    pub connections: Connections,
}
