//! The command `bot-runner` as people and scripts use it: its output and exit status.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing helper fails its test"
)]

#[cfg(unix)]
#[allow(dead_code, unused_imports, reason = "other tests use the rest of it")]
#[path = "../../crates/control-room-web/tests/web/client.rs"]
mod client;
#[cfg(unix)]
#[allow(dead_code, reason = "other tests use the rest of it")]
#[path = "../../crates/control-room-web/tests/web/http_client.rs"]
mod http_client;
#[allow(dead_code, reason = "other tests use the rest of it")]
#[path = "../../crates/control-room-web/tests/web/room.rs"]
mod room;

mod audit;
mod authenticate;
mod catalogue;
mod check;
mod completions;
mod component;
mod components;
mod config;
mod conformance;
mod connection;
mod control_room;
mod credentials;
mod demonstration;
mod doctor;
mod example;
mod genesys;
mod guide;
mod help;
mod init;
mod input;
#[cfg(unix)]
mod interrupt;
mod languages;
mod log;
mod output;
mod proxies;
mod quiet;
mod regions;
mod removal;
#[cfg(target_os = "linux")]
mod resources;
mod run;
mod secrecy;
mod serve;
mod support;
#[cfg(target_os = "linux")]
mod terminal;
mod users;
mod vault;
