//! The tests of the Control Room's store, vault, users and audit, on PostgreSQL. Those of SQLite's file are left out.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing helper fails its test"
)]
#![allow(
    dead_code,
    reason = "some helpers are used only by the tests of the SQLite file"
)]

#[path = "../control_room/audit.rs"]
mod audit;
#[path = "../control_room/audited_changes.rs"]
mod audited_changes;
mod changed_rows;
#[path = "../shared/database.rs"]
mod database;
#[path = "../control_room/key_rotation.rs"]
mod key_rotation;
mod leases;
mod moving;
#[path = "../control_room/new_credential.rs"]
mod new_credential;
#[path = "../control_room/queue.rs"]
mod queue;
#[path = "../control_room/schedules.rs"]
mod schedules;
#[path = "../control_room/support.rs"]
mod support;
mod tls;
#[path = "../control_room/users.rs"]
mod users;
#[path = "../control_room/vault.rs"]
mod vault;
#[path = "../control_room/versions.rs"]
mod versions;
