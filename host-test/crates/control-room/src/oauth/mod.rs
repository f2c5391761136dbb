//! The protocol of OAuth connections (RFC 6749 with the best practice of RFC 9700): how a person signs in, and how
//! tokens are requested, refreshed and revoked. The crate `oauth2` builds the requests, `egress` sends them. In the order
//! of a connection's life:
//!
//! - [`Provider`] and [`Registration`]: the authorization server, and the client that is registered with it;
//! - [`SignIn`]: the page to open, and the checks of the [`Callback`] that comes back;
//! - [`Loopback`]: listens for the callbacks of all sign-ins on this machine;
//! - [`TokenEndpoint`]: exchanges codes, refreshes tokens; returns a [`TokenSet`], or a [`TokenError`] that says what can
//!   be done;
//! - `identity`: who signed in;
//! - [`revocation`]: revokes a token that is no longer used.
//!
//! # What this module must not know
//!
//! How connections and tokens are stored, who may use them, when to refresh and how often to retry. The caller ensures
//! that two refreshes of one connection never run concurrently: a provider that rotates refresh tokens takes the second
//! for a theft (RFC 9700, section 4.14.2).
//!
//! # Why the action's library is used here
//!
//! Names of Genesys environments and error responses of Genesys are parsed by the action's crate, used as an ordinary
//! library: the same text must mean the same region in a bot's field and in a connection, and one more table of regions
//! would diverge one day. The independent second check remains: `egress::AllowList::genesys` has to agree before a secret
//! is sent.

mod callback;
mod callback_page;
pub(crate) mod error;
mod error_response;
pub(crate) mod identity;
mod loopback;
pub(crate) mod network;
mod provider;
mod registration;
pub mod revocation;
mod scopes;
mod sign_in;
mod token_endpoint;
mod token_response;

pub use callback::{Callback, CallbackError, CallbackHost, CallbackUrl, Refused};
pub use callback_page::Subject;
pub use error::{Fault, Refusal, TokenError, Unexpected};
pub use identity::IdentityError;
pub use loopback::{After, Browser, Expected, Loopback, LoopbackError};
pub use provider::{Custom, Genesys, Provider, ProviderError, ProviderUrl};
pub use registration::{ClientAuthentication, Grant, Registration, RegistrationError};
pub use scopes::{ScopeError, Scopes};
pub use sign_in::{Code, SignIn};
pub use token_endpoint::TokenEndpoint;
pub use token_response::TokenSet;
