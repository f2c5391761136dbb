//! The refresher: refreshes shared tokens before a bot has to wait for it, and before a refresh token expires from
//! disuse. Tokens of client credentials need no refresher: they are requested when a bot needs one.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::sleep;

use super::refresh::{RefreshReason, TokenKey};
use super::sign_in_table::{self, Refreshable};
use super::{ConnectionError, Connections, SignInOwner};
use crate::oauth::TokenError;
use crate::timestamp::Timestamp;

/// How often to look for new sign-ins, and to retry what has failed.
const INTERVAL: Duration = Duration::from_secs(30);

impl Connections {
    /// Keeps the shared tokens of all connections fresh, for as long as this is polled. A failure is logged and
    /// retried half a minute later; after a permanent refusal with a backoff. A slow provider does not delay other
    /// connections.
    pub async fn run_refresher(&self) {
        let mut refreshes = JoinSet::new();
        loop {
            let wait = match self.start_due(&mut refreshes).await {
                Ok(wait) => wait,
                Err(error) => {
                    tracing::warn!(%error, "the connections cannot be read");
                    INTERVAL
                }
            };
            sleep(wait).await;
            while refreshes.try_join_next().is_some() {}
        }
    }

    /// One round: refreshes what is due, and returns how long after its start the next round is due. A connection
    /// that cannot be refreshed is logged.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn refresh_due(&self) -> Result<Duration, ConnectionError> {
        let mut refreshes = JoinSet::new();
        let wait = self.start_due(&mut refreshes).await?;
        while refreshes.join_next().await.is_some() {}
        Ok(wait)
    }

    async fn start_due(&self, refreshes: &mut JoinSet<()>) -> Result<Duration, ConnectionError> {
        let now = Timestamp::now();
        let mut wait = INTERVAL;
        let mut tx = self.shared.store.read().await?;
        let found = sign_in_table::refreshable(&mut tx).await?;
        drop(tx);
        let backoff = &self.shared.backoff;
        backoff.retain(|inputs| found.iter().any(|it| it.inputs == *inputs));
        for sign_in in found {
            let Some(due) = sign_in.lifetime.refresh_due() else {
                continue;
            };
            let remaining = due.since(now).max(backoff.remaining(&sign_in.inputs));
            if remaining > Duration::ZERO {
                wait = wait.min(remaining);
                continue;
            }
            let connections = self.clone();
            refreshes.spawn(async move { connections.refresh_shared(sign_in).await });
        }
        Ok(wait)
    }

    async fn refresh_shared(&self, sign_in: Refreshable) {
        let Refreshable { name, inputs, .. } = sign_in;
        let key = TokenKey {
            connection_id: sign_in.connection_id,
            user_id: None,
            name: name.clone(),
            owner: SignInOwner::Shared,
        };
        let Err(error) = self.refresh(key, RefreshReason::Due).await else {
            return;
        };
        tracing::warn!(connection = %name, %error, "the token of a connection is not refreshed");
        if is_permanent(&error) {
            self.shared.backoff.record_refusal(inputs);
        }
    }
}

/// Whether only a change of something helps.
fn is_permanent(error: &ConnectionError) -> bool {
    match error {
        ConnectionError::NoToken { error, .. } => !matches!(**error, TokenError::Transient { .. }),
        _ => false,
    }
}
