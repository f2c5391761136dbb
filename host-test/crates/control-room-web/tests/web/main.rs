//! The pages of the Control Room over a real socket: who gets in, what every answer has, what is refused. What
//! needs a browser is in `tests/browser`.

mod bots;
mod client;
mod connections;
mod credentials;
mod cross_site;
mod failures;
mod headers;
mod language;
mod listening;
mod managing;
mod markup;
mod pickers;
mod removal;
mod room;
mod routes;
mod rules;
mod runs;
mod sign_in;
mod users;
