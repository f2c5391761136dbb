//! The CPU time of a call. Epochs also pass while a component waits for a response, and a component is responsible for
//! neither a slow server nor a busy machine. So the CPU time of the thread is measured while it polls the call.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often the epoch is incremented, and the CPU time of a running component checked. The cost of a tick is too small
/// to measure. A component can exceed its limit by two ticks.
pub(super) const TICK: Duration = Duration::from_millis(10);

/// Measures the CPU time of one call.
#[derive(Clone)]
pub(super) struct Meter(Arc<Mutex<Measured>>);

struct Measured {
    spent: Duration,
    /// [`thread_time`] at the last update, or when polling began.
    since: Duration,
}

impl Meter {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Measured {
            spent: Duration::ZERO,
            since: Duration::ZERO,
        })))
    }

    /// Runs a call and measures it while it is polled.
    pub(super) async fn measure<F: Future>(&self, call: F) -> F::Output {
        let mut call = pin!(call);
        poll_fn(|cx| {
            self.measured().since = thread_time();
            let polled = call.as_mut().poll(cx);
            self.update();
            polled
        })
        .await
    }

    /// The time spent so far. Must be called on the thread that polls the call.
    pub(super) fn update(&self) -> Duration {
        let now = thread_time();
        let mut measured = self.measured();
        let since = std::mem::replace(&mut measured.since, now);
        measured.spent += now.saturating_sub(since);
        measured.spent
    }

    fn measured(&self) -> MutexGuard<'_, Measured> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The CPU time of this thread since it was started.
#[cfg(unix)]
fn thread_time() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::from_secs(seconds) + Duration::from_nanos(u64::try_from(time.tv_nsec).unwrap_or(0))
}

/// Without such a clock, wall-clock time, which is more on a busy machine.
#[cfg(not(unix))]
fn thread_time() -> Duration {
    use std::sync::LazyLock;
    use std::time::Instant;
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed()
}
