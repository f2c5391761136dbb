//! Rate limits of password attempts.
//!
//! An attempt counts from its beginning, so that concurrent attempts count like sequential ones; a successful one is
//! not counted. After the free attempts, each further one doubles the wait, up to a limit:
//!
//! | counted by           | free | longest wait |
//! |----------------------|------|--------------|
//! | user and address     |    4 | 15 min       |
//! | address              |   20 | 1 min        |
//!
//! Nothing counts by user alone: an attacker elsewhere must not lock the user out. Guessing from many addresses is
//! limited by the cost of a password hash, of which only a few are computed at once.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// After this time without an attempt, an entry expires.
const EXPIRY: Duration = Duration::from_hours(1);

/// The most users and addresses that are counted.
const MAX_ENTRIES: usize = 20_000;

const BY_USER: Limit = Limit {
    free: 4,
    longest: Duration::from_mins(15),
};

const BY_ADDRESS: Limit = Limit {
    free: 20,
    longest: Duration::from_mins(1),
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

#[derive(Default)]
struct Counters {
    by_user: HashMap<(String, IpAddr), Counted>,
    by_address: HashMap<IpAddr, Counted>,
}

#[derive(Clone, Copy)]
struct Counted {
    count: u32,
    last: Instant,
}

/// The limit is reached: the next attempt is possible after `wait`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooMany {
    pub(super) wait: Duration,
}

impl Attempts {
    /// Counts an attempt. `user` is the name as typed, of an existing user or not.
    pub(super) fn begin(&self, user: &str, address: IpAddr) -> Result<(), TooMany> {
        let (now, address) = (Instant::now(), network(address));
        let mut counters = self.lock();
        let key = (user.to_owned(), address);
        let wait = wait(&counters.by_user, &key, &BY_USER, now);
        let wait = wait.max(self::wait(&counters.by_address, &address, &BY_ADDRESS, now));
        if !wait.is_zero() {
            return Err(TooMany { wait });
        }
        count(&mut counters.by_user, key, now);
        count(&mut counters.by_address, address, now);
        Ok(())
    }

    /// Resets the count after a successful attempt.
    pub(super) fn succeeded(&self, user: &str, address: IpAddr) {
        let address = network(address);
        let mut counters = self.lock();
        counters.by_user.remove(&(user.to_owned(), address));
        if let Some(counted) = counters.by_address.get_mut(&address) {
            counted.count = counted.count.saturating_sub(1);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Counters> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wait<K: Hash + Eq>(
    counted: &HashMap<K, Counted>,
    key: &K,
    limit: &Limit,
    now: Instant,
) -> Duration {
    counted.get(key).map_or(Duration::ZERO, |counted| {
        (counted.last + limit.wait(counted.count)).saturating_duration_since(now)
    })
}

fn count<K: Hash + Eq + Clone>(all: &mut HashMap<K, Counted>, key: K, now: Instant) {
    if all.len() >= MAX_ENTRIES {
        all.retain(|_, counted| now - counted.last < EXPIRY);
    }
    if all.len() >= MAX_ENTRIES
        && let Some(oldest) = all.iter().min_by_key(|(_, counted)| counted.last)
    {
        let oldest = oldest.0.clone();
        all.remove(&oldest);
    }
    let counted = all.entry(key).or_insert(Counted {
        count: 0,
        last: now,
    });
    if now - counted.last >= EXPIRY {
        counted.count = 0;
    }
    counted.count = counted.count.saturating_add(1);
    counted.last = now;
}

/// The network that counts as one address: a host usually has a whole IPv6 /64.
fn network(address: IpAddr) -> IpAddr {
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

    #[tokio::test(start_paused = true)]
    async fn the_wait_doubles_up_to_the_limit() {
        let attempts = Attempts::default();
        for _ in 0..4 {
            attempts.begin("ada", HERE).unwrap();
        }
        for seconds in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
            let wait = Duration::from_secs(seconds);
            assert_eq!(attempts.begin("ada", HERE), Err(TooMany { wait }));
            advance(wait).await;
            attempts.begin("ada", HERE).unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn attempts_from_elsewhere_do_not_lock_the_user_out() {
        let attempts = Attempts::default();
        while attempts.begin("ada", THERE).is_ok() {}
        assert_eq!(attempts.begin("ada", HERE), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn attempts_are_limited_per_address() {
        let attempts = Attempts::default();
        for n in 0..20 {
            attempts.begin(&format!("user{n}"), HERE).unwrap();
        }
        attempts.begin("ada", HERE).unwrap_err();
        // Another user at this address waits a minute at most.
        advance(Duration::from_mins(1)).await;
        attempts.begin("ada", HERE).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_success_resets_the_count() {
        let attempts = Attempts::default();
        for _ in 0..100 {
            attempts.begin("ada", HERE).unwrap();
            attempts.succeeded("ada", HERE);
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
