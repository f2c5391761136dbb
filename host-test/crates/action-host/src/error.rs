//! What can go wrong with an action: when it is loaded, and when it is called.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use action_types::Failure;
use egress::is_german;
use thiserror::Error;

/// Why a component cannot be loaded. The operator has to choose another one, or to fix this one.
///
/// ```no_run
/// use action_host::{Host, LoadError};
///
/// # fn example(host: &Host) {
/// match host.load_file("action.wasm".as_ref()) {
///     Ok(component) => println!("loaded {:02x?}", component.digest()),
///     Err(LoadError::Read { path, source }) => println!("{}: {source}", path.display()),
///     Err(LoadError::Runtime(problem)) => println!("not the component's fault: {problem}"),
///     Err(error) => println!("{error}"),
/// }
/// # }
/// ```
#[derive(Debug, Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error("the component {} cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// The file is larger than a component may be, in bytes.
    #[error("the component {} is larger than {} MiB", path.display(), limit >> 20)]
    LargeFile {
        /// The file.
        path: PathBuf,
        /// The limit.
        limit: u64,
    },
    /// It is not WebAssembly.
    #[error("this is not a WebAssembly component that can be loaded: it is not WebAssembly")]
    NotWebAssembly,
    /// It is a core module, which has no typed imports and exports.
    #[error("this is not a WebAssembly component that can be loaded: it is a core module")]
    CoreModule,
    /// It is not a component that wasmtime accepts.
    #[error("this is not a WebAssembly component that can be loaded: {0}")]
    NotAComponent(String),
    /// The component has so much of something that compiling it could take very long.
    #[error("the component is too complex to compile: it has more than {max} {what}")]
    TooComplex {
        /// The limit.
        max: u64,
        /// What it has more of.
        what: Part,
    },
    /// The component declares more memory, tables or instances than an action may have.
    #[error("the component needs more than an action may have: {0}")]
    TooLarge(String),
    /// The component imports an interface that actions do not get.
    #[error(
        "the component imports {0}, which actions do not get; they may import wasi:http and what its types need"
    )]
    ImportNotGranted(String),
    /// The component expects other functions or types of an interface that it may import.
    #[error("the component imports an interface that differs from the host's: {0}")]
    OtherImport(String),
    /// The component does not export what the contract requires, or not with the same types.
    #[error("the component does not implement the contract bot:action@0.2.0: {0}")]
    OtherContract(String),
    /// wasmtime cannot run on this machine, for example for lack of address space.
    #[error("the WebAssembly runtime cannot be set up: {0}")]
    Runtime(String),
}

impl LoadError {
    /// The error in the language of `locale` (BCP 47, or POSIX), English or German. What wasmtime and the operating system say
    /// stays in English.
    pub fn localized(&self, locale: &str) -> String {
        if !is_german(locale) {
            return match self {
                Self::Read { source, .. } => format!("{self}: {source}"),
                _ => self.to_string(),
            };
        }
        match self {
            Self::Read { path, source } => {
                format!(
                    "die Komponente {} lässt sich nicht lesen: {source}",
                    path.display()
                )
            }
            Self::LargeFile { path, limit } => format!(
                "die Komponente {} ist größer als {} MiB",
                path.display(),
                limit >> 20
            ),
            Self::NotWebAssembly => {
                "das ist keine WebAssembly-Komponente: es ist kein WebAssembly".into()
            }
            Self::CoreModule => {
                "das ist keine WebAssembly-Komponente: es ist ein Core-Modul".into()
            }
            Self::NotAComponent(why) => {
                format!("das ist keine WebAssembly-Komponente, die sich laden lässt: {why}")
            }
            Self::TooComplex { max, what } => {
                format!(
                    "die Komponente ist zu umfangreich: sie hat mehr als {max} {}",
                    what.in_german()
                )
            }
            Self::TooLarge(why) => {
                format!("die Komponente braucht mehr, als eine Aktion haben darf: {why}")
            }
            Self::ImportNotGranted(name) => format!(
                "die Komponente importiert {name}, was Aktionen nicht bekommen; sie dürfen wasi:http importieren und was \
                 dessen Typen brauchen"
            ),
            Self::OtherImport(why) => {
                format!(
                    "die Komponente importiert eine Schnittstelle, die bei diesem Host anders ist: {why}"
                )
            }
            Self::OtherContract(why) => {
                format!("die Komponente erfüllt den Vertrag bot:action@0.2.0 nicht: {why}")
            }
            Self::Runtime(why) => {
                format!("die WebAssembly-Laufzeit lässt sich nicht einrichten: {why}")
            }
        }
    }
}

