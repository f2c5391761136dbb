//! The Control Room's store, vault, users and audit, on real folders.

mod audit;
mod backup;
mod former_version;
mod key_rotation;
mod kill;
mod opening;
mod secrecy;
mod support;
mod users;
mod vault;
