//! The tests of OAuth connections on PostgreSQL.

#![allow(
    clippy::print_stdout,
    reason = "a process that a test starts reports on standard output"
)]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing helper fails its test"
)]

#[path = "../control_room_connections/browser.rs"]
mod browser;
#[path = "../control_room_connections/contention.rs"]
mod contention;
#[path = "../shared/database.rs"]
mod database;
#[path = "../control_room_connections/faults.rs"]
mod faults;
#[path = "../control_room_connections/fixture.rs"]
mod fixture;
#[path = "../control_room_connections/holding_proxy.rs"]
mod holding_proxy;
#[path = "../control_room_connections/last_use.rs"]
mod last_use;
#[path = "../control_room_connections/manage.rs"]
mod manage;
#[path = "../control_room_connections/processes.rs"]
mod processes;
#[path = "../control_room_connections/refresh.rs"]
mod refresh;
#[path = "../control_room_connections/removal.rs"]
mod removal;
#[path = "../control_room_connections/scripted.rs"]
mod scripted;
#[path = "../control_room_connections/secrecy.rs"]
mod secrecy;
#[path = "../control_room_connections/sign_in.rs"]
mod sign_in;
#[path = "../control_room_connections/users.rs"]
mod users;
