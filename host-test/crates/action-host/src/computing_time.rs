//! The computing time of a call. Epochs pass while a component waits for an answer, too, and neither a
//! slow server nor a busy machine is the component's doing: so what is measured is the time that a thread
//! computes while it polls the call's future.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often the epoch moves on, and with it a component that computes is looked at. A tick costs
/// nothing that could be measured; a component may overrun its time by two of them.
pub(super) const TICK: Duration = Duration::from_millis(10);

/// Measures the computing time of one call.
#[derive(Clone)]
pub(super) struct Meter(Arc<Mutex<Measured>>);

struct Measured {
    spent: Duration,
    /// [`thread_time`] when it was last looked at, or went on after a wait.
    since: Duration,
}

impl Meter {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Measured {
            spent: Duration::ZERO,
            since: Duration::ZERO,
        })))
    }

    /// Runs a call, and measures it whenever it is polled.
    pub(super) async fn measure<F: Future>(&self, call: F) -> F::Output {
        let mut call = pin!(call);
        poll_fn(|cx| {
            self.measured().since = thread_time();
            let polled = call.as_mut().poll(cx);
            self.look();
            polled
        })
        .await
    }

    /// The time spent so far. To be called by the thread that polls the call.
    pub(super) fn look(&self) -> Duration {
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

/// What this thread has computed since it was started.
#[cfg(unix)]
fn thread_time() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::from_secs(seconds) + Duration::from_nanos(u64::try_from(time.tv_nsec).unwrap_or(0))
}

/// Where there is no such clock: the time that has passed, which is more on a busy machine.
#[cfg(not(unix))]
fn thread_time() -> Duration {
    use std::sync::LazyLock;
    use std::time::Instant;
    static BEGINNING: LazyLock<Instant> = LazyLock::new(Instant::now);
    BEGINNING.elapsed()
}
