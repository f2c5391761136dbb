//! What all connections share: the accounts, the organization, the clock and the counters.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Options;
use super::accounts::Accounts;
use super::clock::Clock;
use super::organization::Organization;
use super::statistics::Counters;

pub(super) struct Cloud {
    pub(super) organization: Organization,
    pub(super) counters: Counters,
    clock: Clock,
    /// One lock for all of it, since a token request reads the clients and writes the tokens. It is
    /// held for microseconds and never across an `await`.
    accounts: Mutex<Accounts>,
}

impl Cloud {
    pub(super) fn new(options: &Options) -> Cloud {
        Cloud {
            organization: Organization::new(),
            counters: Counters::default(),
            clock: options.clock.clone(),
            accounts: Mutex::new(Accounts::new(options)),
        }
    }

    pub(super) fn now(&self) -> Duration {
        self.clock.now()
    }

    pub(super) fn accounts(&self) -> MutexGuard<'_, Accounts> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
