//! Rate limits of password attempts.
//!
//! An attempt counts from its beginning, so that concurrent attempts count like sequential ones; a successful one is
//! not counted. After the free attempts, each further one doubles the wait, up to a limit:
//!
//! | counted by                        | free | longest wait |
//! |-----------------------------------|------|--------------|
//! | user and address                  |    4 | 15 min       |
//! | user, from all addresses          |   20 | 5 min        |
//! | address                           |   20 | 1 min        |
//! | user and browser that is known    |    4 | 15 min       |
//!
//! A browser in which the user has signed in before is counted by itself alone: guesses in other browsers, even at the
//! same address, do not lock the user out there.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// After this time without an attempt, an entry expires.
const EXPIRY: Duration = Duration::from_hours(1);

/// The most entries. Those of existing users and of browsers that are known are never evicted.
const MAX_ENTRIES: usize = 20_000;

const BY_USER: Limit = Limit {
    free: 4,
    longest: Duration::from_mins(15),
};

const BY_ADDRESS: Limit = Limit {
    free: 20,
    longest: Duration::from_mins(1),
};

/// Some 300 guesses a day, from however many addresses.
const BY_USER_FROM_ALL: Limit = Limit {
    free: 20,
    longest: Duration::from_mins(5),
};

struct Limit {
    free: u32,
    longest: Duration,
}

impl Limit {
    /// The wait after this many attempts.
    fn wait(&self, count: u32) -> Duration {
        match count.checked_sub(self.free) {
            None => Duration::ZERO,
            Some(more) => Duration::from_secs(1 << more.min(20)).min(self.longest),
        }
    }
}

#[derive(Default)]
pub(super) struct Attempts(Mutex<Counters>);

type Counters = HashMap<Counter, Counted>;

/// What attempts are counted by.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Counter {
    UserAndAddress(String, IpAddr),
    User(String),
    /// A name as typed, of no user.
    Name(String),
    Address(IpAddr),
    UserAndBrowser(String, String),
}

impl Counter {
    fn limit(&self) -> &'static Limit {
        match self {
            Self::UserAndAddress(..) | Self::UserAndBrowser(..) => &BY_USER,
            Self::User(_) | Self::Name(_) => &BY_USER_FROM_ALL,
            Self::Address(_) => &BY_ADDRESS,
        }
    }

    /// Strangers cannot add counters of these kinds: that takes an existing user, or a browser in which one has signed in.
    fn is_never_evicted(&self) -> bool {
        matches!(self, Self::User(_) | Self::UserAndBrowser(..))
    }
}

/// Who attempts to sign in.
#[derive(Clone, Copy)]
pub(super) struct Attempt<'a> {
    /// The name as typed, of an existing user or not.
    pub(super) user: &'a str,
    /// Whether there is such a user.
    pub(super) exists: bool,
    pub(super) address: IpAddr,
    /// What identifies the browser, if the user has signed in there before.
    pub(super) known_browser: Option<&'a str>,
}

impl Attempt<'_> {
    fn counters(self) -> Vec<Counter> {
        let (user, address) = (self.user.to_owned(), network(self.address));
        match self.known_browser {
            Some(browser) => vec![Counter::UserAndBrowser(user, browser.to_owned())],
            None => vec![
                Counter::UserAndAddress(user.clone(), address),
                if self.exists {
                    Counter::User(user)
                } else {
                    Counter::Name(user)
                },
                Counter::Address(address),
            ],
        }
    }
}

#[derive(Clone, Copy)]
struct Counted {
    count: u32,
    last: Instant,
    /// Whether an attempt was refused since the last one that was counted.
    has_refused: bool,
}

/// The limit is reached: the next attempt is possible after `wait`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooMany {
    pub(super) wait: Duration,
    /// Whether this is the first refusal since the limit last counted an attempt. Only this is recorded, so a flood of
    /// attempts does not fill the disk.
    pub(super) is_first: bool,
}

