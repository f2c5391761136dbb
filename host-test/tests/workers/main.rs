//! Workers as processes: what becomes of runs whose worker is killed, drained, or cut off from the database.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing helper fails its test"
)]

#[path = "../../crates/control-room/tests/shared/database.rs"]
mod database;
#[cfg(unix)]
mod faults;
#[allow(dead_code, reason = "other tests use the rest of it")]
#[path = "../browser/interruptible_proxy.rs"]
mod interruptible_proxy;
#[cfg(unix)]
mod schedules;
#[allow(dead_code, reason = "other tests use the rest of it")]
#[path = "../command/support.rs"]
mod support;
#[cfg(unix)]
mod workers;
