//! The embedded Genesys Cloud, tried from outside: over real sockets, with real TLS, by a client
//! that shares nothing with it. A test is named after the rule that it holds.

mod api;
mod client;
mod hosts;
mod lifecycle;
mod secrecy;
mod token_endpoint;