/// What a component can have too much of. See the example of [`LoadError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Levels of components within components.
    Levels,
    /// Functions.
    Functions,
    /// Bytes in one function.
    FunctionBytes,
    /// Bytes of code.
    CodeBytes,
    /// Types, and parts of types.
    Types,
    /// Instances of components and modules.
    Instances,
    /// Entries that tables have from the beginning.
    TableEntries,
    /// Local variables of one function.
    Locals,
    /// Blocks of a function within each other.
    Blocks,
}

impl Part {
    fn in_german(self) -> &'static str {
        match self {
            Self::Levels => "Ebenen von Komponenten",
            Self::Functions => "Funktionen",
            Self::FunctionBytes => "Bytes in einer Funktion",
            Self::CodeBytes => "Bytes Code",
            Self::Types => "Typen",
            Self::Instances => "Instanzen",
            Self::TableEntries => "Einträge in Tabellen",
            Self::Locals => "lokale Variablen in einer Funktion",
            Self::Blocks => "ineinander geschachtelte Blöcke",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Levels => "levels of components",
            Self::Functions => "functions",
            Self::FunctionBytes => "bytes in a function",
            Self::CodeBytes => "bytes of code",
            Self::Types => "types",
            Self::Instances => "instances",
            Self::TableEntries => "table entries",
            Self::Locals => "local variables in a function",
            Self::Blocks => "blocks within each other",
        })
    }
}

