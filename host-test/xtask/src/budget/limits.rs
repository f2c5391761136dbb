//! The budgets. A commit that raises a budget does nothing else and gives the reason. A crate without a budget fails.

/// Lines of code, without tests, of each crate.
pub(super) const LINES: &[(&str, u64)] = &[
    ("bot-flow-action-host", 2_850),
    ("bot-flow-action-types", 850),
    ("bot-flow-built-in-component", 60),
    ("bot-flow-component-build", 260),
    ("bot-flow-conformance", 3_080),
    ("bot-flow-control-room", 20_300),
    ("bot-flow-control-room-web", 16_250),
    ("bot-flow-egress", 3_550),
    ("bot-flow-engine", 9_800),
    ("bot-flow-genesys-sim", 5_300),
    ("bot-flow-hosts", 260),
    ("bot-flow-scripted-server", 870),
    ("bot-flow-test-peers", 380),
    ("bot-flow-test-support", 850),
    ("genesys-users", 950),
    ("host-test", 11_250),
    ("hostile-action", 380),
    ("oauth-authentication", 2_600),
    ("xtask", 1_750),
    ("xtask-dist", 1_040),
    ("xtask-live", 1_340),
];

/// The crates of this repository that the command depends on without its features.
pub(super) const SMALL_HARNESS: &[&str] = &[
    "bot-flow-action-host",
    "bot-flow-action-types",
    "bot-flow-built-in-component",
    "bot-flow-component-build",
    "bot-flow-egress",
    "bot-flow-engine",
    "bot-flow-genesys-sim",
    "host-test",
    "oauth-authentication",
];

/// The sum of their lines, without tests: few enough to read in an afternoon.
pub(super) const SMALL_HARNESS_LINES: u64 = 30_150;

/// Crates in its dependency tree, including its own.
pub(super) const SMALL_HARNESS_CRATES: u64 = 266;

/// Crates that must not be in the dependency tree of a package with these features: the small harness stays small, other
/// hosts want `action-host` as a library, and only the command knows both the Control Room and wasmtime.
pub(super) const NOT_IN: &[(&str, &str, &[&str])] = &[
    (
        "host-test",
        "--no-default-features",
        &["argon2", "maud", "sqlx"],
    ),
    (
        "bot-flow-action-host",
        "--all-features",
        &["axum", "clap", "sqlx"],
    ),
    ("bot-flow-engine", "--all-features", &["sqlx", "wasmtime"]),
    (
        "bot-flow-control-room",
        "--all-features",
        &["axum", "wasmtime"],
    ),
    ("bot-flow-control-room-web", "--all-features", &["wasmtime"]),
    (
        "bot-flow-genesys-sim",
        "--all-features",
        &["bot-flow-egress", "bot-flow-engine"],
    ),
    (
        "bot-flow-egress",
        "--all-features",
        &["bot-flow-engine", "wasmtime"],
    ),
];

/// The size of the component.
pub(super) const COMPONENT_BYTES: u64 = 256 << 10;

/// The size of the release command with all features, stripped.
pub(super) const COMMAND_BYTES: u64 = 40 << 20;

/// The duration of the suite on two cores, without building it.
pub(super) const SUITE_SECONDS: u64 = 4 * 60;
