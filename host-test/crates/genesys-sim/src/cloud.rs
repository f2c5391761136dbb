//! The state that all connections share: the accounts, the organization, the clock and the counters.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use super::Options;
use super::accounts::Accounts;
use super::clock::Clock;
use super::random;
use super::statistics::Counters;

pub(super) struct Cloud {
    pub(super) organization: Organization,
    pub(super) counters: Counters,
    clock: Clock,
    /// One lock, since a token request reads the clients and writes the tokens. It is held for microseconds, and never
    /// across an `await`.
    accounts: Mutex<Accounts>,
}

impl Cloud {
    pub(super) fn new(options: &Options) -> Self {
        Self {
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

/// The simulated customer of Genesys. A real organization lives in one region; this one is known in all of them.
pub(super) struct Organization {
    id: String,
}

const NAME: &str = "Example Company";

impl Organization {
    pub(super) fn new() -> Self {
        Self { id: random::uuid() }
    }

    /// A reference in other responses (`NamedEntity` in the API's schema).
    pub(super) fn reference(&self) -> Value {
        json!({ "id": self.id, "name": NAME })
    }

    /// The response of `GET /api/v2/organizations/me` (`Organization` in the API's schema), without
    /// most optional members.
    pub(super) fn description(&self) -> Value {
        json!({
            "id": self.id,
            "name": NAME,
            "defaultLanguage": "en-US",
            "defaultCountryCode": "US",
            "thirdPartyOrgName": "example-company",
            "domain": "example-company",
            "version": 1,
            "state": "active",
            "voicemailEnabled": false,
            "productPlatform": "PureCloud",
            "selfUri": format!("/api/v2/organizations/{}", self.id),
            "features": {},
        })
    }
}
