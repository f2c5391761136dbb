//! What can go wrong with an action: before a call, in it, and around it.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

pub use super::bindings::exports::genesys::authentication::oauth::{
    Error as ActionError, Failure, InvalidInput, Rejection, Throttling,
};

/// Why a component cannot be used. The operator has to name another one, or mend this one.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error("the component {} cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Not a component, or one that wasmtime does not accept.
    #[error("this is no WebAssembly component that can be loaded: {0}")]
    NotAComponent(String),
    /// The component begins with more memory, tables or instances than an action may have.
    #[error("the component needs more than an action may have: {0}")]
    TooLarge(String),
    /// The component wants more than an action is given.
    #[error(
        "the component imports {0}, which an action is not given; it may import wasi:http and what its types need"
    )]
    ImportNotGranted(String),
    /// The component expects something else of an interface that it is given.
    #[error("the component expects more of an import than there is: {0}")]
    OtherImport(String),
    /// The component does not export what the contract says.
    #[error(
        "the component does not fit the contract genesys:authentication@0.1.0 with bot:action/form@0.1.0: {0}"
    )]
    OtherContract(String),
    /// The machine does not let wasmtime run.
    #[error("the WebAssembly runtime cannot be set up: {0}")]
    Runtime(String),
}

/// Why a call gave no result.
#[derive(Debug, Clone, Error)]
pub enum CallError {
    /// The action says so itself; `explain` has words for it.
    #[error("the action failed: {}", .0.kind())]
    Failed(ActionError),
    /// The call took longer than it may, most of it waiting.
    #[error("the action gave no answer within {} s and was stopped; try again, or allow it more time", .0.as_secs_f32())]
    DeadlineExceeded(Duration),
    /// The component computed longer than it may.
    #[error("the action used more than {} s of computing time and was stopped", .0.as_secs_f32())]
    CpuExceeded(Duration),
    /// The component wanted more memory than it may have.
    #[error("the action wanted more than {} MiB of memory and was stopped", .0 >> 20)]
    MemoryExceeded(usize),
    /// The component wanted a larger table than it may have.
    #[error("the action wanted a table of more than {0} elements and was stopped")]
    TableExceeded(usize),
    /// The component kept more requests or streams open than it may.
    #[error("the action opened more than {0} requests and streams at once and was stopped")]
    ResourcesExceeded(usize),
    /// The component handed over more than a result may have.
    #[error("the action handed over more than {} KiB and was stopped", .0 >> 10)]
    ResultTooLarge(usize),
    /// The component recursed deeper than it may.
    #[error("the action recursed too deeply and was stopped")]
    StackExceeded,
    /// The component gave up: a trap. The text is wasmtime's, and holds nothing of the action's
    /// data.
    #[error("the action broke down: {0}")]
    Trapped(String),
    /// As many calls are under way and waiting as there may be.
    #[error("{0} calls of actions are under way and waiting; no more are taken")]
    TooManyCalls(usize),
    /// The call waited for its turn as long as it may take in all.
    #[error("other calls of actions left no room for this one within {} s; it was not begun", .0.as_secs_f32())]
    NoTurn(Duration),
}

impl CallError {
    /// The case's stable name: the contract's own for what the action says, else this harness's.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Failed(error) => error.kind(),
            Self::DeadlineExceeded(_) => "deadline-exceeded",
            Self::CpuExceeded(_) => "cpu-exceeded",
            Self::MemoryExceeded(_) => "memory-exceeded",
            Self::TableExceeded(_) => "table-exceeded",
            Self::ResourcesExceeded(_) => "resources-exceeded",
            Self::ResultTooLarge(_) => "result-too-large",
            Self::StackExceeded => "stack-exceeded",
            Self::Trapped(_) => "trapped",
            Self::TooManyCalls(_) => "too-many-calls",
            Self::NoTurn(_) => "no-turn",
        }
    }
}

impl ActionError {
    /// The case's name in the contract.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::InvalidInput(_) => "invalid-input",
            Self::Rejected(_) => "rejected",
            Self::Throttled(_) => "throttled",
            Self::Unavailable(_) => "unavailable",
            Self::UntrustedServer(_) => "untrusted-server",
            Self::NotPermitted(_) => "not-permitted",
            Self::UnexpectedResponse(_) => "unexpected-response",
            Self::Other(_) => "other",
        }
    }
}
