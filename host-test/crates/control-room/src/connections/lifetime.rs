//! Until when a token is handed out, and when it is renewed. Pure rules over moments.

use std::time::Duration;

use crate::timestamp::Moment;

/// What a token must have left to be handed out.
const LEAST: Duration = Duration::from_secs(60);

/// The most that the keeper renews a token before it could not be handed out any more.
const LONGEST_LEAD: Duration = Duration::from_secs(60);

/// How far the clock may be set back before a token's age is not believed.
const CLOCK_STEP: Duration = Duration::from_secs(60);

/// When a token was asked for, and when it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Life {
    pub(super) asked_at: Moment,
    /// None where that is not known: then it is handed out as it is.
    pub(super) expires_at: Option<Moment>,
}

impl Life {
    /// Whether a bot may get it: it has a minute left, or nine tenths of a life that is no longer than
    /// that have not passed.
    pub(super) fn is_usable(self, now: Moment) -> bool {
        self.is_good(now, Duration::ZERO)
    }

    /// Whether its end has come, as far as that is known.
    pub(super) fn is_over(self, now: Moment) -> bool {
        self.expires_at.is_some_and(|end| now >= end)
    }

    /// Whether the keeper may leave it for now.
    pub(super) fn is_kept(self, now: Moment) -> bool {
        self.is_good(now, self.lead())
    }

    /// When the keeper renews it; none where its end is not known.
    pub(super) fn is_due(self) -> Option<Moment> {
        Some(self.expires_at?.before(self.needed() + self.lead()))
    }

    /// Seconds that it has left, where that is known.
    pub(super) fn left(self, now: Moment) -> Option<u32> {
        let left = self.expires_at?.since(now).min(self.whole());
        Some(u32::try_from(left.as_secs()).unwrap_or(u32::MAX))
    }

    fn is_good(self, now: Moment, lead: Duration) -> bool {
        let Some(end) = self.expires_at else {
            return true;
        };
        let is_alive = now >= self.asked_at.before(CLOCK_STEP) && now < end;
        is_alive && end.since(now) >= self.needed() + lead
    }

    fn whole(self) -> Duration {
        self.expires_at
            .map_or(Duration::ZERO, |end| end.since(self.asked_at))
    }

    fn needed(self) -> Duration {
        match self.whole() {
            whole if whole > LEAST => LEAST,
            whole => whole / 10,
        }
    }

    fn lead(self) -> Duration {
        LONGEST_LEAD.min(self.whole() / 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3600;

    fn life(seconds: i64) -> Life {
        Life {
            asked_at: Moment(0),
            expires_at: Some(Moment(seconds * 1000)),
        }
    }

    fn at(seconds: i64) -> Moment {
        Moment(seconds * 1000)
    }

    #[test]
    fn a_token_is_handed_out_while_it_has_a_minute_left() {
        for whole in [61, 300, HOUR, 48 * HOUR] {
            assert!(life(whole).is_usable(at(whole - 60)), "{whole}");
            assert!(!life(whole).is_usable(at(whole - 59)), "{whole}");
        }
    }

    #[test]
    fn a_token_that_never_has_a_minute_is_handed_out_for_nine_tenths_of_its_life() {
        assert!(life(50).is_usable(at(45)));
        assert!(!life(50).is_usable(at(46)));
        assert!(!life(0).is_usable(at(1)));
    }

    #[test]
    fn the_keeper_comes_before_anybody_has_to_wait() {
        for (whole, due) in [(HOUR, HOUR - 120), (300, 210), (50, 40)] {
            assert_eq!(life(whole).is_due(), Some(at(due)));
            assert!(life(whole).is_kept(at(due)));
            assert!(!life(whole).is_kept(at(due + 1)) && life(whole).is_usable(at(due + 1)));
        }
    }

    #[test]
    fn a_token_whose_end_is_not_known_is_handed_out_as_it_is() {
        let life = Life {
            asked_at: Moment(0),
            expires_at: None,
        };
        assert!(life.is_usable(at(1000 * HOUR)) && life.is_kept(at(0)));
        assert!(!life.is_over(at(1000 * HOUR)));
        assert_eq!((life.is_due(), life.left(at(0))), (None, None));
    }

    #[test]
    fn a_clock_that_was_set_back_makes_no_token_live_longer() {
        assert!(life(HOUR).is_usable(at(-60)));
        assert!(!life(HOUR).is_usable(at(-61)));
        assert_eq!(life(HOUR).left(at(-61)), Some(3600));
        assert_eq!(life(HOUR).left(at(HOUR + 1)), Some(0));
    }
}
