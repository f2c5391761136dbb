//! The Control Room: what a bot may use, kept for it by others.
//!
//! - [`store`]: the file that it is kept in, or memory;
//! - [`vault`]: lockers with credentials with attributes, whose values are handed over only to a run;
//! - [`users`]: users and their roles, which open lockers;
//! - [`passwords`]: which users can sign in at the pages;
//! - [`bots`]: the bots that users made, as files;
//! - [`runs`]: what came of those that were started in the pages;
//! - [`audit`]: who used which value, and when;
//! - `moment`: moments, as the tables hold them;
//! - [`name`]: what all of them may be called;
//! - [`variables`]: the variables of a bot, some of which are never shown;
//! - [`connections`]: OAuth connections, whose tokens are stored, kept alive and lent to bots;
//! - [`oauth`]: the protocol by which a connection comes by its tokens.
//!
//! Nothing here knows of steps or of actions.

pub mod audit;
pub mod bots;
pub mod connections;
pub mod name;
pub mod oauth;
pub mod passwords;
mod path;
pub mod runs;
pub mod store;
mod timestamp;
pub mod users;
pub mod variables;
pub mod vault;

pub use connections::{Connection, Connections, TokenType};
pub use name::{Description, Name};
pub use store::{KeySource, Place, Store, StoreError};
pub use variables::{Variable, Variables};
pub use vault::{AttributePath, Consumer, Vault};

/// What one run of bots may use.
#[derive(Debug, Default)]
pub struct ControlRoom {
    /// The store, with credentials and connections in it. Without it, a bot that uses one of them does not
    /// run, and one that uses none does not miss it.
    pub access: Option<Access>,
    /// The bot's variables.
    pub variables: Variables,
}

/// The store as a user may use it.
#[derive(Debug, Clone)]
pub struct Access {
    /// The store.
    pub store: Store,
    /// Its connections, the same for all bots: who asks for a token while another one does waits for that.
    pub connections: Connections,
    /// On whose behalf bots run.
    pub consumer: Consumer,
}
