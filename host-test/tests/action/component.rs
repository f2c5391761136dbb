//! The two builds of the action, and the wasmtime that they run on.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use host_test::action::{Action, Description, Limits, Runtime, Source};
use host_test::network::Client;

const WASIP2: &str = "wasm32-wasip2";

/// Settings of the outer build that are not for the action's, as in `build.rs`.
const NOT_INHERITED: [&str; 5] = [
    "CARGO_ENCODED_RUSTFLAGS",
    "RUSTFLAGS",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "CARGO_BUILD_TARGET",
];

/// How the action was made a component.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Build {
    /// By `build.rs`, for wasm32-unknown-unknown.
    BuiltIn,
    /// By a plain `cargo build --target wasm32-wasip2`.
    Wasip2,
}

impl Build {
    pub(crate) fn source(self) -> Source {
        static WASIP2_FILE: OnceLock<PathBuf> = OnceLock::new();
        match self {
            Self::BuiltIn => Source::BuiltIn,
            Self::Wasip2 => Source::File(WASIP2_FILE.get_or_init(build_for_wasip2).clone()),
        }
    }

    /// The action, with the usual limits.
    pub(crate) fn load(self, client: Client) -> Action {
        self.load_on(runtime(), client)
    }

    pub(crate) fn load_on(self, runtime: &Runtime, client: Client) -> Action {
        self.describe();
        Action::load(runtime, &self.source(), client).unwrap()
    }

    /// What the component says of itself. The first time it is compiled for that, by one test while
    /// the others wait; afterwards it comes out of wasmtime's cache.
    pub(crate) fn describe(self) -> &'static Description {
        static DESCRIPTIONS: [OnceLock<Description>; 2] = [OnceLock::new(), OnceLock::new()];
        DESCRIPTIONS[self as usize]
            .get_or_init(|| Description::of(runtime(), &self.source()).unwrap())
    }
}

/// The one that all tests share, with the usual limits.
pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new(Limits::default()).unwrap())
}

fn build_for_wasip2() -> PathBuf {
    ensure_wasip2();
    let target_dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("action");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut build = Command::new(cargo);
    build
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .args(["build", "--locked", "--package", "oauth-authentication"])
        .args(["--profile", "component", "--target", WASIP2])
        .arg("--target-dir")
        .arg(&target_dir);
    for name in NOT_INHERITED {
        build.env_remove(name);
    }
    let built = build.output().unwrap();
    assert!(built.status.success(), "{}", said(&built));
    target_dir
        .join(WASIP2)
        .join("component/oauth_authentication.wasm")
}

/// Installs the target where the toolchain lacks it.
fn ensure_wasip2() {
    if has_wasip2() {
        return;
    }
    let added = Command::new("rustup")
        .args(["target", "add", WASIP2])
        .output();
    assert!(
        has_wasip2(),
        "the toolchain lacks the target {WASIP2}, and rustup could not add it. Type:\n\
         rustup target add {WASIP2}\n{}",
        added.map_or_else(|error| error.to_string(), |added| said(&added))
    );
}

fn has_wasip2() -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc"));
    let printed = Command::new(rustc)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["--print", "target-libdir", "--target", WASIP2])
        .output()
        .unwrap();
    Path::new(String::from_utf8_lossy(&printed.stdout).trim()).is_dir()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Makes of each async function two tests, one for each [`Build`], which it takes.
macro_rules! test_both_builds {
    ($($rule:ident),+ $(,)?) => {
        mod built_in {
            $(#[tokio::test]
            async fn $rule() {
                super::$rule($crate::component::Build::BuiltIn).await;
            })+
        }

        mod wasip2 {
            $(#[tokio::test]
            async fn $rule() {
                super::$rule($crate::component::Build::Wasip2).await;
            })+
        }
    };
}
pub(crate) use test_both_builds;
