//! Renews shared tokens before a bot has to wait for it, and before a refresh token dies of not being used.
//! What is fetched by the client itself needs no keeper: it is fetched when it is asked for.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::sleep;

use super::refresh::{Need, Subject};
use super::sign_in_table::{self, Refreshable};
use super::{ConnectionError, Connections, Holder};
use crate::oauth::TokenError;
use crate::timestamp::Moment;

/// How often to look for connections that others have signed in to, and to try again what has failed.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

impl Connections {
    /// Keeps the shared tokens of all connections alive, for as long as this is polled. What fails is
    /// logged, and tried again half a minute later, or after longer and longer waits where it was refused for
    /// good; nobody waits for a provider that is slow.
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
        let mut tx = self.shared.store.read().await?;
        let found = sign_in_table::refreshable(&mut tx).await?;
        drop(tx);
        let rests = &self.shared.rests;
        rests.keep(|grounds| found.iter().any(|it| it.grounds == *grounds));
        for sign_in in found {
            let Some(due) = sign_in.life.is_due() else {
                continue;
            };
            let left = due.since(now).max(rests.left(&sign_in.grounds));
            if left > Duration::ZERO {
                wait = wait.min(left);
                continue;
            }
            let connections = self.clone();
            renewals.spawn(async move { connections.renew_kept(sign_in).await });
        }
        Ok(wait)
    }

    async fn renew_kept(&self, sign_in: Refreshable) {
        let Refreshable { name, grounds, .. } = sign_in;
        let subject = Subject {
            connection: sign_in.connection,
            user: None,
            name: name.clone(),
            holder: Holder::Shared,
        };
        let Err(error) = self.renew(subject, Need::Kept).await else {
            return;
        };
        tracing::warn!(connection = %name, %error, "a connection is not kept alive");
        if is_for_good(&error) {
            self.shared.rests.begin(grounds);
        }
    }
}

/// Whether only a change of something helps.
fn is_for_good(error: &ConnectionError) -> bool {
    match error {
        ConnectionError::NoToken { error, .. } => !matches!(**error, TokenError::Passing { .. }),
        _ => false,
    }
}
