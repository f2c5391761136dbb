//! The tests of workers, on PostgreSQL.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing helper fails its test"
)]

#[path = "../../crates/control-room/tests/shared/database.rs"]
mod database;
#[path = "../workers/faults.rs"]
mod faults;
#[allow(dead_code, reason = "other tests use the rest of it")]
#[path = "../browser/interruptible_proxy.rs"]
mod interruptible_proxy;
#[path = "../workers/schedules.rs"]
mod schedules;
#[allow(dead_code, reason = "other tests use the rest of it")]
#[path = "../command/support.rs"]
mod support;
#[path = "../workers/workers.rs"]
mod workers;
