//! The computing time of a call. Epochs pass while a component waits for an answer, too, and a
//! slow server is not the component's doing: so what is measured is the time in which the call's
//! future is polled.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often the epoch moves on, and with it a component that computes is looked at. A tick costs
/// nothing that could be measured; a component may overrun its time by two of them.
pub(super) const TICK: Duration = Duration::from_millis(10);

/// Measures the computing time of one call.
#[derive(Clone)]
pub(super) struct Meter(Arc<Mutex<Measured>>);

struct Measured {
    spent: Duration,
    /// When it was last looked at, or went on after a wait.
    since: Instant,
}

impl Meter {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Measured {
            spent: Duration::ZERO,
            since: Instant::now(),
        })))
    }

    /// Runs a call, and measures it whenever it is polled.
    pub(super) async fn measure<F: Future>(&self, call: F) -> F::Output {
        let mut call = pin!(call);
        poll_fn(|cx| {
            self.measured().since = Instant::now();
            let polled = call.as_mut().poll(cx);
            self.look();
            polled
        })
        .await
    }

    /// The time spent so far. Between two looks at a component that computes lies one tick. Where
    /// it is more, the machine is busy with others, which is not the component's doing either.
    pub(super) fn look(&self) -> Duration {
        let mut measured = self.measured();
        let now = Instant::now();
        let since = now.duration_since(measured.since);
        measured.spent += since.min(TICK);
        measured.since = now;
        measured.spent
    }

    fn measured(&self) -> MutexGuard<'_, Measured> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
