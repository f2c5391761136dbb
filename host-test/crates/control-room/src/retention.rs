//! How long customers' data is kept: logs of runs, and former versions of bots.

use time::OffsetDateTime;

use crate::store::sql::query;
use crate::store::{Store, StoreError};
use crate::timestamp::Timestamp;

impl Store {
    /// Removes the runs that started before a moment and are not in progress in the queue, and the versions of bots that were
    /// replaced before it. Returns how many there were.
    ///
    /// # Errors
    ///
    /// If the store cannot be written.
    pub async fn remove_older_than(&self, moment: OffsetDateTime) -> Result<u64, StoreError> {
        let mut tx = self.write().await?;
        let moment = Timestamp::from(moment);
        let mut removed = 0;
        for statement in [
            "DELETE FROM runs WHERE started_at < $1 AND id NOT IN \
             (SELECT run_id FROM queued_runs WHERE state IN ('queued', 'running'))",
            "DELETE FROM bot_versions WHERE EXISTS (SELECT 1 FROM bot_versions AS later \
             WHERE later.bot_id = bot_versions.bot_id AND later.number > bot_versions.number \
             AND later.began_at < $1)",
        ] {
            let query = query(statement).bind(moment);
            removed += query.execute(tx.connection()).await?;
        }
        tx.commit().await?;
        Ok(removed)
    }
}
