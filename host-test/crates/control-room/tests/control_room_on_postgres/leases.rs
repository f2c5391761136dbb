//! Leases: what excludes other processes on a server, even if one of them hangs.

use std::path::Path;
use std::time::Duration;

use control_room::StoreError;
use tokio::time::{Instant, advance, pause, resume};

use super::support::{Database, open};

const INSERT: &str =
    "INSERT INTO user_roles (user_id, role_id) SELECT id, 'administrator' FROM users";

/// Makes all leases expire now.
async fn expire_leases(folder: &Path) {
    let passed = "UPDATE leases SET expires_at = clock_timestamp() - interval '1 second'";
    assert_eq!(Database::of(folder).await.execute(passed).await, 1);
}

#[tokio::test]
async fn a_lease_excludes_all_stores_of_a_database_until_it_is_released() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (open(folder.path()).await, open(folder.path()).await);
    let (one, other) = (one.unwrap(), other.unwrap());
    let held = one.lease("a", Duration::ZERO).await.unwrap();
    let busy = other.lease("a", Duration::ZERO).await.unwrap_err();
    assert!(matches!(busy, StoreError::Busy), "{busy:?}");
    other.lease("b", Duration::ZERO).await.unwrap();
    held.execute(INSERT).await.unwrap();
    drop(held);
    // Closing waits for the release.
    one.close().await;
    other.lease("a", Duration::ZERO).await.unwrap();
}

#[tokio::test]
async fn a_holder_that_hangs_loses_its_lease_and_cannot_write_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (open(folder.path()).await, open(folder.path()).await);
    let (one, other) = (one.unwrap(), other.unwrap());
    let hanging = one.lease("a", Duration::ZERO).await.unwrap();
    hanging.hang();
    hanging.execute(INSERT).await.unwrap();
    expire_leases(folder.path()).await;
    // Nobody has taken it yet.
    hanging.execute(INSERT).await.unwrap();
    let next = other.lease("a", Duration::ZERO).await.unwrap();
    assert!(next.fence() > hanging.fence());
    let refused = hanging.execute(INSERT).await.unwrap_err();
    assert!(matches!(refused, StoreError::LeaseLost), "{refused:?}");
    next.execute(INSERT).await.unwrap();
    // It does not release the lease of another holder.
    drop(hanging);
    one.close().await;
    next.execute(INSERT).await.unwrap();
}

#[tokio::test]
async fn a_lease_is_extended_while_it_is_held() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    let held = store.lease("a", Duration::ZERO).await.unwrap();
    // Extensions do not depend on one that came too late.
    for _ in 0..2 {
        expire_leases(folder.path()).await;
        pause();
        advance(held.extended_every()).await;
        resume();
        let mut database = Database::of(folder.path()).await;
        let valid = "SELECT count(*) FROM leases WHERE expires_at > clock_timestamp()";
        while database.numbers(valid).await != [1] {}
    }
}

/// Locks the row of a lease, as a transaction under it does.
#[tokio::test]
async fn waiting_for_a_lease_ends_in_time_while_a_transaction_is_under_it() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (open(folder.path()).await, open(folder.path()).await);
    let (one, other) = (one.unwrap(), other.unwrap());
    let held = one.lease("a", Duration::ZERO).await.unwrap();
    held.hang();
    expire_leases(folder.path()).await;
    let mut database = Database::of(folder.path()).await;
    database
        .execute("BEGIN; SELECT 1 FROM leases WHERE name = 'a' FOR UPDATE")
        .await;
    let start = Instant::now();
    let busy = other.lease("a", Duration::ZERO).await.unwrap_err();
    // A statement that waits for the row fails after `lock_timeout`.
    assert!(start.elapsed() < Duration::from_secs(10));
    assert!(matches!(busy, StoreError::Busy), "{busy:?}");
    database.execute("ROLLBACK").await;
    other.lease("a", Duration::ZERO).await.unwrap();
}

#[tokio::test]
async fn a_fence_is_never_given_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    let mut fences = Vec::new();
    for _ in 0..3 {
        let lease = store.lease("a", Duration::from_secs(10)).await.unwrap();
        fences.push(lease.fence());
    }
    assert_eq!(fences, [1, 2, 3]);
}
