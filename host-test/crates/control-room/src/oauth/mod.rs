//! The protocol of OAuth connections (RFC 6749 with the best practice of RFC 9700): how a person signs
//! in, and how tokens are fetched and refreshed. The crate `oauth2` makes the requests, `network` sends
//! them. In the order of a connection's life:
//!
//! - [`Provider`] and [`Registration`]: whom tokens come from, and as what the connection is known there;
//! - [`SignIn`]: the page to open, and the checks of the [`Callback`] that comes back;
//! - [`Loopback`]: waits for that callback on this machine;
//! - [`TokenEndpoint`]: exchanges, refreshes, fetches; its answer is a [`TokenSet`] or a [`TokenError`]
//!   that tells what to do;
//! - [`revocation`]: ends a token that nobody is to use any more.
//!
//! # What this module must not know
//!
//! Where connections and tokens are kept, who may use them, when to refresh and how often to try again.
//! Whoever keeps them sees to it that two refreshes of one connection never run side by side: a provider
//! that rotates refresh tokens takes the second for a theft (RFC 9700, section 4.14.2).
//!
//! # Why the action's library is used here
//!
//! What a designer may write for a Genesys environment, and what Genesys answers when it refuses, is
//! read by the action's crate, as ordinary functions without a component around them: the same text
//! must mean the same region in a bot's field and in a connection, and a fourth table of regions would
//! only differ one day. The independent second statement stays where it was: `egress::AllowList::genesys`
//! has to agree before a secret goes anywhere.

mod callback;
mod callback_page;
mod error;
mod error_response;
mod loopback;
mod provider;
mod registration;
pub mod revocation;
mod scopes;
mod sign_in;
mod token_endpoint;
mod token_response;

pub use callback::{Callback, CallbackError, CallbackUrl, Refused};
pub use error::{Fault, Refusal, TokenError, Unexpected};
pub use loopback::{Browser, Loopback, LoopbackError};
pub use provider::{Custom, Genesys, Provider, ProviderError};
pub use registration::{Grant, Registration, RegistrationError};
pub use scopes::{ScopeError, Scopes};
pub use sign_in::{Code, SignIn};
pub use token_endpoint::TokenEndpoint;
pub use token_response::TokenSet;
