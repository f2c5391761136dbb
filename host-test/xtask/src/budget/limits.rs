//! The budgets. One is raised only in a commit of its own that says why; a crate without one fails.

/// Lines of code, without tests, of each crate.
pub(super) const LINES: &[(&str, u64)] = &[
    ("bot-flow-test-peers", 250),
    ("host-test", 34_500),
    ("hostile-action", 300),
    ("oauth-authentication", 2_100),
    ("xtask", 1_000),
];

/// The crates of this repository that the command is made of without its features.
pub(super) const SMALL_HARNESS: &[&str] = &["host-test"];

/// Their lines together, without tests: to be read in an afternoon.
pub(super) const SMALL_HARNESS_LINES: u64 = 34_500;

/// Crates in its dependency tree, its own among them.
pub(super) const SMALL_HARNESS_CRATES: u64 = 310;

/// What must not be among them.
pub(super) const NOT_IN_SMALL_HARNESS: &[&str] = &[];

/// The component.
pub(super) const COMPONENT_BYTES: u64 = 192 << 10;

/// The release command with all features, stripped.
pub(super) const COMMAND_BYTES: u64 = 40 << 20;

/// The suite on two cores, once it is built.
pub(super) const SUITE_SECONDS: u64 = 4 * 60;
