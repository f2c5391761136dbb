//! Counts requests against a limit per minute.

use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

/// The minute in which requests are counted. It begins with the first request and is followed by a
/// fresh one with the first request after its end; whether Genesys counts in fixed or in sliding
/// minutes is not public \[unsure\].
#[derive(Debug, Default)]
pub(super) struct Minute {
    began: Duration,
    requests: u32,
}

/// The limit is reached: nothing is let through for so many more seconds, at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RetryAfter(pub(super) u64);

impl Minute {
    /// Counts a request at the time `now`, unless `limit` requests were counted in this minute.
    pub(super) fn count(&mut self, limit: Option<u32>, now: Duration) -> Result<(), RetryAfter> {
        self.check(limit, now)?;
        self.requests = self.requests.saturating_add(1);
        Ok(())
    }

    /// Whether a request at the time `now` would be counted.
    pub(super) fn check(&mut self, limit: Option<u32>, now: Duration) -> Result<(), RetryAfter> {
        let Some(limit) = limit else { return Ok(()) };
        let end = self.began + MINUTE;
        if self.requests == 0 || now >= end {
            *self = Minute {
                began: now,
                requests: 0,
            };
        }
        if self.requests >= limit {
            let left = (self.began + MINUTE).saturating_sub(now);
            return Err(RetryAfter(left.as_millis().div_ceil(1000) as u64));
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
    fn without_a_limit_everything_passes() {
        let mut minute = Minute::default();
        assert!((0..1000).all(|_| minute.count(None, at(0)).is_ok()));
    }

    #[test]
    fn a_reached_limit_names_the_whole_seconds_left() {
        let mut minute = Minute::default();
        assert_eq!(minute.count(Some(2), at(500)), Ok(()));
        assert_eq!(minute.count(Some(2), at(600)), Ok(()));
        assert_eq!(minute.count(Some(2), at(18_400)), Err(RetryAfter(43)));
        assert_eq!(minute.count(Some(2), at(60_499)), Err(RetryAfter(1)));
    }

    #[test]
    fn a_new_minute_begins_with_the_first_request_after_the_old_one() {
        let mut minute = Minute::default();
        assert_eq!(minute.count(Some(1), at(0)), Ok(()));
        assert_eq!(minute.count(Some(1), at(70_000)), Ok(()));
        assert_eq!(minute.count(Some(1), at(129_999)), Err(RetryAfter(1)));
        assert_eq!(minute.count(Some(1), at(130_000)), Ok(()));
    }

    #[test]
    fn a_limit_of_zero_lets_nothing_through() {
        assert_eq!(Minute::default().count(Some(0), at(0)), Err(RetryAfter(60)));
    }
}
