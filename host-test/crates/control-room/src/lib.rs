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
//! - [`connections`]: OAuth connections, whose tokens are stored, kept alive and lent to bots;
//! - [`oauth`]: the protocol by which a connection comes by its tokens.
//!
//! - [`secrets`]: all of that as the `SecretProvider` of a bot.
//!
//! Of the engine it knows the seam alone: nothing here knows of steps or of actions.

pub mod audit;
pub mod bots;
pub mod connections;
pub mod oauth;
pub mod passwords;
pub mod runs;
pub mod secrets;
pub mod store;
mod timestamp;
pub mod users;
pub mod vault;

pub use bot_engine::name;
pub use bot_engine::{AttributePath, BorrowedToken, Description, Name, TokenOwner};
pub use connections::Connections;
pub use secrets::Secrets;
pub use store::{KeySource, Place, Store, StoreError};
pub use vault::{Consumer, Vault};
