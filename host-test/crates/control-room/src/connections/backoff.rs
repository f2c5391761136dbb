//! Backoff of the refresher after a permanent refusal: a client that was disabled, or whose secret was changed at
//! the provider, is not sent twice a minute. The wait doubles with each refusal, and ends as soon as something has
//! changed that may have caused the refusal.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::timestamp::Timestamp;

/// The wait after the first refusal.
const FIRST: Duration = Duration::from_secs(30);

/// The longest wait.
const LONGEST: Duration = Duration::from_hours(1);

/// What a refresh depends on. As long as it is the same, the same refusal is to be expected.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct RefreshInputs {
    /// The sign-in's id. Another client has another sign-in.
    pub(super) sign_in: String,
    /// When its token was requested, which changes when a refresh succeeds.
    pub(super) requested_at: Timestamp,
    /// As it is stored: it changes whenever the connection is edited.
    pub(super) sealed_client_secret: Option<Vec<u8>>,
}

struct Backoff {
    length: Duration,
    end: Instant,
}

/// The refreshes that are not tried for now.
#[derive(Default)]
pub(super) struct RefreshBackoff(Mutex<HashMap<RefreshInputs, Backoff>>);

impl RefreshBackoff {
    fn lock(&self) -> MutexGuard<'_, HashMap<RefreshInputs, Backoff>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long to wait; zero if a refresh may be tried.
    pub(super) fn remaining(&self, inputs: &RefreshInputs) -> Duration {
        let backoffs = self.lock();
        let end = backoffs.get(inputs).map(|backoff| backoff.end);
        end.map_or(Duration::ZERO, |end| {
            end.saturating_duration_since(Instant::now())
        })
    }

    /// Starts a wait after a refusal. Several callers may report the same refusal; it counts once.
    pub(super) fn record_refusal(&self, inputs: RefreshInputs) {
        let now = Instant::now();
        let mut backoffs = self.lock();
        let length = match backoffs.get(&inputs) {
            Some(last) if last.end > now => return,
            Some(last) => (last.length * 2).min(LONGEST),
            None => FIRST,
        };
        let end = now + length;
        backoffs.insert(inputs, Backoff { length, end });
    }

    /// Evicts all entries that are not current.
    pub(super) fn retain(&self, is_current: impl Fn(&RefreshInputs) -> bool) {
        self.lock().retain(|inputs, _| is_current(inputs));
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    fn inputs(requested_at: i64) -> RefreshInputs {
        RefreshInputs {
            sign_in: "id".into(),
            requested_at: Timestamp(requested_at),
            sealed_client_secret: None,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_wait_doubles_from_half_a_minute_to_an_hour() {
        let (backoff, inputs) = (RefreshBackoff::default(), inputs(0));
        assert_eq!(backoff.remaining(&inputs), Duration::ZERO);
        for seconds in [30, 60, 120, 240, 480, 960, 1920, 3600, 3600] {
            backoff.record_refusal(inputs.clone());
            assert_eq!(backoff.remaining(&inputs), Duration::from_secs(seconds));
            advance(Duration::from_secs(seconds - 1)).await;
            assert_eq!(backoff.remaining(&inputs), Duration::from_secs(1));
            advance(Duration::from_secs(1)).await;
            assert_eq!(backoff.remaining(&inputs), Duration::ZERO);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_that_several_callers_report_counts_once() {
        let (backoff, inputs) = (RefreshBackoff::default(), inputs(0));
        for seconds in [30, 60] {
            for _ in 0..3 {
                backoff.record_refusal(inputs.clone());
                assert_eq!(backoff.remaining(&inputs), Duration::from_secs(seconds));
            }
            advance(Duration::from_secs(1)).await;
            backoff.record_refusal(inputs.clone());
            assert_eq!(backoff.remaining(&inputs), Duration::from_secs(seconds - 1));
            advance(Duration::from_secs(seconds - 1)).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_resets_the_backoff() {
        let backoff = RefreshBackoff::default();
        for seconds in [30, 60] {
            backoff.record_refusal(inputs(0));
            advance(Duration::from_secs(seconds)).await;
        }
        backoff.record_refusal(inputs(0));
        assert_eq!(backoff.remaining(&inputs(1)), Duration::ZERO);
        backoff.retain(|current| *current == inputs(1));
        assert_eq!(backoff.remaining(&inputs(0)), Duration::ZERO);
        backoff.record_refusal(inputs(0));
        assert_eq!(backoff.remaining(&inputs(0)), FIRST);
    }
}
