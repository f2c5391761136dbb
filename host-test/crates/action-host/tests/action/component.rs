//! The two builds of the action, and the host for them.

use std::borrow::Cow;
use std::fs;
use std::path::PathBuf;
use std::ptr;
use std::sync::OnceLock;

use action_host::oauth::Oauth;
use action_host::{Component, Description, Grant, Host};
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
    pub(crate) fn bytes(self) -> Cow<'static, [u8]> {
        match self {
            Self::BuiltIn => built_in_component::BYTES.into(),
            Self::Wasip2 => fs::read(Self::wasip2_file()).unwrap().into(),
        }
    }

    fn wasip2_file() -> &'static PathBuf {
        static FILE: OnceLock<PathBuf> = OnceLock::new();
        FILE.get_or_init(|| {
            test_peers::component(env!("CARGO_TARGET_TMPDIR").as_ref(), "oauth-authentication")
        })
    }

    /// The component, with the default limits and the grant that is compiled into the host.
    pub(crate) fn load(self, client: &Client) -> Component {
        self.load_on(host(), client)
    }

    /// On the host that all tests share, it is loaded once: to take it from wasmtime's cache takes longer than a call does.
    pub(crate) fn load_on(self, host: &Host, client: &Client) -> Component {
        static LOADED: [OnceLock<Component>; 2] = [OnceLock::new(), OnceLock::new()];
        let shared = LOADED[self as usize].get_or_init(|| self.load_anew(self::host()));
        if ptr::eq(host, self::host()) {
            shared.through(client)
        } else {
            self.load_anew(host).through(client)
        }
    }

    fn load_anew(self, host: &Host) -> Component {
        let component = match self {
            Self::BuiltIn => host.load(built_in_component::BYTES),
            Self::Wasip2 => host.load_file(Self::wasip2_file()),
        };
        component.unwrap().with_grant(Grant::genesys_oauth())
    }

    /// The typed interface of [`Build::load`].
    pub(crate) fn load_typed(self, client: &Client) -> Oauth {
        Oauth::new(self.load(client)).unwrap()
    }

    /// The component's imports and exports.
    pub(crate) fn describe(self) -> &'static Description {
        static DESCRIPTIONS: [OnceLock<Description>; 2] = [OnceLock::new(), OnceLock::new()];
        DESCRIPTIONS[self as usize].get_or_init(|| host().describe(&self.bytes()).unwrap())
    }
}

/// The host that all tests share, with the default limits. A test brings its own client.
pub(crate) fn host() -> &'static Host {
    static HOST: OnceLock<Host> = OnceLock::new();
    HOST.get_or_init(|| Host::builder().build().unwrap())
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
