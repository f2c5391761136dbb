//! A component that implements the contract, compiled and linked once.

use std::io;
use std::path::Path;
use std::sync::Arc;

use ring::digest;
use wasmtime::Store;
use wasmtime::component::types::{ComponentInstance, ComponentItem};
use wasmtime::component::{Component as Compiled, Instance, InstancePre, Linker};

use super::bindings::Action as Bindings;
use super::bindings::exports::bot::action::{form, run};
use super::complexity;
use super::convert;
use super::error::LoadError;
use super::outgoing_http::Refusals;
use super::runtime::Runtime;
use super::state::{self, State};
use egress::{Client, Grant};

/// Interfaces that a component may import, in any version 0.2. `state::linker` gives the reasons.
const GRANTED: [&str; 16] = [
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stderr",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stderr",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:clocks/monotonic-clock",
    "wasi:http/outgoing-handler",
    "wasi:http/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
];

/// The largest component file, in bytes.
const MAX_COMPONENT: usize = 64 << 20;

/// Part of wasmtime's error if a component declares more than fits in the pool. The error has no type of its own; a test
/// in `tests/limits` fails if the text changes.
const POOL: &str = "pooling allocator";

/// The bytes of a file of at most 64 MiB that may be a component. [`Host`](crate::Host) has an example.
///
/// # Errors
///
/// [`LoadError::Read`], [`LoadError::LargeFile`]
pub fn read(path: &Path) -> Result<Vec<u8>, LoadError> {
    egress::read_file(path, MAX_COMPONENT).map_err(|source| {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::FileTooLarge => LoadError::LargeFile {
                path,
                limit: MAX_COMPONENT as u64,
            },
            _ => LoadError::Read { path, source },
        }
    })
}

/// SHA-256 of a component, which identifies it. [`HostBuilder`](crate::HostBuilder) has an example.
pub fn digest(component: &[u8]) -> [u8; 32] {
    let mut digest = [0; 32];
    digest.copy_from_slice(digest::digest(&digest::SHA256, component).as_ref());
    digest
}

/// A loaded component, ready to be called. Cheap to clone. Its calls are in `call.rs`.
///
/// ```
/// use action_host::{Argument, Grant, Host};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let bytes = built_in_component::BYTES;
/// let component = Host::builder().build()?.load(bytes)?;
///
/// // What its actions are, for an editor, and what they ask for, for an operator.
/// for action in component.actions("en").await? {
///     println!("{}: {:?}, {:?}", action.name, action.fields, action.requests);
/// }
///
/// // What is wrong with the fields of a bot, before it runs.
/// let arguments = [Argument::text("url", "https://example.com")];
/// let problems = component.check("oauth-authenticate", &arguments).await?;
/// assert_eq!(problems[0].field.as_deref(), Some("url"));
/// println!("{}", component.explain("oauth-authenticate", &problems[0], "de").await?);
///
/// // What it may send, if the operator agrees.
/// let component = component.with_grant(Grant::genesys_oauth());
/// assert!(component.grant().hosts().allows("login.mypurecloud.de", 443));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Component {
    pub(super) runtime: Runtime,
    pub(super) client: Client,
    pub(super) linked: Arc<Linked>,
    pub(super) refusals: Arc<Refusals>,
    digest: [u8; 32],
    grant: Arc<Grant>,
}

/// A linked component, with the indices of its interfaces. A call loads only the interface that it needs, because wasmtime
/// then compares the types of all its functions again.
pub(super) struct Linked {
    pub(super) instance: InstancePre<State>,
    pub(super) form: form::GuestIndices,
    pub(super) run: run::GuestIndices,
}

impl Component {
    pub(super) fn new(runtime: &Runtime, bytes: &[u8], client: &Client) -> Result<Self, LoadError> {
        let component = compile(runtime, bytes)?;
        let engine = runtime.engine();
        for (name, _) in component.component_type().imports(engine) {
            let (interface, version) = name.split_once('@').unwrap_or((name, ""));
            if !GRANTED.contains(&interface) || !version.starts_with("0.2.") {
                return Err(LoadError::ImportNotGranted(convert::message(name)));
            }
        }
        let linker =
            state::linker(runtime).map_err(|error| LoadError::Runtime(format!("{error:#}")))?;
        let instance = linker
            .instantiate_pre(&component)
            .map_err(|error| LoadError::OtherImport(words(&error)))?;
        let linked = Linked::new(instance)
            .and_then(|linked| {
                check_types(runtime, &component, |store, instance| {
                    Bindings::new(store, instance).map(drop)
                })?;
                Ok(linked)
            })
            .map_err(|error| LoadError::OtherContract(words(&error)))?;
        let grant = Arc::new(Grant::default());
        Ok(Self {
            runtime: runtime.clone(),
            client: client.with_grant(Arc::clone(&grant)),
            linked: Arc::new(linked),
            refusals: Arc::default(),
            digest: digest(bytes),
            grant,
        })
    }

