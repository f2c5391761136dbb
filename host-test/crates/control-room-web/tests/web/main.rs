//! Tests of the pages over a real socket: authentication, permissions, headers, rejected requests. Tests that need a
//! browser are in `tests/browser` of the command.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing helper fails its test"
)]

mod bots;
mod client;
mod components;
mod connections;
mod creating;
mod credentials;
mod cross_site;
mod editor_dialogs;
mod failures;
mod first_steps;
mod headers;
mod health;
mod http_client;
mod inputs;
mod language;
mod learn;
mod listening;
mod log;
mod managing;
mod markup;
mod new_credential;
mod pickers;
mod queue;
mod removal;
mod room;
mod routes;
mod rules;
mod runs;
mod schedules;
mod sign_in;
mod snapshots;
mod test_runs;
mod users;
