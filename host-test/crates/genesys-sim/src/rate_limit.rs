//! A limit per minute, with a fixed window.

use std::time::Duration;

const MINUTE: Duration = Duration::from_mins(1);

/// The minute in which requests are counted. It starts with the first request; the first request after its end starts
/// the next one. Whether Genesys uses fixed or sliding windows is not public \[unsure\].
#[derive(Debug, Default)]
pub(super) struct FixedWindow {
    started_at: Duration,
    requests: u32,
}

/// The limit is reached; the seconds until the window ends, at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RetryAfter(pub(super) u64);

impl From<Duration> for RetryAfter {
    /// Rounds up.
    fn from(left: Duration) -> Self {
        Self(left.as_secs() + u64::from(left.subsec_nanos() > 0))
    }
}

impl FixedWindow {
    /// Counts a request at the time `now`, if fewer than `limit` were counted in this window.
    pub(super) fn count(&mut self, limit: Option<u32>, now: Duration) -> Result<(), RetryAfter> {
        self.check(limit, now)?;
        self.requests = self.requests.saturating_add(1);
        Ok(())
    }

    /// Checks whether a request at the time `now` would be counted.
    pub(super) fn check(&mut self, limit: Option<u32>, now: Duration) -> Result<(), RetryAfter> {
        let Some(limit) = limit else { return Ok(()) };
        let end = self.started_at + MINUTE;
        if self.requests == 0 || now >= end {
            *self = Self {
                started_at: now,
                requests: 0,
            };
        }
        if self.requests >= limit {
            let left = (self.started_at + MINUTE).saturating_sub(now);
            return Err(RetryAfter::from(left));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn without_a_limit_all_requests_pass() {
        let mut window = FixedWindow::default();
        assert!((0..1000).all(|_| window.count(None, at(0)).is_ok()));
    }

    #[test]
    fn a_reached_limit_names_the_whole_seconds_left() {
        let mut window = FixedWindow::default();
        assert_eq!(window.count(Some(2), at(500)), Ok(()));
        assert_eq!(window.count(Some(2), at(600)), Ok(()));
        assert_eq!(window.count(Some(2), at(18_400)), Err(RetryAfter(43)));
        assert_eq!(window.count(Some(2), at(60_499)), Err(RetryAfter(1)));
    }

    #[test]
    fn a_window_starts_with_the_first_request_after_the_last_window() {
        let mut window = FixedWindow::default();
        assert_eq!(window.count(Some(1), at(0)), Ok(()));
        assert_eq!(window.count(Some(1), at(70_000)), Ok(()));
        assert_eq!(window.count(Some(1), at(129_999)), Err(RetryAfter(1)));
        assert_eq!(window.count(Some(1), at(130_000)), Ok(()));
    }

    #[test]
    fn with_a_limit_of_zero_no_request_passes() {
        assert_eq!(
            FixedWindow::default().count(Some(0), at(0)),
            Err(RetryAfter(60))
        );
    }
}
