//! One at a time, among all tasks and processes that use a store: for what must not happen twice side by
//! side and is too long for a transaction.
//!
//! It is a lock on a file, which ends with the process that holds it, however that ends. A lease with an
//! expiry would have to be guessed: a process that is stopped for longer than that, as when a laptop
//! sleeps, would go on beside the next one.

use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;
use tokio::time::{Instant, sleep, timeout_at};

use super::error::StoreError;
use super::folder::remove;
use super::{Kept, Store, folder};

/// How often to look whether another process is done.
const PERIOD: Duration = Duration::from_millis(10);

/// Who waits within this process, by name.
#[derive(Default)]
pub(super) struct Turns(Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>);

impl Turns {
    fn of(&self, name: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = turns.get(name).and_then(Weak::upgrade) {
            return turn;
        }
        // Those that nobody holds or waits for any more.
        turns.retain(|_, turn| turn.strong_count() > 0);
        let turn = Arc::default();
        turns.insert(name.to_owned(), Arc::downgrade(&turn));
        turn
    }
}

/// That nobody else is at it, until this is dropped.
#[derive(Debug)]
pub(crate) struct Exclusive {
    // Before the turn, so that the next one of this process finds the file free.
    file: Option<(File, PathBuf)>,
    _turn: OwnedMutexGuard<()>,
}

impl Store {
    /// Waits until nobody else is at what `name` stands for: letters of a row's id.
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
        let turn = timeout_at(end, self.0.turns.of(name).lock_owned())
            .await
            .map_err(|_| StoreError::Busy)?;
        let file = match &self.0.kept {
            Kept::InMemory { .. } => None,
            Kept::OnDisk(home) => {
                let path = home.folder.exclusive(name);
                let file = folder::lock_file(&path)?;
                loop {
                    match file.try_lock() {
                        Ok(()) => break Some((file, path)),
                        Err(TryLockError::WouldBlock) if Instant::now() < end => {
                            sleep(PERIOD).await
                        }
                        Err(TryLockError::WouldBlock) => return Err(StoreError::Busy),
                        Err(TryLockError::Error(error)) => {
                            return Err(StoreError::io(&path, error));
                        }
                    }
                }
            }
        };
        Ok(Exclusive { file, _turn: turn })
    }
}

impl Exclusive {
    /// Removes what the lock leaves in the folder, when `name` stands for nothing any more.
    pub(crate) fn end_for_good(self) {
        if let Some((_, path)) = &self.file {
            // An empty file that stays behind does no harm.
            let _ = remove(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{KeySource, Place};
    use super::*;

    #[tokio::test]
    async fn a_turn_that_is_over_leaves_nothing_in_memory() {
        let store = Store::open(Place::Memory, KeySource::InFolder)
            .await
            .unwrap();
        for id in 0..100 {
            let turn = store.exclusive(&id.to_string(), Duration::ZERO).await;
            turn.unwrap();
        }
        let _held = store.exclusive("a", Duration::ZERO).await.unwrap();
        assert_eq!(store.0.turns.0.lock().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn there_is_one_at_a_time_among_all_stores_of_a_folder() {
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
            again.end_for_good();
        }
        assert!(!folder.path().join("control-room.lock-a").exists());
    }
}
