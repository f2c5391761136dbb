//! Why a call was stopped: maps wasmtime's errors to the limits.

use thiserror::Error;
use wasmtime::Trap;
use wasmtime::component::ResourceTableError;
use wasmtime_wasi::I32Exit;

use super::error::{ActionError, CallError};
use super::limits::Limits;

/// The limit that a component reached, as the cause of a trap.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub(super) enum LimitReached {
    #[error("the limit of memory is reached")]
    Memory,
    #[error("the limit of table elements is reached")]
    Table,
}

/// Part of wasmtime's error if [`Limits::output`] is exceeded. The error has no public type; a test in `tests/limits` fails
/// if the text changes.
const OUTPUT_EXHAUSTED: &str = "fuel allocated for hostcalls has been exhausted";

/// The limit that the error is about, otherwise [`CallError::Trapped`].
pub(super) fn stopped<E: ActionError>(error: &wasmtime::Error, limits: &Limits) -> CallError<E> {
    if let Some(reached) = error.downcast_ref() {
        return match reached {
            LimitReached::Memory => CallError::MemoryExceeded(limits.memory),
            LimitReached::Table => CallError::TableExceeded(limits.table_elements),
        };
    }
    if let Some(ResourceTableError::Full) = error.downcast_ref() {
        return CallError::ResourcesExceeded(limits.resources);
    }
    if let Some(I32Exit(status)) = error.downcast_ref() {
        return CallError::Trapped(format!("it exited with status {status}"));
    }
    if let Some(trap) = error.downcast_ref() {
        return match trap {
            Trap::StackOverflow => CallError::StackExceeded,
            Trap::OutOfFuel => CallError::CpuExceeded(limits.fuel),
            trap => CallError::Trapped(trap.to_string()),
        };
    }
    let cause = error.root_cause().to_string();
    if cause.contains(OUTPUT_EXHAUSTED) {
        return CallError::ResultTooLarge(limits.output);
    }
    CallError::Trapped(cause)
}
