//! Scrubbing: a file is rewritten, so that nothing is left in it of what was removed or sealed anew.
//!
//! The commit that makes it necessary also marks the file; scrubbing removes the mark. If the process is killed in between,
//! the mark stays, and the next process that opens the file scrubs it.

use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection as _, SqlitePool};

use super::error::StoreError;
use super::sql::{Connection, Handle};

/// How often a scrub begins again, if another process removes something meanwhile.
const ATTEMPTS: usize = 5;

/// Marks the file, in the transaction of the connection. The mark is the `user_version` in its header: a number, so that a
/// scrub notices a mark that was set while it ran.
pub(super) async fn mark(connection: &mut Connection<'_>) -> sqlx::Result<()> {
    match connection.handle() {
        Handle::Sqlite(connection) => {
            let next = read_mark(connection).await? + 1;
            set_mark(connection, next).await
        }
        // The server decides when it overwrites what is removed.
        #[cfg(feature = "postgres")]
        Handle::Postgres(_) => Ok(()),
    }
}

/// Scrubs the file, if it has the mark.
///
/// # Errors
///
/// [`StoreError::NotScrubbed`]; then the mark stays.
pub(super) async fn scrub_if_marked(pool: &SqlitePool) -> Result<(), StoreError> {
    let scrubbed = async {
        let mut connection = pool.acquire().await?;
        for _ in 0..ATTEMPTS {
            let mark = read_mark(&mut connection).await?;
            if mark == 0 {
                return Ok(());
            }
            sqlx::query("VACUUM").execute(&mut *connection).await?;
            // The first column says whether a reader was in the way.
            let (is_busy, ..): (bool, i64, i64) = checkpoint(&mut connection).await?;
            if is_busy {
                return Err(StoreError::Busy);
            }
            let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
            if read_mark(&mut tx).await? == mark {
                set_mark(&mut tx, 0).await?;
                tx.commit().await?;
                // Only the number is in the write-ahead log, so it may stay there.
                checkpoint(&mut connection).await?;
                return Ok(());
            }
        }
        Err(StoreError::Busy)
    };
    scrubbed
        .await
        .map_err(|error| StoreError::NotScrubbed(Box::new(error)))
}

async fn read_mark(connection: &mut SqliteConnection) -> sqlx::Result<i64> {
    let mark = sqlx::query_scalar("PRAGMA user_version");
    mark.fetch_one(connection).await
}

async fn set_mark(connection: &mut SqliteConnection, mark: i64) -> sqlx::Result<()> {
    // A pragma takes no parameters. SQLite stores 32 bits.
    let set = format!("PRAGMA user_version = {}", mark.rem_euclid(1 << 30));
    let set = sqlx::query(AssertSqlSafe(set));
    set.execute(connection).await.map(drop)
}

/// Merges the write-ahead log into the file and empties it.
async fn checkpoint(connection: &mut SqliteConnection) -> sqlx::Result<(bool, i64, i64)> {
    let merge = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)");
    merge.fetch_one(connection).await
}