/// Why a host cannot be set up.
///
/// ```
/// use action_host::{HostBuilder, SetupError};
///
/// # fn example(builder: HostBuilder) {
/// match builder.build() {
///     Ok(host) => println!("ready: {:?}", host.client()),
///     Err(SetupError::Network(error)) => println!("check the CAs: {error}"),
///     Err(SetupError::Runtime(error)) => println!("check the address space: {error}"),
/// }
/// # }
/// ```
#[derive(Debug, Error)]
pub enum SetupError {
    /// wasmtime cannot run on this machine.
    #[error(transparent)]
    Runtime(#[from] LoadError),
    /// The connection to the network cannot be set up.
    #[error("the connection to the network cannot be set up: {0}")]
    Network(#[from] egress::SetupError),
}

impl SetupError {
    /// The error in the language of `locale` (BCP 47, or POSIX), English or German.
    pub fn localized(&self, locale: &str) -> String {
        match self {
            Self::Runtime(error) => error.localized(locale),
            Self::Network(error) if is_german(locale) => {
                format!(
                    "die Verbindung zum Netz lässt sich nicht einrichten: {}",
                    error.localized(locale)
                )
            }
            Self::Network(_) => self.to_string(),
        }
    }
}

/// What an action says of its failure.
///
/// ```
/// use action_host::CallError;
/// use action_host::error::ActionError;
///
/// /// What to count calls by, of any interface.
/// fn outcome<T, E: ActionError>(called: &Result<T, CallError<E>>) -> &str {
///     called.as_ref().err().map_or("success", CallError::kind)
/// }
/// let refused: Result<(), CallError> = Err(CallError::TooManyCalls(4352));
/// assert_eq!(outcome(&refused), "too-many-calls");
/// ```
pub trait ActionError {
    /// What kind of error it is, such as `throttled`.
    fn code(&self) -> &str;
}

impl ActionError for Failure {
    fn code(&self) -> &str {
        &self.code
    }
}

/// Why a call has no result, as [`Component::run`](crate::Component::run) shows. `E` is what the action says of its failure.
///
/// ```
/// use action_host::{CallError, Retry};
///
/// # fn example(error: &CallError) {
/// match error {
///     CallError::Failed(failure) if failure.retry == Retry::Never => println!("{}", failure.message),
///     CallError::Failed(failure) => println!("call again: {:?}", failure.retry),
///     CallError::TooManyCalls(_) | CallError::QueueTimeout(_) => println!("call again later"),
///     stopped => println!("{}: it may have had its effect", stopped.kind()),
/// }
/// # }
/// ```
#[derive(Debug, Clone, Error)]
pub enum CallError<E: ActionError = Failure> {
    /// The action reports an error; [`Component::explain`](crate::Component::explain) has a message for people.
    #[error("the action failed: {}", .0.code())]
    Failed(E),
    /// The call took longer than [`Limits::deadline`](crate::Limits::deadline).
    #[error("the action did not finish within {} s and was stopped; try again, or allow it more time", .0.as_secs_f32())]
    DeadlineExceeded(Duration),
    /// The component used more than [`Limits::fuel`](crate::Limits::fuel).
    #[error("the action computed for too long, more than {} million instructions, and was stopped", .0 / 1_000_000)]
    CpuExceeded(u64),
    /// The component needed more than [`Limits::memory`](crate::Limits::memory), in bytes.
    #[error("the action needed more than {} MiB of memory and was stopped", .0 >> 20)]
    MemoryExceeded(usize),
    /// The component needed a larger table than [`Limits::table_elements`](crate::Limits::table_elements).
    #[error("the action needed a table of more than {0} elements and was stopped")]
    TableExceeded(usize),
    /// The component had more than [`Limits::resources`](crate::Limits::resources) open.
    #[error("the action opened more than {0} requests and streams at once and was stopped")]
    ResourcesExceeded(usize),
    /// The component passed more than [`Limits::output`](crate::Limits::output) to the host at once, in bytes.
    #[error("the action returned more than {} KiB and was stopped", .0 >> 10)]
    ResultTooLarge(usize),
    /// The component used more stack than it may.
    #[error("the action recursed too deeply and was stopped")]
    StackExceeded,
    /// The component trapped. The text is wasmtime's, and contains no data of the action.
    #[error("the action crashed: {0}")]
    Trapped(String),
    /// The queue is full: as many calls run and wait as [`Limits`](crate::Limits) allow.
    #[error("{0} calls of actions are running or waiting; no more are accepted")]
    TooManyCalls(usize),
    /// The call waited in the queue for the whole of [`Limits::deadline`](crate::Limits::deadline).
    #[error("other calls of actions left no room for this one within {} s; it was not started", .0.as_secs_f32())]
    QueueTimeout(Duration),
}

impl<E: ActionError> CallError<E> {
    /// A stable name: the action's code for an error of its own, otherwise one of this crate's.
    pub fn kind(&self) -> &str {
        match self {
            Self::Failed(error) => error.code(),
            Self::DeadlineExceeded(_) => "deadline-exceeded",
            Self::CpuExceeded(_) => "cpu-exceeded",
            Self::MemoryExceeded(_) => "memory-exceeded",
            Self::TableExceeded(_) => "table-exceeded",
            Self::ResourcesExceeded(_) => "resources-exceeded",
            Self::ResultTooLarge(_) => "result-too-large",
            Self::StackExceeded => "stack-exceeded",
            Self::Trapped(_) => "trapped",
            Self::TooManyCalls(_) => "too-many-calls",
            Self::QueueTimeout(_) => "queue-timeout",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_is_said_in_both_languages() {
        let (path, why) = (|| PathBuf::from("x.wasm"), || "x".to_owned());
        let parts = [
            Part::Levels,
            Part::Functions,
            Part::FunctionBytes,
            Part::CodeBytes,
            Part::Types,
            Part::Instances,
            Part::TableEntries,
            Part::Locals,
            Part::Blocks,
        ];
        let complex = parts.map(|what| LoadError::TooComplex { max: 1, what });
        let others = [
            LoadError::Read {
                path: path(),
                source: io::ErrorKind::PermissionDenied.into(),
            },
            LoadError::LargeFile {
                path: path(),
                limit: 1 << 20,
            },
            LoadError::NotWebAssembly,
            LoadError::CoreModule,
            LoadError::NotAComponent(why()),
            LoadError::TooLarge(why()),
            LoadError::ImportNotGranted(why()),
            LoadError::OtherImport(why()),
            LoadError::OtherContract(why()),
            LoadError::Runtime(why()),
        ];
        let network = SetupError::Network(egress::SetupError::NoCertificate).localized("de");
        let german = complex
            .iter()
            .chain(&others)
            .map(|error| error.localized("de"));
        for german in german.chain([network]) {
            for word in ["the", "is", "more", "not", "cannot", "of", "components"] {
                assert!(!german.split(' ').any(|it| it == word), "{german}");
            }
        }
    }
}
