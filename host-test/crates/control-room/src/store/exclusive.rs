//! Exclusive locks among all tasks and processes that use a store, for work that must not run concurrently and is too
//! long for a transaction.
//!
//! With a data folder, a lock is a lock on a file, which the system releases when its process ends, however that ends. A
//! lease that expires would not do: a process that is suspended for longer than that, as when a laptop sleeps, would go on
//! concurrently with the next holder. On a server, where no system knows all processes, it is a lease with a fence: a process
//! that is suspended may go on, but what it [writes](Exclusive::write) is refused.

use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;
use tokio::time::{Instant, sleep, timeout_at};

use super::error::StoreError;
use super::folder::remove;
#[cfg(feature = "postgres")]
use super::lease::Lease;
use super::transaction::Tx;
use super::{Database, Store, folder};

/// How often to try whether another process has released the lock.
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// The locks within this process, by name.
#[derive(Default)]
pub(super) struct LocalLocks(Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>);

impl LocalLocks {
    fn of(&self, name: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lock) = locks.get(name).and_then(Weak::upgrade) {
            return lock;
        }
        // Evicts the locks that no task holds or waits for.
        locks.retain(|_, lock| lock.strong_count() > 0);
        let lock = Arc::default();
        locks.insert(name.to_owned(), Arc::downgrade(&lock));
        lock
    }
}

/// Guard of an exclusive lock; released on drop.
#[derive(Debug)]
pub(crate) struct Exclusive {
    store: Store,
    // Dropped before the local lock, so that the next holder in this process finds the file unlocked.
    held: Held,
    _local: OwnedMutexGuard<()>,
}

/// What excludes other processes.
#[derive(Debug)]
enum Held {
    /// The store is in memory.
    Nothing,
    File {
        _locked: File,
        path: PathBuf,
    },
    #[cfg(feature = "postgres")]
    Lease(Lease),
}

impl Store {
    /// Waits for the exclusive lock of this name, such as the id of a row; only letters and digits.
    ///
    /// # Errors
    ///
    /// [`StoreError::Busy`] after `patience`.
    pub(crate) async fn exclusive(
        &self,
        name: &str,
        patience: Duration,
    ) -> Result<Exclusive, StoreError> {
        let end = Instant::now() + patience;
        let local = timeout_at(end, self.0.local_locks.of(name).lock_owned())
            .await
            .map_err(|_| StoreError::Busy)?;
        let held = match &self.0.database {
            Database::File(database) => match database.home() {
                Ok(home) => lock(home.folder.exclusive(name), end).await?,
                Err(_) => Held::Nothing,
            },
            #[cfg(feature = "postgres")]
            Database::Server(database) => {
                Held::Lease(database.lease(self.runtime(), name, end).await?)
            }
        };
        Ok(Exclusive {
            store: self.clone(),
            held,
            _local: local,
        })
    }
}

/// Locks a file.
async fn lock(path: PathBuf, end: Instant) -> Result<Held, StoreError> {
    let file = folder::lock_file(&path)?;
    loop {
        match file.try_lock() {
            Ok(()) => {
                return Ok(Held::File {
                    _locked: file,
                    path,
                });
            }
            Err(TryLockError::WouldBlock) if Instant::now() < end => {
                sleep(POLL_INTERVAL).await;
            }
            Err(TryLockError::WouldBlock) => return Err(StoreError::Busy),
            Err(TryLockError::Error(error)) => {
                return Err(StoreError::io(&path, error));
            }
        }
    }
}

impl Exclusive {
    /// A transaction that writes, as [`Store::write`].
    ///
    /// # Errors
    ///
    /// [`StoreError::LeaseLost`] if the lock was lost, because this process did not run for a while.
    pub(crate) async fn write(&self) -> Result<Tx, StoreError> {
        let tx = self.store.write().await?;
        #[cfg(feature = "postgres")]
        if let Held::Lease(lease) = &self.held {
            return lease.checked(tx).await;
        }
        Ok(tx)
    }

    #[cfg(all(feature = "postgres", feature = "test-util"))]
    pub(super) fn lease(&self) -> Option<&Lease> {
        match &self.held {
            Held::Lease(lease) => Some(lease),
            _ => None,
        }
    }

    /// Releases the lock and removes its file, for a name that is never used again.
    pub(crate) fn release_and_remove(self) {
        if let Held::File { path, .. } = &self.held {
            // An empty file that remains does no harm.
            let _ = remove(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{KeySource, Place};
    use super::*;

    #[tokio::test]
    async fn released_locks_are_evicted() {
        let store = Store::open(Place::Memory, KeySource::InFolder)
            .await
            .unwrap();
        for id in 0..100 {
            let lock = store.exclusive(&id.to_string(), Duration::ZERO).await;
            lock.unwrap();
        }
        let _held = store.exclusive("a", Duration::ZERO).await.unwrap();
        assert_eq!(store.0.local_locks.0.lock().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_lock_excludes_all_stores_of_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let at = Place::Folder(folder.path().to_owned());
        let open = |place: &Place| Store::open(place.clone(), KeySource::InFolder);
        let (first, second) = (open(&at).await.unwrap(), open(&at).await.unwrap());
        let memory = open(&Place::Memory).await.unwrap();
        for (one, other) in [
            (&first, &first),
            (&first, &second),
            (&memory, &memory.clone()),
        ] {
            let held = one.exclusive("a", Duration::ZERO).await.unwrap();
            let busy = other.exclusive("a", Duration::ZERO).await.unwrap_err();
            assert!(matches!(busy, StoreError::Busy), "{busy:?}");
            other.exclusive("b", Duration::ZERO).await.unwrap();
            drop(held);
            let again = other.exclusive("a", Duration::ZERO).await.unwrap();
            again.release_and_remove();
        }
        assert!(!folder.path().join("control-room.lock-a").exists());
    }
}