impl Attempts {
    /// Counts an attempt.
    pub(super) fn begin(&self, attempt: Attempt<'_>) -> Result<(), TooMany> {
        let (now, counters) = (Instant::now(), attempt.counters());
        let mut all = self.lock();
        let (mut longest, mut is_first) = (Duration::ZERO, false);
        for counter in &counters {
            let wait = wait(&all, counter, now);
            longest = longest.max(wait);
            if !wait.is_zero()
                && let Some(counted) = all.get_mut(counter)
            {
                is_first |= !std::mem::replace(&mut counted.has_refused, true);
            }
        }
        if !longest.is_zero() {
            return Err(TooMany {
                wait: longest,
                is_first,
            });
        }
        for counter in counters {
            count(&mut all, counter, now);
        }
        Ok(())
    }

    /// Resets the count after a successful attempt.
    pub(super) fn succeeded(&self, attempt: Attempt<'_>) {
        let mut all = self.lock();
        for counter in attempt.counters() {
            match counter {
                Counter::UserAndAddress(..) | Counter::UserAndBrowser(..) => {
                    all.remove(&counter);
                }
                // Others count here as well.
                Counter::User(_) | Counter::Name(_) | Counter::Address(_) => {
                    if let Some(counted) = all.get_mut(&counter) {
                        counted.count = counted.count.saturating_sub(1);
                    }
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Counters> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wait(all: &Counters, counter: &Counter, now: Instant) -> Duration {
    all.get(counter).map_or(Duration::ZERO, |counted| {
        (counted.last + counter.limit().wait(counted.count)).saturating_duration_since(now)
    })
}

fn count(all: &mut Counters, counter: Counter, now: Instant) {
    if all.len() >= MAX_ENTRIES {
        all.retain(|_, counted| now - counted.last < EXPIRY);
    }
    if all.len() >= MAX_ENTRIES && !all.contains_key(&counter) {
        let others = all.iter().filter(|(it, _)| !it.is_never_evicted());
        // A flood of new names does not evict the counts of guesses.
        let oldest = others.min_by_key(|(it, counted)| {
            let has_to_wait = counted.count > it.limit().free;
            (has_to_wait, counted.last)
        });
        if let Some((oldest, _)) = oldest {
            let oldest = oldest.clone();
            all.remove(&oldest);
        }
    }
    let counted = all.entry(counter).or_insert(Counted {
        count: 0,
        last: now,
        has_refused: false,
    });
    if now - counted.last >= EXPIRY {
        counted.count = 0;
    }
    counted.count = counted.count.saturating_add(1);
    counted.last = now;
    counted.has_refused = false;
}

/// The network that counts as one address: a host usually has a whole IPv6 /64.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        IpAddr::V4(address) => address.into(),
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    fn ada(address: IpAddr) -> Attempt<'static> {
        Attempt {
            user: "ada",
            exists: true,
            address,
            known_browser: None,
        }
    }

    fn ada_in(browser: &'static str) -> Attempt<'static> {
        Attempt {
            known_browser: Some(browser),
            ..ada(HERE)
        }
    }

    /// The n-th of many addresses.
    fn address(n: u32) -> IpAddr {
        std::net::Ipv4Addr::from_bits(n).into()
    }

    #[tokio::test(start_paused = true)]
    async fn the_wait_doubles_up_to_the_limit() {
        for attempt in [ada(HERE), ada_in("here")] {
            let attempts = Attempts::default();
            for _ in 0..4 {
                attempts.begin(attempt).unwrap();
            }
            for seconds in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
                let wait = Duration::from_secs(seconds);
                for is_first in [true, false] {
                    let refused = Err(TooMany { wait, is_first });
                    assert_eq!(attempts.begin(attempt), refused);
                }
                advance(wait).await;
                attempts.begin(attempt).unwrap();
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn guessing_is_bounded_per_user_from_however_many_addresses() {
        let attempts = Attempts::default();
        let day = Instant::now() + Duration::from_hours(24);
        let (mut guesses, mut n) = (0, 0);
        while Instant::now() < day {
            n += 1;
            match attempts.begin(ada(address(n))) {
                Ok(()) => guesses += 1,
                Err(TooMany { wait, .. }) => advance(wait).await,
            }
        }
        assert!(guesses < 350, "{guesses}");
        // Other users can sign in.
        let bob = Attempt {
            user: "bob",
            ..ada(HERE)
        };
        attempts.begin(bob).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn attempts_with_other_names_do_not_reset_the_count_of_a_user() {
        let attempts = Attempts::default();
        let mut n = 0;
        let wait = loop {
            n += 1;
            match attempts.begin(ada(address(n))) {
                Err(TooMany { wait, .. }) if wait > Duration::from_mins(4) => break wait,
                Err(TooMany { wait, .. }) => advance(wait).await,
                Ok(()) => {}
            }
        };
        for _ in 0..4 {
            attempts.begin(ada_in("here")).unwrap();
        }
        for n in 0..7_000 {
            let user = &format!("nobody{n}");
            let nobody = Attempt {
                user,
                exists: false,
                ..ada(address(n << 8))
            };
            attempts.begin(nobody).unwrap();
            attempts.begin(nobody).unwrap();
        }
        attempts.begin(ada_in("here")).unwrap_err();
        let refused = attempts.begin(ada(address(0))).unwrap_err();
        assert_eq!(refused.wait, wait);
        assert!(attempts.lock().len() <= MAX_ENTRIES);
    }

    #[tokio::test(start_paused = true)]
    async fn first_refusals_are_no_more_than_limits_for_each_attempt() {
        let attempts = Attempts::default();
        let users: Vec<_> = (0..50).map(|n| format!("user{n}")).collect();
        let (mut made, mut first) = (0, 0);
        for n in 0..20_000 {
            let user = &users[n % users.len()];
            let address = [HERE, THERE][n / users.len() % 2];
            match attempts.begin(Attempt {
                user,
                ..ada(address)
            }) {
                Ok(()) => made += 1,
                Err(refused) => first += u32::from(refused.is_first),
            }
            advance(Duration::from_millis(100)).await;
        }
        assert!(0 < first && first <= 3 * made, "{first} of {made}");
    }

    #[tokio::test(start_paused = true)]
    async fn attempts_elsewhere_do_not_lock_the_user_out_of_a_known_browser() {
        let attempts = Attempts::default();
        for n in 0..1000 {
            // From the address of the known browser, too, and in another one.
            for attempt in [ada(address(n)), ada(HERE), ada_in("stolen")] {
                let _ = attempts.begin(attempt);
            }
        }
        attempts.begin(ada(HERE)).unwrap_err();
        attempts.begin(ada_in("known")).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn attempts_from_elsewhere_do_not_lock_the_user_out() {
        let attempts = Attempts::default();
        while attempts.begin(ada(THERE)).is_ok() {}
        assert_eq!(attempts.begin(ada(HERE)), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn attempts_are_limited_per_address() {
        let attempts = Attempts::default();
        for n in 0..20 {
            let user = &format!("user{n}");
            attempts.begin(Attempt { user, ..ada(HERE) }).unwrap();
        }
        attempts.begin(ada(HERE)).unwrap_err();
        // Another user at this address waits a minute at most.
        advance(Duration::from_mins(1)).await;
        attempts.begin(ada(HERE)).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_success_resets_the_count() {
        let attempts = Attempts::default();
        for attempt in [ada(HERE), ada_in("here")] {
            for _ in 0..100 {
                attempts.begin(attempt).unwrap();
                attempts.succeeded(attempt);
            }
        }
    }

    #[test]
    fn an_ipv6_network_counts_as_one_address() {
        let one: IpAddr = "2001:db8::1".parse().unwrap();
        let other: IpAddr = "2001:db8::ffff:1".parse().unwrap();
        assert_eq!(network(one), network(other));
        assert_eq!(network("::ffff:192.0.2.1".parse().unwrap()), HERE);
    }
}
