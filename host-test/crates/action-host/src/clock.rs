//! The clock of components, which a host can replace.

use std::sync::Arc;
use std::time::Duration;

use wasmtime_wasi::clocks::HostMonotonicClock;

/// The clock that a host gives its components.
#[derive(Clone)]
pub(super) struct Clock(pub(super) Arc<dyn Fn() -> Duration + Send + Sync>);

impl HostMonotonicClock for Clock {
    fn resolution(&self) -> u64 {
        1
    }

    fn now(&self) -> u64 {
        u64::try_from((self.0)().as_nanos()).unwrap_or(u64::MAX)
    }
}
