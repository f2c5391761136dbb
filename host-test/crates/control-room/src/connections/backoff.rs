//! How long the keeper leaves a sign-in alone whose refresh was refused for good: a client that was disabled,
//! or whose secret was changed at the provider, is not asked for twice a minute. The wait doubles with each
//! refusal; it ends where something has changed that the refusal may have been about.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::timestamp::Moment;

/// The wait after the first refusal.
const FIRST: Duration = Duration::from_secs(30);

/// The longest wait.
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// What a refresh is asked with. Asked with the same again, the same refusal is to be expected.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Grounds {
    /// The sign-in's id. Another client is signed in to anew.
    pub(super) sign_in: String,
    /// When its token was asked for, which changes when a refresh succeeds.
    pub(super) asked_at: Moment,
    /// As it is stored: it changes whenever the connection is edited.
    pub(super) sealed_client_secret: Option<Vec<u8>>,
}

struct Rest {
    length: Duration,
    end: Instant,
}

/// The sign-ins that are left alone.
#[derive(Default)]
pub(super) struct Rests(Mutex<HashMap<Grounds, Rest>>);

impl Rests {
    fn lock(&self) -> MutexGuard<'_, HashMap<Grounds, Rest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long it goes on; zero where there is none.
    pub(super) fn left(&self, grounds: &Grounds) -> Duration {
        let rests = self.lock();
        let end = rests.get(grounds).map(|rest| rest.end);
        end.map_or(Duration::ZERO, |end| {
            end.saturating_duration_since(Instant::now())
        })
    }

    /// Begins one, after a refusal. One refusal may be told to several who waited for it: where a rest goes
    /// on, it stays as it is.
    pub(super) fn begin(&self, grounds: Grounds) {
        let now = Instant::now();
        let mut rests = self.lock();
        let length = match rests.get(&grounds) {
            Some(last) if last.end > now => return,
            Some(last) => (last.length * 2).min(LONGEST),
            None => FIRST,
        };
        let end = now + length;
        rests.insert(grounds, Rest { length, end });
    }

    /// Forgets all others.
    pub(super) fn keep(&self, present: impl Fn(&Grounds) -> bool) {
        self.lock().retain(|grounds, _| present(grounds));
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    fn grounds(asked_at: i64) -> Grounds {
        Grounds {
            sign_in: "id".into(),
            asked_at: Moment(asked_at),
            sealed_client_secret: None,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_wait_doubles_from_half_a_minute_to_an_hour() {
        let (rests, grounds) = (Rests::default(), grounds(0));
        assert_eq!(rests.left(&grounds), Duration::ZERO);
        for seconds in [30, 60, 120, 240, 480, 960, 1920, 3600, 3600] {
            rests.begin(grounds.clone());
            assert_eq!(rests.left(&grounds), Duration::from_secs(seconds));
            advance(Duration::from_secs(seconds - 1)).await;
            assert_eq!(rests.left(&grounds), Duration::from_secs(1));
            advance(Duration::from_secs(1)).await;
            assert_eq!(rests.left(&grounds), Duration::ZERO);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_that_several_are_told_of_counts_once() {
        let (rests, grounds) = (Rests::default(), grounds(0));
        for seconds in [30, 60] {
            for _ in 0..3 {
                rests.begin(grounds.clone());
                assert_eq!(rests.left(&grounds), Duration::from_secs(seconds));
            }
            advance(Duration::from_secs(1)).await;
            rests.begin(grounds.clone());
            assert_eq!(rests.left(&grounds), Duration::from_secs(seconds - 1));
            advance(Duration::from_secs(seconds - 1)).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_begins_anew_where_something_has_changed() {
        let rests = Rests::default();
        for seconds in [30, 60] {
            rests.begin(grounds(0));
            advance(Duration::from_secs(seconds)).await;
        }
        rests.begin(grounds(0));
        assert_eq!(rests.left(&grounds(1)), Duration::ZERO);
        rests.keep(|kept| *kept == grounds(1));
        assert_eq!(rests.left(&grounds(0)), Duration::ZERO);
        rests.begin(grounds(0));
        assert_eq!(rests.left(&grounds(0)), FIRST);
    }
}
