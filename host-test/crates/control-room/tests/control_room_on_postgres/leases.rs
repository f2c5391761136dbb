//! Leases: what excludes other processes on a server, even if one of them hangs.

use std::path::Path;
use std::time::Duration;

use control_room::StoreError;

use super::support::{Database, open};

const INSERT: &str =
    "INSERT INTO user_roles (user_id, role_id) SELECT id, 'administrator' FROM users";

/// Lets the lease end, as if its time had passed.
async fn let_pass(folder: &Path) {
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
    let_pass(folder.path()).await;
    let refused = hanging.execute(INSERT).await.unwrap_err();
    assert!(matches!(refused, StoreError::LeaseLost), "{refused:?}");
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
