//! What happens to the runs of workers that have died, or that have lost their way to the database.

use secrecy::SecretString;

use super::entry::Entry;
use super::{Queue, QueueError};
use crate::name::Name;
use crate::runs::{Happening, Life};
use crate::store::StoreError;
use crate::store::integrity::{QUEUED_RUNS, Rows};
use crate::store::seal::QUEUED_SESSIONS;
use crate::store::sql::query_scalar;

/// A run whose lease has ended, and what has become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Swept {
    /// The id of the run.
    pub run: String,
    /// Its state from now on: queued again, lost, or stopped.
    pub life: Life,
    /// The last step that it had begun of those that change something.
    pub changing_step: Option<i64>,
}

/// The sessions of a run whose worker has died, which may still be open.
#[derive(Debug)]
pub struct LeftSessions {
    /// The id of the run.
    pub run: String,
    /// What its worker has stored of them.
    pub sessions: SecretString,
}

impl Queue {
    /// Queues the runs again whose lease has ended, or ends them as lost.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub async fn sweep(&self) -> Result<Vec<Swept>, QueueError> {
        const RUNNING: &str =
            "SELECT run_id FROM queued_runs WHERE state = $1 AND expires_at <= $2";
        // Most sweeps find nothing, and write nothing.
        let mut tx = self.store.read().await?;
        let now = tx.connection().now().await?;
        let running = Life::Running.name();
        let running = query_scalar::<String>(RUNNING).bind(running).bind(now);
        let ids = running.fetch_all(tx.connection()).await?;
        drop(tx);
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut all = Vec::new();
        for id in ids {
            // One by one: a row that was changed from outside must not be in the way of the others.
            match self.sweep_run(&id).await {
                Ok(swept) => all.extend(swept),
                Err(QueueError::Store(StoreError::Changed { .. })) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(all)
    }

    async fn sweep_run(&self, id: &str) -> Result<Option<Swept>, QueueError> {
        let mut tx = self.store.write().await?;
        let now = tx.connection().now().await?;
        let Some(entry) = Entry::of_runs(&mut tx, &[id]).await?.pop() else {
            return Ok(None);
        };
        let is_over = entry.expires_at <= Some(now);
        let Some(life) = entry.after(Happening::LeaseEnded).filter(|_| is_over) else {
            return Ok(None);
        };
        let swept = Swept {
            run: entry.run.clone(),
            life,
            changing_step: entry.changing_step,
        };
        match life {
            Life::Ended(outcome) => entry.end(&mut tx, outcome, None).await?,
            life => {
                let again = Entry {
                    life,
                    expires_at: None,
                    expired: entry.expired + 1,
                    ..entry
                };
                again.store(&mut tx).await?;
            }
        }
        tx.connection().wake_others().await?;
        tx.commit().await?;
        let (state, changing_step) = (life.name(), swept.changing_step);
        tracing::warn!(
            run = id,
            state,
            changing_step,
            "the worker of a run has died"
        );
        Ok(Some(swept))
    }

    /// The sessions that dead workers of this pool have left.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn left_sessions(&self, pool: &Name) -> Result<Vec<LeftSessions>, QueueError> {
        let mut tx = self.store.read().await?;
        let mut ended =
            query_scalar("SELECT run_id FROM queued_runs WHERE pool = $1 AND state NOT IN ");
        ended = ended.bind(pool.as_str());
        ended.push_list([Life::Queued, Life::Running].map(Life::name));
        let ended: Vec<String> = ended.fetch_all(tx.connection()).await?;
        let mut left = Vec::new();
        for run in ended {
            let rows = Rows::With("run_id", &[&run]);
            let found = match tx.verified(&QUEUED_RUNS, rows).await {
                Err(StoreError::Changed { .. }) => continue,
                found => found?,
            };
            let Some(found) = found.first() else {
                continue;
            };
            let sealed: Option<&[u8]> = found.row().get("sealed_sessions")?;
            if let Some(sealed) = sealed {
                let sessions = tx.open(&QUEUED_SESSIONS, &[&run], sealed)?;
                left.push(LeftSessions { run, sessions });
            }
        }
        Ok(left)
    }

    /// Removes the sessions of a run that has ended, whose tokens are revoked as far as that is possible.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub async fn forget_sessions(&self, run: &str) -> Result<(), QueueError> {
        let mut tx = self.store.write().await?;
        for entry in Entry::of_runs(&mut tx, &[run]).await? {
            if matches!(entry.life, Life::Ended(_)) {
                entry.remove(&mut tx).await?;
            }
        }
        Ok(tx.commit().await?)
    }
}
