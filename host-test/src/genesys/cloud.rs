//! What all connections share: clients, tokens, the organization, the clock and the counters.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Options;
use super::access_token::AccessTokens;
use super::client::Clients;
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

pub(super) struct Accounts {
    pub(super) clients: Clients,
    pub(super) access_tokens: AccessTokens,
}

impl Cloud {
    pub(super) fn new(options: &Options) -> Cloud {
        Cloud {
            organization: Organization::new(),
            counters: Counters::default(),
            clock: options.clock.clone(),
            accounts: Mutex::new(Accounts {
                clients: Clients::new(options.token_requests_per_minute),
                access_tokens: AccessTokens::new(options.api_requests_per_minute),
            }),
        }
    }

    pub(super) fn now(&self) -> Duration {
        self.clock.now()
    }

    pub(super) fn accounts(&self) -> MutexGuard<'_, Accounts> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
