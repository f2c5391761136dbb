//! Renews shared tokens before a bot has to wait for it, and before a refresh token dies of not being used.
//! What is fetched by the client itself needs no keeper: it is fetched when it is asked for.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::sleep;

use super::life::Moment;
use super::renewal::{Need, Subject};
use super::{ConnectionError, Connections, Holder, stored};

/// How often to look for connections that others have signed in to, and to try again what has failed.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

impl Connections {
    /// Keeps the shared tokens of all connections alive, for as long as this is polled. What fails is
    /// logged, and tried again half a minute later; nobody waits for a provider that is slow.
    pub async fn keep_alive(&self) {
        let mut renewals = JoinSet::new();
        loop {
            let wait = match self.begin_due(&mut renewals).await {
                Ok(wait) => wait,
                Err(error) => {
                    tracing::warn!(%error, "the connections cannot be looked through");
                    LOOK_AGAIN
                }
            };
            sleep(wait).await;
            while renewals.try_join_next().is_some() {}
        }
    }

    /// One round: renews what is due, and says how long after its beginning the next round is due.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read. A connection that cannot be renewed is logged.
    pub async fn renew_due(&self) -> Result<Duration, ConnectionError> {
        let mut renewals = JoinSet::new();
        let wait = self.begin_due(&mut renewals).await?;
        while renewals.join_next().await.is_some() {}
        Ok(wait)
    }

    async fn begin_due(&self, renewals: &mut JoinSet<()>) -> Result<Duration, ConnectionError> {
        let now = Moment::now();
        let mut wait = LOOK_AGAIN;
        for (subject, due) in self.refreshable().await? {
            if due > now {
                wait = wait.min(due.since(now));
                continue;
            }
            let connections = self.clone();
            renewals.spawn(async move {
                let name = subject.name.clone();
                if let Err(error) = connections.renew(subject, Need::Kept).await {
                    tracing::warn!(connection = %name, %error, "a connection is not kept alive");
                }
            });
        }
        Ok(wait)
    }

    /// The shared tokens that can be refreshed, and when each is due.
    async fn refreshable(&self) -> Result<Vec<(Subject, Moment)>, ConnectionError> {
        let mut tx = self.shared.store.read().await?;
        let found = stored::refreshable(&mut tx).await?;
        let due = |(connection, name, life): (_, _, super::life::Life)| {
            let subject = Subject {
                connection,
                user: None,
                name,
                holder: Holder::Shared,
            };
            Some((subject, life.is_due()?))
        };
        Ok(found.into_iter().filter_map(due).collect())
    }
}
