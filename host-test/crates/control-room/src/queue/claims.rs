//! What a worker does with the queue. Each is one transaction, which fails if the claim is no longer valid.

use std::time::Duration;

use secrecy::SecretString;

use super::entry::{Claim, Entry, set_log};
use super::{Queue, QueueError};
use crate::name::Name;
use crate::runs::{Happening, Life, Outcome, Run};
use crate::store::integrity::{QUEUED_RUNS, RUNS, Rows};
use crate::store::seal::{QUEUED_SESSIONS, QUEUED_WORK};
use crate::store::sql::{FromRow, query, query_scalar};
use crate::store::{StoreError, Tx};
use crate::timestamp::Timestamp;

/// A run that was just claimed.
#[derive(Debug)]
pub struct Claimed {
    /// The right to it.
    pub claim: Claim,
    /// The run.
    pub run: Run,
    /// The id of the user it belongs to.
    pub owner: String,
    /// What runs, and with which inputs.
    pub work: SecretString,
    /// The sessions that were opened under an earlier claim of it.
    pub sessions: Option<SecretString>,
}

/// A claim that was extended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The claim.
    pub claim: Claim,
    /// Whether the user wants the run to stop.
    pub stop_requested: bool,
}

impl Queue {
    /// Claims the oldest run that waits for this pool, until the lease ends. A run whose row was changed from outside is left
    /// where it is.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub async fn claim(
        &self,
        pool: &Name,
        worker: &str,
        lease: Duration,
    ) -> Result<Option<Claimed>, QueueError> {
        let mut left_out = Vec::new();
        // Workers that find nothing are not in the way of those that write.
        let mut tx = self.store.read().await?;
        if oldest(&mut tx, pool, &left_out).await?.is_none() {
            return Ok(None);
        }
        drop(tx);
        loop {
            let mut tx = self.store.write().await?;
            let Some(id) = oldest(&mut tx, pool, &left_out).await? else {
                return Ok(None);
            };
            match claim(&mut tx, &id, pool, worker, lease).await {
                // It is in the audit log. The others must not wait for it.
                Err(QueueError::Store(StoreError::Changed { .. })) => left_out.push(id),
                Err(error) => return Err(error),
                Ok(claimed) => {
                    tx.commit().await?;
                    return Ok(Some(claimed));
                }
            }
        }
    }

    /// Extends claims. Returns those that are still valid; the lease of the others has ended, or their runs were removed.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub async fn extend(&self, claims: &[Claim], lease: Duration) -> Result<Vec<Held>, QueueError> {
        let mut claims = claims.to_vec();
        loop {
            match self.extend_all(&claims, lease).await {
                Err(error) if leave_out(&mut claims, &error) => {}
                extended => return extended,
            }
        }
    }

    async fn extend_all(&self, claims: &[Claim], lease: Duration) -> Result<Vec<Held>, QueueError> {
        let mut tx = self.store.write().await?;
        let now = tx.connection().now().await?;
        let ids: Vec<_> = claims.iter().map(|claim| &*claim.run).collect();
        let mut held = Vec::new();
        for entry in Entry::of_runs(&mut tx, &ids).await? {
            if let Some(claim) = claims.iter().find(|claim| entry.is_held(claim, now)) {
                held.push(Held {
                    claim: claim.clone(),
                    stop_requested: entry.stop_requested,
                });
                let expires_at = Some(end_of_lease(now, lease));
                Entry {
                    expires_at,
                    ..entry
                }
                .store(&mut tx)
                .await?;
            }
        }
        tx.commit().await?;
        Ok(held)
    }

    /// Which of these runs are to stop.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn to_stop(&self, claims: &[Claim]) -> Result<Vec<Claim>, QueueError> {
        let mut claims = claims.to_vec();
        loop {
            match self.all_to_stop(&claims).await {
                Err(error) if leave_out(&mut claims, &error) => {}
                found => return found,
            }
        }
    }

    async fn all_to_stop(&self, claims: &[Claim]) -> Result<Vec<Claim>, QueueError> {
        let mut tx = self.store.read().await?;
        let ids: Vec<_> = claims.iter().map(|claim| &*claim.run).collect();
        let mut entries = Entry::of_runs(&mut tx, &ids).await?;
        entries.retain(|entry| entry.stop_requested);
        let is_it = |claim: &&Claim| {
            let mut entries = entries.iter();
            entries.any(|it| it.run == claim.run && it.fence == claim.fence)
        };
        Ok(claims.iter().filter(is_it).cloned().collect())
    }

    /// Notes that a step begins that changes something. It must not begin if this fails.
    ///
    /// # Errors
    ///
    /// [`QueueError::ClaimLost`] and [`QueueError::StopRequested`]; or if the store cannot be written.
    pub async fn begin_step(&self, claim: &Claim, step: usize) -> Result<(), QueueError> {
        let mut tx = self.store.write().await?;
        let entry = Entry::held(&mut tx, claim).await?;
        if entry.stop_requested {
            return Err(QueueError::StopRequested);
        }
        let changing_step = Some(i64::try_from(step).unwrap_or(i64::MAX));
        Entry {
            changing_step,
            ..entry
        }
        .store(&mut tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Stores which sessions the run has open, in place of those before.
    ///
    /// # Errors
    ///
    /// [`QueueError::ClaimLost`]; or if the store cannot be written.
    pub async fn set_sessions(
        &self,
        claim: &Claim,
        sessions: &SecretString,
    ) -> Result<(), QueueError> {
        let mut tx = self.store.write().await?;
        let entry = Entry::held(&mut tx, claim).await?;
        let sessions = tx.seal(&QUEUED_SESSIONS, &[&claim.run], sessions)?;
        query("UPDATE queued_runs SET sealed_sessions = $1 WHERE run_id = $2")
            .bind(sessions)
            .bind(&claim.run)
            .execute(tx.connection())
            .await?;
        entry.authenticate(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// Stores the log so far.
    ///
    /// # Errors
    ///
    /// [`QueueError::ClaimLost`]; or if the store cannot be written.
    pub async fn save_log(&self, claim: &Claim, log: &str) -> Result<(), QueueError> {
        let mut tx = self.store.write().await?;
        Entry::held(&mut tx, claim).await?;
        tx.verify(&RUNS, Rows::With("id", &[&claim.run])).await?;
        set_log(&mut tx, &claim.run, Some(log)).await?;
        tx.authenticate(&RUNS, Rows::With("id", &[&claim.run]))
            .await?;
        Ok(tx.commit().await?)
    }

    /// Stores how the run ended, with its log.
    ///
    /// # Errors
    ///
    /// [`QueueError::ClaimLost`], also for [`Outcome::Lost`], which nobody can say who has the lease; or if the store cannot
    /// be written.
    pub async fn finish(
        &self,
        claim: &Claim,
        outcome: Outcome,
        log: &str,
    ) -> Result<(), QueueError> {
        let mut tx = self.store.write().await?;
        let entry = Entry::held(&mut tx, claim).await?;
        let Some(Life::Ended(outcome)) = entry.after(Happening::Ended(outcome)) else {
            return Err(QueueError::ClaimLost);
        };
        // Its worker has closed them.
        let has_sessions = false;
        let entry = Entry {
            has_sessions,
            ..entry
        };
        entry.end(&mut tx, outcome, Some(log)).await?;
        Ok(tx.commit().await?)
    }

    /// Leaves the run to another worker, which begins it anew. If it is to stop, it ends instead, with its log.
    ///
    /// # Errors
    ///
    /// [`QueueError::ClaimLost`] and [`QueueError::HasChanged`]; or if the store cannot be written.
    pub async fn hand_back(&self, claim: &Claim, log: Option<&str>) -> Result<(), QueueError> {
        let mut tx = self.store.write().await?;
        let entry = Entry::held(&mut tx, claim).await?;
        match entry.after(Happening::HandedBack) {
            None => return Err(QueueError::HasChanged),
            Some(Life::Ended(outcome)) => entry.end(&mut tx, outcome, log).await?,
            Some(life) => {
                let expires_at = None;
                Entry {
                    life,
                    expires_at,
                    ..entry
                }
                .store(&mut tx)
                .await?;
            }
        }
        tx.connection().wake_others().await?;
        Ok(tx.commit().await?)
    }
}

/// The id of the oldest run that waits for this pool, apart from some.
async fn oldest(
    tx: &mut Tx,
    pool: &Name,
    left_out: &[String],
) -> Result<Option<String>, StoreError> {
    let mut oldest = query_scalar("SELECT run_id FROM queued_runs WHERE pool = $1 AND state = $2")
        .bind(pool.as_str())
        .bind(Life::Queued.name());
    if !left_out.is_empty() {
        oldest.push(" AND run_id NOT IN ");
        oldest.push_list(left_out.iter().map(String::as_str));
    }
    oldest.push(" ORDER BY number LIMIT 1");
    Ok(oldest.fetch_optional(tx.connection()).await?)
}

async fn claim(
    tx: &mut Tx,
    id: &str,
    pool: &Name,
    worker: &str,
    lease: Duration,
) -> Result<Claimed, QueueError> {
    let found = tx
        .verified(&QUEUED_RUNS, Rows::With("run_id", &[id]))
        .await?;
    let Some(row) = found.first() else {
        return tx
            .changed(&QUEUED_RUNS, id.to_owned())
            .await
            .map_err(Into::into);
    };
    let entry = Entry::from_row(row.row())?;
    let life = entry.after(Happening::Claimed);
    // An index may say something else.
    let Some(life) = life.filter(|_| entry.pool == pool.as_str()) else {
        return tx
            .changed(&QUEUED_RUNS, id.to_owned())
            .await
            .map_err(Into::into);
    };
    let work = tx.open(&QUEUED_WORK, &[id], row.row().get("sealed_work")?)?;
    let sessions: Option<&[u8]> = row.row().get("sealed_sessions")?;
    let sessions = sessions.map(|it| tx.open(&QUEUED_SESSIONS, &[id], it));
    let sessions = sessions.transpose()?;
    let claimed = Entry {
        life,
        fence: entry.fence + 1,
        expires_at: Some(end_of_lease(tx.connection().now().await?, lease)),
        ..entry
    };
    claimed.store(tx).await?;
    tx.verify(&RUNS, Rows::With("id", &[id])).await?;
    query("UPDATE runs SET started_at = $1, worker = $2 WHERE id = $3")
        .bind(Timestamp::now())
        .bind(worker)
        .bind(id)
        .execute(tx.connection())
        .await?;
    set_log(tx, id, None).await?;
    tx.authenticate(&RUNS, Rows::With("id", &[id])).await?;
    let run = tx.verified(&RUNS, Rows::With("id", &[id])).await?;
    let Some(run) = run.first() else {
        return tx.changed(&RUNS, id.to_owned()).await.map_err(Into::into);
    };
    let (owner, run) = (run.row().get("owner_id")?, Run::from_row(run.row())?);
    Ok(Claimed {
        claim: Claim {
            run: id.to_owned(),
            fence: claimed.fence,
        },
        run,
        owner,
        work,
        sessions,
    })
}

/// Leaves out the run whose row was changed from outside, so that it is not in the way of the others: it counts as no longer
/// held. False if the error is another one.
fn leave_out(claims: &mut Vec<Claim>, error: &QueueError) -> bool {
    let before = claims.len();
    if let QueueError::Store(StoreError::Changed { row, .. }) = error {
        claims.retain(|claim| claim.run != *row);
    }
    claims.len() < before
}

fn end_of_lease(now: Timestamp, lease: Duration) -> Timestamp {
    let lease = i64::try_from(lease.as_millis()).unwrap_or(i64::MAX);
    Timestamp(now.0.saturating_add(lease))
}
