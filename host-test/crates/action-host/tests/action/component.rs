//! The two builds of the action, and the runtime for them.

use std::path::PathBuf;
use std::sync::OnceLock;

use action_host::{Action, Description, Limits, Runtime, Source};
use egress::Client;

/// The build of the component.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Build {
    /// The built-in component, for wasm32-unknown-unknown.
    BuiltIn,
    /// A plain `cargo build --target wasm32-wasip2`.
    Wasip2,
}

impl Build {
    pub(crate) fn source(self) -> Source {
        static WASIP2_FILE: OnceLock<PathBuf> = OnceLock::new();
        match self {
            Self::BuiltIn => Source::Bytes(built_in_component::BYTES.into()),
            Self::Wasip2 => Source::File(
                WASIP2_FILE
                    .get_or_init(|| {
                        test_peers::component(
                            env!("CARGO_TARGET_TMPDIR").as_ref(),
                            "oauth-authentication",
                        )
                    })
                    .clone(),
            ),
        }
    }

    /// The action, with the default limits.
    pub(crate) fn load(self, client: Client) -> Action {
        self.load_on(runtime(), client)
    }

    pub(crate) fn load_on(self, runtime: &Runtime, client: Client) -> Action {
        self.describe();
        Action::load(runtime, &self.source(), client).unwrap()
    }

    /// The component's imports and exports. The first test to call this compiles the component while the others wait; after
    /// that it comes from wasmtime's cache.
    pub(crate) fn describe(self) -> &'static Description {
        static DESCRIPTIONS: [OnceLock<Description>; 2] = [OnceLock::new(), OnceLock::new()];
        DESCRIPTIONS[self as usize]
            .get_or_init(|| Description::of(runtime(), &self.source()).unwrap())
    }
}

/// The runtime that all tests share, with the default limits.
pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new(Limits::default()).unwrap())
}

/// Makes two tests of each async function, one per [`Build`], which is its argument.
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
