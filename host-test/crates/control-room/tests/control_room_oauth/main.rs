//! The protocol of OAuth connections, over real sockets with real TLS, against providers that answer as
//! they are told and the embedded Genesys Cloud. A test is
//! named after the rule that it holds.

mod embedded;
mod error_responses;
mod loopback;
mod provider;
mod refresh;
mod requests;
mod secrecy;
mod sign_in;
mod token_responses;
mod trust;
