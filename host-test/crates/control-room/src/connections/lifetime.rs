//! How long a token may be lent, and when it is refreshed. Pure rules over timestamps.

use std::time::Duration;

use crate::timestamp::Timestamp;

/// The remaining lifetime that a token must have to be lent.
const MIN_REMAINING: Duration = Duration::from_mins(1);

/// The maximum lead time of the refresher: it refreshes a token that much before the token can no longer be lent.
const MAX_LEAD: Duration = Duration::from_mins(1);

/// How far the clock may be set back before the age of a token is not trusted.
const CLOCK_STEP: Duration = Duration::from_mins(1);

/// When a token was requested, and when it expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lifetime {
    pub(super) requested_at: Timestamp,
    /// `None` if that is not known. Then the token is lent as it is.
    pub(super) expires_at: Option<Timestamp>,
}

impl Lifetime {
    /// Whether the token may be lent to a bot: at least a minute of its lifetime is left, or a tenth of a lifetime
    /// that is not longer than a minute.
    pub(super) fn is_usable(self, now: Timestamp) -> bool {
        self.is_good(now, Duration::ZERO)
    }

    /// Whether it has expired, as far as that is known.
    pub(super) fn is_expired(self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| now >= end)
    }

    /// Whether the refresher does not have to refresh it yet.
    pub(super) fn is_fresh(self, now: Timestamp) -> bool {
        self.is_good(now, self.lead())
    }

    /// When the refresher refreshes it; `None` if it is not known when it expires.
    pub(super) fn refresh_due(self) -> Option<Timestamp> {
        Some(self.expires_at?.before(self.min_remaining() + self.lead()))
    }

    /// The seconds until it expires, if that is known.
    pub(super) fn remaining_seconds(self, now: Timestamp) -> Option<u32> {
        let remaining = self.expires_at?.since(now).min(self.total());
        Some(u32::try_from(remaining.as_secs()).unwrap_or(u32::MAX))
    }

    fn is_good(self, now: Timestamp, lead: Duration) -> bool {
        let Some(end) = self.expires_at else {
            return true;
        };
        let is_alive = now >= self.requested_at.before(CLOCK_STEP) && now < end;
        is_alive && end.since(now) >= self.min_remaining() + lead
    }

    fn total(self) -> Duration {
        self.expires_at
            .map_or(Duration::ZERO, |end| end.since(self.requested_at))
    }

    fn min_remaining(self) -> Duration {
        match self.total() {
            total if total > MIN_REMAINING => MIN_REMAINING,
            total => total / 10,
        }
    }

    fn lead(self) -> Duration {
        MAX_LEAD.min(self.total() / 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3600;

    fn lifetime(seconds: i64) -> Lifetime {
        Lifetime {
            requested_at: Timestamp(0),
            expires_at: Some(Timestamp(seconds * 1000)),
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp(seconds * 1000)
    }

    #[test]
    fn a_token_is_lent_while_it_has_a_minute_left() {
        for total in [61, 300, HOUR, 48 * HOUR] {
            assert!(lifetime(total).is_usable(at(total - 60)), "{total}");
            assert!(!lifetime(total).is_usable(at(total - 59)), "{total}");
        }
    }

    #[test]
    fn a_token_that_never_has_a_minute_is_lent_for_nine_tenths_of_its_life() {
        assert!(lifetime(50).is_usable(at(45)));
        assert!(!lifetime(50).is_usable(at(46)));
        assert!(!lifetime(0).is_usable(at(1)));
    }

    #[test]
    fn a_refresh_is_due_before_a_bot_would_have_to_wait() {
        for (total, due) in [(HOUR, HOUR - 120), (300, 210), (50, 40)] {
            let lifetime = lifetime(total);
            assert_eq!(lifetime.refresh_due(), Some(at(due)));
            assert!(lifetime.is_fresh(at(due)));
            assert!(!lifetime.is_fresh(at(due + 1)) && lifetime.is_usable(at(due + 1)));
        }
    }

    #[test]
    fn a_token_of_unknown_lifetime_is_lent_as_it_is() {
        let lifetime = Lifetime {
            requested_at: Timestamp(0),
            expires_at: None,
        };
        assert!(lifetime.is_usable(at(1000 * HOUR)) && lifetime.is_fresh(at(0)));
        assert!(!lifetime.is_expired(at(1000 * HOUR)));
        let unknown = (lifetime.refresh_due(), lifetime.remaining_seconds(at(0)));
        assert_eq!(unknown, (None, None));
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_extend_a_lifetime() {
        assert!(lifetime(HOUR).is_usable(at(-60)));
        assert!(!lifetime(HOUR).is_usable(at(-61)));
        assert_eq!(lifetime(HOUR).remaining_seconds(at(-61)), Some(3600));
        assert_eq!(lifetime(HOUR).remaining_seconds(at(HOUR + 1)), Some(0));
    }
}
