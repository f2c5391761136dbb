//! The Control Room's store, vault, users and audit, on real folders.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing helper fails its test"
)]

mod audit;
mod audited_changes;
mod backup;
mod changed_indexes;
mod changed_rows;
#[path = "../shared/database.rs"]
mod database;
mod former_version;
mod key_rotation;
mod kill;
mod new_credential;
mod opening;
mod queue;
mod removed_values;
mod schedules;
mod secrecy;
mod support;
mod texts_in_files;
mod users;
mod vault;
mod versions;

#[cfg(not(feature = "test-postgres"))]
#[test]
#[ignore = "run `cargo xtask test`: it starts a server, and runs these tests on it as well"]
fn the_tests_on_postgresql() {}
