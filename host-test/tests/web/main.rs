//! The pages of the Control Room over a real socket: who gets in, what every answer has, what is refused. What
//! needs a browser is in `tests/browser`.

mod bots;
mod client;
mod cross_site;
mod headers;
mod language;
mod listening;
mod markup;
mod sign_in;
