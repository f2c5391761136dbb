//! The Control Room: users, credentials, OAuth connections, bots and their runs.
//!
//! Each module uses only those above it:
//!
//! - [`accept_language`]: the language that a browser prefers; [`page`]: pages of lists; [`principal`]: who acts;
//!   `timestamp`: points in time as they are stored;
//! - [`store`]: the database in a folder or in memory, its key and its migrations;
//! - [`audit`]: which value was used when, and on behalf of whom; [`audit_events`]: sign-ins, changes, refusals;
//! - [`users`]: users and their roles, which give access to lockers and connections;
//! - [`passwords`]: which users can sign in to the pages; `password_hash`: how their passwords are hashed;
//! - [`vault`]: lockers with credentials with attributes, whose values are handed over only to a run;
//! - [`oauth`]: the protocol by which a connection gets its tokens; stores nothing;
//! - [`connections`]: OAuth connections, whose tokens are stored, refreshed and lent to bots;
//! - [`bots`]: the users' bots, as files; [`runs`]: the history of their runs; [`queue`]: the runs that workers begin;
//! - [`schedules`]: when bots start by themselves;
//! - [`secrets`]: vault and connections as the `SecretProvider` of a bot.
//!
//! Of the engine, this crate uses names, retries and that trait. It does not know what a step or an action is.

pub mod accept_language;
pub mod audit;
pub mod audit_events;
pub mod bots;
pub mod connections;
pub mod oauth;
pub mod page;
mod password_hash;
pub mod passwords;
pub mod principal;
pub mod queue;
mod retention;
pub mod runs;
pub mod schedules;
pub mod secrets;
mod stable_names;
pub mod store;
mod timestamp;
pub mod users;
pub mod vault;

pub use bot_engine::name;
pub use bot_engine::{AttributePath, BorrowedToken, Description, Name, TokenOwner};
pub use connections::Connections;
pub use page::Page;
pub use principal::Principal;
pub use secrets::Secrets;
pub use store::{DatabaseUrl, KeySource, Moved, Notice, Place, Store, StoreError};
pub use vault::Vault;