    /// The same component, which may send what this grant allows.
    #[must_use]
    pub fn with_grant(mut self, grant: Grant) -> Self {
        self.grant = Arc::new(grant);
        self.client = self.client.with_grant(Arc::clone(&self.grant));
        self
    }

    /// What it may send.
    pub fn grant(&self) -> &Grant {
        &self.grant
    }

    /// The same component with another client, such as one for another tokio runtime ([`Client::for_another_runtime`]).
    #[must_use]
    pub fn through(&self, client: &Client) -> Self {
        Self {
            client: client.with_grant(Arc::clone(&self.grant)),
            ..self.clone()
        }
    }

    /// SHA-256 of the component, which identifies it.
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
    }
}

impl Linked {
    fn new(instance: InstancePre<State>) -> wasmtime::Result<Self> {
        Ok(Self {
            form: form::GuestIndices::new(&instance)?,
            run: run::GuestIndices::new(&instance)?,
            instance,
        })
    }
}

/// Lets `check` compare the types of the component's exports with those of the contract, which wasmtime does for instances
/// only. All imports of this instance trap. If it cannot be made, or all permits are taken, the check is left to the calls.
pub(super) fn check_types(
    runtime: &Runtime,
    component: &Compiled,
    check: impl FnOnce(&mut Store<()>, &Instance) -> wasmtime::Result<()>,
) -> wasmtime::Result<()> {
    let Some(_permit) = runtime.try_permit() else {
        return Ok(());
    };
    let mut linker = Linker::new(runtime.engine());
    linker.define_unknown_imports_as_traps(component)?;
    let mut store = Store::new(runtime.engine(), ());
    store.set_fuel(runtime.limits().fuel)?;
    match linker.instantiate(&mut store, component) {
        Ok(instance) => check(&mut store, &instance),
        Err(_) => Ok(()),
    }
}

/// wasmtime's words. They quote names of the component, which may hold anything.
pub(super) fn words(error: &wasmtime::Error) -> String {
    convert::message(&format!("{error:#}"))
}

fn compile(runtime: &Runtime, bytes: &[u8]) -> Result<Compiled, LoadError> {
    match bytes {
        [b'\0', b'a', b's', b'm', 1, 0, 0, 0, ..] => {
            return Err(LoadError::CoreModule);
        }
        [b'\0', b'a', b's', b'm', ..] => {}
        _ => return Err(LoadError::NotWebAssembly),
    }
    complexity::check(bytes)?;
    Compiled::from_binary(runtime.engine(), bytes).map_err(|error| {
        let message = words(&error);
        if message.contains(POOL) {
            let cause = error.root_cause().to_string();
            LoadError::TooLarge(cause.split(';').next().unwrap_or_default().into())
        } else {
            LoadError::NotAComponent(message)
        }
    })
}

/// What a component imports and exports, found without running it. [`Host`](crate::Host) has an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// Its size in bytes.
    pub size: usize,
    /// The interfaces that it imports.
    pub imports: Vec<String>,
    /// The interfaces that it exports, with the names of their functions.
    pub exports: Vec<(String, Vec<String>)>,
}

impl Description {
    pub(super) fn new(runtime: &Runtime, bytes: &[u8]) -> Result<Self, LoadError> {
        let component = compile(runtime, bytes)?;
        let engine = runtime.engine();
        let described = component.component_type();
        let functions = |instance: &ComponentInstance| -> Vec<String> {
            instance
                .exports(engine)
                .filter(|(_, item)| matches!(item.ty, ComponentItem::ComponentFunc(_)))
                .map(|(name, _)| name.to_owned())
                .collect()
        };
        let exports = described
            .exports(engine)
            .map(|(name, item)| match &item.ty {
                ComponentItem::ComponentInstance(instance) => {
                    (name.to_owned(), functions(instance))
                }
                _ => (name.to_owned(), Vec::new()),
            });
        Ok(Self {
            size: bytes.len(),
            imports: described
                .imports(engine)
                .map(|(name, _)| name.to_owned())
                .collect(),
            exports: exports.collect(),
        })
    }
}
