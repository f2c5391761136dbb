//! OAuth connections: the Control Room signs in, stores the tokens and refreshes them; a bot borrows one.
//!
//! From the bottom up; each file uses only those before it and the types of this one:
//!
//! - `settings`: the settings of a connection, and whose tokens it has; `error`: what to do, and who can;
//! - `lifetime`: how long a token is lent; `backoff`: how often a refused refresh is retried;
//! - `last_failure`: why a token could not be got when it was last needed;
//! - `connection_table`, `sign_in_table`: the tables;
//! - `revocation`: tokens that are no longer used are revoked;
//! - `refresh`: how a token is refreshed, one refresh at a time; `refresher`: refreshes ahead of use;
//! - `token`: a token for a bot, and whether there is one;
//! - `sign_in`: a person signs in, and the tokens are stored;
//! - `manage`: create, edit, remove, and the roles that may use a connection; `views`: lists of connections.
//!
//! # One refresh at a time
//!
//! A provider that rotates refresh tokens takes the second use of one for a theft, and revokes the sign-in
//! (RFC 9700, section 4.14.2). So a refresh holds the store's exclusive lock for its connection, reads what is
//! stored after it got the lock, and stores what it gets before it releases the lock. Within a process, concurrent
//! callers share the outcome of the refresh in progress. A refresh runs as a task of its own, on the runtime that
//! opened the store: a bot that is interrupted does not lose a refresh token that the provider has just rotated. The
//! same holds for the end of a sign-in, and for the removal of a connection. [`Connections::finish`] waits for these
//! tasks before the store is closed.
//!
//! Management functions do not check permissions. What bots and users may do is checked here. Each change and each sign-in
//! is recorded in its transaction.

mod backoff;
mod connection_table;
mod error;
mod last_failure;
mod lifetime;
mod manage;
mod refresh;
mod refresher;
mod revocation;
mod settings;
mod sign_in;
mod sign_in_owner;
mod sign_in_table;
mod token;
mod views;

use std::fmt;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::audit_events::{self, Action};
use crate::name::Name;
use crate::oauth::Loopback;
use crate::principal::Principal;
use crate::store::{Store, Tx};
use backoff::RefreshBackoff;
use bot_engine::RetryPolicy;
pub use error::ConnectionError;
pub use last_failure::LastFailure;
use refresh::Refreshes;
pub use settings::{Changes, RemovalOutcome, Settings, SignInState, Summary};
pub use sign_in::{PendingSignIn, Person, ReceivedCallback, SignedIn};
pub use sign_in_owner::SignInOwner;
pub use token::TestOutcome;
pub use views::ConnectionView;

/// The OAuth connections of a Control Room. Clones share the refreshes in progress.
#[derive(Clone)]
pub struct Connections {
    shared: Arc<Shared>,
    /// Who is recorded as having made changes.
    by: Principal,
}

struct Shared {
    store: Store,
    network: egress::Options,
    retry: RetryPolicy,
    refreshes: Refreshes,
    backoff: RefreshBackoff,
    /// Listens for the callbacks of sign-ins.
    loopback: Arc<Loopback>,
    /// Tasks that continue if their caller is dropped.
    tasks: TaskTracker,
    /// Once this is cancelled, no request is sent any more.
    finishing: CancellationToken,
}

impl Store {
    /// The OAuth connections. Requests are sent with the options `network`, except for the allow-list: each may
    /// reach its provider's token host alone.
    pub fn connections(&self, network: egress::Options) -> Connections {
        Connections::new(
            self.clone(),
            network,
            RetryPolicy::default(),
            Arc::default(),
        )
    }
}

impl Connections {
    fn new(
        store: Store,
        network: egress::Options,
        retry: RetryPolicy,
        loopback: Arc<Loopback>,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                store,
                network,
                retry,
                refreshes: Refreshes::default(),
                backoff: RefreshBackoff::default(),
                loopback,
                tasks: TaskTracker::new(),
                finishing: CancellationToken::new(),
            }),
            by: Principal::System,
        }
    }

    /// The same connections, for changes and sign-ins of this principal. Otherwise they are recorded as those of a person at
    /// the command line.
    #[must_use]
    pub fn changed_by(&self, by: &Principal) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            by: by.clone(),
        }
    }

    /// Commits a change with its record in the audit log.
    async fn commit(&self, tx: Tx, action: Action, subject: &str) -> Result<(), ConnectionError> {
        Ok(audit_events::commit(tx, &self.by, action, subject).await?)
    }

    /// The same connections, with another retry policy.
    #[must_use]
    pub fn with_retry(&self, retry: RetryPolicy) -> Self {
        let Shared {
            store,
            network,
            loopback,
            ..
        } = &*self.shared;
        Self::new(store.clone(), network.clone(), retry, loopback.clone())
    }

    /// Runs a task that continues if its caller is dropped. It runs on the runtime that opened the store: a batch of
    /// bots has a runtime for each core, which ends with the batch.
    async fn run_detached<T: Send + 'static>(
        &self,
        name: &Name,
        work: impl Future<Output = Result<T, ConnectionError>> + Send + 'static,
    ) -> Result<T, ConnectionError> {
        let Shared { store, tasks, .. } = &*self.shared;
        let task = tasks.spawn_on(work, store.runtime());
        // The task was dropped with its runtime.
        let dropped = |_| Err(ConnectionError::TimedOut(name.clone()));
        task.await.unwrap_or_else(dropped)
    }

    /// Waits for the tasks in progress in this process: no request is sent any more, but the response to one that was
    /// sent is stored. To be called before the store is closed. Otherwise a token that the provider has just rotated,
    /// or issued for a code, would be lost.
    pub async fn finish(&self) {
        self.shared.finishing.cancel();
        let Shared { tasks, .. } = &*self.shared;
        tasks.close();
        if !tasks.is_empty() {
            tracing::info!(requests = tasks.len(), "waiting for requests in progress");
        }
        tasks.wait().await;
    }
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections")
            .field("store", &self.shared.store)
            .finish_non_exhaustive()
    }
}
