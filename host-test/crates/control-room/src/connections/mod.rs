//! OAuth connections: the Control Room signs in, keeps the tokens and refreshes them; a bot borrows one.
//!
//! - `settings`: what a connection is: its client, and whose tokens it keeps;
//! - `manage`: create, list, edit, remove, and the roles that may use a connection; `sight`: what a user sees of them;
//! - `sign_in`: a person signs in, and the tokens are stored;
//! - `token`: a token for a bot, and whether there is one;
//! - `renewal`: how a token is renewed, once at a time; `keeper`: before anybody has to wait for it; `rest`:
//!   not for ever where it is refused;
//! - `ending`: how tokens are ended that nobody is to use any more;
//! - `rows`, `stored`: the tables; `life`: until when a token is handed out; `error`: what to do, and who.
//!
//! # One refresh at a time
//!
//! A provider that rotates refresh tokens takes the second use of one for a theft, and ends the sign-in
//! (RFC 9700, section 4.14.2). So a renewal holds the store's exclusive lock for its connection, reads what
//! is stored after it got the lock, and stores what it gets before it lets go. Within a process, who asks
//! while a renewal is on its way shares its outcome. A renewal runs as a task of its own, on the runtime
//! that opened the store: a bot that is interrupted does not lose a refresh token that the provider has just
//! replaced. So does the end of a sign-in, and that of a connection. Whoever closes the store waits for them
//! ([`Connections::finish`]).
//!
//! Managing is for whoever has the data folder; what bots and users may do is checked.

mod backoff;
mod connection_table;
mod error;
mod lifetime;
mod manage;
mod refresh;
mod refresher;
mod revocation;
mod settings;
mod sign_in;
mod sign_in_table;
mod token;
mod views;

use std::fmt;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::name::Name;
use super::store::Store;
use backoff::Rests;
use bot_engine::{BorrowedToken, RetryPolicy, TokenOwner};
pub use error::ConnectionError;
use refresh::Renewals;
pub use settings::{Changes, Removed, Settings, SignInState, Summary};
pub use sign_in::{Arrived, SignedIn, StartedSignIn};
pub use token::Tested;
pub use views::SeenConnection;

/// Whose token it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Holder {
    /// Everybody's who may use the connection.
    Shared,
    /// This user's own.
    User(Name),
}

/// In the middle of a sentence.
impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shared => f.write_str("an administrator"),
            Self::User(user) => write!(f, "the user \"{user}\""),
        }
    }
}

/// The OAuth connections of a Control Room. Clones share the requests that are on their way.
#[derive(Clone)]
pub struct Connections {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    network: egress::Options,
    retry: RetryPolicy,
    renewals: Renewals,
    rests: Rests,
    /// What does not end with whoever has asked for it.
    tasks: TaskTracker,
    /// Once this is cancelled, nothing more is begun.
    finishing: CancellationToken,
}

impl Store {
    /// The OAuth connections. Requests go out as `network` says, in all but the allow-list: each goes to
    /// its provider's token host alone.
    pub fn connections(&self, network: egress::Options) -> Connections {
        Connections::new(self.clone(), network, RetryPolicy::default())
    }
}

impl Connections {
    fn new(store: Store, network: egress::Options, retry: RetryPolicy) -> Self {
        Self {
            shared: Arc::new(Shared {
                store,
                network,
                retry,
                renewals: Renewals::default(),
                rests: Rests::default(),
                tasks: TaskTracker::new(),
                finishing: CancellationToken::new(),
            }),
        }
    }

    /// The same connections, with another policy for passing faults.
    #[must_use]
    pub fn with_retry(&self, retry: RetryPolicy) -> Self {
        let Shared { store, network, .. } = &*self.shared;
        Self::new(store.clone(), network.clone(), retry)
    }

    /// Runs something to its end, also where whoever waits for it is dropped, on the runtime that opened the
    /// store: bots that run many at once have a runtime for each core, which ends with them.
    async fn to_its_end<T: Send + 'static>(
        &self,
        name: &Name,
        work: impl Future<Output = Result<T, ConnectionError>> + Send + 'static,
    ) -> Result<T, ConnectionError> {
        let Shared { store, tasks, .. } = &*self.shared;
        let task = tasks.spawn_on(work, store.runtime());
        // The task was ended with its runtime.
        let ended = |_| Err(ConnectionError::OutOfTime(name.clone()));
        task.await.unwrap_or_else(ended)
    }

    /// Waits for what is under way in this process, and begins nothing more: no request is sent once more, but
    /// the answer to one that was sent is stored. For who is about to close the store; a token that the provider
    /// has just replaced, or given for a code, would be lost otherwise.
    pub async fn finish(&self) {
        self.shared.finishing.cancel();
        self.shared.tasks.close();
        self.shared.tasks.wait().await;
    }
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections")
            .field("store", &self.shared.store)
            .finish_non_exhaustive()
    }
}
