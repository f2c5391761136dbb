//! The life of a run: its states, and what leads from one to the next. Whatever changes the state of a run in the queue asks
//! [`Life::after`].
//!
//! | | claimed | handed back | stop requested | ended | lease ended |
//! |---|---|---|---|---|---|
//! | *queued* | *running* | | *stopped* | | |
//! | *running* | | *queued* ¹ | *running*: its worker is told | *done*, *failed*, *stopped* | *queued* ², *lost* |
//! | *done*, *failed*, *stopped*, *lost* | | | | | |
//!
//! ¹ Only if no step has begun that changes something; *stopped* if that was requested.
//! ² Likewise, and only [`MAX_EXPIRED`] times: a run may be what its workers die of. Otherwise *lost*.

use thiserror::Error;

use super::Outcome;

/// How often a run starts again because its worker did not extend its lease.
pub const MAX_EXPIRED: i64 = 3;

/// The state of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// It waits for a worker.
    Queued,
    /// A worker has claimed it.
    Running,
    /// It has ended, for good.
    Ended(Outcome),
}

/// What happens to a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// A worker takes it.
    Claimed,
    /// Its worker ends before it does, and leaves it to another one.
    HandedBack,
    /// Its user wants it to stop.
    StopRequested,
    /// Its worker reports how it ended.
    Ended(Outcome),
    /// Its worker has not extended the lease in time.
    LeaseEnded,
}

/// What else decides about the next state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// Whether a step has begun that changes something.
    pub has_changed: bool,
    /// Whether its user wants it to stop.
    pub stop_requested: bool,
    /// How many leases of it have ended before.
    pub expired: i64,
}

impl Life {
    /// The next state; `None` if this cannot happen in this one.
    pub fn after(self, what: Happening, facts: Facts) -> Option<Self> {
        let may_repeat = !facts.has_changed;
        let again = if facts.stop_requested {
            Self::Ended(Outcome::Stopped)
        } else {
            Self::Queued
        };
        match (self, what) {
            (Self::Queued, Happening::Claimed) | (Self::Running, Happening::StopRequested) => {
                Some(Self::Running)
            }
            (Self::Queued, Happening::StopRequested) => Some(Self::Ended(Outcome::Stopped)),
            (Self::Running, Happening::HandedBack) if may_repeat => Some(again),
            // Nobody who still has the lease can say that.
            (Self::Running, Happening::Ended(Outcome::Lost)) => None,
            (Self::Running, Happening::Ended(outcome)) => Some(Self::Ended(outcome)),
            (Self::Running, Happening::LeaseEnded)
                if may_repeat && (facts.stop_requested || facts.expired < MAX_EXPIRED) =>
            {
                Some(again)
            }
            (Self::Running, Happening::LeaseEnded) => Some(Self::Ended(Outcome::Lost)),
            _ => None,
        }
    }

    /// Its stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Ended(outcome) => outcome.name(),
        }
    }
}

/// A text that is not the name of a [`Life`].
#[derive(Debug, Error)]
#[error("not a state of a run")]
pub struct UnknownLife;

impl std::str::FromStr for Life {
    type Err = UnknownLife;

    fn from_str(name: &str) -> Result<Self, UnknownLife> {
        Ok(match name {
            "queued" => Self::Queued,
            "running" => Self::Running,
            other => Self::Ended(other.parse().map_err(|_| UnknownLife)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTCOMES: [Outcome; 4] = [
        Outcome::Done,
        Outcome::Failed,
        Outcome::Stopped,
        Outcome::Lost,
    ];

    fn states() -> Vec<Life> {
        let ended = OUTCOMES.map(Life::Ended);
        [Life::Queued, Life::Running]
            .into_iter()
            .chain(ended)
            .collect()
    }

    fn happenings() -> Vec<Happening> {
        let ended = OUTCOMES.map(Happening::Ended);
        [
            Happening::Claimed,
            Happening::HandedBack,
            Happening::StopRequested,
            Happening::LeaseEnded,
        ]
        .into_iter()
        .chain(ended)
        .collect()
    }

    fn all_facts() -> impl Iterator<Item = Facts> {
        [false, true].into_iter().flat_map(|has_changed| {
            [false, true].into_iter().flat_map(move |stop_requested| {
                (0..=MAX_EXPIRED).map(move |expired| Facts {
                    has_changed,
                    stop_requested,
                    expired,
                })
            })
        })
    }

    #[test]
    fn a_run_that_has_ended_stays_as_it_is() {
        for outcome in OUTCOMES {
            for what in happenings() {
                for facts in all_facts() {
                    assert_eq!(Life::Ended(outcome).after(what, facts), None, "{what:?}");
                }
            }
        }
    }

    #[test]
    fn nothing_that_has_changed_something_is_queued_again() {
        for state in states() {
            for what in happenings() {
                for facts in all_facts().filter(|it| it.has_changed) {
                    let next = state.after(what, facts);
                    assert_ne!(next, Some(Life::Queued), "{state:?} {what:?} {facts:?}");
                }
            }
        }
    }

    #[test]
    fn only_a_lease_that_ended_makes_a_run_lost() {
        for state in states() {
            for what in happenings() {
                for facts in all_facts() {
                    let is_lost = state.after(what, facts) == Some(Life::Ended(Outcome::Lost));
                    let is_over = facts.expired >= MAX_EXPIRED && !facts.stop_requested;
                    let may_repeat = !facts.has_changed && !is_over;
                    let is_expected =
                        state == Life::Running && what == Happening::LeaseEnded && !may_repeat;
                    assert_eq!(is_lost, is_expected, "{state:?} {what:?} {facts:?}");
                }
            }
        }
    }

    #[test]
    fn a_run_that_is_to_stop_is_not_begun_again() {
        for what in [Happening::HandedBack, Happening::LeaseEnded] {
            let facts = Facts {
                has_changed: false,
                stop_requested: true,
                expired: 0,
            };
            let next = Life::Running.after(what, facts);
            assert_eq!(next, Some(Life::Ended(Outcome::Stopped)));
        }
    }

    #[test]
    fn each_state_is_read_by_its_name() {
        for state in states() {
            assert_eq!(state.name().parse::<Life>().unwrap(), state);
        }
        assert!("other".parse::<Life>().is_err());
    }
}
