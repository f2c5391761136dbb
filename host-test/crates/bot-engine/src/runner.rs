//! What bots run with.

use std::sync::Arc;
use std::time::Duration;

use egress::Client;

use crate::action::ActionRunner;
use crate::interrupt::Interrupt;
use crate::retry::RetryPolicy;
use crate::secrets::SecretProvider;
use crate::shared_sessions::SharedSessions;
use crate::variables::Variables;

/// How long closing the sessions that a bot left open may take.
pub(super) const CLEAN_UP: Duration = Duration::from_secs(5);

/// The engine, with everything that bots need to run. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Runner {
    /// Runs the actions.
    pub actions: Arc<dyn ActionRunner>,
    /// The HTTP client for API requests.
    pub client: Client,
    /// Provides credentials and tokens.
    pub secrets: Arc<dyn SecretProvider>,
    /// The variables that all bots may use. Those of a bot take the place of those with the same names.
    pub variables: Arc<Variables>,
    /// The sessions that bots share.
    pub sessions: Arc<SharedSessions>,
    /// The language of the action's messages (BCP 47).
    pub locale: Arc<str>,
    /// When to retry.
    pub retry: RetryPolicy,
    /// Interrupts the bots.
    pub interrupt: Interrupt,
}
